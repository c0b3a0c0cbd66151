"""The work queue and process beside S3 and notify, as one state machine: files are read and announced in any order."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.messages import WorkMessage, work_message_in
from domain.notifications import Notification
from domain.rules import Rule
from handlers.data.catalogue import Catalogue
from handlers.data.findings import Findings
from handlers.data.leases import LeasedError
from handlers.logic.announcer import LEASE_SECONDS, Announcer
from handlers.logic.processor import Processor
from tests.advanced.deliveries import COURSES, KEYS, SMOOTH, Course, Deliveries, SnsError
from tests.advanced.stand_ins import Accidents, Crash
from tests.advanced.uploads import created
from tests.handlers.inspectors.files import A_PDF, a_png

ASKING = (
    Rule(name="ready", prefix="invoices/", to=("https://hooks.example.com/",), events=("processed",)),
    Rule(name="broken", prefix="invoices/", to=("ann@example.com",), events=("broken",)),
)
CONTENTS = {"processed": A_PDF, "broken": a_png()}
"""Of files called .pdf."""


@dataclass
class Work:
    """A message of the work queue, and what was seen of its file from outside."""

    message: WorkMessage
    key: str
    version: str
    done: bool = False
    leased_until: float = 0.0


@dataclass
class Reading:
    """One attempt of process."""

    work: Work
    course: Course
    announced: tuple[str, str, str] | None = None
    accidents: int = 0


class Processings(Deliveries):
    """Drives the real Processor and Announcer as well. Files of odd versions are broken until repaired."""

    statuses = frozenset({"received", "processed"})

    def __init__(self, catalogue: Catalogue, accidents: Accidents, reader: Catalogue) -> None:
        super().__init__(catalogue, accidents, reader)
        findings = Findings(catalogue.client, catalogue.table, self.clock)
        self.processor = Processor(
            catalogue=replace(catalogue, clock=self.clock),
            findings=findings,
            announcer=Announcer(findings=findings, rules=ASKING, publish=self.announce),
            s3=SimpleNamespace(get_object=self.get_object),  # type: ignore[arg-type]
            has_time=lambda _: True,
            clock=self.clock,
        )
        self.work: list[Work] = []
        self.readings: list[Reading] = []
        self.repaired: set[str] = set()
        self.announced: Counter[tuple[str, str, str]] = Counter()
        """By key, version and kind."""
        self.excuses: Counter[tuple[str, str, str]] = Counter()

    # What may happen

    @rule(key=st.sampled_from(KEYS[:2]), course=COURSES)
    def a_file_is_uploaded_and_processed(self, key: str, course: Course) -> None:
        if not self.is_full(key):
            self.an_event_happens(key, "created")
            self.deliver(self.all[-1], SMOOTH)
            self.process(self.work[-1], course)

    @precondition(lambda self: self.work)
    @rule(which=st.integers(0, 9), course=COURSES)
    def a_message_is_received(self, which: int, course: Course) -> None:
        """For the first time, again, or twice."""
        self.process(self.work[-1 - which % len(self.work)], course)

    @precondition(lambda self: self.work)
    @rule(which=st.integers(0, 9), course=COURSES, repaired=st.booleans())
    def a_file_is_processed_again(self, which: int, course: Course, repaired: bool) -> None:
        work = self.work[-1 - which % len(self.work)]
        if repaired:
            self.repaired.add(work.version)
        request = Work(replace(work.message, order=None), work.key, work.version)
        self.work.append(request)
        self.process(request, course)

    def settle_everything(self) -> None:
        super().settle_everything()
        self.clock.advance(LEASE_SECONDS + 1)
        for work in [work for work in self.work if not work.done]:
            self.process(work, SMOOTH)
            assert work.done, f"cannot be processed any more: {work}"
        for key in {work.key for work in self.work}:
            self.what_the_item_shows_was_announced(key)

    # How it happens

    def publish(self, notification: Notification) -> None:
        """The work queue gets every upload that is published, whatever the answer."""
        observed = self.attempts[-1].observed
        before = observed.published
        try:
            super().publish(notification)
        finally:
            if observed.published > before and observed.event.action == "created":
                message = work_message_in(json.dumps(notification.payload))
                self.work.append(Work(message, observed.event.key, observed.event.version_id))

    def get_object(self, *, VersionId: str, **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        content = CONTENTS[self.kind(VersionId)]
        stream = io.BytesIO(content)
        body = SimpleNamespace(iter_chunks=lambda size: iter(lambda: stream.read(size), b""), close=lambda: None)
        return {"ContentLength": len(content), "Body": body}

    def kind(self, version: str) -> str:
        is_odd = int(version.removeprefix("v"), 16) % 2 == 1
        return "broken" if is_odd and version not in self.repaired else "processed"

    def process(self, work: Work, course: Course) -> None:
        reading = Reading(work, course)
        self.readings.append(reading)
        outer = self.accidents.plan, self.accidents.calls, self.accidents.happened
        self.accidents.plan, self.accidents.calls, self.accidents.happened = course.calls, 0, []
        try:
            decision = self.processor.process(work.message, receives=1)
        except LeasedError:
            leased = [other.leased_until for other in self.work if other.key == work.key]
            assert self.clock() <= max(leased), f"leased to no function: {work}"
        except (ClientError, BotoCoreError, SnsError, Crash) as failure:
            self.reading_failed(reading, failure)
        else:
            work.done = True
            assert bool(decision.announced) == bool(reading.announced)
        finally:
            self.readings.pop()
            self.accidents.plan, self.accidents.calls, self.accidents.happened = outer
        for announced, times in self.announced.items():
            assert times <= 1 + self.excuses[announced], f"announced too often: {announced}"

    def reading_failed(self, reading: Reading, failure: BaseException) -> None:
        reading.accidents += len(self.accidents.happened)
        assert reading.accidents, f"failed by itself: {failure!r}"
        if reading.announced:
            self.excuses[reading.announced] += 1
        reading.work.leased_until = max(reading.work.leased_until, self.clock() + LEASE_SECONDS)

    def announce(self, notification: Notification) -> None:
        reading = self.readings[-1]
        work, course = reading.work, reading.course
        payload: Any = notification.payload
        work.leased_until = self.clock() + LEASE_SECONDS
        if course.meanwhile is not None:
            self.deliver(self.pick(course.meanwhile), SMOOTH)
            self.process(work, SMOOTH)
        if course.outlived:
            reading.accidents += 1
            self.clock.advance(LEASE_SECONDS + 1)
            self.process(work, SMOOTH)
        if course.publishing in ("refused", "crash before"):
            reading.accidents += 1
            raise SnsError if course.publishing == "refused" else Crash
        reading.announced = payload["file"]["key"], payload["file"]["versionId"], payload["event"]
        self.announced[reading.announced] += 1
        assert payload["file"]["key"].startswith("invoices/"), f"no rule asks for it: {payload}"
        if course.publishing:
            reading.accidents += 1
            raise SnsError if course.publishing == "unanswered" else Crash

    # What must hold

    def what_the_item_shows_was_announced(self, key: str) -> None:
        item = self.reader.read(created(key, bucket=self.bucket).file_id)
        if item is None or item.status == "removed" or not key.startswith("invoices/"):
            return
        kinds = [kind for kind in CONTENTS if self.announced[key, item.version_id, kind]]
        assert item.status == "processed", f"never processed: {item}"
        assert kinds, f"never announced: {item}"
