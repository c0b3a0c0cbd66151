"""Schedules."""

from __future__ import annotations

from typing import Any, ClassVar

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal


class Schedule(Kind):
    pulumi_type = "aws:scheduler/schedule:Schedule"
    accepts = frozenset(
        {
            "name",
            "description",
            "scheduleExpression",
            "scheduleExpressionTimezone",
            "flexibleTimeWindow",
            "target",
            "state",
        }
    )
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        aws.scheduler.create_schedule(**_request(inputs))
        return Made(inputs["name"], inputs, {"arn": aws.arn("scheduler", f"schedule/default/{inputs['name']}")})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.scheduler.update_schedule(**_request(inputs))
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.scheduler.delete_schedule(Name=made.id)


def _request(inputs: Inputs) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "ScheduleExpression": inputs["scheduleExpression"],
        "FlexibleTimeWindow": pascal(inputs["flexibleTimeWindow"]),
        "Target": pascal(inputs["target"]),
        **chosen(
            inputs,
            Description="description",
            ScheduleExpressionTimezone="scheduleExpressionTimezone",
            State="state",
        ),
    }


KINDS = (Schedule(),)
