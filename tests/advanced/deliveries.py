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
from handlers.data.items import Row
from handlers.logic.notifier import LEASE_MARGIN_SECONDS, Notifier
from tests.advanced.stand_ins import Accident, Accidents, Clock, Crash
from tests.advanced.uploads import created, hidden, restored

SECONDS_LEFT = 30.0
LEASE = SECONDS_LEFT + LEASE_MARGIN_SECONDS
RULES = (
    Rule(name="invoices", prefix="invoices/", to=("ann@example.com",), events=("created", "removed", "restored")),
    Rule(name="machines", prefix="invoices/", to=("https://hooks.example.com/",)),
)
KEYS = ("invoices/a.pdf", "invoices/b.pdf", "nobody's/c")

_runs = count(1)


class SnsError(Exception):
    """SNS refused the notification, or took it and the answer was lost."""


@dataclass(frozen=True)
class Course:
    """What befalls one attempt to tell one event."""

    calls: dict[int, Accident] = field(default_factory=dict)
    publishing: str = ""
    meanwhile: int | None = None
    """Which event another function gets while this one is between claim and publish."""
    outlived: bool = False
    """The function goes on after its lease has ended, and another one has taken over."""


@dataclass
class Notified:
    """An event, and what is known of it from outside."""

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
    notified: Notified
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

    def __init__(self, catalogue: Catalogue, accidents: Accidents, reader: Catalogue) -> None:
        super().__init__()
        self.accidents, self.reader = accidents, reader
        self.clock = Clock()
        self.notifier = Notifier(
            rules=RULES, partition="aws", publish=self.publish, catalogue=replace(catalogue, clock=self.clock)
        )
        self.bucket = f"uploads-{next(_runs)}"
        self.all: list[Notified] = []
        self.attempts: list[Attempt] = []
        self.orders: dict[str, str] = {}
        self.replayed = False

    @property
    def unsettled(self) -> list[Notified]:
        return [notified for notified in self.all if not notified.settled]

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
        before = [notified.published for notified in self.all]
        for notified in order.sample(self.all, len(self.all)):
            self.deliver(notified, SMOOTH)
        assert [notified.published for notified in self.all] == before, "a replay told something again"

    def teardown(self) -> None:
        self.settle_everything()
        for notified in self.all:
            assert not notified.wants_publishing or notified.published, f"never told: {notified}"

    # How it happens

    def is_full(self, key: str) -> bool:
        """One more event, and one would be forgotten: that may be told again."""
        return len([notified for notified in self.all if notified.event.key == key]) == REMEMBERED_EVENTS

    @property
    def number(self) -> int:
        return len(self.all) + 1

    @property
    def sequencer(self) -> str:
        """Of odd lengths and cases, as S3 may write them."""
        return f"{self.number:03x}".upper() if self.number % 2 else f"{self.number:03x}{'0' * (self.number % 5)}"

    def happens(self, event: FileEvent) -> None:
        self.all.append(Notified(replace(event, bucket=self.bucket, time=f"2040-05-20T10:00:{self.number:02}Z")))

    def pick(self, which: int) -> Notified:
        return self.all[-1 - which % len(self.all)]

    def settle_everything(self) -> None:
        """Lambda's retries, without further accidents, after all leases have ended."""
        self.clock.advance(LEASE + 1)
        for notified in self.unsettled:
            self.deliver(notified, SMOOTH)
            assert notified.settled, f"cannot be told any more: {notified}"
        for key in KEYS:
            self.row_equals_the_newest_event(key)

    def deliver(self, notified: Notified, course: Course) -> None:
        attempt = Attempt(notified, course)
        self.attempts.append(attempt)
        outer = self.accidents.plan, self.accidents.calls, self.accidents.happened
        self.accidents.plan, self.accidents.calls, self.accidents.happened = course.calls, 0, []
        was_settled, decision = notified.settled, ""
        try:
            decision = self.notifier.notify(notified.event, seconds_left=SECONDS_LEFT)
        except LeasedError:
            assert self.clock() <= notified.leased_until, f"held by nobody: {notified}"
        except (ClientError, BotoCoreError, SnsError, Crash) as failure:
            self.failed(attempt, failure)
        else:
            notified.settled, notified.leased_until = True, 0.0
            assert decision == "duplicate" or not was_settled, f"told again as {decision}: {notified}"
            assert decision != "duplicate" or notified.published or not notified.wants_publishing, (
                f"never told: {notified}"
            )
            assert (decision == "unmatched") <= (not matching(RULES, notified.event))
            self.is_told_as_late_if_it_is(notified.event, decision)
        finally:
            self.attempts.pop()
            self.accidents.plan, self.accidents.calls, self.accidents.happened = outer
        self.nothing_is_told_too_often(notified)
        if decision != "duplicate" and not self.attempts:
            self.row_never_goes_back(notified.event.key)

    def failed(self, attempt: Attempt, failure: BaseException) -> None:
        attempt.accidents += len(self.accidents.happened)
        assert attempt.accidents, f"failed by itself: {failure!r}"
        if attempt.published:
            attempt.notified.excuses += 1
        if isinstance(failure, SnsError) and not self.accidents.happened:
            attempt.notified.leased_until = 0.0  # released
        else:
            attempt.notified.leased_until = max(attempt.notified.leased_until, self.clock() + LEASE)

    def publish(self, notification: Notification) -> None:
        attempt = self.attempts[-1]
        notified, course = attempt.notified, attempt.course
        notified.leased_until = self.clock() + LEASE
        if course.meanwhile is not None:
            self.deliver(self.pick(course.meanwhile), SMOOTH)
        if course.outlived:
            attempt.accidents += 1
            self.clock.advance(LEASE + 1)
            self.deliver(notified, SMOOTH)
        if course.publishing in ("refused", "crash before"):
            attempt.accidents += 1
            raise SnsError if course.publishing == "refused" else Crash
        notified.published += 1
        attempt.published = True
        if not matching(RULES, notified.event):
            assert not notification.attributes["deliver"], f"mailed without a rule: {notified}"
            assert not notification.attributes["digest"], f"mailed without a rule: {notified}"
        if course.publishing:
            attempt.accidents += 1
            raise SnsError if course.publishing == "unanswered" else Crash

    # What must hold

    def is_told_as_late_if_it_is(self, event: FileEvent, decision: str) -> None:
        mine = [notified for notified in self.all if notified.event in self.shown(event.key)]
        if decision == "late":
            known = max(notified.event.order for notified in self.all if notified.event.key == event.key)
            assert event.order < known, f"told as late, but the newest: {event}"
        if decision == "published" and event in self.shown(event.key):
            notified = max(notified.event.order for notified in mine if notified.settled)
            assert event.order == notified, f"told as if it were the newest, after {notified}: {event}"

    def nothing_is_told_too_often(self, notified: Notified) -> None:
        assert notified.published <= 1 + notified.excuses, f"told too often: {notified}"
        assert notified.wants_publishing or not notified.published, f"told to nobody: {notified}"

    def row_never_goes_back(self, key: str) -> None:
        row = self.reader.read(created(key, bucket=self.bucket).file_id)
        order = row.order if row else ""
        settled = [
            notified.event.order for notified in self.all if notified.settled and notified.event in self.shown(key)
        ]
        assert order >= max(settled, default=""), f"{key} shows {order}, but {max(settled)} was told"
        assert order >= self.orders.get(key, ""), f"{key} went back from {self.orders[key]} to {order}"
        self.orders[key] = order

    def deleted_versions(self, key: str) -> set[str]:
        mine = [notified.event for notified in self.all if notified.event.key == key]
        return {event.version_id for event in mine if event.name == "ObjectRemoved:Delete"}

    def shown(self, key: str) -> list[FileEvent]:
        """The events of a file that its row may show: uploads and delete markers that have not been deleted."""
        mine = [notified.event for notified in self.all if notified.event.key == key and notified.event.sequencer]
        deleted = self.deleted_versions(key)
        return [event for event in mine if event.version_id not in deleted]

    def row_equals_the_newest_event(self, key: str) -> None:
        events = self.shown(key)
        newest = max(events, key=lambda event: event.sequencer.upper().ljust(64, "0"), default=None)
        row = self.reader.read(created(key, bucket=self.bucket).file_id)
        if newest is None:
            assert row is None or row.status == "removed"
            return
        assert row is not None
        if row.version_id in self.deleted_versions(key):
            assert (row.status, row.order >= newest.order) == ("removed", True)
        else:
            assert row.order == newest.order
            self.row_shows(row, newest)

    def row_shows(self, row: Row, event: FileEvent) -> None:
        if event.action == "removed":
            assert (row.status, row.removed_at) == ("removed", event.time)
        else:
            assert (row.status, row.removed_at) == ("received", "")
            assert (row.time, row.etag, row.version_id) == (event.time, event.etag, event.version_id)
