"""The environments that the repository comes with: each deploys as it is, and they differ on purpose."""

from __future__ import annotations

from pathlib import Path

import pulumi_aws as aws
import pytest
import yaml
from pulumi._types import input_type_py_to_pulumi_names

from tests.program.conftest import CONFIGS, PROJECT, run_once

ROOT = Path(__file__).resolve().parents[2]
STACKS = {name: ROOT / f"Pulumi.{name}.yaml" for name in ("dev", "prod", "local")}
"""Those of the repository. Others beside them are of who adopts it, with secrets and differences of their own."""

# Where the provider asks more than what the module is called, or another API: for tags of buckets S3 Control.
ENDPOINTS = {
    "aws:cloudwatch/logGroup:LogGroup": {"logs"},
    "aws:cloudwatch/queryDefinition:QueryDefinition": {"logs"},
    "aws:s3/bucket:Bucket": {"s3", "s3control"},
    "cognito": {"cognitoidp"},
    "aws:cloudwatch/eventRule:EventRule": {"events"},
    "aws:cloudwatch/eventTarget:EventTarget": {"events"},
    "pulumi:providers:aws": set(),
}


def config(stack):
    return yaml.safe_load(STACKS[stack].read_text())["config"]


def settings(stack):
    """The program's own settings of a stack, by their short names."""
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in config(stack).items() if key.startswith(PROJECT)}


def provider_settings(stack):
    return {key.removeprefix("aws:"): value for key, value in config(stack).items() if key.startswith("aws:")}


def names_on_the_wire(type_):
    return set(input_type_py_to_pulumi_names(type_).values())


def endpoints(type_):
    module = type_.split(":")[1].split("/")[0]
    return ENDPOINTS.get(type_, ENDPOINTS.get(module, {module}))


@pytest.mark.parametrize("stack", STACKS)
def test_every_environment_deploys_as_it_is(stack):
    assert run_once(stack=stack, **settings(stack)).exports["mode"] == settings(stack).get("mode", "basic")


@pytest.mark.parametrize("stack", STACKS)
def test_every_environment_sets_only_what_is_a_setting(stack):
    declared = set(yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"])

    assert set(settings(stack)) <= declared
    assert set(provider_settings(stack)) <= names_on_the_wire(aws.ProviderArgs)


@pytest.mark.parametrize("stack", STACKS)
def test_everything_of_an_environment_is_tagged_with_its_name(stack):
    tags = provider_settings(stack)["defaultTags"]

    assert set(tags) == names_on_the_wire(aws.ProviderDefaultTagsArgs)
    assert tags["tags"] == {"project": PROJECT, "environment": stack}


@pytest.mark.parametrize("stack", STACKS)
def test_every_environment_says_where_it_is_and_nothing_secret(stack):
    assert provider_settings(stack)["region"]
    assert provider_settings(stack).get("secretKey", "test") == "test"


def test_what_people_rely_on_is_protected_and_what_is_for_trying_out_is_not():
    assert {stack: settings(stack)["protectData"] for stack in STACKS} == {"dev": False, "local": False, "prod": True}


def test_in_production_others_receive_alarms_than_files_and_logs_are_kept_longer():
    dev, prod = settings("dev"), settings("prod")

    assert not set(prod["alarmEmails"]) & set(prod["emails"])
    assert prod["logRetentionDays"] > dev["logRetentionDays"]


def test_the_local_environment_reaches_this_machine_for_every_service_that_the_program_deploys():
    (reached,) = provider_settings("local")["endpoints"]
    made = run_once(**CONFIGS["everything"]).resources
    needed = {name for r in made if r.custom for name in endpoints(r.type)}

    assert needed | {"sts"} == set(reached)  # whom the provider asks who it is
    assert set(reached) <= names_on_the_wire(aws.ProviderEndpointArgs)
    assert {address.rsplit(":", 1)[0] for address in reached.values()} == {"http://127.0.0.1"}


def test_nothing_of_the_local_environment_can_reach_an_account():
    local = provider_settings("local")

    assert (local["accessKey"], local["secretKey"]) == ("test", "test")
    assert local["s3UsePathStyle"] is True  # else S3 would be asked by a host name that is not here


def test_the_real_environments_have_no_credentials_and_no_endpoints():
    for stack in ("dev", "prod"):
        assert set(provider_settings(stack)) == {"region", "defaultTags"}
