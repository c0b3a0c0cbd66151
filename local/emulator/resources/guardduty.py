"""GuardDuty: plans that have a bucket scanned for malware."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import ID, Call, Declared
from local.emulator.resources.kind import Inputs, Made, pascal


def _actions(made: Made) -> dict[str, Any]:
    """Pulumi's list of one, which has a list of one; GuardDuty's object."""
    return {"Tagging": pascal(made.inputs["actions"][0]["taggings"][0])}


def _outputs(aws: Aws, inputs: Inputs, answer: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001
    plan = answer.get("MalwareProtectionPlanId")
    return {"arn": aws.arn("guardduty", f"malware-protection-plan/{plan}"), "status": "ACTIVE"} if plan else {}


KINDS = (
    Declared(
        pulumi_type="aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
        service="guardduty",
        also=frozenset({"actions"}),
        replaces=frozenset({"protectedResource"}),
        creating=Call(
            "create_malware_protection_plan", Role="role", ProtectedResource="protectedResource", Actions=_actions
        ),
        changing=Call("update_malware_protection_plan", MalwareProtectionPlanId=ID, Role="role", Actions=_actions),
        removing=Call("delete_malware_protection_plan", MalwareProtectionPlanId=ID),
        identity=lambda _, answer: str(answer["MalwareProtectionPlanId"]),
        outputs=_outputs,
    ),
)
