"""What every region starts with: an upload goes in, a notification can go out."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi

from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import FunctionDefaults
from components.handlers_layer import HandlersLayer
from components.notification_topic import NotificationTopic
from components.settings import Settings
from components.upload_bucket import UploadBucket
from domain.topology import FAILED_EVENTS, RULES_FILE, UNDELIVERED, FailureQueue


class Intake(pulumi.ComponentResource):
    """The upload bucket of a region and its topic, with what the functions between them need.

    Makes: bucket, topic, failed-events queue, layer.
    Guarantees: the same in both modes.
    """

    region: pulumi.Output[str]
    bucket: UploadBucket
    topic: NotificationTopic
    failed_events: DeadLetterQueue
    function_defaults: FunctionDefaults
    rules: Mapping[str, str]
    """The file with the rules, by its name, for functions that follow them."""
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Intake", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = UploadBucket(f"{name}-uploads", protect=settings.protect_data, opts=child)
        self.topic = NotificationTopic(f"{name}-notifications", opts=child)
        self.region = self.topic.region
        self.failed_events = DeadLetterQueue(f"{name}-failed-events", opts=child)
        layer = HandlersLayer(f"{name}-layer", bytecode=settings.bytecode, opts=child)
        self.function_defaults = FunctionDefaults(layer=layer, log_retention_days=settings.log_retention_days)
        rules = [rule.as_json() for rule in settings.all_rules]
        self.rules = {RULES_FILE: json.dumps(rules, ensure_ascii=False, sort_keys=True)}
        self.failure_queues = {FAILED_EVENTS: self.failed_events, UNDELIVERED: self.topic.undelivered}
        self.register_outputs({"bucket_name": self.bucket.name, "topic_arn": self.topic.arn})
