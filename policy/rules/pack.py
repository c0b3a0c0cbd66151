"""The rules as Pulumi's engine takes them.

A rule about one resource is checked before that resource is made or changed, a rule about the stack when all are
registered: in a preview, and again at the end of an update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from . import RESOURCE_RULES, STACK_RULES, ResourceRule, StackRule
from .resource import UNKNOWN, Resource


def policies() -> list[Policy]:
    """Every rule, under its own name."""
    return [*(_resource_policy(rule) for rule in RESOURCE_RULES), *(_stack_policy(rule) for rule in STACK_RULES)]


def _resource_policy(rule: ResourceRule) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(type=args.resource_type, name=args.name, urn=args.urn, properties=_known(args.props))
        for message in rule(resource):
            report(f"{args.name}: {message}", None)

    return ResourceValidationPolicy(name=_name(rule), description=_title(rule), validate=validate)


def _stack_policy(rule: StackRule) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, message in rule([_resource(one) for one in args.resources]):
            report(f"{resource.name}: {message}", resource.urn)

    return StackValidationPolicy(name=_name(rule), description=_title(rule), validate=validate)


def _resource(given: PolicyResource) -> Resource:
    references = {
        name: frozenset(one.urn for one in resources) for name, resources in given.property_dependencies.items()
    }
    return Resource(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        properties=_known(given.props),
        references=references,
    )


def _known(value: Any) -> Any:
    """The value with UNKNOWN where Pulumi would raise: one unknown property must not keep a rule from the others."""
    if isinstance(value, Mapping):
        return {name: _at(value, name) for name in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_at(value, index) for index in range(len(value))]
    return value


def _at(values: Any, key: Any) -> Any:
    try:
        return _known(values[key])
    except UnknownValueError:
        return UNKNOWN


def _name(rule: ResourceRule | StackRule) -> str:
    return rule.__name__.replace("_", "-")


def _title(rule: ResourceRule | StackRule) -> str:
    return (rule.__doc__ or "").splitlines()[0]
