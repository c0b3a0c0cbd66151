"""Cold starts and warm events, side by side, each function in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any

from bench.function import Function
from bench.uploads import uploaded

_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Seconds of ours and of the naive one, taken one after the other: what slows the machine slows both."""

    ours: tuple[float, ...]
    naive: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The middle of the ratios of neighbours."""
        return median(ours / naive for ours, naive in zip(self.ours, self.naive, strict=True))


def cold(ours: Function, naive: Function, *, rounds: int) -> Pair:
    """Imports, clients and the first event, in `rounds` fresh processes of each.

    Seconds of processor time: a function has a slice of one, so that is what its cold start waits for.
    """
    return _pair(zip(*(_cold(one, rounds) for one in (ours, naive)), strict=True))


def warm(ours: Function, naive: Function, *, events: int, records: int = 1) -> Pair:
    """One event after the other in a process of each; ours have so many `records`."""
    with ExitStack() as ending:
        pair = [ending.enter_context(one.started()) for one in (ours, naive)]
        for _ in range(3):  # the first are no warm ones
            for one in pair:
                one.handle(uploaded(next(_numbers)))
        return _pair(
            [(pair[0].handle(_event(records))["seconds"], pair[1].handle(uploaded(next(_numbers)))["seconds"])
             for _ in range(events)]
        )  # fmt: skip


def alone(ours: Function, naive: Function, *, events: int, start: float) -> Pair:
    """Warm events whose calls are answered in the process: what the handler itself takes, in processor time.

    They are spread over one minute from `start` on, in seconds since 1970: some things are done once a minute.
    """
    with ExitStack() as ending:
        pair = [ending.enter_context(one.started(alone=True, clock=True)) for one in (ours, naive)]
        taken = [
            [one.handle(uploaded(next(_numbers), at=now), now=now)["processor"] for one in pair]
            for now in (start + 60 * number / events for number in range(-3, events))
        ]
        return _pair([(ours, naive) for ours, naive in taken[3:]])  # the first are no warm ones


def _event(records: int) -> dict[str, Any]:
    return {"Records": [record for _ in range(records) for record in uploaded(next(_numbers))["Records"]]}


def _cold(function: Function, rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        with function.started() as one:
            yield one.handle(uploaded(next(_numbers)))["processor"]


def _pair(seconds: Iterator[tuple[float, ...]] | Sequence[tuple[float, ...]]) -> Pair:
    ours, naive = zip(*seconds, strict=True)
    return Pair(ours=ours, naive=naive)


def environment(**more: str) -> Mapping[str, str]:
    """What Lambda sets for every function."""
    return {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }
