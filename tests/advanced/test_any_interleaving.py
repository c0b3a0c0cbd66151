"""Whatever happens between S3, Lambda, DynamoDB and SNS: each event is told, and only accidents tell one twice.

PROPERTY_EXAMPLES=2000 looks longer, at other courses each time, and makes what it finds as short as it can.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from handlers.catalogue import Catalogue
from tests.advanced.conftest import Connect
from tests.advanced.deliveries import COURSES, KEYS, Course, Deliveries
from tests.advanced.stand_ins import Accidents
from tests.advanced.uploads import deleted

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
BOUNDED = settings(
    max_examples=int(EXAMPLES or 30),
    stateful_step_count=20,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=tuple(Phase) if EXAMPLES else (Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


class DeliveriesOfVersions(Deliveries):
    """Single versions are deleted for good, too."""

    @precondition(lambda self: self.all)
    @rule(key=st.sampled_from(KEYS), which=st.integers(0, 9), course=COURSES)
    def a_version_is_deleted(self, key: str, which: int, course: Course) -> None:
        gone = self.deleted_versions(key)
        uploads = [told.event for told in self.all if told.event.key == key and told.event.action == "created"]
        versions = [upload.version_id for upload in uploads if upload.version_id not in gone]
        if versions and not self.is_full(key):
            self.happens(deleted(key, self.sequencer, version=versions[which % len(versions)]))
            self.deliver(self.all[-1], course)


@pytest.mark.parametrize("machine", [Deliveries, DeliveriesOfVersions], ids=["files", "versions"])
def test_every_event_is_told_and_the_row_follows_the_newest(
    catalogue: Catalogue, connect: Connect, machine: type[Deliveries]
):
    accidents = Accidents(catalogue.client)
    reader = replace(catalogue, client=connect("dynamodb"))

    run_state_machine_as_test(lambda: machine(catalogue, accidents, reader), settings=BOUNDED)
