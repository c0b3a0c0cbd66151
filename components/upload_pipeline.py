"""Everything one region needs: an upload goes in, a notice comes out."""

from __future__ import annotations

import json

import pulumi

from components.bucket_notifications import S3_EVENTS, BucketNotifications
from components.dead_letter_queue import DeadLetterQueue
from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.notice_topic import NoticeTopic
from components.settings import Settings
from components.upload_bucket import UploadBucket


class UploadPipeline(pulumi.ComponentResource):
    """S3 → Lambda → SNS.

    Makes: bucket, topic with its subscriptions, layer, notify function, failed-events queue, bucket notification.
    Guarantees: an event that could not be told is in `failed_events`, a notice that could not be delivered in
    `topic.undelivered`.
    """

    bucket: UploadBucket
    topic: NoticeTopic
    notify: HandlerFunction
    failed_events: DeadLetterQueue

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:UploadPipeline", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = UploadBucket(f"{name}-uploads", protect=settings.protect_data, opts=child)
        self.topic = NoticeTopic(f"{name}-notices", recipients=settings.recipients, opts=child)
        self.failed_events = DeadLetterQueue(f"{name}-failed-events", opts=child)
        layer = HandlersLayer(f"{name}-layer", opts=child)
        self.notify = HandlerFunction(
            f"{name}-notify",
            FunctionArgs(
                handler="handlers.notify.handler",
                description="Tells the right people about each file event",
                layer_arn=layer.arn,
                log_retention_days=settings.log_retention_days,
                environment={"TOPIC_ARN": self.topic.arn},
                files={"rules.json": rules_json(settings)},
                allow=[self.topic.allow_publish()],
                failed_events=self.failed_events,
            ),
            opts=child,
        )
        wanted = {action for rule in settings.notice_rules for action in rule.events}
        BucketNotifications(
            f"{name}-events",
            bucket=self.bucket,
            function=self.notify,
            actions=[action for action in S3_EVENTS if action in wanted],
            opts=child,
        )
        self.register_outputs({"bucket_name": self.bucket.bucket_name, "topic_arn": self.topic.arn})


def rules_json(settings: Settings) -> str:
    """The rules as notify reads them."""
    return json.dumps([rule.as_json() for rule in settings.notice_rules], ensure_ascii=False, sort_keys=True)
