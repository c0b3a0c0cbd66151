"""A provider for Pulumi's own engine: what pulumi-aws is for AWS, the local emulator's kinds are here for the emulator.

The engine starts it as `pulumi-resource-aws`. Environment: AWS_EMULATOR, the emulator's address.
"""

# ruff: noqa: N802, ARG002 - names and parameters are those of Pulumi's protocol

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from botocore.exceptions import ClientError
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.emulator.aws import DEFAULT_REGION, Aws
from local.emulator.engine.contents import plain
from local.emulator.engine.update import is_absent
from local.emulator.resources import TABLE
from local.emulator.resources.kind import Kind, Made
from local.emulator.resources.lookups import LOOKUPS
from tests.engine.plugin import serve

# As the real provider marks what it has chosen itself.
DEFAULTS = "__defaults"


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One for each region. Neither secrets nor references reach it: it asks for neither."""

    aws: Aws

    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=os.environ["AWS_PLUGIN_VERSION"])

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        changed = _changed(_dict(request.old_inputs), _dict(request.news))
        return _diff(changed, replaces=[name for name in changed if name == "region"])

    def Configure(self, request, context):
        self.aws = Aws(os.environ["AWS_EMULATOR"], _dict(request.args).get("region") or DEFAULT_REGION)
        return provider_pb2.ConfigureResponse()

    def Invoke(self, request, context):
        arguments = _dict(request.args)
        with _reported(context):
            found = LOOKUPS[request.tok](self.aws.at(arguments.get("region")), arguments)
            return provider_pb2.InvokeResponse(**{"return": _struct(dict(found))})

    def Check(self, request, context):
        """The inputs with an automatic name where the program gives none. Nothing is ignored silently."""
        kind, news, olds = _kind(request.urn), _dict(request.news), _dict(request.olds)
        news.pop(DEFAULTS, None)
        failures = [
            provider_pb2.CheckFailure(property=name, reason="the emulator's kind does not know it")
            for name in news.keys() - kind.accepts
        ]
        name = kind.auto_name
        if name and name.property not in news:
            kept = olds.get(name.property) if olds.get(DEFAULTS) else None
            made = kept or request.autonaming.proposed_name or name.make(request.urn.split("::")[-1])
            news |= {name.property: made, DEFAULTS: [name.property]}
        return provider_pb2.CheckResponse(inputs=_struct(news), failures=failures)

    def Diff(self, request, context):
        kind, olds, news = _kind(request.urn), _dict(request.old_inputs), _ignoring(request)
        changed = _changed(olds, news)
        replaces = [name for name in changed if name in kind.replaces]
        by_hand = kind.auto_name is not None and DEFAULTS not in news
        return _diff(changed, replaces, first_delete=bool(replaces) and by_hand)

    def Create(self, request, context):
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        with _reported(context):
            made = _kind(request.urn).create(self.aws, _inputs(request.properties))
            return provider_pb2.CreateResponse(id=made.id, properties=_outputs(request.properties, made))

    def Update(self, request, context):
        news = _struct(_ignoring(request))
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_struct({**_dict(request.olds), **_dict(news)}))
        with _reported(context):
            before = _stored(request.id, request.old_inputs, request.olds)
            made = _kind(request.urn).update(self.aws, before, _inputs(news))
            return provider_pb2.UpdateResponse(properties=_outputs(news, made))

    def Read(self, request, context):
        """What a refresh asks for: the emulator's kinds cannot read, so all is as it was."""
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request, context):
        with _reported(context):
            try:
                _kind(request.urn).delete(self.aws, _stored(request.id, request.old_inputs, request.properties))
            except ClientError as error:
                if not is_absent(error):
                    raise
        return Empty()

    def Cancel(self, request, context):
        return Empty()


@contextmanager
def _reported(context: grpc.ServicerContext) -> Iterator[None]:
    """An exception as the answer of the call: the CLI shows it under the resource."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the CLI shows it
        context.abort(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}")


def _kind(urn: str) -> Kind:
    return TABLE[urn.split("::")[2].rpartition("$")[2]]


def _dict(values: Struct) -> dict[str, Any]:
    return dict(json_format.MessageToDict(values))


def _struct(values: dict[str, Any]) -> Struct:
    return json_format.ParseDict(values, Struct())


def _inputs(values: Struct) -> dict[str, Any]:
    """As the kinds take them, with the archives' content."""
    found = plain(rpc.deserialize_properties(values, keep_unknowns=True))
    found.pop(DEFAULTS, None)
    return dict(found)


def _outputs(inputs: Struct, made: Made) -> Struct:
    return _struct({**_dict(inputs), **json.loads(json.dumps(made.outputs, default=str))})


def _stored(identity: str, inputs: Struct, outputs: Struct) -> Made:
    """Of archives the state has nothing but their hash."""

    def without_files(values: Struct) -> Struct:
        return _struct({name: value for name, value in _dict(values).items() if not _is_file(value)})

    return Made(identity, _inputs(without_files(inputs)), _inputs(without_files(outputs)))


def _is_file(value: object) -> bool:
    return isinstance(value, dict) and rpc._special_sig_key in value


def _ignoring(request: Any) -> dict[str, Any]:
    """The new inputs, with the old value of whatever is to be ignored."""
    olds, news = _dict(request.old_inputs), _dict(request.news)
    kept = {name: olds[name] for name in request.ignoreChanges if name in olds}
    return {name: value for name, value in news.items() if name not in request.ignoreChanges} | kept


def _changed(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    def comparable(value: Any) -> Any:
        return value["hash"] if _is_file(value) else value

    names = (olds.keys() | news.keys()) - {DEFAULTS}
    return sorted(name for name in names if comparable(olds.get(name)) != comparable(news.get(name)))


def _diff(changed: list[str], replaces: list[str], *, first_delete: bool = False) -> provider_pb2.DiffResponse:
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if changed else none, diffs=changed, replaces=replaces, deleteBeforeReplace=first_delete
    )


if __name__ == "__main__":
    serve(lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server))
