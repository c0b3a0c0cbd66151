"""Schedules."""

from __future__ import annotations

from typing import Any

from local.emulator.resources.declared import Call, Declared
from local.emulator.resources.kind import AutoName, Inputs, chosen, pascal


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


KINDS = (
    Declared(
        pulumi_type="aws:scheduler/schedule:Schedule",
        service="scheduler",
        accepts=frozenset(
            {
                "name", "description", "scheduleExpression", "scheduleExpressionTimezone", "flexibleTimeWindow",
                "target", "state",
            }
        ),
        replaces=frozenset({"name"}),
        auto_name=AutoName("name", 64),
        creating=Call("create_schedule", lambda inputs, _: _request(inputs)),
        changing=Call("update_schedule", lambda inputs, _: _request(inputs)),
        removing=Call("delete_schedule", lambda _, name: {"Name": name}),
        identity=lambda inputs, _: inputs["name"],
        outputs=lambda aws, inputs, _: {"arn": aws.arn("scheduler", f"schedule/default/{inputs['name']}")},
    ),
)  # fmt: skip
