"""The notify function, and the events of buckets that it receives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.bucket_notifications import BucketNotifications
from components.catalogue_replica import RegionalCatalogue
from components.handler_function import FunctionArgs, HandlerFunction
from components.intake import Intake
from components.settings import Settings
from components.statements import Allow


@dataclass(frozen=True, kw_only=True)
class NotifierArgs:
    """A notify function that follows the rules and remembers nothing."""

    intake: Intake
    settings: Settings

    @property
    def environment(self) -> Mapping[str, pulumi.Input[str]]:
        """Where it publishes; if a rule expects files, also where it looks for what had arrived."""
        sources = {"SOURCES": pulumi.Output.json_dumps(self.intake.sources())} if self._asks_s3 else {}
        return {"TOPIC_ARN": self.intake.topic.arn, **sources}

    @property
    def allow(self) -> Sequence[Allow]:
        """What its role may do."""
        listing = self.intake.allow_list_versions() if self._asks_s3 else []
        return [self.intake.topic.allow_publish(), *listing]

    @property
    def _asks_s3(self) -> bool:
        """Whether it asks S3 if a file was expected earlier: what the catalogue knows where there is one."""
        return self.settings.expects_files


@dataclass(frozen=True, kw_only=True)
class CataloguedNotifierArgs(NotifierArgs):
    """One that also keeps the catalogue: no event is notified twice, storms become digests, mails link to the page."""

    catalogue: RegionalCatalogue
    page_url: pulumi.Input[str]

    @property
    def _asks_s3(self) -> bool:
        return False

    @property
    def environment(self) -> Mapping[str, pulumi.Input[str]]:
        """Also the table, the page, and from how many mails a minute on it is a storm."""
        return {
            **super().environment,
            "TABLE_NAME": self.catalogue.name,
            "MAILS_PER_MINUTE": str(self.settings.mails_per_minute),
            "PAGE_URL": self.page_url,
        }

    @property
    def allow(self) -> Sequence[Allow]:
        """Also to write to the catalogue."""
        return [*super().allow, self.catalogue.allow_write()]


class Notifier(pulumi.ComponentResource):
    """From the buckets' events to the topic.

    Makes: the notify function with its on-failure destination, our own bucket's one notification configuration, the
    targets of the rules on existing buckets.
    Guarantees: an event that could not be processed after all attempts is in the intake's `failed_events`.
    """

    function: HandlerFunction
    bucket_events: BucketNotifications | None
    """Our own bucket's, if there is one."""

    def __init__(self, name: str, args: NotifierArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Notifier", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.function = HandlerFunction(
            f"{name}-notify",
            FunctionArgs(
                handler="handlers.notify.handler",
                description="Notifies the recipients of each file event",
                defaults=args.intake.function_defaults,
                environment=args.environment,
                files=args.intake.rules,
                allow=args.allow,
                failed_events=args.intake.failed_events,
            ),
            opts=child,
        )
        self.bucket_events = None
        if args.intake.bucket:
            self.bucket_events = BucketNotifications(
                f"{name}-events",
                bucket=args.intake.bucket,
                function=self.function,
                actions=args.settings.actions,
                eventbridge=args.settings.scan != "off",  # by which the scanner learns of uploads
                opts=child,
            )
        for bucket in args.intake.existing:
            bucket.deliver(self.function, args.intake.failed_events)
        self.register_outputs({"function_name": self.function.name})
