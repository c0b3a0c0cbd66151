"""What looks whether the files that rules expect have arrived."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmArgs, lambda_metric
from components.catalogue import Catalogue
from components.handler_function import FunctionArgs, HandlerFunction
from components.intake import Intake
from components.labels import label
from components.roles import role_policy, schedule_role
from components.settings import Settings
from components.statements import Allow
from domain.expectations import SWEEP_EXPRESSION, schedule_expression, schedule_zone
from domain.rules import Rule

TIMEOUT_SECONDS = 120
RETRY_SECONDS = 6 * 3600  # as long as Lambda keeps a throttled event: a window is the same however late it is looked at
RETRIES = 185  # EventBridge Scheduler: the most; the age ends it sooner
READABLE = 12
"""Characters of a rule's name: EventBridge Scheduler's names have at most 64."""
SILENT_MINUTES = 125  # two sweeps, and what EventBridge Scheduler and CloudWatch take
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""EventBridge Scheduler puts the time there for which it was to invoke.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""


@dataclass(frozen=True, kw_only=True)
class ExpectationsArgs:
    """A function that looks into the buckets of `intakes`, publishes to the first one's topic and remembers nothing."""

    settings: Settings
    intakes: Sequence[Intake]

    @property
    def environment(self) -> Mapping[str, pulumi.Input[str]]:
        """Where it publishes, and where it looks."""
        sources = [source for intake in self.intakes for source in intake.sources()]
        return {"TOPIC_ARN": self.intakes[0].topic.arn, "SOURCES": pulumi.Output.json_dumps(sources)}

    @property
    def allow(self) -> Sequence[Allow]:
        """What its role may do."""
        listing = [allow for intake in self.intakes for allow in intake.allow_list_versions()]
        return [self.intakes[0].topic.allow_publish(), *listing]


@dataclass(frozen=True, kw_only=True)
class CataloguedExpectationsArgs(ExpectationsArgs):
    """One that also keeps what it finds out in the catalogue's table: each window is reported once."""

    catalogue: Catalogue

    @property
    def environment(self) -> Mapping[str, pulumi.Input[str]]:
        """Also the table."""
        return {**super().environment, "TABLE_NAME": self.catalogue.name}

    @property
    def allow(self) -> Sequence[Allow]:
        """Also to write to the catalogue."""
        return [*super().allow, self.catalogue.allow_update()]


class Expectations(pulumi.ComponentResource):
    """The function that looks at windows, and the schedules that invoke it when they end.

    Makes: the expect function with its on-failure destination, a schedule for each rule that expects files, one that
    sweeps every hour, and their role.
    Guarantees: an invocation that failed after all attempts is in the first intake's `failed_events`, whether
    EventBridge Scheduler could not make it or the function could not finish it.
    """

    function: HandlerFunction

    def __init__(self, name: str, args: ExpectationsArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Expectations", name, None, opts)
        self._name, self._failed_events = name, args.intakes[0].failed_events
        self.function = HandlerFunction(
            name,
            FunctionArgs(
                handler="handlers.expect.handler",
                description="Looks whether the files that rules expect have arrived",
                defaults=args.intakes[0].function_defaults,
                environment=args.environment,
                files=args.intakes[0].rules,
                allow=args.allow,
                failed_events=self._failed_events,
                timeout_seconds=TIMEOUT_SECONDS,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._role = schedule_role(f"{name}-schedule-role", parent=self)
        invoke = Allow(actions=["lambda:InvokeFunction"], resources=[self.function.arn])
        allowed = [invoke, self._failed_events.allow_send()]
        self._may_act = role_policy(f"{name}-schedule-policy", self._role, allowed, parent=self)
        for rule in args.settings.all_rules:
            self._schedule(rule)
        self._sweep()
        self.register_outputs({"function_name": self.function.name})

    def _schedule(self, rule: Rule) -> None:
        if rule.expect is None:
            return
        expression, zone = schedule_expression(rule.expect), schedule_zone(rule.expect)
        # Another time is another schedule: when it was made says since when windows of this kind are looked at.
        named = label(f"{rule.name} {expression} {zone}", readable=min(READABLE, len(rule.name)))
        self._invoke(
            f"{self._name}-{named}",
            description=f"Looks whether the files of rule {rule.name} have arrived",
            expression=expression,
            zone=zone,
            rule=rule.name,
        )

    def _sweep(self) -> None:
        self._invoke(
            f"{self._name}-sweep",
            description="Looks at windows whose end clocks skip, and shows that the function is invoked",
            expression=SWEEP_EXPRESSION,
            zone="UTC",
            rule=None,
        )

    def _invoke(self, name: str, *, description: str, expression: str, zone: str, rule: str | None) -> None:
        aws.scheduler.Schedule(
            f"{name}-schedule",
            description=description,
            schedule_expression=expression,
            schedule_expression_timezone=zone,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.function.arn,
                "role_arn": self._role.arn,
                "input": json.dumps({"rule": rule, "scheduledTime": SCHEDULED_TIME}),
                "retry_policy": {"maximum_retry_attempts": RETRIES, "maximum_event_age_in_seconds": RETRY_SECONDS},
                "dead_letter_config": {"arn": self._failed_events.arn},
            },
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self._may_act, self._failed_events.ready, *self.function.ready]
            ),
        )


def watcher_alarm(function: HandlerFunction) -> AlarmArgs:
    """The alarm on the expect function: when it fails, and when it is not invoked any more."""
    return AlarmArgs(
        heading="watcher",
        meaning="The expect function fails; or, with INSUFFICIENT_DATA, nothing has invoked it for two hours. Nobody "
        "would be notified of missing files.",
        run="doctor",
        watched=lambda_metric("Errors", function.name),  # Lambda measures 0 for an invocation that succeeds
        minutes=SILENT_MINUTES,
        needs_data=True,
    )
