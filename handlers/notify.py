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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent, OtherEvent, file_event, raw_records
from domain.notifications import Late, Notice, Routing, upload_notice
from domain.rules import RULES_FILE, Rule, load_rules, mails, matching

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.data.catalogue import Catalogue, Claim
    from handlers.data.items import Told
    from handlers.data.storm_guard import StormGuard

# An attempt that hangs must leave time for the next one within the function's timeout.
_CLIENT = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

LEASE_MARGIN_SECONDS = 2.0  # for clocks that differ

Decision = Literal["published", "late", "unmatched", "duplicate"]
_COUNTED_AS = {"late": "published"}
"""A late event is published once, as late; only the line in the log tells the two apart."""

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Decides what becomes of each event. `publish` delivers one notice or raises.

    Advanced mode remembers: with a catalogue, an event is told once however often it comes; with a guard, storms wait
    for a digest. Basic mode has neither.
    """

    rules: Sequence[Rule]
    partition: str
    publish: Callable[[Notice], object]
    page: str = ""
    catalogue: Catalogue | None = None
    guard: StormGuard | None = None

    def tell(self, event: FileEvent, *, seconds_left: float) -> Decision:
        """Tell one event, within `seconds_left`. Returns what was decided; raises if it could not be told."""
        rules = matching(self.rules, event)
        # A folder's marker has no row. What is removed says no size: it may have been a file with such a name.
        no_row = event.is_folder_marker and event.action != "removed" and not rules
        if self.catalogue is None or no_row:
            if rules:
                self._publish(event, rules, late=None)
            return "published" if rules else "unmatched"
        # Nobody else may tell it before this function has ended, one way or the other.
        claim = self.catalogue.claim(event, lease_seconds=seconds_left + LEASE_MARGIN_SECONDS)
        if claim.outcome == "duplicate":
            return "duplicate"
        late: Late | None = None
        if claim.outcome == "late":
            late = "removed" if claim.now_removed else "replaced"
        try:
            # Also without a rule: the work queue looks into every created file.
            told = self._publish(event, rules, late=late) if rules or event.action == "created" else "none"
        except Exception as failure:
            self._release(claim, failure)
            raise
        self.catalogue.mark(claim, told=told)
        if not rules:
            return "unmatched"
        return "late" if late else "published"

    def _publish(self, event: FileEvent, rules: Sequence[Rule], *, late: Late | None) -> Told:
        routing = self._route([rule for rule in rules if rule.tells_people])
        notice = upload_notice(event, rules, routing, partition=self.partition, page=self.page, late=late)
        self.publish(notice)
        if routing.deliver:
            return "immediate"
        return "digest" if routing.digest else "none"

    def _route(self, rules: Sequence[Rule]) -> Routing:
        """Whom to tell at once. Only rules with delivery auto count towards a storm, and all of them turn together."""
        if self.guard is None:
            return Routing(deliver=tuple(rule.name for rule in rules))
        storm = any(rule.delivery == "auto" for rule in rules) and self.guard.is_storm()
        waiting = {"digest", "auto"} if storm else {"digest"}
        return Routing(
            deliver=tuple(rule.name for rule in rules if rule.delivery not in waiting),
            digest=tuple(rule.name for rule in rules if rule.delivery in waiting),
        )

    def _release(self, claim: Claim, failure: Exception) -> None:
        if self.catalogue is None:
            return
        try:
            self.catalogue.release(claim)
        except (ClientError, BotoCoreError) as error:  # the failure itself is raised; the lease ends by itself
            failure.add_note(f"its lease could not be given back: {error}")


def notify(event: object, notifier: Notifier, seconds_left: Callable[[], float], told: set[str] | None = None) -> None:
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
    told = set() if told is None else told
    for raw in records:
        read: FileEvent | OtherEvent | None = None
        try:
            read = file_event(raw)
            decision = _decide(read, notifier, seconds_left(), told)
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


def _decide(event: FileEvent | OtherEvent, notifier: Notifier, seconds_left: float, told: set[str]) -> str:
    if isinstance(event, OtherEvent):
        logger.info("unmatched", event_name=event.name)
        return "unmatched"
    decision = "duplicate" if event.identity in told else notifier.tell(event, seconds_left=seconds_left)
    told.add(event.identity)
    logger.info(decision, file_id=event.file_id, event_name=event.name, sequencer=event.sequencer)
    return decision


def _each_message(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """A message that fails stays in its queue, alone; the others are done."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    told: set[str] = set()

    def one(record: SQSRecord) -> None:
        notify({"Records": [record.raw_event]}, _notifier(), _seconds_left(context), told)

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
    rules = load_rules(json.loads(RULES_FILE.read_text()))

    def publish(notice: Notice) -> None:
        sns.publish(**notice.publish_request(topic_arn))
        told = mails(rule for rule in rules if rule.name in notice.attributes["deliver"])
        if told:  # counted with the decisions
            metrics.add_metric(name="MailsAtOnce", unit=MetricUnit.Count, value=told)

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
