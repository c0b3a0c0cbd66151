"""Lambda entry point: at the end of a window, looks whether the files that a rule expects have arrived.

Environment: TOPIC_ARN, SOURCES (JSON: a list of {bucket, region, prefixes}); in advanced mode also TABLE_NAME. The
rules are in rules.json, beside the code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from domain.notifications import Notification
from domain.rules import RULES_FILE, rules_of
from handlers.data.arrivals import Arrivals, sources_of
from handlers.data.verdicts import Verdicts
from handlers.logic.watcher import Outcome, SmallMemory, Watcher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

RULES = Path(__file__).parents[1] / RULES_FILE

logger = Logger()


class Invocation(TypedDict):
    """What the schedules send. `rule` is None for the sweep; `scheduledTime` is the time that was meant."""

    rule: str | None
    scheduledTime: str


class Answer(TypedDict):
    """The outcomes of the windows that were looked at, for manual invocations."""

    outcomes: list[Outcome]


def handler(event: Invocation, context: LambdaContext) -> Answer:
    """Looks at the window that ends at the scheduled time, or at those that clocks skipped since the last sweep."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    scheduled = datetime.fromisoformat(event["scheduledTime"])

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    try:
        return {"outcomes": _outcomes(event["rule"], scheduled, seconds_left)}
    except Exception:
        logger.exception("failed", rule=event["rule"], scheduled=event["scheduledTime"])
        raise


def _outcomes(rule: str | None, scheduled: datetime, seconds_left: Callable[[], float]) -> list[Outcome]:
    if rule is None:
        return _watcher().sweep(scheduled, seconds_left)
    outcome = _watcher().check(rule, scheduled, seconds_left)
    return [outcome] if outcome else []


@cache
def _watcher() -> Watcher:
    topic_arn, table = os.environ["TOPIC_ARN"], os.environ.get("TABLE_NAME")
    sns = boto3.client("sns", config=_CLIENT)

    def publish(notification: Notification) -> None:
        sns.publish(**notification.publish_request(topic_arn))

    return Watcher(
        rules=rules_of(json.loads(RULES.read_text())),
        arrivals=Arrivals(
            sources=sources_of(
                os.environ["SOURCES"], lambda region: boto3.client("s3", region_name=region, config=_CLIENT)
            )
        ),
        memory=Verdicts(boto3.client("dynamodb", config=_CLIENT), table) if table else SmallMemory(),
        publish=publish,
        logger=logger,
    )
