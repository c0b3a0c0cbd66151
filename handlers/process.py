"""Entry: the work queue hands over files, this function looks into each one and writes what it finds in the catalogue.

Environment: TABLE_NAME, QUEUE_URL.

A message is done when its file has a result, and also when there will never be one: an object that is gone, forbidden,
archived, too large or broken has failed, and says so in its row. What may pass raises: the message comes back, each
time later, and is in the dead-letter queue after its last receive.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.messages import WorkMessage, work_message_in
from domain.wording import human_size
from handlers.data.catalogue import Catalogue
from handlers.data.items import Result, Row
from handlers.logic.inspection import CHUNK, inspect

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

MAX_INSPECTED_BYTES = 5 * 1024**3
BYTES_PER_SECOND = 25_000_000  # at least this much of an object is read in a second
SECONDS_PER_FILE = 5  # and this long is what comes before and after
RETRY_SECONDS = (10, 40, 160, 640)  # until a message comes back, by how often it has been received

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

# Reading stalls now and then, and an attempt that hangs must leave time for the next one. What fails in the middle of
# an object is not tried again here: the message comes back.
_CLIENT = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})

_COUNTERS = {"processed": "Processed", "failed": "ProcessingFailed"}
"""What is counted of each decision; that there was nothing to do is only said in the log."""

logger = Logger()
metrics = Metrics()


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


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A message that fails stays in the queue, alone. Raises if all of them do: Lambda then counts an error."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    files_read = 0

    def has_time(size: int) -> bool:
        # The first is tried in any case: it would not find more time later.
        nonlocal files_read
        files_read += 1
        needed = size / BYTES_PER_SECOND + SECONDS_PER_FILE
        return files_read == 1 or needed <= context.get_remaining_time_in_millis() / 1000

    processor = Processor(catalogue=_catalogue(), s3=_s3(), has_time=has_time)
    counts: Counter[str] = Counter()

    def one(record: SQSRecord) -> None:
        _decide(record, processor, counts)

    batch = BatchProcessor(EventType.SQS)
    try:
        return process_partial_response(event=event, record_handler=one, processor=batch, context=context)
    finally:
        _count(counts)
        _have_come_back([message for message in batch.fail_messages if isinstance(message, SQSRecord)])


def _decide(record: SQSRecord, processor: Processor, counts: Counter[str]) -> None:
    file_id = ""
    try:
        message = work_message_in(record.body)
        file_id = message.file_id
        decision = processor.process(message)
    except NoTimeLeftError as later:
        logger.info("deferred", file_id=file_id, message_id=record.message_id, reason=str(later))
        raise
    except Exception:
        logger.exception("error", file_id=file_id, message_id=record.message_id)
        raise
    if decision.name in _COUNTERS:
        counts[_COUNTERS[decision.name]] += 1
    counts["Bytes"] += decision.bytes_read
    logger.info(decision.name, file_id=file_id, reason=decision.reason, bytes=decision.bytes_read)


def _have_come_back(failed: Sequence[SQSRecord]) -> None:
    """Soon: the visibility timeout, after which they would by themselves, is made for a batch of the largest files."""
    if not failed:
        return
    entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = []
    for number, message in enumerate(failed):
        received = int(message.attributes.approximate_receive_count)
        seconds = RETRY_SECONDS[min(received, len(RETRY_SECONDS)) - 1]
        entries.append({"Id": str(number), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": seconds})
    try:
        sqs = boto3.client("sqs", config=_CLIENT)
        kept = sqs.change_message_visibility_batch(QueueUrl=os.environ["QUEUE_URL"], Entries=entries).get("Failed", [])
    except (ClientError, BotoCoreError):  # nothing is lost: they come back by themselves, only later
        logger.exception("come back late", messages=len(entries))
    else:
        if kept:
            logger.error("come back late", messages=len(kept), reasons=sorted({one["Code"] for one in kept}))


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


def _count(counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Bytes if name == "Bytes" else MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()


@cache
def _catalogue() -> Catalogue:
    return Catalogue(boto3.client("dynamodb", config=_CLIENT), os.environ["TABLE_NAME"])


@cache
def _s3() -> S3Client:
    return boto3.client("s3", config=_CLIENT)
