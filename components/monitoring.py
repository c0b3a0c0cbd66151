"""The alarms, the dashboard and the saved queries of advanced mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import (
    OLDEST_MESSAGE_AGE,
    AlarmArgs,
    Expression,
    Metric,
    alarm,
    counter,
    lambda_metric,
    queue_metric,
    sum_of,
    topic_metric,
)
from components.dashboard import Watched, dashboard_body
from components.dead_letter_queue import DeadLetterQueue
from components.failure_alarms import FailureAlarms
from components.files_api import FilesApi
from components.handler_function import HandlerFunction
from components.log_queries import LOG_QUERIES, saved_query
from components.notification_topic import NotificationTopic
from components.subscribed_queue import SubscribedQueue
from domain.counters import OUTCOMES, RECEIVED
from domain.topology import FailureQueue
from domain.wording import console_host

WORK_MAY_WAIT_SECONDS = 15 * 60  # the largest file takes five minutes
DIGEST_TURNS = 3  # one to send, one to retry, one as margin


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What there is to watch in a region.

    `functions` are by service; `work`, `digest` and `other_queues` are the queues that functions read, `failure_queues`
    those that keep what failed. `api` is in the primary region only. `dashboard_name` has to be the account's only one
    of that name, in whichever region. `scans` says whether uploads are scanned for malware.
    """

    topic: NotificationTopic
    functions: Mapping[str, HandlerFunction]
    work: SubscribedQueue
    digest: SubscribedQueue
    failure_queues: Mapping[FailureQueue, DeadLetterQueue]
    api: FilesApi | None
    failure_alarms: FailureAlarms
    digest_minutes: int
    scans: bool
    dashboard_name: str
    other_queues: Mapping[str, pulumi.Input[str]]
    """Names of queues, by what they are called."""


class Monitoring(pulumi.ComponentResource):
    """Shows whether files arrive, and where they are stuck.

    Makes: alarms beside those of FailureAlarms, the dashboard with all of them, the saved queries of CloudWatch Logs
    Insights that the runbook names. All of one region.
    Guarantees: each alarm names its heading in the runbook.
    """

    url: pulumi.Output[str]
    """Of the dashboard, in the console."""

    def __init__(self, name: str, args: MonitoringArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Monitoring", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        alarms = [alarm(name, one, topic_arn=args.failure_alarms.arn, parent=self) for one in _alarms(args)]
        region = args.topic.region
        dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args.dashboard_name,
            dashboard_body=dashboard_body(
                Watched(
                    region=region,
                    functions={service: function.name for service, function in args.functions.items()},
                    log_groups={service: function.log_group_name for service, function in args.functions.items()},
                    queues={"work": args.work.name, "digest": args.digest.name, **args.other_queues},
                    failure_queues={failed.name: queue.name for failed, queue in args.failure_queues.items()},
                    topic=args.topic.name,
                    api={"ApiName": args.api.name, "Stage": args.api.stage} if args.api else None,
                    alarms=[made.arn for made in (*args.failure_alarms.alarms, *alarms)],
                    unaccounted=unaccounted(),
                )
            ),
            opts=child,
        )
        for query in LOG_QUERIES:
            searched = [args.functions[service] for service in query.services if service in args.functions]
            saved_query(name, query, [function.log_group_name for function in searched], opts=child)
        host = aws.get_partition_output().partition.apply(console_host)
        page = pulumi.Output.concat(
            "/cloudwatch/home?region=", region, "#dashboards/dashboard/", dashboard.dashboard_name
        )
        self.url = pulumi.Output.concat("https://", region, ".", host, page)
        self.register_outputs({"url": self.url})


def _alarms(args: MonitoringArgs) -> list[AlarmArgs]:
    return [
        AlarmArgs(
            heading="gap",
            meaning="Events were received but no outcome was recorded (published, unmatched, duplicate, failed): the "
            "invocation was killed.",
            run="doctor",
            watched=unaccounted(),
            # Lambda retries after one and two minutes: an event whose invocations are all killed shows in three of
            # them. In the last minute an event may still be in progress.
            minutes=10,
            breaching=2,
        ),
        AlarmArgs(
            heading="oldest-message",
            meaning="Files wait too long for processing, or notifications wait too long for a digest.",
            run="status",
            watched=Expression(
                # In parts of what either may wait.
                text=f"MAX([FILL(work, 0) / {WORK_MAY_WAIT_SECONDS}, "
                f"FILL(digest, 0) / {digest_may_wait_seconds(args.digest_minutes)}])",
                operands={
                    "work": queue_metric(OLDEST_MESSAGE_AGE, args.work.name),
                    "digest": queue_metric(OLDEST_MESSAGE_AGE, args.digest.name),
                },
            ),
            minutes=5,
            breaching=2,
        ),
        AlarmArgs(
            heading="throttles",
            meaning="Lambda throttles functions: the account runs as many at a time as it may. Notifications are late, "
            "the web interface answers with errors.",
            run="doctor",
            watched=sum_of(
                {service: lambda_metric("Throttles", function.name) for service, function in args.functions.items()}
            ),
            minutes=10,
            breaching=3,
        ),
        AlarmArgs(
            heading="failed-deliveries",
            meaning="SNS fails to deliver notifications to a recipient.",
            run="doctor",
            watched=sum_of(
                {
                    "failed": topic_metric("NumberOfNotificationsFailed", args.topic.name),
                    "lost": topic_metric("NumberOfNotificationsFailedToRedriveToDlq", args.topic.name),
                }
            ),
            minutes=5,
        ),
        *([_unscanned()] if args.scans else []),
        *([_api_errors(args.api)] if args.api else []),
        *([_sign_in_errors(args.functions["groups"])] if "groups" in args.functions else []),
    ]


def _unscanned() -> AlarmArgs:
    return AlarmArgs(
        heading="unscanned",
        meaning="Files stay without a result of the malware scan: there was none after 15 minutes, or GuardDuty failed "
        "or was denied access. While they have no result, they cannot be downloaded.",
        run="doctor",
        watched=counter("Unscanned", "process"),
    )


def _api_errors(api: FilesApi) -> AlarmArgs:
    return AlarmArgs(
        heading="api-errors",
        meaning="The files API answers with errors (5xx): users see them in the web interface.",
        run="doctor",
        watched=Metric(
            namespace="AWS/ApiGateway",
            name="5XXError",
            dimensions={"ApiName": api.name, "Stage": api.stage},
        ),
        minutes=5,
        breaching=2,
    )


def _sign_in_errors(groups: HandlerFunction) -> AlarmArgs:
    return AlarmArgs(
        heading="sign-in-errors",
        meaning="Nobody can sign in: the function fails that Cognito asks for the groups of people.",
        run="status",
        watched=sum_of({name.lower(): lambda_metric(name, groups.name) for name in ("Errors", "Throttles")}),
    )


def unaccounted() -> Expression:
    """Events that were received without an outcome. A minute in which none was received has no value."""
    outcomes = ", ".join(f"FILL({name.lower()}, 0)" for name in OUTCOMES)
    return Expression(
        text=f"{RECEIVED.lower()} - SUM([{outcomes}])",
        operands={name.lower(): counter(name, "notify") for name in (RECEIVED, *OUTCOMES)},
    )


def digest_may_wait_seconds(minutes: int) -> int:
    """Longer than a notification waits that fails once; a quarter of an hour at least."""
    return max(15, DIGEST_TURNS * minutes) * 60
