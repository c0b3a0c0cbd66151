"""Entry: the work queue hands over files, this function looks into each one and writes what it finds in the catalogue.

Environment: TABLE_NAME, QUEUE_URL.

A message is done when its file has a result, and also when there will never be one: an object that is gone, forbidden,
archived, too large or broken has failed, and says so in its row. What may pass raises: the message comes back, each
time later, and is in the dead-letter queue after its last receive.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.messages import work_message_in
from handlers.data.catalogue import Catalogue
from handlers.logic.processor import BYTES_PER_SECOND, SECONDS_PER_FILE, NoTimeLeftError, Processor

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef

RETRY_SECONDS = (10, 40, 160, 640)  # until a message comes back, by how often it has been received

# Reading stalls now and then, and an attempt that hangs must leave time for the next one. What fails in the middle of
# an object is not tried again here: the message comes back.
_CLIENT = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})

_COUNTERS = {"processed": "Processed", "failed": "ProcessingFailed"}
"""What is counted of each decision; that there was nothing to do is only said in the log."""

logger = Logger()
metrics = Metrics()


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
