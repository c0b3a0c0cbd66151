"""Parameters of the parameter store."""

from __future__ import annotations

from local.emulator.resources.declared import ID, Call, Declared
from local.emulator.resources.kind import AutoName

_PARAMETER = {"Name": "name", "Type": "type", "Value": "value", "Description": "description"}

KINDS = (
    Declared(
        pulumi_type="aws:ssm/parameter:Parameter",
        service="ssm",
        replaces=frozenset({"name", "type"}),
        auto_name=AutoName("name", 1011),
        creating=Call("put_parameter", **_PARAMETER),
        changing=Call("put_parameter", Overwrite=lambda _: True, **_PARAMETER),
        removing=Call("delete_parameter", Name=ID),
        identity="name",
        outputs=lambda aws, inputs, _: {"arn": aws.arn("ssm", f"parameter/{inputs['name']}")},
    ),
)
