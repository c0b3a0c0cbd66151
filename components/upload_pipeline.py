"""Everything one region needs: an upload goes in, a notice comes out."""

from __future__ import annotations

import json

import pulumi

from components.bucket_notifications import S3_EVENTS, BucketNotifications
from components.catalogue import Catalogue
from components.dead_letter_queue import DeadLetterQueue
from components.digest import Digest
from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.notice_topic import NoticeTopic
from components.settings import Settings
from components.upload_bucket import UploadBucket
from components.work_queue import WorkQueue


class UploadPipeline(pulumi.ComponentResource):
    """S3 → Lambda → SNS; with a catalogue also the work queue and the digests.

    Makes: bucket, topic with its subscriptions, layer, notify function, failed-events queue, bucket notification.
    Guarantees: an event that could not be told is in `failed_events`, a notice that could not be delivered in
    `topic.undelivered`. What basic mode makes is the same with a catalogue: switching only adds.
    """

    bucket: UploadBucket
    topic: NoticeTopic
    notify: HandlerFunction
    failed_events: DeadLetterQueue
    layer: HandlersLayer
    work: WorkQueue | None = None
    digest: Digest | None = None

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        catalogue: Catalogue | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:UploadPipeline", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = UploadBucket(f"{name}-uploads", protect=settings.protect_data, opts=child)
        self.topic = NoticeTopic(f"{name}-notices", recipients=settings.recipients, opts=child)
        self.failed_events = DeadLetterQueue(f"{name}-failed-events", opts=child)
        self.layer = HandlersLayer(f"{name}-layer", bytecode=settings.bytecode, opts=child)
        rules = rules_json(settings)
        environment: dict[str, pulumi.Input[str]] = {"TOPIC_ARN": self.topic.arn}
        allow = [self.topic.allow_publish()]
        if catalogue is not None:
            environment["TABLE_NAME"] = catalogue.table_name
            environment["MAILS_PER_MINUTE"] = str(settings.mails_per_minute)
            allow.append(catalogue.allow_write())
            self.work = WorkQueue(
                f"{name}-work",
                topic=self.topic,
                bucket=self.bucket,
                catalogue=catalogue,
                layer=self.layer,
                log_retention_days=settings.log_retention_days,
                opts=child,
            )
            self.digest = Digest(
                f"{name}-digest",
                topic=self.topic,
                minutes=settings.digest_minutes,
                rules_json=rules,
                layer=self.layer,
                log_retention_days=settings.log_retention_days,
                opts=child,
            )
        self.notify = HandlerFunction(
            f"{name}-notify",
            FunctionArgs(
                handler="handlers.notify.handler",
                description="Tells the right people about each file event",
                layer=self.layer,
                log_retention_days=settings.log_retention_days,
                environment=environment,
                files={"rules.json": rules},
                allow=allow,
                failed_events=self.failed_events,
            ),
            opts=child,
        )
        wanted = {action for rule in settings.notice_rules for action in rule.events}
        if catalogue is not None:
            wanted |= {"created", "removed"}  # the catalogue follows the bucket, whatever the rules say
        BucketNotifications(
            f"{name}-events",
            bucket=self.bucket,
            function=self.notify,
            actions=[action for action in S3_EVENTS if action in wanted],
            opts=child,
        )
        self.register_outputs({"bucket_name": self.bucket.bucket_name, "topic_arn": self.topic.arn})

    @property
    def dead_letters(self) -> dict[str, tuple[DeadLetterQueue, str]]:
        """The queues that keep failures in both modes, by the name of their alarm, with what a message in it means."""
        return {
            "failed-events": (self.failed_events, "File events could not be told after three attempts."),
            "undelivered": (self.topic.undelivered, "SNS could not deliver notices to a recipient."),
        }


def rules_json(settings: Settings) -> str:
    """The rules as the functions read them."""
    return json.dumps([rule.as_json() for rule in settings.notice_rules], ensure_ascii=False, sort_keys=True)
