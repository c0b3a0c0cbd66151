"""Reads each file once, writes the result into the catalogue, and announces it to the rules that ask for it.

A message is done when its file has a result, and also when there will never be one: for an object that is gone,
forbidden, archived, too large or broken the item says "failed" and why. Failures that may pass are raised: the message
is received again, and moves to the dead-letter queue after its last receive. A message whose file has a result is
done, unless an earlier attempt ended before the result was announced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from domain.findings import MAX_INSPECTED_BYTES, FindingKind
from domain.messages import WorkMessage
from domain.shortfalls import utc
from domain.topology import MAX_RECEIVES
from domain.wording import human_size
from handlers.data.catalogue import Catalogue
from handlers.data.findings import Findings, is_announced
from handlers.data.items import Item, Result
from handlers.logic.announcer import Announcer
from handlers.logic.findings import finding_of
from handlers.logic.inspection import BROKEN, CHUNK, inspect

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

BYTES_PER_SECOND = 25_000_000  # the least that is read of an object in a second
SECONDS_PER_FILE = 5  # for everything before and after
DONE_BEFORE = "done before"

_FAILURES = {
    "NoSuchKey": ("gone", "The file is no longer there."),
    "NoSuchVersion": ("gone", "This version of the file is no longer there."),
    "NoSuchBucket": ("gone", "The bucket is no longer there."),
    "MethodNotAllowed": ("gone", "This version of the file is a delete marker."),
    "AccessDenied": ("forbidden", "The system may not read the file."),
    # Reading names a version and nothing else: a key of the uploader's own (SSE-C) is all that can be missing.
    "InvalidRequest": ("forbidden", "The file is encrypted with a key of its uploader, which S3 does not keep."),
    "InvalidObjectState": ("archived", "The file is in an archive tier: restore it, then process it again."),
    **dict.fromkeys(
        ("KMS.DisabledException", "KMS.InvalidStateException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"),
        ("forbidden", "The key that the file is encrypted with is disabled or deleted."),
    ),
}
"""S3's errors that are final, with code and message of the failure. All others may pass.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""


_MISSING = {"NoSuchKey", "NoSuchVersion"}
NEW_BUCKET_SECONDS = 15 * 60
"""How long S3 may answer that a version is missing after versioning was first enabled on its bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
"""


class NotThereYetError(RuntimeError):
    """S3 does not find a file that was uploaded minutes ago. Raised, so that its message is received again."""


class ItemBehindError(RuntimeError):
    """The item is older than the published event: the table lost writes, or was restored to an earlier time."""


class NoTimeLeftError(RuntimeError):
    """The file might not be read to its end in this invocation. Raised, so that its message is received again."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The outcome of a message. `reason` is a failure's code, the threat, or why the message was skipped.

    The last four are those of scans: a verdict, or `unscanned`, which has none because something fails. `announced` is
    what a notification was published about; empty if none was.
    """

    name: Literal["processed", "failed", "skipped", "clean", "infected", "unscannable", "unscanned"]
    reason: str = ""
    bytes_read: int = 0
    announced: FindingKind | Literal[""] = ""


class FirstFileOrInTime:
    """Whether a file of so many bytes can still be read. The first always can: it would not get more time later."""

    def __init__(self, seconds_left: Callable[[], float]) -> None:
        self._seconds_left = seconds_left
        self._is_first = True

    def __call__(self, size: int) -> bool:
        is_first, self._is_first = self._is_first, False
        return is_first or size / BYTES_PER_SECOND + SECONDS_PER_FILE <= self._seconds_left()


@dataclass(frozen=True, kw_only=True)
class Processor:
    """Inspects the files of messages. `has_time(size)` says whether so many bytes can still be read."""

    catalogue: Catalogue
    findings: Findings
    announcer: Announcer
    s3: S3Client
    has_time: Callable[[int], bool]
    clock: Callable[[], float] = time.time

    def process(self, message: WorkMessage, *, receives: int) -> Decision:
        """Process the file of one message, which was received `receives` times. Raises failures that may pass."""
        if message.event != "created":
            return Decision(name="skipped", reason="not an upload")
        item = self.catalogue.read(message.file_id)
        if item is None or item.status == "removed":
            return Decision(name="skipped", reason="removed" if item else "no such file")
        settled = _settled(item, message)
        if settled == DONE_BEFORE:
            return Decision(name="skipped", reason=settled, announced=self._announce_stored(item))
        if settled:
            return Decision(name="skipped", reason=settled)
        result, bytes_read = self._inspect(item, is_last=receives >= MAX_RECEIVES)
        written, announced = self._write(item, result)
        if not written:
            return Decision(name="skipped", reason="superseded", bytes_read=bytes_read)
        failure = result.failure[0] if result.failure else ""
        name: Literal["processed", "failed"] = "failed" if failure else "processed"
        return Decision(name=name, reason=failure, bytes_read=bytes_read, announced=announced)

    def _write(self, item: Item, result: Result) -> tuple[bool, FindingKind | Literal[""]]:
        """Write the result, and announce it if it is news. Returns whether the item still shows the file that was read,
        and what was announced."""
        time = utc(datetime.fromtimestamp(self.clock(), UTC))
        finding, changes = finding_of(result, time), result.changes(time)
        if finding is None:
            return self.findings.write(item.id, item.order, changes), ""
        outcome = self.announcer.announce(item.event(finding), changes)
        return outcome != "superseded", finding.kind if outcome == "published" else ""

    def _announce_stored(self, item: Item) -> FindingKind | Literal[""]:
        """Announce the result of an earlier attempt, if that ended before it could. Returns what was announced."""
        finding = finding_of(item.result, item.processed_at)
        if finding is None:
            return ""
        event = item.event(finding)
        if is_announced(event, item) or not self.announcer.wants(event):
            return ""
        return finding.kind if self.announcer.announce(event, {}) == "published" else ""

    def _inspect(self, item: Item, *, is_last: bool) -> tuple[Result, int]:
        """Read the item's version of the object. Returns the result and the number of bytes read."""
        if item.size is not None and item.size > MAX_INSPECTED_BYTES:
            return _too_large(item.size), 0
        if not self.has_time(item.size or 0):
            raise NoTimeLeftError(f"not enough time for another {item.size or 0} bytes")
        try:
            reply = self._get(item)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            failure = _FAILURES.get(code)
            if failure is None:
                raise
            if code in _MISSING and not is_last and self.clock() - _seconds(item.time) < NEW_BUCKET_SECONDS:
                raise NotThereYetError(f"S3 answers {code} of a file uploaded at {item.time}") from error
            return Result(failure=failure), 0
        size = reply["ContentLength"]
        with closing(reply["Body"]) as body:
            if size > MAX_INSPECTED_BYTES:
                return _too_large(size), 0
            inspection = inspect(body.iter_chunks(CHUNK), size=size, key=item.key)
        result = Result(
            sha256=inspection.sha256,
            content_type=inspection.content_type,
            facts=inspection.facts,
            failure=(BROKEN, inspection.broken) if inspection.broken else None,
        )
        return result, size

    def _get(self, item: Item) -> GetObjectOutputTypeDef:
        if item.version_id:
            return self.s3.get_object(Bucket=item.bucket, Key=item.key, VersionId=item.version_id)
        return self.s3.get_object(Bucket=item.bucket, Key=item.key)


def _settled(item: Item, message: WorkMessage) -> str:
    """Why the event of a message needs no work any more; empty if it does."""
    if message.order is None:
        return ""
    if message.is_gone:
        return "removed"
    if item.order < message.order:
        raise ItemBehindError(f"the item shows {item.order}, the message {message.order}")
    if item.order > message.order:
        return "superseded"
    return "" if item.status == "received" else DONE_BEFORE  # queues may deliver a message twice


def _seconds(time: str) -> float:
    """Since 1970; 0 for a time that S3 wrote in another form."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0


def _too_large(size: int) -> Result:
    limit = human_size(MAX_INSPECTED_BYTES)
    return Result(failure=("too-large", f"The file has {human_size(size)}; up to {limit} are inspected."))
