"""What the functions count in CloudWatch: at most ten series in all, which is what CloudWatch keeps free of charge.

Each function counts under the stack's own namespace with one dimension, `service`. The monitoring, the operator's
commands and the tests read the names here; what a function counts under another name fails its tests.
"""

from __future__ import annotations

RECEIVED = "Received"
OUTCOMES = ("Published", "Unmatched", "Duplicate", "Failed")
"""What becomes of an event that was received. What was received and is none of these is unaccounted for."""

SERIES: dict[str, tuple[str, ...]] = {
    "notify": (RECEIVED, *OUTCOMES, "MailsAtOnce"),
    "process": ("Processed", "ProcessingFailed", "Bytes"),
    "digest": ("MailsInDigests",),
}
"""Every counter, by the function that counts it. `Bytes` are those that were read of files; mails are counted by
address, as SNS bills them."""
