"""What may go wrong between an upload and its notification, and what docs/guarantees.md says of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from domain.events import FileEvent
from handlers.data.catalogue import LeasedError
from tests.advanced.stand_ins import START
from tests.advanced.uploads import created, record
from tests.faults.interference import Accident, Befalls, Call, Step, nothing
from tests.faults.notify_world import NotifyWorld, identity
from tests.faults.tally import Tally, tally

SECONDS = 1000.0
"""How long the events take to come, however many they are: outages last longer than Lambda's three attempts."""
OUTAGE = (START + 300, START + 900)
HOUR, DAY = 3600.0, 86_400.0

BASIC_FORGETS = "Basic mode does not remember"
BETWEEN = "between publishing and marking"

Delivery = tuple[float, dict[str, Any]]
Deliver = Callable[[Sequence[FileEvent]], Sequence[Delivery]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`repeats` is the sentence of docs/guarantees.md that allows a second notification; without one there is none.

    `queued` says whether some events are to outlast all attempts. `files` is how many files the events are about.
    """

    name: str
    happens: str
    befalls: Befalls = nothing
    deliver: Deliver
    repeats: str = ""
    queued: bool = False
    advanced: bool = True
    events_a_file: int = 1

    def run(self, world: NotifyWorld, count: int) -> Tally:
        """`count` events through the fault, and the replay once it is over."""
        events = uploads(count, self.events_a_file)
        world.interference.expects(dict(enumerate(events)))
        world.suffers(self.befalls)
        for at, event in self.deliver(events):
            world.service.schedule(event, at=at)
        world.service.run()
        return settled(world, events)


def settled(world: NotifyWorld, events: Sequence[FileEvent]) -> Tally:
    """The tally, once the fault is over and the failure queues are replayed."""
    world.suffers(nothing)
    before = world.seen()
    world.clock.advance(HOUR)
    world.replay()
    accidents = world.interference.accidents
    return tally([identity(event) for event in events], before=before, after=world.seen(), accidents=accidents)


def uploads(count: int, events_a_file: int = 1) -> list[FileEvent]:
    return [
        created(f"invoices/{number // events_a_file:05}.pdf", f"{number + 1:016X}", version_id=f"v{number}")
        for number in range(count)
    ]


# How events come


def evenly(events: Sequence[FileEvent]) -> list[Delivery]:
    step = SECONDS / len(events)
    return [(START + number * step, {"Records": [record(event)]}) for number, event in enumerate(events)]


def in_tens(events: Sequence[FileEvent]) -> list[Delivery]:
    return [
        (START + start, {"Records": [record(event) for event in events[start : start + 10]]})
        for start in range(0, len(events), 10)
    ]


def three_times(events: Sequence[FileEvent]) -> list[Delivery]:
    """At once, within the minute, and after a day."""
    once = evenly(events)
    return [(at + later, event) for later in (0.0, 20.0, DAY) for at, event in once]


def shuffled(events: Sequence[FileEvent]) -> list[Delivery]:
    order = random.Random(7).sample(list(events), len(events))  # noqa: S311 - the same in each run
    return evenly(order)


def hours_late(events: Sequence[FileEvent]) -> list[Delivery]:
    """Every other one comes six hours later, and all come again a day later."""
    once = evenly(events)
    late = [(at + 6 * HOUR * (number % 2), event) for number, (at, event) in enumerate(once)]
    return late + [(at + DAY, event) for at, event in once]


def across(moment: float) -> Deliver:
    """Two minutes of events around a moment."""
    return lambda events: [
        (moment - 60 + number * 120 / len(events), {"Records": [record(event)]}) for number, event in enumerate(events)
    ]


# What befalls them


def throughout(accident: str, *steps: Step) -> Befalls:
    return lambda call: accident if call.step in steps else None


def during_the_outage(accident: str, *steps: Step) -> Befalls:
    begin, end = OUTAGE
    return lambda call: accident if call.step in steps and begin <= call.now < end else None


def every_third_time(accident: str, *steps: Step) -> Befalls:
    """Counted over these steps alone: with a fixed number of calls for an event, others would always be spared."""
    calls = itertools.count()
    return lambda call: accident if call.step in steps and next(calls) % 3 == 0 else None


def at_first(accident: Accident | str, step: Step) -> Befalls:
    """In the first attempt of every fifth event."""

    def befalls(call: Call) -> str | None:
        return accident if call.step == step and call.attempt == 1 and call.event % 5 == 0 else None

    return befalls


DATABASE: tuple[Step, ...] = ("claim", "count", "mark", "release")
THROTTLED, DENIED, FAILING = "ThrottlingException", "AuthorizationError", "InternalError"


@dataclass(frozen=True, kw_only=True)
class Race(Fault):
    """Every event reaches two functions at the same moment; Lambda retries the one that loses."""

    def run(self, world: NotifyWorld, count: int) -> Tally:
        events = uploads(count)
        world.interference.expects(dict(enumerate(events)))

        def notify(event: FileEvent) -> bool:
            try:
                world.notifier.notify(event, seconds_left=30)
            except LeasedError:
                return False
            return True

        with ThreadPoolExecutor(2) as functions:
            for event in events:
                first = list(functions.map(notify, [event, event]))
                if not all(first):
                    world.interference.accidents += 1
                    world.service.schedule({"Records": [record(event)]}, at=START + 60)
        world.service.run()
        return settled(world, events)
