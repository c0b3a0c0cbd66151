"""Whatever happens between S3, Lambda, DynamoDB and SNS: each event is published, and twice only after an accident.

So is each finding of a file's newest version, however often and late its message is received.

PROPERTY_EXAMPLES=2000 searches longer, other courses each time, and shrinks the failing case.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from domain.events import FileEvent
from handlers.data.catalogue import REMEMBERED_DELETIONS, Catalogue
from tests.advanced.conftest import Connect
from tests.advanced.deliveries import COURSES, KEYS, Course, Deliveries
from tests.advanced.processings import Processings
from tests.advanced.stand_ins import Accidents
from tests.advanced.uploads import deleted

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
BOUNDED = settings(
    max_examples=int(EXAMPLES or 14),
    stateful_step_count=20,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=tuple(Phase) if EXAMPLES else (Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


class DeliveriesOfVersions(Deliveries):
    """Single versions are deleted permanently, too."""

    @precondition(lambda self: self.uploads)
    @rule(which=st.integers(0, 9), course=COURSES)
    def a_version_is_deleted(self, which: int, course: Course) -> None:
        upload = self.uploads[-1 - which % len(self.uploads)]
        self.delete(upload, course)

    @precondition(lambda self: self.uploads)
    @rule(which=st.integers(0, 9), course=COURSES)
    def a_version_is_replaced_and_deleted(self, which: int, course: Course) -> None:
        upload = self.uploads[-1 - which % len(self.uploads)]
        self.an_event_happens(upload.key, "created")
        self.delete(upload, course)

    def delete(self, upload: FileEvent, course: Course) -> None:
        if not self.is_full(upload.key) and len(self.deleted_versions(upload.key)) < REMEMBERED_DELETIONS:
            self.happens(deleted(upload.key, self.sequencer, version=upload.version_id))
            self.deliver(self.all[-1], course)

    @property
    def uploads(self) -> list[FileEvent]:
        return [event for key in KEYS for event in self.shown(key) if event.action == "created"]


@pytest.mark.parametrize(
    "machine", [Deliveries, DeliveriesOfVersions, Processings], ids=["files", "versions", "findings"]
)
def test_every_event_is_published_and_the_item_follows_the_newest(
    catalogue: Catalogue, connect: Connect, machine: type[Deliveries]
):
    accidents = Accidents(catalogue.client)
    reader = replace(catalogue, client=connect("dynamodb"))

    run_state_machine_as_test(lambda: machine(catalogue, accidents, reader), settings=BOUNDED)
