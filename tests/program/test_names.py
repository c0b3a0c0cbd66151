"""Names: chosen by the provider, except where it chooses none; legal, and different for every stack."""

from __future__ import annotations

import re

import pytest

from components.regions import ENABLED_BY_DEFAULT
from local.emulator.resources import TABLE
from tests.program.conftest import CONFIGS, STACK, run, strings

LONG_STACK = "s" * 100  # the longest that Pulumi accepts
SUFFIX = len("-1234567")  # what the provider adds to a resource's name to make the physical one

# The longest physical name that AWS accepts, for each type that the provider names after the resource.
AUTO_NAMED = {type_: kind.auto_name.limit for type_, kind in TABLE.items() if kind.auto_name is not None}
# The provider does not name these, so the program does.
FIXED = {
    ("LayerVersion", "layerName"): 140,
    ("Dashboard", "dashboardName"): 255,
    ("QueryDefinition", "name"): 255,
}
# Of one pool each, which is the stack's own: the domain is made of the pool's id.
OF_ONE_POOL = {("ResourceServer", "name"): 256, ("UserGroup", "name"): 128, ("UserPoolDomain", "domain"): 63}

NAMING_INPUTS = {"name", "namePrefix", "bucketPrefix", "layerName", "dashboardName", "domain", "statementId"}


def fixed_names(deployment):
    """Every physical name that the program chooses, with the type and the input that says it."""
    return [
        ((r.kind, key), r.inputs[key])
        for r in deployment.resources
        for key in NAMING_INPUTS | ({"bucket"} if r.kind == "Bucket" else set())
        if r.custom and key in r.inputs
    ]


def longest(config):
    """The configuration with the longest addresses that are accepted, in the stack with the longest name."""
    address = "x" * 64 + "@" + "y" * 63 + ".example.com"
    rules = [
        {
            "name": "long",
            "to": [
                address,
                f"https://hooks.example.com/{'z' * 500}",
                f"arn:aws:sqs:ap-southeast-1:111122223333:{'q' * 80}",
                f"arn:aws:lambda:ap-southeast-1:111122223333:function:{'f' * 64}",
            ],
        }
    ]
    regions = {"replicaRegions": [max(ENABLED_BY_DEFAULT, key=len)]} if "replicaRegions" in config else {}
    return {**config, **regions, "stack": LONG_STACK, "rules": rules, "alarmEmails": [address]}


def test_only_what_the_provider_does_not_name_has_a_fixed_name(deployed):
    assert {key for key, _ in fixed_names(deployed)} <= FIXED.keys() | OF_ONE_POOL.keys()


def test_every_fixed_name_contains_the_stacks(deployed):
    for part in deployed.regions.values():
        names = [name for key, name in fixed_names(part) if key not in OF_ONE_POOL]

        assert [name for name in names if STACK not in name] == []
        assert len(set(names)) == len(names)


def test_dashboards_which_an_account_has_for_all_regions_share_no_name(deployed):
    names = [r.inputs["dashboardName"] for r in deployed.of("Dashboard")]

    assert len(set(names)) == len(names)


def test_two_stacks_of_one_account_share_no_name(deploy, deployed):
    other = deploy(emails=["ann@example.com"], mode="advanced", stack="prod")

    shared = {key for key, name in set(fixed_names(deployed)).intersection(fixed_names(other))}
    assert shared <= OF_ONE_POOL.keys()


def test_two_stacks_count_their_metrics_apart(deploy, deployed):
    other = deploy(emails=["ann@example.com"], stack="prod")

    namespaces = [
        {run.variables(function)["POWERTOOLS_METRICS_NAMESPACE"] for function in run.of("Function")}
        for run in (deployed, other)
    ]

    assert namespaces == [{"file-notifications/dev"}, {"file-notifications/prod"}]


@pytest.mark.parametrize("config", ["unprotected", "advanced", "regions"])
def test_long_stack_names_and_addresses_keep_every_name_within_what_aws_accepts(deploy, config):
    deployment = deploy(**longest(CONFIGS[config]))

    too_long = [r.name for r in deployment.resources if len(r.name) + SUFFIX > AUTO_NAMED.get(r.type, 1000)]
    too_long += [name for key, name in fixed_names(deployment) if len(name) > (FIXED | OF_ONE_POOL)[key]]

    assert too_long == []


def test_a_long_stack_name_keeps_the_metrics_namespace_within_what_cloudwatch_accepts(deploy):
    deployment = deploy(**longest(CONFIGS["unprotected"]))

    namespaces = [deployment.variables(f)["POWERTOOLS_METRICS_NAMESPACE"] for f in deployment.of("Function")]

    assert all(re.fullmatch(r"[A-Za-z0-9_./#-]{1,255}", namespace) for namespace in namespaces)


def test_every_buckets_name_would_be_legal(deployed):
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]+", r.name) for r in deployed.of("Bucket"))


def test_every_name_is_legal_for_queues_topics_and_functions(deployed):
    # A file on the site is named by its path, which is its key.
    names = [r.name for r in deployed.resources if r.custom and r.kind != "BucketObjectv2"]

    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9_-]+", name)] == []


def test_every_arn_is_built_with_the_partition_it_is_in(deploy):
    china = deploy(**CONFIGS["china"])

    elsewhere = [text for r in china.resources for text in strings(r.inputs) if "arn:aws:" in text]

    assert elsewhere == []


def test_the_same_configuration_gives_the_same_names_every_time():
    config = CONFIGS["china"]

    assert run(**config).names == run(**config).names
