"""Functions, layers, invoke permissions, failure destinations and event source mappings."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.declared import ID, Call, Declared, Value, setting
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, chosen, pascal

_CODE = frozenset({"code", "architectures"})
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


_MAPPING: dict[str, Value] = {
    "FunctionName": "functionName",
    "BatchSize": lambda made: made.inputs.get("batchSize", 10),
    "MaximumBatchingWindowInSeconds": lambda made: made.inputs.get("maximumBatchingWindowInSeconds", 0),
    "FunctionResponseTypes": lambda made: made.inputs.get("functionResponseTypes", []),
    "ScalingConfig": lambda made: pascal(made.inputs.get("scalingConfig", {})),
    "Enabled": lambda made: made.inputs.get("enabled", True),
}
_LAYER_VERSION = Declared(
    pulumi_type="aws:lambda/layerVersion:LayerVersion",
    service="lambda",
    also=frozenset({"code"}),
    creating=Call(
        "publish_layer_version",
        LayerName="layerName",
        Content=lambda made: {"ZipFile": made.inputs["code"].data},
        CompatibleRuntimes="compatibleRuntimes",
        CompatibleArchitectures="compatibleArchitectures",
        Description="description",
        LicenseInfo="licenseInfo",
    ),
    removing=Call(
        "delete_layer_version", LayerName="layerName", VersionNumber=lambda made: int(made.outputs["version"])
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
    service="lambda",
    on="functionName",
    put=Call(
        "put_function_event_invoke_config",
        FunctionName="functionName",
        MaximumRetryAttempts=lambda made: made.inputs.get("maximumRetryAttempts", 2),
        MaximumEventAgeInSeconds=lambda made: made.inputs.get("maximumEventAgeInSeconds", 21_600),
        DestinationConfig=lambda made: pascal(made.inputs.get("destinationConfig", {})),
    ),
    remove=Call("delete_function_event_invoke_config", FunctionName=ID),
    also=frozenset({"maximumRetryAttempts", "maximumEventAgeInSeconds", "destinationConfig"}),
)
_RECURSION_CONFIG = setting(
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
    service="lambda",
    on="functionName",
    put=Call("put_function_recursion_config", FunctionName="functionName", RecursiveLoop="recursiveLoop"),
    # As AWS's provider does: there is always one, and the function may be invoked in a loop no more.
    remove=Call("put_function_recursion_config", FunctionName=ID, RecursiveLoop=lambda _: "Terminate"),
)
_PERMISSION = Declared(
    pulumi_type="aws:lambda/permission:Permission",
    service="lambda",
    auto_name=AutoName("statementId", 100),
    creating=Call(
        "add_permission",
        FunctionName="function",
        Qualifier="qualifier",
        StatementId="statementId",
        Action="action",
        Principal="principal",
        SourceArn="sourceArn",
        SourceAccount="sourceAccount",
    ),
    removing=Call("remove_permission", FunctionName="function", Qualifier="qualifier", StatementId=ID),
    identity="statementId",
)
_EVENT_SOURCE_MAPPING = Declared(
    pulumi_type="aws:lambda/eventSourceMapping:EventSourceMapping",
    service="lambda",
    also=frozenset(
        {"batchSize", "maximumBatchingWindowInSeconds", "functionResponseTypes", "scalingConfig", "enabled"}
    ),
    replaces=frozenset({"eventSourceArn"}),
    creating=Call("create_event_source_mapping", EventSourceArn="eventSourceArn", **_MAPPING),
    changing=Call("update_event_source_mapping", UUID=ID, **_MAPPING),
    removing=Call("delete_event_source_mapping", UUID=ID),
    identity=lambda _, answer: answer["UUID"],
    outputs=lambda _aws, _inputs, answer: {"uuid": answer["UUID"]},
)

KINDS = (Function(), _LAYER_VERSION, _EVENT_INVOKE_CONFIG, _RECURSION_CONFIG, _PERMISSION, _EVENT_SOURCE_MAPPING)
