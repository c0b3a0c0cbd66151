"""What waits in a queue, as the emulator itself shows it: to receive it would count as an attempt."""

from __future__ import annotations

import httpx

from local.emulator.server import Emulator


def waiting(emulator: Emulator, queue_url: str) -> list[str]:
    """The bodies of all messages, also of those that are in flight."""
    name = queue_url.rsplit("/", 1)[-1]
    answer = httpx.get(f"{emulator.endpoint}/_ministack/sqs/messages", trust_env=False).raise_for_status().json()
    return [
        message["Body"]
        for regions in answer["messages"].values()
        for queues in regions.values()
        for url, messages in queues.items()
        if url.rsplit("/", 1)[-1] == name
        for message in messages
    ]
