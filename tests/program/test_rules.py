"""The rules of the policy pack, checked on all that the program registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pulumi
import pytest

from policy.rules import RESOURCE_RULES, STACK_RULES
from policy.rules.resource import UNKNOWN, Resource


def as_rules_see_it(deployment):
    def known(value):
        if isinstance(value, pulumi.output.Unknown):
            return UNKNOWN
        if isinstance(value, Mapping):
            return {key: known(item) for key, item in value.items()}
        return [known(item) for item in value] if isinstance(value, list) else value

    return [
        Resource(type=r.type, name=r.name, urn=r.urn, properties=known(r.inputs), references=r.references)
        for r in deployment.resources
        if r.custom
    ]


def without(resources):
    """The stack, each time without the resources of one type, or without one property of theirs."""
    for kind in {r.type for r in resources}:
        yield [r for r in resources if r.type != kind]
        for name in {name for r in resources if r.type == kind for name in r.properties}:
            yield [
                replace(r, properties={**r.properties, name: None}, references={**r.references, name: frozenset()})
                if r.type == kind
                else r
                for r in resources
            ]


@pytest.mark.parametrize("rule", RESOURCE_RULES, ids=lambda rule: rule.__name__)
def test_every_resource_keeps_every_rule(deployed, rule):
    assert [(r.name, message) for r in as_rules_see_it(deployed) for message in rule(r)] == []


@pytest.mark.parametrize("rule", STACK_RULES, ids=lambda rule: rule.__name__)
def test_the_stack_keeps_every_rule(deployed, rule):
    assert [(r.name, message) for r, message in rule(as_rules_see_it(deployed))] == []


def test_a_preview_breaks_no_rule_by_what_it_cannot_know(deploy, config):
    resources = as_rules_see_it(deploy(**config, preview=True))

    assert [message for rule in RESOURCE_RULES for r in resources for message in rule(r)] == []
    assert [message for rule in STACK_RULES for _, message in rule(resources)] == []


@pytest.mark.xdist_group("advanced")
@pytest.mark.parametrize("rule", STACK_RULES, ids=lambda rule: rule.__name__)
def test_what_is_missing_from_the_stack_is_found_before_any_of_it_is_made(deploy, rule):
    resources = as_rules_see_it(deploy(emails=["a@b.co"], mode="advanced", preview=True))

    assert any(list(rule(broken)) for broken in without(resources))
