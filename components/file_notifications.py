"""The whole system: the only place that reads settings.mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.alarms import AlarmArgs
from components.audit_log import AuditLog
from components.catalogue import Catalogue
from components.catalogue_replica import CatalogueReplica, RegionalCatalogue
from components.chat import Chat, chat_of
from components.company_sign_in import CompanySignIn, groups_function
from components.dead_letter_queue import DeadLetterQueue
from components.digest import Digest, DigestArgs
from components.expectations import CataloguedExpectationsArgs, Expectations, ExpectationsArgs, watcher_alarm
from components.failure_alarms import FailureAlarms, FailureAlarmsArgs
from components.file_processing import FileProcessing
from components.files_api import FilesApi, FilesApiArgs
from components.handler_function import HandlerFunction
from components.intake import Intake
from components.labels import name_of_stack
from components.located import kept, located
from components.monitoring import Monitoring, MonitoringArgs
from components.notifier import CataloguedNotifierArgs, Notifier, NotifierArgs
from components.outputs import Outputs
from components.recipient_queues import RecipientQueues
from components.regional_provider import regional_provider
from components.roles import bounded
from components.settings import Settings
from components.user_pool import OWN_USERS, UserPool
from components.web_app import WebApp, WebAppArgs, built_files
from domain.access import EVERYONE
from domain.topology import FailureQueue, recipients


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where a part of the system is: the beginning of its resources' names, how they are made, the catalogue there."""

    name: str
    opts: pulumi.ResourceOptions
    catalogue: RegionalCatalogue


class FileNotifications(pulumi.ComponentResource):
    """The whole system: files arrive in a bucket, their recipients are notified.

    Makes: what notifies, and alarms on what can fail; in advanced mode also the catalogue, processing, digests, the
    sign-in, the API, the page and monitoring. An additional region has a replica of the catalogue, and all but the
    sign-in, the API and the page, which are in the primary region, for all of them.
    Guarantees: `outputs` is all that the operator's commands need. Switching to advanced only adds. A region that comes
    or goes changes nothing of the others but what the API may reach, what the page may show, and which topics
    recipients' queues accept. With a permissions boundary every role has it, whichever component makes the role.
    """

    outputs: Outputs

    def __init__(self, name: str, settings: Settings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        # Before anything is registered: a preview would list every resource before it says what is missing.
        self._site_files = built_files() if settings.mode == "advanced" else {}
        boundary = settings.permissions_boundary
        limits = pulumi.ResourceOptions(transformations=[bounded(boundary)] if boundary else None)
        opts = pulumi.ResourceOptions.merge(opts, limits)
        super().__init__("file-notifications:components:FileNotifications", name, None, opts)
        self._prefix, self._settings, self._child = name, settings, pulumi.ResourceOptions(parent=self)
        self.outputs = self._basic() if settings.mode == "basic" else self._advanced()
        self.register_outputs(dict(self.outputs))

    def _basic(self) -> Outputs:
        """S3 → notify → SNS → recipients."""
        name, settings = self._prefix, self._settings
        intake = Intake(name, settings, watched=settings.existing_buckets, opts=self._child)
        self._subscribe([intake])
        notifier = Notifier(name, NotifierArgs(intake=intake, settings=settings), opts=self._child)
        chat = chat_of(name, settings, intake, opts=self._child)
        failure_queues = {**intake.failure_queues, **(chat.failure_queues if chat else {})}
        stack: Outputs = {"mode": settings.mode, "region": intake.region}
        watching: list[AlarmArgs] = []
        if settings.expects_files:
            args = ExpectationsArgs(settings=settings, intakes=[intake])
            function = Expectations(f"{name}-expect", args, opts=self._child).function
            stack["expectFunctionName"], watching = function.name, [watcher_alarm(function)]
        alarms = self._failure_alarms(name, notifier, intake, failure_queues, self._child, chat=chat, more=watching)
        return stack | located(intake, notifier, alarms, chat) | kept(failure_queues)

    def _advanced(self) -> Outputs:
        """The same with a catalogue; SNS → processing, SNS → digests; page → API → catalogue."""
        name, settings = self._prefix, self._settings
        self._warn_of_unpaced_rules()
        catalogue = Catalogue(f"{name}-catalogue", protect=settings.protect_data, opts=self._child)
        regions = self._regions(catalogue)
        # Existing buckets are the primary region's.
        watched = [settings.existing_buckets, *(() for _ in settings.replica_regions)]
        intakes = [
            Intake(region.name, settings, watched=buckets, opts=region.opts)
            for region, buckets in zip(regions, watched, strict=True)
        ]
        self._subscribe(intakes)
        processing = [
            FileProcessing(
                region.name,
                intake=intake,
                catalogue=region.catalogue,
                scans=settings.scan != "off",
                opts=region.opts,
            )
            for region, intake in zip(regions, intakes, strict=True)
        ]
        users, providers, mapping = self._users(intakes[0])
        audit_log = AuditLog(
            f"{name}-audit",
            retention_days=settings.audit_retention_days,
            protect=settings.protect_data,
            opts=self._child,
        )
        api_args = FilesApiArgs(
            settings=settings, users=users, processing=processing, catalogue=catalogue, audit_log=audit_log
        )
        api = FilesApi(f"{name}-api", api_args, opts=self._child)
        buckets = [intake.bucket for intake in intakes if intake.bucket]
        web_args = WebAppArgs(
            settings=settings, files=self._site_files, users=users, api=api, buckets=buckets, providers=providers
        )
        web = WebApp(f"{name}-web", web_args, opts=self._child)
        stack: Outputs = {
            "mode": settings.mode,
            "region": intakes[0].region,
            "tableName": catalogue.name,
            "apiUrl": api.url,
            "auditLogGroupName": audit_log.name,
            "webUrl": web.url,
            "userPoolId": users.id,
            "userPoolClientId": web.client_id,
            "signInUrl": users.sign_in_url,
            "access": {grant.group: grant.meaning for grant in settings.grants},
        }
        if settings.web_domain:
            stack["webDomainTarget"] = web.domain_target
        only_here = {"api": api.function} | mapping
        if settings.expects_files:
            args = CataloguedExpectationsArgs(settings=settings, intakes=intakes, catalogue=catalogue)
            only_here["expect"] = Expectations(f"{name}-expect", args, opts=self._child).function
            stack["expectFunctionName"] = only_here["expect"].name
        primary, *additional = (
            self._notifying(region, process, web.url, only_here if region is regions[0] else {}, api)
            for region, process in zip(regions, processing, strict=True)
        )
        if additional:
            stack["regions"] = dict(zip(settings.replica_regions, additional, strict=True))
        return stack | primary

    def _users(self, intake: Intake) -> tuple[UserPool, list[pulumi.Input[str]], dict[str, HandlerFunction]]:
        """The user pool, who may say that somebody is signed in, and the function that maps groups, if there is one."""
        name, settings, company = self._prefix, self._settings, self._settings.sign_in
        mapping = None
        if company and company.groups:
            mapping = groups_function(f"{name}-groups", company, intake.function_defaults, opts=self._child)
        groups = [grant.group for grant in settings.grants if grant.group != EVERYONE]
        users = UserPool(f"{name}-users", protect=settings.protect_data, groups=groups, ask=mapping, opts=self._child)
        providers: list[pulumi.Input[str]] = [] if company and not company.own_users else [OWN_USERS]
        if company:
            providers += [CompanySignIn(f"{name}-sign-in", company, users=users, opts=self._child).provider_name]
        return users, providers, {"groups": mapping} if mapping else {}

    def _regions(self, catalogue: Catalogue) -> list[Region]:
        """The primary region, and each additional one with its provider and a replica of the catalogue."""
        regions = [Region(name=self._prefix, opts=self._child, catalogue=catalogue)]
        for region in self._settings.replica_regions:
            name, protect = f"{self._prefix}-{region}", self._settings.protect_data
            provider = regional_provider(f"{name}-provider", region, parent=self)
            opts = pulumi.ResourceOptions(parent=self, providers=[provider])
            replica = CatalogueReplica(f"{name}-catalogue", catalogue=catalogue, protect=protect, opts=opts)
            regions.append(Region(name=name, opts=opts, catalogue=replica))
        return regions

    def _subscribe(self, intakes: Sequence[Intake]) -> None:
        """Recipients' queues accept the topics of all regions; then the recipients are subscribed to each."""
        topics = [intake.topic for intake in intakes]
        everyone = recipients(self._settings.all_rules).items()
        to = {recipient: rules for recipient, rules in everyone if not recipient.kind.shares_subscription}
        queues = RecipientQueues(f"{self._prefix}-recipients", topics=topics, recipients=to, opts=self._child)
        for topic in topics:
            topic.subscribe(to, queues.policies)

    def _notifying(
        self,
        region: Region,
        processing: FileProcessing,
        page_url: pulumi.Output[str],
        only_here: Mapping[str, HandlerFunction],
        api: FilesApi,
    ) -> Outputs:
        """What notifies in a region, with links to the page; what watches it; and where all of it is.

        `only_here` are functions that no other region has, by service. The `api` is watched in the region where it is.
        """
        name, intake, settings = region.name, processing.intake, self._settings
        processing.read_files(settings, page_url)
        digest = Digest(
            f"{name}-digest",
            DigestArgs(intake=intake, minutes=settings.digest_minutes, page_url=page_url),
            opts=region.opts,
        )
        notifier = Notifier(
            name,
            CataloguedNotifierArgs(intake=intake, settings=settings, catalogue=region.catalogue, page_url=page_url),
            opts=region.opts,
        )
        if processing.scan and notifier.bucket_events:
            processing.scan.begin(notifier.bucket_events.notification)
        chat = chat_of(name, settings, intake, opts=region.opts)
        failure_queues = {
            **intake.failure_queues,
            **processing.failure_queues,
            **digest.failure_queues,
            **(chat.failure_queues if chat else {}),
        }
        watching = [watcher_alarm(only_here["expect"])] if "expect" in only_here else []
        alarms = self._failure_alarms(name, notifier, intake, failure_queues, region.opts, chat=chat, more=watching)
        functions = {"notify": notifier.function, "process": processing.function, "digest": digest.function}
        functions |= {"chat": chat.function} if chat else {}
        monitoring = Monitoring(
            f"{name}-monitoring",
            MonitoringArgs(
                topic=intake.topic,
                functions={**functions, **only_here},
                work=processing.queue,
                digest=digest.queue,
                failure_queues=failure_queues,
                api=api if "api" in only_here else None,
                failure_alarms=alarms,
                digest_minutes=settings.digest_minutes,
                scans=processing.scan is not None,
                dashboard_name=name_of_stack(name),
                other_queues={"chat": chat.queue_name} if chat else {},
            ),
            opts=region.opts,
        )
        advanced: Outputs = {
            "workQueueUrl": processing.queue.url,
            "digestQueueUrl": digest.queue.url,
            "digestFunctionName": digest.function.name,
            "dashboardUrl": monitoring.url,
        }
        if processing.scan:
            scan = processing.scan
            advanced["malwareScan"] = {
                "setting": settings.scan,
                "planId": scan.plan.id,
                "ruleName": scan.rule_name,
                "since": scan.since,
            }
        return located(intake, notifier, alarms, chat) | kept(failure_queues) | advanced

    def _failure_alarms(
        self,
        name: str,
        notifier: Notifier,
        intake: Intake,
        queues: Mapping[FailureQueue, DeadLetterQueue],
        opts: pulumi.ResourceOptions,
        *,
        chat: Chat | None,
        more: Sequence[AlarmArgs],
    ) -> FailureAlarms:
        args = FailureAlarmsArgs(
            emails=self._settings.failure_emails,
            failure_queues=queues,
            notify=notifier.function,
            more=[*more, *(chat.alarms if chat else ())],
        )
        alarms = FailureAlarms(f"{name}-alarms", args, opts=opts)
        if chat:
            chat.subscribe(alarms.arn)
        for bucket in intake.existing:
            bucket.watch_rule(alarms.arn)
        return alarms

    def _warn_of_unpaced_rules(self) -> None:
        for rule in self._settings.all_rules:
            if rule.delivery == "immediate" and rule.notifies_people:
                pulumi.warn(
                    f"rule {rule.name!r} has delivery immediate: also in a storm it mails every file at once, and "
                    "above 10 mails a second SNS suspends an address",
                    self,
                )
