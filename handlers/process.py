"""Lambda entry point: inspects each file of the work queue, and writes the result into the catalogue.

The queue also has the results of malware scans. Environment: TABLE_NAME, QUEUE_URL; where files are scanned
SCANNED_BUCKET; if a rule asks for findings also TOPIC_ARN, MAILS_PER_MINUTE and PAGE_URL. The rules are then in
rules.json, beside the code.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.counters import MAILS_AT_ONCE
from domain.messages import work_message_in
from domain.rules import RULES_FILE, rules_of
from domain.scans import CHECKED_AFTER_SECONDS, ScanCheck, ScanResult, scan_check_of, scan_message_in
from handlers.data.catalogue import Catalogue
from handlers.data.findings import Findings
from handlers.data.scan_verdicts import ScanVerdicts
from handlers.data.storm_guard import StormGuard
from handlers.data.visibility import receive_again
from handlers.logic.announcer import Announcer
from handlers.logic.processor import FirstFileOrInTime, NoTimeLeftError, Processor
from handlers.logic.publisher import Publisher
from handlers.logic.scanner import Scanner

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

RULES = Path(__file__).parents[1] / RULES_FILE

RETRY_SECONDS = (10, 40, 160, 640)  # until a failed message is received again, by how often it has been received

# Reading stalls now and then, and an attempt that hangs must leave time for the next one. A failure in the middle of an
# object is not retried here: its message is received again.
_READING = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_CLIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

_COUNTERS = {"processed": "Processed", "failed": "ProcessingFailed", "unscanned": "Unscanned"}
"""The counter of each decision; a skipped message and a verdict show only in the log."""

logger = Logger()
metrics = Metrics()
# Mails at once are one series, whichever function publishes them: more than ten series cost.
mail_metrics = EphemeralMetrics(service=MAILS_AT_ONCE[0])


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Only the messages that failed stay in the queue. Raises if all of them did: Lambda then counts an error."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    has_time = FirstFileOrInTime(lambda: context.get_remaining_time_in_millis() / 1000)
    processor = Processor(
        catalogue=_catalogue(), findings=_findings(), announcer=_announcer(), s3=_s3(), has_time=has_time
    )
    counts: Counter[str] = Counter()

    def process(record: SQSRecord) -> None:
        _process(record, processor, counts)

    batch = BatchProcessor(EventType.SQS)
    try:
        return process_partial_response(event=event, record_handler=process, processor=batch, context=context)
    finally:
        _count(counts)
        _shorten_visibility([message for message in batch.fail_messages if isinstance(message, SQSRecord)])


def _process(record: SQSRecord, processor: Processor, counts: Counter[str]) -> None:
    file_id = ""
    try:
        scan = scan_message_in(record.body)
        if isinstance(scan, ScanResult):
            file_id = scan.file_id
            decision = _scanner().record(scan)
        elif scan:
            file_id = scan["id"]
            decision = _scanner().check(scan)
        else:
            message = work_message_in(record.body)
            file_id = message.file_id
            decision = processor.process(message, receives=int(record.attributes.approximate_receive_count))
            _follow_scan(record.body)
    except NoTimeLeftError as later:
        logger.info("deferred", file_id=file_id, message_id=record.message_id, reason=str(later))
        raise
    except Exception:
        logger.exception("error", file_id=file_id, message_id=record.message_id)
        raise
    if decision.name in _COUNTERS:
        counts[_COUNTERS[decision.name]] += 1
    counts["Bytes"] += decision.bytes_read
    logger.info(
        decision.name, file_id=file_id, reason=decision.reason, bytes=decision.bytes_read, announced=decision.announced
    )


def _follow_scan(body: str) -> None:
    upload = scan_check_of(body, os.environ.get("SCANNED_BUCKET", ""))
    if upload and (announced := _scanner().follow(upload)):
        logger.info(announced, file_id=upload["id"], reason="scanned before", bytes=0, announced=announced)


def _check_later(upload: ScanCheck) -> None:
    """What is sent twice, because a message is received again, finds the same twice."""
    _sqs().send_message(
        QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(upload), DelaySeconds=CHECKED_AFTER_SECONDS
    )


def _shorten_visibility(failed: Sequence[SQSRecord]) -> None:
    """Retry sooner than the visibility timeout, which is sized for a batch of the largest files."""
    if not failed:
        return
    seconds: dict[str, float] = {}
    for message in failed:
        received = int(message.attributes.approximate_receive_count)
        seconds[message.receipt_handle] = RETRY_SECONDS[min(received, len(RETRY_SECONDS)) - 1]
    try:
        refused = receive_again(_sqs(), os.environ["QUEUE_URL"], seconds)
    except (ClientError, BotoCoreError):  # nothing is lost: the messages are received again, only later
        logger.exception("retry not shortened", messages=len(seconds))
    else:
        if refused:
            logger.error("retry not shortened", messages=len(refused), reasons=sorted(set(refused)))


def _count(counts: Counter[str]) -> None:
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Bytes if name == "Bytes" else MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()


def _count_mails(count: int) -> None:
    mail_metrics.add_metric(name=MAILS_AT_ONCE[1], unit=MetricUnit.Count, value=count)
    mail_metrics.flush_metrics()


@cache
def _dynamodb() -> DynamoDBClient:
    return boto3.client("dynamodb", config=_CLIENT)


@cache
def _catalogue() -> Catalogue:
    return Catalogue(_dynamodb(), os.environ["TABLE_NAME"])


@cache
def _findings() -> Findings:
    return Findings(_dynamodb(), os.environ["TABLE_NAME"])


@cache
def _announcer() -> Announcer:
    topic_arn = os.environ.get("TOPIC_ARN")
    if topic_arn is None:
        return Announcer(findings=_findings())
    rules = rules_of(json.loads(RULES.read_text()))
    sns = boto3.client("sns", config=_CLIENT)
    return Announcer(
        findings=_findings(),
        rules=rules,
        publish=Publisher(sns=sns, topic_arn=topic_arn, rules=rules, count_mails=_count_mails),
        partition=topic_arn.split(":")[1],
        guard=StormGuard(_dynamodb(), os.environ["TABLE_NAME"], int(os.environ["MAILS_PER_MINUTE"])),
        page=os.environ["PAGE_URL"],
    )


@cache
def _scanner() -> Scanner:
    return Scanner(
        catalogue=_catalogue(),
        verdicts=ScanVerdicts(_dynamodb(), os.environ["TABLE_NAME"]),
        announcer=_announcer(),
        check_later=_check_later,
    )


@cache
def _s3() -> S3Client:
    return boto3.client("s3", config=_READING)


@cache
def _sqs() -> SQSClient:
    return boto3.client("sqs", config=_CLIENT)
