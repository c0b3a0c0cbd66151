"""Lambda entry point: publishes one notification for each S3 event, or raises so that Lambda retries and dead-letters.

Environment: TOPIC_ARN; in advanced mode also TABLE_NAME, MAILS_PER_MINUTE and PAGE_URL; in basic mode, if a rule
expects files, also SOURCES (JSON: a list of {bucket, region, prefixes}). The rules are in rules.json, beside the code.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from domain.counters import COUNTED_AS, MAILS_AT_ONCE, RECEIVED
from domain.envelopes import is_sqs_batch, raw_records
from domain.events import FileEvent, OtherEvent
from domain.rules import RULES_FILE, rules_of
from domain.s3_events import file_event
from handlers.logic.notifier import Notifier
from handlers.logic.publisher import Publisher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.logic.overdue import Overdue

RULES = Path(__file__).parents[1] / RULES_FILE

# An attempt that hangs must leave time for the next one within the function's timeout. What botocore checks in our own
# requests, and the User-Agent that it composes twice for each of them, took a fifth of an event.
_CLIENT = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent="file-notifications",
    parameter_validation=False,
)

logger = Logger()
metrics = Metrics()


def handler(event: Any, context: LambdaContext) -> PartialItemFailureResponse | None:
    """Takes events from S3, SNS, EventBridge, and from an SQS queue that was placed between bucket and function."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    if is_sqs_batch(event):
        return _notify_of_messages(event, context)
    notify(event, _notifier(), _seconds_left(context))
    return None


def notify(event: object, notifier: Notifier, seconds_left: Callable[[], float], done: set[str] | None = None) -> None:
    """Decide every record of one event. `done` are the identities of events that this invocation decided before.

    Records after a failed one are tried as well. Raises ExceptionGroup if any failed: Lambda invokes the function again
    with the whole event, twice, and then sends it to the failed-events queue.
    """
    records = raw_records(event)
    # One timestamp for all counters of an invocation: what was received and its outcomes belong to the same minute.
    metrics.set_timestamp(int(time.time() * 1000))
    _count({RECEIVED: len(records)})  # before the work: events that a crash leaves without an outcome show as a gap
    outcomes: Counter[str] = Counter()
    failures: list[Exception] = []
    done = set() if done is None else done
    for raw in records:
        read: FileEvent | OtherEvent | None = None
        try:
            read = file_event(raw)
            decision = _decide(read, notifier, seconds_left(), done)
        except Exception as failure:
            logger.exception("failed", file_id=read.file_id if isinstance(read, FileEvent) else None, record=raw)
            decision = "failed"
            failures.append(failure)
        outcomes[COUNTED_AS[decision]] += 1
    _count(outcomes)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(records)} records failed", failures)


def _decide(event: FileEvent | OtherEvent, notifier: Notifier, seconds_left: float, done: set[str]) -> str:
    if isinstance(event, OtherEvent):
        logger.info("unmatched", event_name=event.name)
        return "unmatched"
    decision = "duplicate" if event.identity in done else notifier.notify(event, seconds_left=seconds_left)
    done.add(event.identity)
    logger.info(decision, file_id=event.file_id, event_name=event.name, sequencer=event.sequencer)
    return decision


def _notify_of_messages(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Only the messages that failed stay in their queue."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    done: set[str] = set()

    def notify_of(record: SQSRecord) -> None:
        notify({"Records": [record.raw_event]}, _notifier(), _seconds_left(context), done)

    processor = BatchProcessor(event_type=EventType.SQS)
    return process_partial_response(event=event, record_handler=notify_of, processor=processor, context=context)


def _count(counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()


def _count_mails(count: int) -> None:
    metrics.add_metric(name=MAILS_AT_ONCE[1], unit=MetricUnit.Count, value=count)  # flushed with the outcomes


def _encode_once(params: dict[str, Any], **_: object) -> None:
    """botocore encodes a form to sign it, and again to send it; of 2 KB of text each takes a tenth of an event.

    boto3 is the runtime's, and may come to send something else than a form, as it did to SQS.
    """
    if isinstance(params["body"], dict):
        params["body"] = urlencode(params["body"])


def _seconds_left(context: LambdaContext) -> Callable[[], float]:
    return lambda: context.get_remaining_time_in_millis() / 1000


@cache
def _notifier() -> Notifier:
    topic_arn, table = os.environ["TOPIC_ARN"], os.environ.get("TABLE_NAME")
    sns = boto3.client("sns", config=_CLIENT)
    sns.meta.events.register("before-call.sns.Publish", _encode_once)
    rules = rules_of(json.loads(RULES.read_text()))

    publish = Publisher(sns=sns, topic_arn=topic_arn, rules=rules, count_mails=_count_mails)
    notifier = Notifier(rules=rules, partition=topic_arn.split(":")[1], publish=publish)
    if any(rule.expect for rule in rules):
        notifier = replace(notifier, annotate=_overdue(table).annotate)
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


def _overdue(table: str | None) -> Overdue:
    """Advanced mode reads what the watcher found out; basic mode, which remembers nothing, asks S3 again."""
    from handlers.logic.overdue import Overdue, as_listed, as_recorded  # late: most stacks expect nothing

    if table is not None:
        from handlers.data.verdicts import Verdicts

        return Overdue(arrived=as_recorded(Verdicts(boto3.client("dynamodb", config=_CLIENT), table)), logger=logger)
    from handlers.data.arrivals import Arrivals, sources_of

    sources = sources_of(os.environ["SOURCES"], lambda region: boto3.client("s3", region_name=region, config=_CLIENT))
    return Overdue(arrived=as_listed(Arrivals(sources=sources)), logger=logger)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # on Lambda, not where tests put clients of their own
    _notifier()  # while the environment starts: the first event need not wait for it
