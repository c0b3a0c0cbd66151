"""CloudWatch metrics of the functions: at most ten series in all, as many as are free of charge.

Each function counts in the stack's own namespace with one dimension, `service`. Monitoring, the operators' commands and
the tests read the names here; a function that counts under another name fails its tests.

https://aws.amazon.com/cloudwatch/pricing/
"""

from __future__ import annotations

RECEIVED = "Received"
OUTCOMES = ("Published", "Unmatched", "Duplicate", "Failed")
"""The outcomes of a received event. Events that were received and have no outcome are unaccounted for."""
COUNTED_AS = {
    "published": "Published",
    "late": "Published",  # only the log line says that it was late
    "unmatched": "Unmatched",
    "duplicate": "Duplicate",
    "failed": "Failed",
}
"""The counter of each decision that `notify` takes."""

MAILS_AT_ONCE = ("notify", "MailsAtOnce")
"""Function and name of the counter of mails that wait for no digest; other functions count theirs in it as well."""

SERIES: dict[str, tuple[str, ...]] = {
    "notify": (RECEIVED, *OUTCOMES, MAILS_AT_ONCE[1]),
    "process": ("Processed", "ProcessingFailed", "Bytes"),
    "digest": ("MailsInDigests",),
}
"""Every counter, by the function that counts it. `Bytes` are bytes read from files; mails are counted by address, as
SNS bills them."""

SCAN_SERIES: dict[str, tuple[str, ...]] = {"process": ("Unscanned",)}
"""Where files are scanned for malware, the others. `Unscanned` are files without a verdict because something fails."""
