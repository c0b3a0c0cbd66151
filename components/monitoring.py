"""Is it delivering? One place to see it, alarms on what nobody would notice, and questions to ask of the logs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.alarms import (
    AGE,
    MESSAGES,
    AlarmArgs,
    Expression,
    Metric,
    alarm,
    counter,
    of_function,
    of_queue,
    of_topic,
)
from components.dashboard import Watched, dashboard_body
from components.digest import Digest
from components.failure_alarms import FailureAlarms
from components.files_api import FilesApi
from components.log_queries import LOG_QUERIES
from components.upload_pipeline import UploadPipeline
from components.work_queue import WorkQueue
from domain.counters import OUTCOMES, RECEIVED
from domain.wording import console_host

WORK_MAY_WAIT_SECONDS = 15 * 60  # the largest file takes five minutes
DIGEST_TURNS = 3  # one to be sent in, one to come back after a failure, one for luck


class Monitoring(pulumi.ComponentResource):
    """What advanced mode adds to see it all.

    Makes: five alarms beside those of FailureAlarms, and one on the API where there is one (ten in all; the dashboard
    shows them), the dashboard, the saved queries of CloudWatch Logs Insights that the runbook names. All of one region.
    Guarantees: every queue that keeps failures has an alarm; each alarm names its heading in the runbook.
    """

    url: pulumi.Output[str]
    """Of the dashboard, in the console."""

    def __init__(
        self,
        name: str,
        *,
        pipeline: UploadPipeline,
        work: WorkQueue,
        digest: Digest,
        api: FilesApi | None,
        failures: FailureAlarms,
        digest_minutes: int,
        dashboard_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`dashboard_name` has to be the account's only one of that name, in whichever region."""
        super().__init__("file-notifications:components:Monitoring", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        functions = {
            "notify": pipeline.notify,
            "process": work.process,
            "digest": digest.function,
            **({"api": api.function} if api else {}),
        }
        names = {service: function.function_name for service, function in functions.items()}
        queues = {"work": work.work.queue.name, "digest": digest.waiting.queue.name}
        dead_letters = {"work": work.work.dead_letters.queue.name, "digest": digest.waiting.dead_letters.queue.name}
        topic = pipeline.topic.topic.name
        alarms = [
            alarm(name, args, topic_arn=failures.arn, parent=self)
            for args in (
                AlarmArgs(
                    heading="gap",
                    meaning="Events came in and ended nowhere: not as told, without rule, duplicate or failed. The "
                    "function that had them died.",
                    run="doctor",
                    watched=unaccounted(),
                    # Lambda tries again after one and two minutes: one that dies each time shows in three of them. In
                    # the last minute an event may still be under way.
                    minutes=10,
                    breaching=2,
                ),
                AlarmArgs(
                    heading="dead-letters",
                    meaning="Files could not be looked into, or notifications not be put into a digest, in five attempts. "
                    "They are kept for 14 days.",
                    run="replay --queue work-dead-letters --queue digest-dead-letters --dry-run",
                    watched=_all("MAX", {key: of_queue(MESSAGES, queue) for key, queue in dead_letters.items()}),
                    minutes=5,
                ),
                AlarmArgs(
                    heading="oldest-message",
                    meaning="Files wait to be looked into, or notifications wait for a digest, for too long.",
                    run="status",
                    watched=Expression(
                        # In parts of what either may wait.
                        text=f"MAX([FILL(work, 0) / {WORK_MAY_WAIT_SECONDS}, "
                        f"FILL(digest, 0) / {digest_may_wait_seconds(digest_minutes)}])",
                        operands={key: of_queue(AGE, queue) for key, queue in queues.items()},
                    ),
                    minutes=5,
                    breaching=2,
                ),
                AlarmArgs(
                    heading="throttles",
                    meaning="Lambda refuses to run functions: the account runs as many at a time as it may. Notifications "
                    "come late, the web interface answers with errors.",
                    run="doctor",
                    watched=_all("SUM", {service: of_function("Throttles", found) for service, found in names.items()}),
                    minutes=10,
                    breaching=3,
                ),
                AlarmArgs(
                    heading="failed-deliveries",
                    meaning="SNS fails to deliver notifications to somebody.",
                    run="doctor",
                    watched=_all(
                        "SUM",
                        {
                            "failed": of_topic("NumberOfNotificationsFailed", topic),
                            "lost": of_topic("NumberOfNotificationsFailedToRedriveToDlq", topic),
                        },
                    ),
                    minutes=5,
                ),
                *([_api_errors(api)] if api else []),
            )
        ]
        region = pipeline.region
        made = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=re.sub(r"[^A-Za-z0-9_-]", "_", dashboard_name),
            dashboard_body=dashboard_body(
                Watched(
                    region=region,
                    functions=names,
                    log_groups={service: function.log_group_name for service, function in functions.items()},
                    queues=queues,
                    kept={
                        "failed-events": pipeline.failed_events.queue.name,
                        "undelivered": pipeline.topic.undelivered.queue.name,
                        **{f"{key}-dead-letters": queue for key, queue in dead_letters.items()},
                    },
                    topic=topic,
                    api={"ApiName": api.api.name, "Stage": api.stage} if api else None,
                    alarms=[one.arn for one in (*failures.alarms, *alarms)],
                    unaccounted=unaccounted(),
                )
            ),
            opts=child,
        )
        for query in LOG_QUERIES:
            aws.cloudwatch.QueryDefinition(
                f"{name}-{query.name.replace(' ', '-')}",
                name=f"{pulumi.get_project()}/{pulumi.get_stack()}/{query.name}",
                query_string=query.text,
                log_group_names=[functions[one].log_group_name for one in query.services if one in functions],
                opts=child,
            )
        host = aws.get_partition_output().partition.apply(console_host)
        page = pulumi.Output.concat("/cloudwatch/home?region=", region, "#dashboards/dashboard/", made.dashboard_name)
        self.url = pulumi.Output.concat("https://", region, ".", host, page)
        self.register_outputs({"url": self.url})


def _api_errors(api: FilesApi) -> AlarmArgs:
    return AlarmArgs(
        heading="api-errors",
        meaning="The files API answers with errors (5xx): people see them in the web interface.",
        run="doctor",
        watched=Metric(
            namespace="AWS/ApiGateway",
            name="5XXError",
            dimensions={"ApiName": api.api.name, "Stage": api.stage},
        ),
        minutes=5,
        breaching=2,
    )


def unaccounted() -> Expression:
    """Events that were received and are no outcome. A minute in which nothing came in has no value."""
    outcomes = ", ".join(f"FILL({name.lower()}, 0)" for name in OUTCOMES)
    return Expression(
        text=f"{RECEIVED.lower()} - SUM([{outcomes}])",
        operands={name.lower(): counter(name, "notify") for name in (RECEIVED, *OUTCOMES)},
    )


def digest_may_wait_seconds(minutes: int) -> int:
    """Longer than what fails once waits; a quarter of an hour at least."""
    return max(15, DIGEST_TURNS * minutes) * 60


def _all(function: str, operands: Mapping[str, Metric]) -> Expression:
    """`SUM` or `MAX` of metrics that have no value where nothing happened."""
    filled = ", ".join(f"FILL({key}, 0)" for key in operands)
    return Expression(text=f"{function}([{filled}])", operands=operands)
