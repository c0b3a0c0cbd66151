"""Functions, layers, invoke permissions, failure destinations and event source mappings."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import Call, Declared, setting
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal

_CODE = frozenset({"code", "architectures"})
_LAYER = frozenset({"layerName", "code", "compatibleRuntimes", "compatibleArchitectures", "description", "licenseInfo"})
_STATEMENT = frozenset({"statementId", "function", "action", "principal", "sourceArn", "sourceAccount"})
_DEFAULT_TIMEOUT_SECONDS = 3
_DEFAULT_MEMORY_MEGABYTES = 128


class Function(Kind):
    pulumi_type = "aws:lambda/function:Function"
    service = "lambda"
    accepts = _CODE | {
        "name", "role", "handler", "runtime", "description", "timeout", "memorySize", "environment", "layers",
        "loggingConfig", "deadLetterConfig", "tracingConfig", "ephemeralStorage", "reservedConcurrentExecutions",
    }  # fmt: skip
    replaces = frozenset({"name"})
    auto_name = AutoName("name", 64)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.lambda_.create_function(
            FunctionName=inputs["name"],
            Code={"ZipFile": inputs["code"].data},
            Architectures=inputs.get("architectures", ["x86_64"]),
            **_configuration(inputs),
        )
        if "reservedConcurrentExecutions" in inputs:
            _reserve(aws, inputs["name"], inputs)
        return self._made(aws, inputs, answer)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        answer: Any = {}
        if any(made.inputs.get(name) != inputs.get(name) for name in _CODE):
            answer = aws.lambda_.update_function_code(
                FunctionName=made.id,
                ZipFile=inputs["code"].data,
                Architectures=inputs.get("architectures", ["x86_64"]),
            )
        if _configuration(made.inputs) != _configuration(inputs):
            answer = aws.lambda_.update_function_configuration(FunctionName=made.id, **_configuration(inputs))
        if made.inputs.get("reservedConcurrentExecutions") != inputs.get("reservedConcurrentExecutions"):
            _reserve(aws, made.id, inputs)
        return self._made(aws, inputs, made.outputs | answer)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.lambda_.delete_function(FunctionName=made.id)

    def _made(self, aws: Aws, inputs: Inputs, answer: Any) -> Made:
        arn = aws.arn("lambda", f"function:{inputs['name']}")
        invoke = f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
        outputs = {
            "arn": arn,
            "invokeArn": invoke,
            "qualifiedArn": f"{arn}:$LATEST",
            "version": "$LATEST",
            "lastModified": answer.get("LastModified", ""),
        }
        return Made(inputs["name"], inputs, outputs)


def _mapping(inputs: Inputs) -> dict[str, Any]:
    return {
        "FunctionName": inputs["functionName"],
        "BatchSize": inputs.get("batchSize", 10),
        "MaximumBatchingWindowInSeconds": inputs.get("maximumBatchingWindowInSeconds", 0),
        "FunctionResponseTypes": inputs.get("functionResponseTypes", []),
        "ScalingConfig": pascal(inputs.get("scalingConfig", {})),
        "Enabled": inputs.get("enabled", True),
    }


def _configuration(inputs: Inputs) -> dict[str, Any]:
    """All that is not code. Complete, so that what the program stops saying returns to its default."""
    given = chosen(
        inputs,
        Role="role",
        Handler="handler",
        Runtime="runtime",
        LoggingConfig="loggingConfig",
        DeadLetterConfig="deadLetterConfig",
        TracingConfig="tracingConfig",
        EphemeralStorage="ephemeralStorage",
    )
    return {
        **pascal(given),
        "Description": inputs.get("description", ""),
        "Timeout": inputs.get("timeout", _DEFAULT_TIMEOUT_SECONDS),
        "MemorySize": inputs.get("memorySize", _DEFAULT_MEMORY_MEGABYTES),
        "Environment": {"Variables": inputs.get("environment", {}).get("variables", {})},
        "Layers": inputs.get("layers", []),
    }


def _reserve(aws: Aws, name: str, inputs: Inputs) -> None:
    reserved = inputs.get("reservedConcurrentExecutions", -1)
    if reserved >= 0:
        aws.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    else:
        aws.lambda_.delete_function_concurrency(FunctionName=name)


_LAYER_VERSION = Declared(
    pulumi_type="aws:lambda/layerVersion:LayerVersion",
    service="lambda",
    accepts=_LAYER,
    replaces=_LAYER,
    creating=Call(
        "publish_layer_version",
        lambda inputs, _: {
            "LayerName": inputs["layerName"],
            "Content": {"ZipFile": inputs["code"].data},
            **chosen(
                inputs,
                CompatibleRuntimes="compatibleRuntimes",
                CompatibleArchitectures="compatibleArchitectures",
                Description="description",
                LicenseInfo="licenseInfo",
            ),
        },
    ),
    removing=Call(
        "delete_layer_version",
        lambda inputs, arn: {"LayerName": inputs["layerName"], "VersionNumber": int(arn.rpartition(":")[2])},
    ),
    identity=lambda _, answer: answer["LayerVersionArn"],
    outputs=lambda _aws, _inputs, answer: {
        "arn": answer["LayerVersionArn"],
        "layerArn": answer["LayerArn"],
        "version": str(answer["Version"]),
    },
)
_EVENT_INVOKE_CONFIG = setting(
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "maximumRetryAttempts",
    "maximumEventAgeInSeconds",
    "destinationConfig",
    service="lambda",
    on="functionName",
    put=(
        "put_function_event_invoke_config",
        lambda inputs: {
            "FunctionName": inputs["functionName"],
            "MaximumRetryAttempts": inputs.get("maximumRetryAttempts", 2),
            "MaximumEventAgeInSeconds": inputs.get("maximumEventAgeInSeconds", 21_600),
            "DestinationConfig": pascal(inputs.get("destinationConfig", {})),
        },
    ),
    remove=("delete_function_event_invoke_config", lambda inputs: {"FunctionName": inputs["functionName"]}),
)
_PERMISSION = Declared(
    pulumi_type="aws:lambda/permission:Permission",
    service="lambda",
    accepts=_STATEMENT,
    replaces=_STATEMENT,
    auto_name=AutoName("statementId", 100),
    creating=Call(
        "add_permission",
        lambda inputs, _: {
            "FunctionName": inputs["function"],
            "StatementId": inputs["statementId"],
            "Action": inputs["action"],
            "Principal": inputs["principal"],
            **chosen(inputs, SourceArn="sourceArn", SourceAccount="sourceAccount"),
        },
    ),
    removing=Call("remove_permission", lambda inputs, name: {"FunctionName": inputs["function"], "StatementId": name}),
    identity=lambda inputs, _: inputs["statementId"],
)
_EVENT_SOURCE_MAPPING = Declared(
    pulumi_type="aws:lambda/eventSourceMapping:EventSourceMapping",
    service="lambda",
    accepts=frozenset(
        {
            "eventSourceArn", "functionName", "batchSize", "maximumBatchingWindowInSeconds", "functionResponseTypes",
            "scalingConfig", "enabled",
        }
    ),
    replaces=frozenset({"eventSourceArn"}),
    creating=Call(
        "create_event_source_mapping",
        lambda inputs, _: {"EventSourceArn": inputs["eventSourceArn"], **_mapping(inputs)},
    ),
    changing=Call("update_event_source_mapping", lambda inputs, uuid: {"UUID": uuid, **_mapping(inputs)}),
    removing=Call("delete_event_source_mapping", lambda _, uuid: {"UUID": uuid}),
    identity=lambda _, answer: answer["UUID"],
    outputs=lambda _aws, _inputs, answer: {"uuid": answer["UUID"]},
)  # fmt: skip

KINDS = (Function(), _LAYER_VERSION, _EVENT_INVOKE_CONFIG, _PERMISSION, _EVENT_SOURCE_MAPPING)
