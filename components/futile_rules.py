"""Rules that no file can ever match, each with the command that fixes it: they would be silent forever."""

from __future__ import annotations

from collections.abc import Sequence

from components.existing_bucket_settings import WatchedBucket
from components.reader import Problem, remove, set_to
from domain.findings import MAX_INSPECTED_BYTES
from domain.rules import Rule, overlap

LARGEST_OBJECT = 50 * 2**40
"""Bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""


def matches_no_file(rule: Rule, path: str, *, existing: Sequence[WatchedBucket], upload_bucket: bool) -> list[Problem]:
    """Why no file can match a rule, or be what it expects: of what it excludes, and of the buckets that are watched."""
    never = f"{path}.expect can never be met: " if rule.expect else f"{path} can never match a file: "
    problems = []
    if rule.expect and "created" not in rule.events:
        what = f"{never}{path}.events is {', '.join(rule.events)}, and a file arrives with the event created"
        problems.append(Problem(what, set_to(f"{path}.events[{len(rule.events)}]", "created")))
    if largest := _largest(rule):
        size, whose = largest
        if rule.min_bytes > size:
            what = f"{never}{path}.minBytes is {rule.min_bytes}; {whose}"
            problems.append(Problem(what, remove(f"{path}.minBytes")))
    watched = [bucket for bucket in existing if rule.bucket in ("", bucket.name)]
    own = upload_bucket and not rule.bucket
    prefixes = [prefix for bucket in watched for prefix in bucket.prefixes]
    if not own and prefixes and not any(overlap(rule.prefix, prefix) for prefix in prefixes):
        names = " and ".join(bucket.name for bucket in watched)
        below = ", ".join(map(repr, prefixes))
        what = f"{never}{path}.prefix is {rule.prefix!r}, and {names} is watched below {below} only"
        problems.append(Problem(what, set_to(f"{path}.prefix", prefixes[0])))
    return problems


def _largest(rule: Rule) -> tuple[int, str] | None:
    """The size of the largest file that a rule can match, and whose limit that is; None for removals of any size."""
    if "removed" in rule.events and not rule.expect:
        return None
    if rule.content_type or set(rule.events) <= {"processed", "broken"}:
        return MAX_INSPECTED_BYTES, f"files up to {MAX_INSPECTED_BYTES} bytes (5 GB) are inspected"
    return LARGEST_OBJECT, f"S3's largest object has {LARGEST_OBJECT} bytes (50 TB)"
