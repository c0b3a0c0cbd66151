"""The faults of digest, in the order of the table."""

from __future__ import annotations

from tests.faults.faults_of_digest import DELETING, DigestFault, first

NEVER_MENDED = 6  # turns: one more than a message is received

ALL = (
    DigestFault(
        name="digest: SQS is down",
        happens="two turns cannot receive",
        befalls=first(2, "unreachable", "receive"),
        turns=3,
    ),
    DigestFault(
        name="digest: SQS denies deleting",
        happens="what one turn has told cannot be deleted",
        befalls=first(1, "AccessDenied", "delete"),
        turns=1,
        repeats=DELETING,
    ),
    DigestFault(
        name="digest: a receive's answer is lost",
        happens="ten messages are out, and digest does not hear of it",
        befalls=first(3, "unanswered", "receive"),
        turns=1,
        kept=True,
    ),
    DigestFault(
        name="digest: SNS throttles",
        happens="the first seven digests are refused",
        befalls=first(7, "Throttled", "publish"),
        turns=1,
        kept=True,
    ),
    DigestFault(
        name="digest: SNS denies",
        happens="no publish is allowed, until somebody mends it",
        befalls=lambda call: "AuthorizationError" if call.step == "publish" else None,
        turns=NEVER_MENDED,
        kept=True,
    ),
    DigestFault(
        name="digest: killed before publishing",
        happens="the first turn ends there",
        befalls=first(1, "crash before", "publish"),
        turns=1,
        kept=True,
    ),
    DigestFault(
        name="digest: killed before deleting",
        happens="the first turn ends there",
        befalls=first(1, "crash before", "delete"),
        turns=1,
        repeats=DELETING,
        kept=True,
    ),
)
