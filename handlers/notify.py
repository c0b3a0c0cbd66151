"""Entry: S3 hands over events, this function tells each one once, or raises so that Lambda keeps it.

Environment: TOPIC_ARN; in advanced mode also TABLE_NAME, MAILS_PER_MINUTE and PAGE_URL. The rules lie beside the code,
in rules.json.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from domain.events import FileEvent, OtherEvent, file_event, raw_records
from domain.notifications import Notification
from domain.rules import mails, rules_of
from domain.topology import RULES_FILE
from handlers.logic.notifier import Notifier

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext


# An attempt that hangs must leave time for the next one within the function's timeout.
_CLIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

_COUNTED_AS = {"late": "published"}
"""A late event is published once, as late; only the line in the log tells the two apart."""

RULES = Path(__file__).parents[1] / RULES_FILE

logger = Logger()
metrics = Metrics()


def notify(
    event: object, notifier: Notifier, seconds_left: Callable[[], float], notified: set[str] | None = None
) -> None:
    """Tell everything in one event, within `seconds_left()`. `told` are the events that this invocation told before.

    Every record is tried, also after one has failed. Raises ExceptionGroup if any failed: Lambda tries the event
    again, twice, and then keeps it, whole, in the failed-events queue.
    """
    records = raw_records(event)
    # One time for all that is counted here: what came in and what became of it are in the same minute.
    metrics.set_timestamp(int(time.time() * 1000))
    _count({"Received": len(records)})  # before the work: what a crash leaves untold shows as a gap
    decisions: Counter[str] = Counter()
    failures: list[Exception] = []
    notified = set() if notified is None else notified
    for raw in records:
        read: FileEvent | OtherEvent | None = None
        try:
            read = file_event(raw)
            decision = _decide(read, notifier, seconds_left(), notified)
        except Exception as failure:
            logger.exception("failed", file_id=read.file_id if isinstance(read, FileEvent) else None, record=raw)
            decision = "failed"
            failures.append(failure)
        decisions[_COUNTED_AS.get(decision, decision).capitalize()] += 1
    _count(decisions)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(records)} records could not be told", failures)


def handler(event: Any, context: LambdaContext) -> PartialItemFailureResponse | None:
    """For S3, SNS and EventBridge, and for a queue that a person put between the bucket and this function."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    records = event.get("Records") if isinstance(event, Mapping) else None
    first = records[0] if isinstance(records, list) and records else None
    if isinstance(first, Mapping) and first.get("eventSource") == "aws:sqs":
        return _each_message(event, context)
    notify(event, _notifier(), _seconds_left(context))
    return None


def _decide(event: FileEvent | OtherEvent, notifier: Notifier, seconds_left: float, notified: set[str]) -> str:
    if isinstance(event, OtherEvent):
        logger.info("unmatched", event_name=event.name)
        return "unmatched"
    decision = "duplicate" if event.identity in notified else notifier.notify(event, seconds_left=seconds_left)
    notified.add(event.identity)
    logger.info(decision, file_id=event.file_id, event_name=event.name, sequencer=event.sequencer)
    return decision


def _each_message(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A message that fails stays in its queue, alone; the others are done."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    notified: set[str] = set()

    def one(record: SQSRecord) -> None:
        notify({"Records": [record.raw_event]}, _notifier(), _seconds_left(context), notified)

    processor = BatchProcessor(event_type=EventType.SQS)
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)


def _count(counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()


def _seconds_left(context: LambdaContext) -> Callable[[], float]:
    return lambda: context.get_remaining_time_in_millis() / 1000


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Nothing that a start makes is garbage: without a pass over all of botocore it takes a fifteenth less."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # later passes need not look at it either
        gc.enable()


@cache
@_collecting_later()
def _notifier() -> Notifier:
    topic_arn, table = os.environ["TOPIC_ARN"], os.environ.get("TABLE_NAME")
    sns = boto3.client("sns", config=_CLIENT)
    rules = rules_of(json.loads(RULES.read_text()))

    def publish(notification: Notification) -> None:
        sns.publish(**notification.publish_request(topic_arn))
        notified = mails(rule for rule in rules if rule.name in notification.attributes["deliver"])
        if notified:  # counted with the decisions
            metrics.add_metric(name="MailsAtOnce", unit=MetricUnit.Count, value=notified)

    notifier = Notifier(rules=rules, partition=topic_arn.split(":")[1], publish=publish)
    if table is None:
        return notifier
    from handlers.data.catalogue import Catalogue  # late: basic mode starts faster without
    from handlers.data.storm_guard import StormGuard

    dynamodb = boto3.client("dynamodb", config=_CLIENT)
    return replace(
        notifier,
        page=os.environ["PAGE_URL"],
        catalogue=Catalogue(dynamodb, table),
        guard=StormGuard(dynamodb, table, int(os.environ["MAILS_PER_MINUTE"])),
    )
