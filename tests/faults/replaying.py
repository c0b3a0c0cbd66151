"""Replays a failure queue as `python -m ops replay` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ops.replay.messages import Message, Messages
from tests.advanced.digest_queue import do_not_wait


def replay_all(sqs: Any, url: str, again: Callable[[Message], object]) -> None:
    """One message after the other; each is deleted once it has been replayed."""
    do_not_wait(sqs)
    messages = Messages(sqs, url)
    for batch in messages.batches(None):
        for message in batch:
            again(message)
            messages.delete(message)
