"""EventBridge: rules on events, and their targets."""

from __future__ import annotations

from typing import Any

from local.emulator.resources.declared import ID, Call, Declared, Value
from local.emulator.resources.kind import AutoName, Made, chosen, pascal

_RULE = {"Name": "name", "EventPattern": "eventPattern", "Description": "description", "State": "state"}


def _targets(made: Made) -> list[dict[str, Any]]:
    given = chosen(made.inputs, RetryPolicy="retryPolicy", DeadLetterConfig="deadLetterConfig")
    return [{"Id": made.inputs["targetId"], "Arn": made.inputs["arn"], **pascal(given)}]


_TARGET: dict[str, Value] = {"Rule": "rule", "Targets": _targets}

KINDS = (
    Declared(
        pulumi_type="aws:cloudwatch/eventRule:EventRule",
        service="events",
        replaces=frozenset({"name"}),
        auto_name=AutoName("name", 64),
        creating=Call("put_rule", **_RULE),
        changing=Call("put_rule", **_RULE),
        removing=Call("delete_rule", Name=ID),
        identity="name",
        outputs=lambda aws, inputs, _: {"arn": aws.arn("events", f"rule/{inputs['name']}")},
    ),
    Declared(
        pulumi_type="aws:cloudwatch/eventTarget:EventTarget",
        service="events",
        also=frozenset({"targetId", "arn", "retryPolicy", "deadLetterConfig"}),
        replaces=frozenset({"rule", "targetId"}),
        creating=Call("put_targets", **_TARGET),
        changing=Call("put_targets", **_TARGET),
        removing=Call("remove_targets", Rule="rule", Ids=lambda made: [made.inputs["targetId"]]),
        identity=lambda inputs, _: f"{inputs['rule']}-{inputs['targetId']}",
    ),
)
