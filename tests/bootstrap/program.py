"""The bootstrap program as Pulumi runs it, on mocks, and its policies in parts."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pulumi

from bootstrap.roles.policies import Account
from tests.examples import as_config
from tests.program.conftest import ACCOUNT, FakeAws, RecordingMonitor, own_loop

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "file-notifications-bootstrap"
RECIPIENTS = [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:audit", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:index-files"]
HERE = Account(partition="aws", number=ACCOUNT)


def set_config(config):
    pulumi.runtime.reset_options(project=PROJECT, stack="dev")
    pulumi.runtime.set_all_config({f"{PROJECT}:{key}": as_config(value) for key, value in config.items()})


def run(*, partition="aws", **config):
    """The bootstrap program as Pulumi runs it: the folder by itself."""
    with own_loop():
        set_config(config)
        monitor = RecordingMonitor(FakeAws(partition, preview=False))
        pulumi.runtime.set_mocks(monitor.mocks, project=PROJECT, stack="dev", preview=False, monitor=monitor)

        @pulumi.runtime.test
        def settle() -> pulumi.Output[None]:
            runpy.run_path(str(ROOT / "bootstrap"))
            exported = pulumi.runtime.get_root_resource().outputs
            return pulumi.Output.all(**exported).apply(monitor.deployment.exports.update)

        settle()
        return monitor.deployment


def trust(role):
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    return statement


def policies_of(deployment, role):
    """The documents of the policies that are attached to a role, in the order of their numbers."""
    attached = {a.inputs["policyArn"] for a in deployment.of("RolePolicyAttachment") if a.inputs["role"] == role.name}
    policies = [p for p in deployment.of("Policy") if any(arn.rsplit(":", 1)[1] == p.name for arn in attached)]
    policies.sort(key=lambda policy: int(policy.name.rpartition("-")[2]))  # resources are registered in any order
    assert len(policies) == len(attached)
    return [json.loads(policy.inputs["policy"]) for policy in policies]


def policy_of(deployment, role):
    """All that a role may do, as one document."""
    statements = [statement for policy in policies_of(deployment, role) for statement in policy["Statement"]]
    return {"Version": "2012-10-17", "Statement": statements}


def allowed(policy):
    return {(action, on) for s in policy["Statement"] for action in s["Action"] for on in s["Resource"]}


def actions(policy):
    return {action for action, _ in allowed(policy)}
