"""Buckets that exist already, as people write them in config: each problem with the command that fixes it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.reader import ItemReader, Problem, remove, set_to
from domain.events import LONGEST_TEXT
from domain.rules import overlap

KEY = "existingBuckets"

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PATTERN_ROOM = 1_800
"""Characters of a rule's event pattern for prefixes; EventBridge takes 2,048 with all others.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
"""
_KMS_KEY = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


@dataclass(frozen=True, kw_only=True)
class WatchedBucket:
    """A bucket that another program made: its name, what of it is watched, the keys that encrypt its objects.

    `prefixes` are in alphabetical order and do not overlap; the one empty prefix is the whole bucket.
    """

    name: str
    prefixes: tuple[str, ...]
    kms_key_arns: tuple[str, ...]


def parse_existing_buckets(items: Sequence[Any]) -> tuple[tuple[WatchedBucket, ...], list[Problem]]:
    """Read buckets as people write them, a name or {name, prefix?, kmsKeyArn?}. Returns them with every problem found.

    A bucket may be named several times with prefixes that do not overlap: it becomes one.
    """
    problems: list[Problem] = []
    found: dict[str, list[tuple[str, str]]] = {}
    for index, item in enumerate(items):
        path = f"{KEY}[{index}]"
        reader = _BucketReader(item if isinstance(item, Mapping) else {"name": item}, path)
        name, prefix, key = reader.bucket(is_name=not isinstance(item, Mapping))
        problems += reader.problems
        if reader.problems:
            continue
        earlier = next((other for other, _ in found.get(name, []) if overlap(other, prefix)), None)
        if earlier is not None:
            what = f"{path} is {_described(name, prefix)}, which overlaps with {_described(name, earlier)}"
            problems.append(Problem(f"{what}: its files would be notified twice", remove(path)))
        elif _length([*(other for other, _ in found.get(name, [])), prefix]) > PATTERN_ROOM:
            what = (
                f"{path} is one prefix of {name} too many: an EventBridge rule has room for {PATTERN_ROOM:,} characters"
            )
            problems.append(Problem(f"{what} of prefixes", remove(path)))
        else:
            found.setdefault(name, []).append((prefix, key))
    buckets = [
        WatchedBucket(
            name=name,
            prefixes=tuple(sorted(prefix for prefix, _ in parts)),
            kms_key_arns=tuple(sorted({key for _, key in parts if key})),
        )
        for name, parts in sorted(found.items())
    ]
    return tuple(buckets), problems


class _BucketReader(ItemReader):
    """Reads one entry."""

    def bucket(self, *, is_name: bool) -> tuple[str, str, str]:
        """Name, prefix and key, which are complete if there are no problems. `is_name` is an entry without fields."""
        name, at = self.value("name"), self._path if is_name else self.path("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            expected = "use the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens"
            self.wrong(at, name, expected, "my-bucket")
            name = ""
        prefix = self.value("prefix")
        if prefix is not None and not (
            isinstance(prefix, str) and len(prefix.encode(errors="replace")) <= LONGEST_TEXT
        ):
            self.wrong(self.path("prefix"), prefix, f"use text of at most {LONGEST_TEXT} bytes", "incoming/")
            prefix = None
        key = self.value("kmsKeyArn")
        if key is not None and not (isinstance(key, str) and _KMS_KEY.fullmatch(key)):
            example = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
            self.wrong(self.path("kmsKeyArn"), key, "use the ARN of a KMS key, not of an alias", example)
            key = None
        self.refuse_unknown("a setting of an existing bucket")
        return name, prefix or "", key or ""


def names_unwatched_bucket(path: str, bucket: object, buckets: Sequence[WatchedBucket]) -> Problem:
    """The problem of a rule that names a bucket which is not watched."""
    names = ", ".join(watched.name for watched in buckets)
    known = f"use one of {names}, or name it there" if names else "name it there first"
    example = bucket if isinstance(bucket, str) and _NAME.fullmatch(bucket) else "my-bucket"
    fix = set_to(f"{KEY}[{sum(len(watched.prefixes) for watched in buckets)}]", example)
    return Problem(f"{path} is {bucket!r}, which {KEY} does not name; {known}", fix)


def keys_below(prefixes: Collection[str]) -> list[dict[str, str]]:
    """The keys below prefixes, as an event pattern has them."""
    return [{"prefix": prefix} for prefix in prefixes]


def _length(prefixes: Sequence[str]) -> int:
    return len(json.dumps(keys_below(prefixes), ensure_ascii=False))


def _described(name: str, prefix: str) -> str:
    return f"{name} with prefix {prefix!r}" if prefix else f"{name} without a prefix"
