"""One deployed stack: each part is read when it is first needed, and once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from domain.rules import Rule
from handlers.data.listing import Listing
from ops.aws import if_there
from ops.errors import OpsError
from ops.reading.functions import Function, function, schedules_of, shipped_rules
from ops.reading.queues import Queue, queue
from ops.reading.subscriptions import Subscription, subscriptions
from ops.stack import Stack


@dataclass
class Deployed:
    """Reads each part on first access. What does not exist is None."""

    stack: Stack

    @cached_property
    def notify(self) -> Function | None:
        """The function that S3 invokes."""
        return function(self.stack.aws.lambda_, self.stack["notifyFunctionName"])

    @cached_property
    def digest(self) -> Function | None:
        """The function that sends digests; None in mode basic as well."""
        name = self.stack.get("digestFunctionName")
        return function(self.stack.aws.lambda_, name) if name else None

    @cached_property
    def process(self) -> Function | None:
        """The function that reads the work queue, found by its event source mapping."""
        mappings = self.work_mappings
        return function(self.stack.aws.lambda_, mappings[0]["FunctionArn"]) if mappings else None

    @cached_property
    def work_mappings(self) -> list[Any]:
        """The event source mappings of the work queue: one, as deployed."""
        work = self.queue("workQueueUrl")
        return [] if work is None else self.mappings(work.arn)

    def mappings(self, queue_arn: str) -> list[Any]:
        """The event source mappings of a queue."""
        pages = self.stack.aws.lambda_.get_paginator("list_event_source_mappings").paginate(EventSourceArn=queue_arn)
        return [mapping for page in pages for mapping in page["EventSourceMappings"]]

    @cached_property
    def schedules(self) -> list[Any]:
        """The schedules that invoke the digest function."""
        return schedules_of(self.stack.aws.scheduler, self.digest.arn) if self.digest else []

    @property
    def digest_interval(self) -> timedelta | None:
        """The time from one digest to the next; None if no schedule has the form that this program deploys."""
        expression = self.schedules[0]["ScheduleExpression"] if self.schedules else ""
        rate = re.fullmatch(r"rate\((\d+) minutes?\)", expression)
        return timedelta(minutes=int(rate[1])) if rate else None

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that notify applies. Raises OpsError if they cannot be read."""
        if self.notify is None:
            raise OpsError(f"the function {self.stack['notifyFunctionName']} does not exist", self.stack.repair_command)
        return shipped_rules(self.notify)

    @cached_property
    def subscriptions(self) -> list[Subscription] | None:
        """The subscriptions of the notification topic; None if the topic does not exist."""
        return subscriptions(self.stack.aws.sns, self.stack["topicArn"])

    @cached_property
    def alarm_subscriptions(self) -> list[Subscription] | None:
        """The subscriptions of the alarm topic; None if the topic does not exist."""
        return subscriptions(self.stack.aws.sns, self.stack["alarmTopicArn"])

    @cached_property
    def table(self) -> Any:
        """DynamoDB's description of the catalogue's table; None if it does not exist."""
        answer = if_there(self.stack.aws.dynamodb.describe_table, TableName=self.stack["tableName"])
        return answer and answer["Table"]

    @cached_property
    def listing(self) -> Listing:
        """The catalogue's items, newest first or by prefix, of all regions."""
        return Listing(
            dynamodb=self.stack.aws.dynamodb,
            table=self.stack["tableName"],
            buckets={bucket: aws.s3 for bucket, aws in self.stack.buckets.items()},
            prefixes={bucket.name: bucket.prefixes for bucket in self.stack.whole.existing},
        )

    @property
    def chat_queue(self) -> str:
        """The ARN of the chat queue; empty if there is none."""
        queue = self.queue("chatQueueUrl")
        return queue.arn if queue else ""

    @cached_property
    def chat(self) -> Function | None:
        """The function that posts to chat channels; None if no channel is named."""
        name = self.stack.get("chatFunctionName")
        return function(self.stack.aws.lambda_, name) if name else None

    def queue(self, output: str) -> Queue | None:
        """The queue whose URL an output holds, as first read; None if it does not exist."""
        if output not in self._queues:
            url = self.stack.get(output)
            self._queues[output] = queue(self.stack.aws.sqs, url) if url else None
        return self._queues[output]

    @cached_property
    def _queues(self) -> dict[str, Queue | None]:
        return {}

    @property
    def name(self) -> str:
        """`<project>/<stack>`, the namespace of the functions' metrics."""
        namespace = self.notify.metrics_namespace if self.notify else ""
        return namespace or "file-notifications"
