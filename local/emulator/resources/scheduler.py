"""Schedules."""

from __future__ import annotations

from local.emulator.resources.declared import ID, Call, Declared
from local.emulator.resources.kind import AutoName

_SCHEDULE = {
    "Name": "name",
    "Description": "description",
    "ScheduleExpression": "scheduleExpression",
    "ScheduleExpressionTimezone": "scheduleExpressionTimezone",
    "FlexibleTimeWindow": "flexibleTimeWindow",
    "Target": "target",
    "State": "state",
}

KINDS = (
    Declared(
        pulumi_type="aws:scheduler/schedule:Schedule",
        service="scheduler",
        replaces=frozenset({"name"}),
        auto_name=AutoName("name", 64),
        creating=Call("create_schedule", **_SCHEDULE),
        changing=Call("update_schedule", **_SCHEDULE),
        removing=Call("delete_schedule", Name=ID),
        identity="name",
        outputs=lambda aws, inputs, _: {"arn": aws.arn("scheduler", f"schedule/default/{inputs['name']}")},
    ),
)
