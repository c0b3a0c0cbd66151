"""Reads each file once and writes what it finds in the catalogue.

A message is done when its file has a result, and also when there will never be one: an object that is gone, forbidden,
archived, too large or broken has failed, and says so in its item. What may pass raises.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from domain.messages import WorkMessage
from domain.wording import human_size
from handlers.data.catalogue import Catalogue
from handlers.data.items import Result, Row
from handlers.logic.inspection import CHUNK, inspect

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

MAX_INSPECTED_BYTES = 5 * 1024**3
BYTES_PER_SECOND = 25_000_000  # at least this much of an object is read in a second
SECONDS_PER_FILE = 5  # and this long is what comes before and after

_FAILURES = {
    "NoSuchKey": ("gone", "The file is no longer there."),
    "NoSuchVersion": ("gone", "This version of the file is no longer there."),
    "NoSuchBucket": ("gone", "The bucket is no longer there."),
    "MethodNotAllowed": ("gone", "This version of the file is a delete marker."),
    "AccessDenied": ("forbidden", "The system may not read the file."),
    "InvalidObjectState": ("archived", "The file is in an archive tier: restore it, then process it again."),
    **dict.fromkeys(
        ("KMS.DisabledException", "KMS.InvalidStateException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"),
        ("forbidden", "The key that the file is encrypted with is disabled or deleted."),
    ),
}
"""What S3's answers mean for good. All others may pass."""


class RowBehindError(RuntimeError):
    """The row is older than the event that was told of it, which it never is in a table that has lost nothing."""


class NoTimeLeftError(RuntimeError):
    """The next file might not be read to its end in this invocation. Raised, so that its message comes back."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What became of a message. `reason` is a failure's code, or why there was nothing to do."""

    name: Literal["processed", "failed", "skipped"]
    reason: str = ""
    bytes_read: int = 0


def _always(_size: int) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Processor:
    """Looks into one file after the other. `has_time` tells whether so many bytes can still be read."""

    catalogue: Catalogue
    s3: S3Client
    has_time: Callable[[int], bool] = _always

    def process(self, message: WorkMessage) -> Decision:
        """Do what one message asks for. Raises what may pass."""
        if message.event != "created":
            return Decision(name="skipped", reason="not an upload")
        row = self.catalogue.read(message.file_id) if message.file_id else None
        if row is None or row.status == "removed":
            return Decision(name="skipped", reason="removed" if row else "no such file")
        settled = _settled(row, message)
        if settled:
            return Decision(name="skipped", reason=settled)
        result, bytes_read = self._look_into(row)
        if not self.catalogue.result(row.id, row.order, result):
            return Decision(name="skipped", reason="superseded", bytes_read=bytes_read)
        if result.failure:
            return Decision(name="failed", reason=result.failure[0], bytes_read=bytes_read)
        return Decision(name="processed", bytes_read=bytes_read)

    def _look_into(self, row: Row) -> tuple[Result, int]:
        """Read the row's version of the object. Returns the result and how much was read for it."""
        if row.size is not None and row.size > MAX_INSPECTED_BYTES:
            return _too_large(row.size), 0
        if not self.has_time(row.size or 0):
            raise NoTimeLeftError(f"not enough time for another {row.size or 0} bytes")
        try:
            reply = self._get(row)
        except ClientError as error:
            failure = _FAILURES.get(error.response["Error"]["Code"])
            if failure is None:
                raise
            return Result(failure=failure), 0
        size = reply["ContentLength"]
        with closing(reply["Body"]) as body:
            if size > MAX_INSPECTED_BYTES:
                return _too_large(size), 0
            found = inspect(body.iter_chunks(CHUNK), size=size, key=row.key)
        return (
            Result(
                sha256=found.sha256,
                content_type=found.content_type,
                facts=found.facts,
                failure=(found.failure.code, found.failure.message) if found.failure else None,
            ),
            size,
        )

    def _get(self, row: Row) -> GetObjectOutputTypeDef:
        if row.version_id:
            return self.s3.get_object(Bucket=row.bucket, Key=row.key, VersionId=row.version_id)
        return self.s3.get_object(Bucket=row.bucket, Key=row.key)


def _settled(row: Row, message: WorkMessage) -> str:
    """Why the event told by a message needs no work any more; empty if it does."""
    if message.order is None:
        return ""
    if message.is_gone:
        return "removed"
    if row.order < message.order:
        raise RowBehindError(f"the row shows {row.order}, the message {message.order}")
    if row.order > message.order:
        return "superseded"
    return "" if row.status == "received" else "done before"  # queues deliver more than once


def _too_large(size: int) -> Result:
    limit = human_size(MAX_INSPECTED_BYTES)
    return Result(failure=("too-large", f"The file has {human_size(size)}; up to {limit} are looked into."))
