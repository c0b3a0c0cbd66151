"""The faults of scan results, in the order of the table."""

from __future__ import annotations

from tests.faults.announcing_table import every_tenth
from tests.faults.faults_of_notify import BETWEEN, DENIED, THROTTLED, every_third_time, throughout
from tests.faults.faults_of_scans import ScanFault
from tests.faults.interference import nothing
from tests.faults.process_table import UNTIL_DEAD

ALL = (
    ScanFault(
        name="scan results: SNS denies",
        happens="every publish is refused, until someone fixes it",
        befalls=throughout(DENIED, "publish"),
        receives=UNTIL_DEAD,
        queued=True,
    ),
    ScanFault(
        name="scan results: DynamoDB throttles",
        happens="a third of the verdicts and claims is refused",
        befalls=every_third_time(THROTTLED, "claim"),
        receives=1,
        queued=True,
    ),
    ScanFault(
        name="scan results: killed after the verdict",
        happens="every batch's function ends after it has written the fourth verdict",
        befalls=every_tenth("crash after", "claim"),
        receives=1,
        queued=True,
    ),
    ScanFault(
        name="scan results: killed after the publish",
        happens="every batch's function ends after it has published the fourth verdict",
        befalls=every_tenth("crash after", "publish"),
        receives=1,
        repeats=BETWEEN,
        queued=True,
    ),
    ScanFault(
        name="scan results: results come three times",
        happens="in any order",
        befalls=nothing,
        receives=1,
        copies=3,
    ),
)
