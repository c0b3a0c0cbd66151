"""S3 and Lambda as a state machine: they deliver events in any order, twice, late, and with accidents at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from domain.events import FileEvent
from domain.notifications import Notification
from domain.rules import Rule, matching
from handlers.data.catalogue import REMEMBERED_EVENTS, Catalogue, LeasedError
from handlers.data.items import Item
from handlers.logic.notifier import LEASE_MARGIN_SECONDS, Notifier
from tests.advanced.stand_ins import Accident, Accidents, Clock, Crash
from tests.advanced.uploads import created, hidden, restored

SECONDS_LEFT = 30.0
LEASE = SECONDS_LEFT + LEASE_MARGIN_SECONDS
RULES = (
    Rule(name="invoices", prefix="invoices/", to=("ann@example.com",), events=("created", "removed", "restored")),
    Rule(name="systems", prefix="invoices/", to=("https://hooks.example.com/",)),
)
KEYS = ("invoices/a.pdf", "invoices/b.pdf", "unmatched/c")

_runs = count(1)


class SnsError(Exception):
    """SNS refused the notification, or took it and the answer was lost."""


@dataclass(frozen=True)
class Course:
    """The accidents of one attempt to publish one event."""

    calls: dict[int, Accident] = field(default_factory=dict)
    publishing: str = ""
    meanwhile: int | None = None
    """Which event another function gets while this one is between claim and publish."""
    outlived: bool = False
    """The function goes on after its lease has ended, and another one has taken over."""


@dataclass
class Observed:
    """An event, and what was seen of it from outside."""

    event: FileEvent
    published: int = 0
    settled: bool = False
    excuses: int = 0
    leased_until: float = 0.0

    @property
    def wants_publishing(self) -> bool:
        return self.event.action == "created" or bool(matching(RULES, self.event))


@dataclass
class Attempt:
    observed: Observed
    course: Course
    published: bool = False
    accidents: int = 0


ACCIDENTS: tuple[Accident, ...] = ("throttled", "unanswered", "crash before", "crash after")
SMOOTH = Course()
COURSES = st.sampled_from(
    [
        SMOOTH,
        *(Course(publishing=how) for how in ("refused", "unanswered", "crash before", "crash after")),
        *(Course(calls={call: accident}) for call in range(3) for accident in ACCIDENTS),
        *(Course(publishing="refused", calls={call: accident}) for call in (1, 2) for accident in ACCIDENTS),
        *(Course(meanwhile=which) for which in range(4)),
        *(Course(meanwhile=which, publishing="crash after") for which in range(2)),
        Course(outlived=True),
    ]
)


class Deliveries(RuleBasedStateMachine):
    """Drives the real Notifier with the real Catalogue. `accidents` are those of its client; `reader` has its own."""

    statuses = frozenset({"received"})

    def __init__(self, catalogue: Catalogue, accidents: Accidents, reader: Catalogue) -> None:
        super().__init__()
        self.accidents, self.reader = accidents, reader
        self.clock = Clock()
        self.notifier = Notifier(
            rules=RULES, partition="aws", publish=self.publish, catalogue=replace(catalogue, clock=self.clock)
        )
        self.bucket = f"uploads-{next(_runs)}"
        self.all: list[Observed] = []
        self.attempts: list[Attempt] = []
        self.orders: dict[str, str] = {}
        self.replayed = False

    @property
    def unsettled(self) -> list[Observed]:
        return [observed for observed in self.all if not observed.settled]

    # What may happen

    @rule(key=st.sampled_from(KEYS), kind=st.sampled_from(["created", "created", "hidden", "restored"]))
    def an_event_happens(self, key: str, kind: str) -> None:
        if self.is_full(key):
            return
        if kind == "restored":
            self.happens(restored(key, version_id=f"v{self.number}"))
        else:
            make: Callable[..., FileEvent] = {"created": created, "hidden": hidden}[kind]
            self.happens(make(key, self.sequencer, etag=f"e{self.number}"))

    @rule(key=st.sampled_from(KEYS), kind=st.sampled_from(["created", "hidden"]), course=COURSES)
    def an_event_happens_and_is_delivered(self, key: str, kind: str, course: Course) -> None:
        self.an_event_happens(key, kind)
        self.deliver(self.all[-1], course)

    @precondition(lambda self: self.unsettled)
    @rule(which=st.integers(0, 9), course=COURSES)
    def an_event_is_delivered_or_tried_again(self, which: int, course: Course) -> None:
        self.deliver(self.unsettled[which % len(self.unsettled)], course)

    @precondition(lambda self: self.all)
    @rule(which=st.integers(0, 9), course=COURSES)
    def an_event_is_delivered_again(self, which: int, course: Course) -> None:
        self.deliver(self.pick(which), course)

    @precondition(lambda self: self.unsettled)
    @rule(seconds=st.sampled_from([1, 20, 60, 120, 600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @precondition(lambda self: len(self.all) > 2 and not self.replayed)
    @rule(order=st.randoms(use_true_random=False))
    def everything_is_replayed(self, order) -> None:
        self.replayed = True
        self.settle_everything()
        before = [observed.published for observed in self.all]
        for observed in order.sample(self.all, len(self.all)):
            self.deliver(observed, SMOOTH)
        assert [observed.published for observed in self.all] == before, "a replay published something again"

    def teardown(self) -> None:
        self.settle_everything()
        for observed in self.all:
            assert not observed.wants_publishing or observed.published, f"never published: {observed}"

    # How it happens

    def is_full(self, key: str) -> bool:
        """One more event, and one would be forgotten: that may be published again."""
        return len([observed for observed in self.all if observed.event.key == key]) == REMEMBERED_EVENTS

    @property
    def number(self) -> int:
        return len(self.all) + 1

    @property
    def sequencer(self) -> str:
        """Of odd lengths and cases, as S3 may write them."""
        return f"{self.number:03x}".upper() if self.number % 2 else f"{self.number:03x}{'0' * (self.number % 5)}"

    def happens(self, event: FileEvent) -> None:
        self.all.append(Observed(replace(event, bucket=self.bucket, time=f"2040-05-20T10:00:{self.number:02}Z")))

    def pick(self, which: int) -> Observed:
        return self.all[-1 - which % len(self.all)]

    def settle_everything(self) -> None:
        """Lambda's retries, without further accidents, after all leases have ended."""
        self.clock.advance(LEASE + 1)
        for observed in self.unsettled:
            self.deliver(observed, SMOOTH)
            assert observed.settled, f"cannot be published any more: {observed}"
        for key in KEYS:
            self.item_equals_the_newest_event(key)

    def deliver(self, observed: Observed, course: Course) -> None:
        attempt = Attempt(observed, course)
        self.attempts.append(attempt)
        outer = self.accidents.plan, self.accidents.calls, self.accidents.happened
        self.accidents.plan, self.accidents.calls, self.accidents.happened = course.calls, 0, []
        was_settled, decision = observed.settled, ""
        newest_before = self.newest_settled(observed.event.key)
        try:
            decision = self.notifier.notify(observed.event, seconds_left=SECONDS_LEFT)
        except LeasedError:
            assert self.clock() <= observed.leased_until, f"leased to no function: {observed}"
        except (ClientError, BotoCoreError, SnsError, Crash) as failure:
            self.failed(attempt, failure)
        else:
            observed.settled, observed.leased_until = True, 0.0
            assert decision == "duplicate" or not was_settled, f"decided again as {decision}: {observed}"
            assert decision != "duplicate" or observed.published or not observed.wants_publishing, (
                f"never published: {observed}"
            )
            assert (decision == "unmatched") <= (not matching(RULES, observed.event))
            self.is_late_if_something_newer_was_settled(observed.event, decision, newest_before)
        finally:
            self.attempts.pop()
            self.accidents.plan, self.accidents.calls, self.accidents.happened = outer
        self.nothing_is_published_too_often(observed)
        if decision != "duplicate" and not self.attempts:
            self.item_never_goes_back(observed.event.key)

    def failed(self, attempt: Attempt, failure: BaseException) -> None:
        attempt.accidents += len(self.accidents.happened)
        assert attempt.accidents, f"failed by itself: {failure!r}"
        if attempt.published:
            attempt.observed.excuses += 1
        if isinstance(failure, SnsError) and not self.accidents.happened:
            attempt.observed.leased_until = 0.0  # released
        else:
            attempt.observed.leased_until = max(attempt.observed.leased_until, self.clock() + LEASE)

    def publish(self, notification: Notification) -> None:
        attempt = self.attempts[-1]
        observed, course = attempt.observed, attempt.course
        observed.leased_until = self.clock() + LEASE
        if course.meanwhile is not None:
            self.deliver(self.pick(course.meanwhile), SMOOTH)
        if course.outlived:
            attempt.accidents += 1
            self.clock.advance(LEASE + 1)
            self.deliver(observed, SMOOTH)
        if course.publishing in ("refused", "crash before"):
            attempt.accidents += 1
            raise SnsError if course.publishing == "refused" else Crash
        observed.published += 1
        attempt.published = True
        if not matching(RULES, observed.event):
            assert not notification.attributes["deliver"], f"mailed without a rule: {observed}"
            assert not notification.attributes["digest"], f"mailed without a rule: {observed}"
        if course.publishing:
            attempt.accidents += 1
            raise SnsError if course.publishing == "unanswered" else Crash

    # What must hold

    def is_late_if_something_newer_was_settled(self, event: FileEvent, decision: str, newest_before: str) -> None:
        """`newest_before` is as of the claim: what another function settles meanwhile does not make an event late."""
        if decision == "late":
            known = max(observed.event.order for observed in self.all if observed.event.key == event.key)
            assert event.order < known, f"late, but the newest: {event}"
        if decision == "published" and event in self.shown(event.key):
            assert event.order >= newest_before, f"not late, though {newest_before} was settled before: {event}"

    def nothing_is_published_too_often(self, observed: Observed) -> None:
        assert observed.published <= 1 + observed.excuses, f"published too often: {observed}"
        assert observed.wants_publishing or not observed.published, f"published without a recipient: {observed}"

    def item_never_goes_back(self, key: str) -> None:
        item = self.reader.read(created(key, bucket=self.bucket).file_id)
        order = item.order if item else ""
        newest = self.newest_settled(key)
        assert order >= newest, f"{key} shows {order}, but {newest} was settled"
        assert order >= self.orders.get(key, ""), f"{key} went back from {self.orders[key]} to {order}"
        self.orders[key] = order

    def newest_settled(self, key: str) -> str:
        """The order of the newest settled event that the item of a file may show; empty without one."""
        shown = self.shown(key)
        return max((one.event.order for one in self.all if one.settled and one.event in shown), default="")

    def deleted_versions(self, key: str) -> set[str]:
        mine = [observed.event for observed in self.all if observed.event.key == key]
        return {event.version_id for event in mine if event.name == "ObjectRemoved:Delete"}

    def shown(self, key: str) -> list[FileEvent]:
        """The events of a file that its item may show: uploads and delete markers whose version was not deleted."""
        mine = [observed.event for observed in self.all if observed.event.key == key and observed.event.sequencer]
        deleted = self.deleted_versions(key)
        return [event for event in mine if event.version_id not in deleted]

    def item_equals_the_newest_event(self, key: str) -> None:
        events = self.shown(key)
        newest = max(events, key=lambda event: event.sequencer.upper().ljust(64, "0"), default=None)
        item = self.reader.read(created(key, bucket=self.bucket).file_id)
        if newest is None:
            assert item is None or item.status == "removed"
            return
        assert item is not None
        if item.version_id in self.deleted_versions(key):
            assert (item.status, item.order >= newest.order) == ("removed", True)
        else:
            assert item.order == newest.order
            self.item_shows(item, newest)

    def item_shows(self, item: Item, event: FileEvent) -> None:
        if event.action == "removed":
            assert (item.status, item.removed_at) == ("removed", event.time)
        else:
            assert (item.status in self.statuses, item.removed_at) == (True, "")
            assert (item.time, item.etag, item.version_id) == (event.time, event.etag, event.version_id)
