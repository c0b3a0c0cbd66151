"""Claims that were taken for work which fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError


@contextmanager
def released_on_failure(release: Callable[[], object]) -> Iterator[None]:
    """Give a claim back if the block fails, so that the next attempt need not wait for its lease to end."""
    try:
        yield
    except Exception as failure:
        try:
            release()
        except (ClientError, BotoCoreError) as error:  # the first failure is raised; the lease runs out by itself
            failure.add_note(f"its lease could not be released: {error}")
        raise
