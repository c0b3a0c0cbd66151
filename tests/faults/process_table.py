"""The faults of process, in the order of the table."""

from __future__ import annotations

from tests.faults.faults_of_notify import every_third_time, throughout
from tests.faults.faults_of_process import ProcessFault
from tests.faults.interference import Call

UNTIL_DEAD = 6  # one more than a message is received


_throttled = every_third_time("ThrottlingException", "claim")


def _killed(call: Call) -> str | None:
    return "crash after" if call.step == "look" and call.event % 10 == 3 else None


ALL = (
    ProcessFault(
        name="process: S3 fails",
        happens="no file can be read, until someone fixes it",
        befalls=throughout("InternalError", "look"),
        receives=UNTIL_DEAD,
        queued=True,
    ),
    ProcessFault(
        name="process: DynamoDB throttles",
        happens="a third of the requests is refused",
        befalls=_throttled,
        receives=1,
        queued=True,
    ),
    ProcessFault(
        name="process: SQS is down",
        happens="a third of DynamoDB's requests is refused, and SQS changes no visibility timeout",
        befalls=lambda call: (
            "unreachable" if call.step == "show" else every_third_time("ThrottlingException", "claim")(call)
        ),
        receives=1,
        queued=True,
    ),
    ProcessFault(
        name="process: killed",
        happens="every batch's function ends after it has read the fourth file",
        befalls=_killed,
        receives=1,
        queued=True,
    ),
)
