"""What pulumi-aws says of each argument that the program sets: that it exists, and that it is not deprecated.

Where components put arguments together in plain dicts, mypy does not look; mocks and the emulator take any; and
pulumi_aws warns in Python only of what is set through its classes.
"""

from __future__ import annotations

import importlib
import typing
from collections.abc import Iterator, Mapping, Sequence

import pulumi_aws
import pytest
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type


def arguments_of(resource):
    """The class of a resource's arguments. Where a block of another has its name, it is called differently."""
    module, kind = resource.type.split(":")[1].split("/")[0], resource.type.split(":")[-1]
    found = importlib.import_module(f"pulumi_aws.{'lambda_' if module == 'lambda' else module}")
    return getattr(found, f"{kind}InitArgs", None) or getattr(found, f"{kind}Args")


def forms(type_: object) -> Iterator[object]:
    """The types that a value may have, without those of outputs."""
    parts = typing.get_args(type_) if typing.get_origin(type_) is typing.Union else [type_]
    for part in parts:
        if typing.get_origin(part) is typing.Union:
            yield from forms(part)
        else:
            yield part


def is_deprecated(form: type, argument: str) -> bool:
    return hasattr(getattr(form, argument).fget, "_pulumi_deprecated_callable")


def faults(value: object, type_: object, path: str = "") -> Iterator[str]:
    """What is wrong with the arguments in a value, however deep."""
    for form in forms(type_):
        if isinstance(value, Mapping) and isinstance(form, type) and is_input_type(form):
            declared = {on_the_wire: name for name, on_the_wire in input_type_py_to_pulumi_names(form).items()}
            for key, inner in value.items():
                here = f"{path}.{key}".strip(".")
                if key not in declared:
                    yield f"{here} does not exist"
                    continue
                if is_deprecated(form, declared[key]):
                    yield f"{here} is deprecated"
                yield from faults(inner, input_type_types(form).get(key), here)
        if isinstance(value, list) and typing.get_origin(form) is Sequence:
            for item in value:
                yield from faults(item, typing.get_args(form)[0], path)


def test_the_program_sets_only_what_the_provider_knows_and_has_not_deprecated(deployed):
    made = [r for r in deployed.resources if r.type.startswith("aws:")]

    assert {f"{r.type}: {fault}" for r in made for fault in faults(r.inputs, arguments_of(r))} == set()


@pytest.mark.parametrize(
    ("index", "fault"),
    [
        ({"hashKey": "id"}, "globalSecondaryIndexes.hashKey is deprecated"),
        ({"keySchema": []}, "globalSecondaryIndexes.keySchema does not exist"),
        ({"keySchemas": [{"key_type": "HASH"}]}, "globalSecondaryIndexes.keySchemas.key_type does not exist"),
    ],
)
def test_a_fault_deep_inside_is_seen(index, fault):
    assert [*faults({"globalSecondaryIndexes": [index]}, pulumi_aws.dynamodb.TableArgs)] == [fault]
