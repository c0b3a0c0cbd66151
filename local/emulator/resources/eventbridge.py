"""EventBridge: rules on events, and their targets."""

from __future__ import annotations

from typing import Any

from local.emulator.resources.declared import Call, Declared
from local.emulator.resources.kind import AutoName, Inputs, chosen, pascal


def _rule(inputs: Inputs) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "EventPattern": inputs["eventPattern"],
        "Description": inputs.get("description", ""),
        "State": inputs.get("state", "ENABLED"),
    }


def _target(inputs: Inputs) -> dict[str, Any]:
    given = chosen(inputs, RetryPolicy="retryPolicy", DeadLetterConfig="deadLetterConfig")
    return {
        "Rule": inputs["rule"],
        "Targets": [{"Id": inputs["targetId"], "Arn": inputs["arn"], **pascal(given)}],
    }


KINDS = (
    Declared(
        pulumi_type="aws:cloudwatch/eventRule:EventRule",
        service="events",
        accepts=frozenset({"name", "description", "eventPattern", "state"}),
        replaces=frozenset({"name"}),
        auto_name=AutoName("name", 64),
        creating=Call("put_rule", lambda inputs, _: _rule(inputs)),
        changing=Call("put_rule", lambda inputs, _: _rule(inputs)),
        removing=Call("delete_rule", lambda _, name: {"Name": name}),
        identity=lambda inputs, _: inputs["name"],
        outputs=lambda aws, inputs, _: {"arn": aws.arn("events", f"rule/{inputs['name']}")},
    ),
    Declared(
        pulumi_type="aws:cloudwatch/eventTarget:EventTarget",
        service="events",
        accepts=frozenset({"rule", "targetId", "arn", "retryPolicy", "deadLetterConfig"}),
        replaces=frozenset({"rule", "targetId"}),
        creating=Call("put_targets", lambda inputs, _: _target(inputs)),
        changing=Call("put_targets", lambda inputs, _: _target(inputs)),
        removing=Call("remove_targets", lambda inputs, _: {"Rule": inputs["rule"], "Ids": [inputs["targetId"]]}),
        identity=lambda inputs, _: f"{inputs['rule']}-{inputs['targetId']}",
    ),
)
