"""TLS in front of the emulator: every call on AWS pays for it, and each client's first connection most of all."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import botocore

from local.emulator import certificate

HOST = "127.0.0.1"
_CHUNK = 65_536


@contextmanager
def in_front_of(endpoint: str, folder: Path) -> Iterator[dict[str, str]]:
    """While the block runs, `endpoint` is also reached by TLS. Yields what a function's environment needs for that.

    The bundle of roots is the one that botocore reads on Lambda, with one more certificate at its end.
    """
    ours, key = folder / "certificate.pem", folder / "key.pem"
    certificate.make(HOST, certificate=ours, key=key)
    bundle = folder / "roots.pem"
    bundle.write_bytes(Path(botocore.__file__).with_name("cacert.pem").read_bytes() + ours.read_bytes())
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(ours, key)
    port = urlsplit(endpoint).port or 80
    loop, ports = asyncio.new_event_loop(), list[int]()
    stop, ready = asyncio.Event(), threading.Event()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, before = await asyncio.open_connection(HOST, port)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await asyncio.gather(_copy(reader, before), _copy(behind, writer))

    async def serve() -> None:
        async with await asyncio.start_server(relay, HOST, 0, ssl=server) as listening:
            ports.append(listening.sockets[0].getsockname()[1])
            ready.set()
            await stop.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield {"AWS_ENDPOINT_URL": f"https://{HOST}:{ports[0]}", "AWS_CA_BUNDLE": str(bundle)}
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()
