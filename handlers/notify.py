"""Entry: S3 hands over events, this function tells each one once, or raises so that Lambda keeps it.

Environment: TOPIC_ARN. The rules lie beside the code, in rules.json.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from handlers.notices import Notice, upload_notice
from handlers.rules import Rule, load_rules, matching
from handlers.s3_events import FileEvent, OtherEvent, file_event, raw_records

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

RULES_FILE = Path(__file__).parents[1] / "rules.json"

# An attempt that hangs must leave time for the next one within the function's timeout.
_CLIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Decides what becomes of each event. `publish` delivers one notice or raises."""

    rules: Sequence[Rule]
    partition: str
    publish: Callable[[Notice], object]

    def tell(self, event: FileEvent) -> str:
        """Tell one event. Returns what was decided: published or unmatched."""
        rules = matching(self.rules, event)
        if not rules:
            return "unmatched"
        self.publish(upload_notice(event, rules, partition=self.partition))
        return "published"


def notify(event: object, notifier: Notifier) -> None:
    """Tell everything in one invocation's event.

    Every record is tried, also after one has failed. Raises ExceptionGroup if any failed: Lambda tries the event
    again, twice, and then keeps it, whole, in the failed-events queue.
    """
    records = raw_records(event)
    _count({"Received": len(records)})  # before the work: what a crash leaves untold shows as a gap
    decisions: Counter[str] = Counter()
    failures: list[Exception] = []
    told: set[str] = set()
    for raw in records:
        try:
            decision = _decide(raw, notifier, told)
        except Exception as failure:
            logger.exception("failed", record=raw)
            decision = "failed"
            failures.append(failure)
        decisions[decision.capitalize()] += 1
    _count(decisions)
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(records)} records could not be told", failures)


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse | None:
    """For S3, SNS and EventBridge, and for a queue that a person put between the bucket and this function."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    records = event.get("Records")
    if isinstance(records, list) and records and records[0].get("eventSource") == "aws:sqs":
        return _each_message(event, context)
    notify(event, _notifier())
    return None


def _decide(raw: Mapping[str, Any], notifier: Notifier, told: set[str]) -> str:
    event = file_event(raw)
    if isinstance(event, OtherEvent):
        logger.info("unmatched", event_name=event.name)
        return "unmatched"
    decision = "duplicate" if event.identity in told else notifier.tell(event)
    told.add(event.identity)
    logger.info(decision, file_id=event.file_id, event_name=event.name, sequencer=event.sequencer)
    return decision


def _each_message(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A message that fails stays in its queue, alone; the others are done."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    def one(record: SQSRecord) -> None:
        notify({"Records": [record.raw_event]}, _notifier())

    processor = BatchProcessor(event_type=EventType.SQS)
    return process_partial_response(event=event, record_handler=one, processor=processor, context=context)


def _count(counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if counts:
        metrics.flush_metrics()


@cache
def _notifier() -> Notifier:
    topic_arn = os.environ["TOPIC_ARN"]
    sns = boto3.client("sns", config=_CLIENT)
    return Notifier(
        rules=load_rules(json.loads(RULES_FILE.read_text())),
        partition=topic_arn.split(":")[1],
        publish=lambda notice: sns.publish(**notice.publish_request(topic_arn)),
    )
