"""Everything one region needs: an upload goes in, a notification comes out."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from components.bucket_notifications import S3_EVENTS, BucketNotifications
from components.catalogue import Catalogue
from components.catalogue_replica import CatalogueReplica
from components.dead_letter_queue import DeadLetterQueue
from components.digest import Digest
from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.notification_topic import NotificationTopic
from components.settings import Settings
from components.subscribed_queue import SubscribedQueue
from components.upload_bucket import UploadBucket
from components.work_queue import WorkQueue


class UploadPipeline(pulumi.ComponentResource):
    """S3 → Lambda → SNS; with a catalogue also the work queue and the digests.

    Makes: bucket, topic with its subscriptions, layer, notify function, failed-events queue, bucket notification.
    Guarantees: an event that could not be told is in `failed_events`, a notification that could not be delivered in
    `topic.undelivered`. What basic mode makes is the same with a catalogue: switching only adds.
    """

    region: pulumi.Output[str]
    bucket: UploadBucket
    topic: NotificationTopic
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
        catalogue: Catalogue | CatalogueReplica | None,
        page_url: pulumi.Input[str] = "",
        home: UploadPipeline | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """With a catalogue, `page_url` is where the web interface is.

        A pipeline for another region than the stack's own is told of the one there, its `home`. It takes its region's
        provider from `opts`, and is named `name_in(home's name, region)`.
        """
        super().__init__("file-notifications:components:UploadPipeline", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        self.bucket = UploadBucket(f"{name}-uploads", protect=settings.protect_data, opts=child)
        others = () if home else settings.replica_regions
        self.topic = NotificationTopic(
            f"{name}-notifications",
            recipients=settings.recipients,
            region=self.region,
            home=home.topic if home else None,
            elsewhere={other: f"{name_in(name, other)}-notifications" for other in others},
            opts=child,
        )
        self.failed_events = DeadLetterQueue(f"{name}-failed-events", opts=child)
        self.layer = HandlersLayer(f"{name}-layer", bytecode=settings.bytecode, opts=child)
        rules = rules_json(settings)
        environment: dict[str, pulumi.Input[str]] = {"TOPIC_ARN": self.topic.arn}
        allow = [self.topic.allow_publish()]
        if catalogue is not None:
            environment["TABLE_NAME"] = catalogue.table_name
            environment["MAILS_PER_MINUTE"] = str(settings.mails_per_minute)
            environment["PAGE_URL"] = page_url
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
                page_url=page_url,
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
        wanted = {action for rule in settings.all_rules for action in rule.events}
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
    def work_queue(self) -> SubscribedQueue:
        """Where its files wait to be looked into; there is one wherever there is a catalogue."""
        if self.work is None:
            raise ValueError("a pipeline without a catalogue looks into no file")
        return self.work.work

    @property
    def outputs(self) -> dict[str, pulumi.Input[str]]:
        """Where everything is, by the names of the stack's outputs."""
        found: dict[str, pulumi.Input[str]] = {
            "bucketName": self.bucket.bucket_name,
            "topicArn": self.topic.arn,
            "failedEventsQueueUrl": self.failed_events.url,
            "undeliveredQueueUrl": self.topic.undelivered.url,
            "notifyFunctionName": self.notify.function_name,
        }
        if self.work is not None:
            found["workQueueUrl"] = self.work.work.url
            found["workDeadLettersUrl"] = self.work.work.dead_letters.url
        if self.digest is not None:
            found["digestQueueUrl"] = self.digest.waiting.url
            found["digestDeadLettersUrl"] = self.digest.waiting.dead_letters.url
            found["digestFunctionName"] = self.digest.function.function_name
        return found

    @property
    def dead_letters(self) -> dict[str, tuple[DeadLetterQueue, str]]:
        """The queues that keep failures in both modes, by the name of their alarm, with what a message in it means."""
        return {
            "failed-events": (self.failed_events, "File events could not be told after three attempts."),
            "undelivered": (self.topic.undelivered, "SNS could not deliver notifications to a recipient."),
        }


def name_in(name: str, region: str) -> str:
    """What a part of the system is called in another region."""
    return f"{name}-{region}"


def rules_json(settings: Settings) -> str:
    """The rules as the functions read them."""
    return json.dumps([rule.as_json() for rule in settings.all_rules], ensure_ascii=False, sort_keys=True)
