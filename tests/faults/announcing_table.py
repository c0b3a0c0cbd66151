"""The faults of announcing, in the order of the table."""

from __future__ import annotations

from tests.faults.faults_of_announcing import AnnouncingFault
from tests.faults.faults_of_notify import BETWEEN, DENIED, THROTTLED, every_third_time, throughout
from tests.faults.interference import Befalls, Step, nothing
from tests.faults.process_table import UNTIL_DEAD


def every_tenth(accident: str, step: Step) -> Befalls:
    return lambda call: accident if call.step == step and call.event % 10 == 3 else None


ALL = (
    AnnouncingFault(
        name="announcing: SNS denies",
        happens="every publish is refused, until someone fixes it",
        befalls=throughout(DENIED, "publish"),
        receives=UNTIL_DEAD,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: SNS's answers are lost",
        happens="a third of the notifications is published, and the answer does not come",
        befalls=every_third_time("unanswered", "publish"),
        receives=1,
        repeats=BETWEEN,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: DynamoDB throttles",
        happens="a third of the reads and claims is refused",
        befalls=every_third_time(THROTTLED, "claim"),
        receives=1,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: marks are refused",
        happens="a third of the marks is refused",
        befalls=every_third_time(THROTTLED, "mark"),
        receives=1,
        repeats=BETWEEN,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: killed after the claim",
        happens="every batch's function ends before it publishes what it found in the fourth file",
        befalls=every_tenth("crash before", "publish"),
        receives=1,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: killed after the publish",
        happens="every batch's function ends after it has published what it found in the fourth file",
        befalls=every_tenth("crash after", "publish"),
        receives=1,
        repeats=BETWEEN,
        queued=True,
    ),
    AnnouncingFault(
        name="announcing: messages come three times",
        happens="in any order",
        befalls=nothing,
        receives=1,
        copies=3,
    ),
)
