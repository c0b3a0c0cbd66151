"""What `python -m ops replay` does with a queue that keeps failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ops.replay.letters import Letter, Letters
from tests.advanced.digest_queue import do_not_wait


def replay_all(sqs: Any, url: str, again: Callable[[Letter], object]) -> None:
    """One message after the other; each is deleted once it has been replayed."""
    do_not_wait(sqs)
    letters = Letters(sqs, url)
    for batch in letters.batches(None):
        for letter in batch:
            again(letter)
            letters.delete(letter)
