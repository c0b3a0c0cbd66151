"""What the estimate assumes."""

from __future__ import annotations

from ops.cost.events import A_MATCHED_UPLOAD
from ops.cost.model import (
    CHAT_SECONDS,
    EXPECT_SECONDS,
    LISTED_PAGES,
    LOG_BYTES,
    NOTIFY_SECONDS,
    PROCESS_SECONDS_A_FILE,
    SCANNED_MEGABYTES,
    Plan,
)


def assumptions(plan: Plan) -> list[str]:
    """What the estimate assumes, for people."""
    texts = [
        "List prices of us-east-1, arm64, publishes of up to 64 KB.",
        "Not included: S3's own requests and storage, the catalogue's storage, the web interface, removals, restores.",
        f"Rules match {plan.matched_share:.0%} of the uploads (--matched-share).",
        f"Notify takes {NOTIFY_SECONDS[plan.mode] * 1000:.0f} ms per event and logs {LOG_BYTES['notify']:,} bytes.",
    ]
    if plan.is_advanced:
        how = "given by --digests" if plan.digests is not None else "uploads spread evenly over the month"
        texts += [
            f"{plan.digest_share:.0%} of the files are in digests where a rule leaves that to the stack ({how}).",
            f"More than {plan.mails_per_minute} a minute are a storm, with a digest every {plan.digest_minutes} min.",
            f"Processing takes {PROCESS_SECONDS_A_FILE * 1000:.0f} ms per file of some megabytes.",
        ]
    if any(rule.channels for rule in plan.upload_rules):
        texts.append(
            f"A chat message waits {CHAT_SECONDS:.0f} s for its channel's turn, in an invocation of its own: the most."
        )
    if any(rule.expect for rule in plan.rules):
        texts.append(
            f"A rule that expects files has up to {LISTED_PAGES * 1000:,} versions under its prefix; looking takes "
            f"{EXPECT_SECONDS * 1000:.0f} ms: both assumed."
        )
    if plan.announced:
        texts.append(
            f"{A_MATCHED_UPLOAD['broken']:.0%} of the files are broken: assumed. Notifications of what is found are "
            "published besides those of uploads."
        )
    if plan.from_existing:
        texts.append(
            f"{plan.from_existing:.0%} of the uploads are in existing buckets, whose events AWS bills as "
            "EventBridge's: both assumed."
        )
    if plan.scanned_share:
        texts.append(
            f"{plan.scanned_share:.0%} of the uploads are scanned for malware, files of {SCANNED_MEGABYTES} MB: more "
            "per GB for larger ones. Scans that are asked for, and the storage of tags, are not included."
        )
    texts += [
        f"Not included: {protocol} to {counted}, whose price depends on the country."
        for protocol, counted in plan.unpriced.items()
    ]
    return texts
