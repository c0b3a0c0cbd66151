"""What all of Pulumi's plugins do: serve gRPC, and print the port for the engine that started them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc

_MEGABYTES = 400  # as the engine allows


def serve(register: Callable[[grpc.Server], object]) -> None:
    """Serve until the engine ends this process. `register` adds the service to the server."""
    limits = [(f"grpc.max_{way}_message_length", _MEGABYTES * 2**20) for way in ("send", "receive")]
    server = grpc.server(ThreadPoolExecutor(16), options=limits)
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    with contextlib.suppress(KeyboardInterrupt):  # the terminal's, which the engine gets as well
        server.wait_for_termination()
