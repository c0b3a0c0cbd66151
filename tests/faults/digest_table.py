"""The faults of digest, in the order of the table."""

from __future__ import annotations

from tests.faults.faults_of_digest import DELETING, DigestFault, first

NEVER_FIXED = 6  # turns: one more than a message is received

ALL = (
    DigestFault(
        name="digest: SQS is down",
        happens="two runs cannot receive",
        befalls=first(2, "unreachable", "receive"),
        turns=3,
    ),
    DigestFault(
        name="digest: SQS denies deleting",
        happens="what one run has published cannot be deleted",
        befalls=first(1, "AccessDenied", "delete"),
        turns=1,
        repeats=DELETING,
    ),
    DigestFault(
        name="digest: a receive's answer is lost",
        happens="ten messages are received, but the response is lost",
        befalls=first(3, "unanswered", "receive"),
        turns=1,
        queued=True,
    ),
    DigestFault(
        name="digest: SNS throttles",
        happens="the first seven digests are refused",
        befalls=first(7, "Throttled", "publish"),
        turns=1,
        queued=True,
    ),
    DigestFault(
        name="digest: SNS denies",
        happens="no publish is allowed, until someone fixes it",
        befalls=lambda call: "AuthorizationError" if call.step == "publish" else None,
        turns=NEVER_FIXED,
        queued=True,
    ),
    DigestFault(
        name="digest: killed before publishing",
        happens="the first run ends there",
        befalls=first(1, "crash before", "publish"),
        turns=1,
        queued=True,
    ),
    DigestFault(
        name="digest: killed before deleting",
        happens="the first run ends there",
        befalls=first(1, "crash before", "delete"),
        turns=1,
        repeats=DELETING,
        queued=True,
    ),
)
