"""The pack as Pulumi runs it: a process of its own that the engine asks about each resource and about the stack."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policy.rules import RESOURCE_RULES, STACK_RULES
from policy.rules.data import BUCKET, QUEUE

PACK = Path(__file__).resolve().parents[2] / "policy"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"

pytestmark = pytest.mark.xdist_group("policy-pack")


@pytest.fixture(scope="module")
def pack():
    """What the engine talks to. It starts the folder, and reads the port from the first line."""
    with subprocess.Popen([sys.executable, "-u", str(PACK)], cwd=PACK, stdout=subprocess.PIPE) as started:
        try:
            port = int(started.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            started.kill()


def urn(type_, name):
    return f"urn:pulumi:dev::file-notifications::{type_}::{name}"


def properties(values):
    return ParseDict(values, Struct())


def of_resource(pack, type_, **values):
    request = proto.AnalyzeRequest(type=type_, name="it", urn=urn(type_, "it"), properties=properties(values))
    return pack.Analyze(request).diagnostics


def of_stack(pack, *resources):
    return pack.AnalyzeStack(proto.AnalyzeStackRequest(resources=resources)).diagnostics


def registered(type_, name, of=None, **values):
    return proto.AnalyzerResource(
        type=type_,
        name=name,
        urn=urn(type_, name),
        properties=properties(values),
        propertyDependencies={
            key: proto.AnalyzerPropertyDependencies(urns=[other.urn]) for key, other in (of or {}).items()
        },
    )


def allowing(action):
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:sqs:eu-west-1:111122223333:files"}
    return json.dumps({"Statement": [statement]})


def test_it_offers_every_rule_and_each_stops_a_deployment(pack):
    info = pack.GetAnalyzerInfo(Empty())

    assert info.name == yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())["name"]
    assert {p.name for p in info.policies} == {r.__name__.replace("_", "-") for r in (*RESOURCE_RULES, *STACK_RULES)}
    assert {p.enforcementLevel for p in info.policies} == {proto.MANDATORY}
    assert all(p.description.endswith(".") for p in info.policies)


def test_a_resource_that_breaks_a_rule_is_reported_with_what_to_do(pack):
    (found,) = of_resource(pack, QUEUE_POLICY, policy=allowing("sqs:*"))

    assert found.policyName == "names-every-action"
    assert "it: its policy allows sqs:*; name the actions that are needed" in found.message
    assert found.enforcementLevel == proto.MANDATORY


def test_a_resource_that_keeps_the_rules_is_left_alone(pack):
    assert not of_resource(pack, QUEUE_POLICY, policy=allowing("sqs:SendMessage"))


def test_a_preview_that_does_not_know_a_policy_yet_says_nothing_about_it(pack):
    assert not of_resource(pack, QUEUE_POLICY, policy=UNKNOWN_STRING_VALUE)


def test_what_is_known_is_checked_beside_what_is_not(pack):
    values = {"redrivePolicy": UNKNOWN_STRING_VALUE, "sqsManagedSseEnabled": False}

    assert [found.policyName for found in of_resource(pack, QUEUE, **values)] == ["encrypts-queues"]


def test_a_stack_that_breaks_a_rule_is_reported_at_the_resource(pack):
    found = of_stack(pack, registered(BUCKET, "files"))

    assert {one.policyName for one in found} == {"keeps-buckets-private", "owns-what-is-uploaded", "refuses-plain-http"}
    assert {one.urn for one in found} == {urn(BUCKET, "files")}


def test_in_a_preview_resources_are_known_to_belong_together_before_they_have_names(pack):
    bucket = registered(BUCKET, "files")
    of, unknown = {"bucket": bucket}, {"bucket": UNKNOWN_STRING_VALUE}
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

    assert not of_stack(
        pack,
        bucket,
        registered("aws:s3/bucketPolicy:BucketPolicy", "p", of, **unknown, policy=UNKNOWN_STRING_VALUE),
        registered(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "b",
            of,
            **unknown,
            **dict.fromkeys(switches, True),
        ),
        registered(
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            "o",
            of,
            **unknown,
            rule={"objectOwnership": "BucketOwnerEnforced"},
        ),
    )
