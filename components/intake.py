"""What every region starts with: an upload goes in, a notification can go out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.dead_letter_queue import DeadLetterQueue, Sender
from components.existing_bucket import ExistingBucket
from components.existing_bucket_settings import WatchedBucket
from components.handler_function import FunctionDefaults
from components.handlers_layer import HandlersLayer
from components.notification_topic import NotificationTopic
from components.settings import Settings
from components.statements import Allow, merged
from components.upload_bucket import UploadBucket
from domain.rules import RULES_FILE
from domain.topology import FAILED_EVENTS, UNDELIVERED, FailureQueue


class Intake(pulumi.ComponentResource):
    """The buckets of a region and its topic, with what the functions between them need.

    Makes: upload bucket, rules on the events of existing buckets, topic, failed-events queue, layer.
    Guarantees: the same in both modes.
    """

    region: pulumi.Output[str]
    bucket: UploadBucket | None
    """Our own, to which the page uploads; None if the stack only watches existing ones."""
    existing: Sequence[ExistingBucket]
    topic: NotificationTopic
    failed_events: DeadLetterQueue
    function_defaults: FunctionDefaults
    rules: Mapping[str, str]
    """The file with the rules, by its name, for functions that follow them."""
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        watched: Sequence[WatchedBucket],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`watched` are the existing buckets of the region."""
        super().__init__("file-notifications:components:Intake", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = None
        if settings.upload_bucket:
            self.bucket = UploadBucket(f"{name}-uploads", protect=settings.protect_data, opts=child)
        self.topic = NotificationTopic(f"{name}-notifications", opts=child)
        self.region = self.topic.region
        self.existing = [ExistingBucket(f"{name}-existing", bucket, settings.actions, opts=child) for bucket in watched]
        rules = [bucket.rule_arn for bucket in self.existing]
        sender = Sender(service="events.amazonaws.com", source_arn=rules) if rules else None
        self.failed_events = DeadLetterQueue(f"{name}-failed-events", sender=sender, opts=child)
        layer = HandlersLayer(
            f"{name}-layer", bytecode=settings.bytecode, time_zones=settings.expects_files, opts=child
        )
        self.function_defaults = FunctionDefaults(layer=layer, log_retention_days=settings.log_retention_days)
        shipped = [rule.as_json() for rule in settings.all_rules]
        self.rules = {RULES_FILE: json.dumps(shipped, ensure_ascii=False, sort_keys=True)}
        self.failure_queues = {FAILED_EVENTS: self.failed_events, UNDELIVERED: self.topic.undelivered}
        own = {"bucket_name": self.bucket.name} if self.bucket else {}
        self.register_outputs({**own, "topic_arn": self.topic.arn})

    def sources(self) -> list[Mapping[str, pulumi.Input[Any]]]:
        """Every bucket with its region and what of it is watched: the SOURCES of a function that lists them."""
        own = [{"bucket": self.bucket.name, "region": self.region, "prefixes": [""]}] if self.bucket else []
        existing = [
            {"bucket": bucket.name, "region": self.region, "prefixes": list(bucket.prefixes)}
            for bucket in self.existing
        ]
        return [*own, *existing]

    def allow_list_versions(self) -> list[Allow]:
        """To list the versions in every bucket, not to read any."""
        own = [self.bucket.allow_list_versions()] if self.bucket else []
        return merged([*own, *(bucket.allow_list_versions() for bucket in self.existing)])

    def allow_read(self) -> list[Allow]:
        """To read the files of every bucket."""
        own = [self.bucket.allow_read()] if self.bucket else []
        return [*own, *merged(allow for bucket in self.existing for allow in bucket.allow_read())]
