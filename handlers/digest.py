"""Lambda entry point: on a schedule, publishes one notification for each rule that has files in the digest queue.

Environment: TOPIC_ARN, QUEUE_URL, PAGE_URL. The rules are in rules.json, beside the code.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from domain.rules import RULES_FILE, rules_of
from handlers.data.digest_queue import DigestQueue
from handlers.logic.digester import Digester
from handlers.logic.publisher import Publisher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})

RULES = Path(__file__).parents[1] / RULES_FILE

logger = Logger()
metrics = Metrics()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - the schedule's input is empty
    """Returns how many digests were published, and how many files they list, for manual invocations."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    _count_mails(0)  # so that an invocation without a digest shows in the metric as well
    try:
        counts = _digester().run(lambda: context.get_remaining_time_in_millis() / 1000)
    finally:
        metrics.flush_metrics()
    return {"digests": counts["Digests"], "files": counts["Digested"]}


@cache
def _digester() -> Digester:
    topic_arn = os.environ["TOPIC_ARN"]
    rules = rules_of(json.loads(RULES.read_text()))
    sns = boto3.client("sns", config=_CLIENT)
    return Digester(
        queue=DigestQueue(client=boto3.client("sqs", config=_CLIENT), url=os.environ["QUEUE_URL"], logger=logger),
        logger=logger,
        rules={rule.name: rule for rule in rules},
        partition=topic_arn.split(":")[1],
        page=os.environ["PAGE_URL"],
        publish=Publisher(sns=sns, topic_arn=topic_arn, rules=rules, count_mails=_count_mails),
    )


def _count_mails(count: int) -> None:
    metrics.add_metric(name="MailsInDigests", unit=MetricUnit.Count, value=count)
