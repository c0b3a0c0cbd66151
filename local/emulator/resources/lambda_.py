"""Functions, their layers, who may invoke them, and where failed events go."""

from __future__ import annotations

from typing import Any, ClassVar

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting, chosen, pascal

_CODE = frozenset({"code", "architectures"})
_DEFAULT_TIMEOUT_SECONDS = 3
_DEFAULT_MEMORY_MEGABYTES = 128


class Function(Kind):
    pulumi_type = "aws:lambda/function:Function"
    accepts = _CODE | {
        "name", "role", "handler", "runtime", "description", "timeout", "memorySize", "environment", "layers",
        "loggingConfig", "deadLetterConfig", "tracingConfig", "ephemeralStorage", "reservedConcurrentExecutions",
    }  # fmt: skip
    replaces = frozenset({"name"})
    auto_name: ClassVar = AutoName("name", 64)

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


class LayerVersion(Kind):
    pulumi_type = "aws:lambda/layerVersion:LayerVersion"
    accepts = frozenset(
        {"layerName", "code", "compatibleRuntimes", "compatibleArchitectures", "description", "licenseInfo"}
    )
    replaces = accepts

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        names = chosen(
            inputs,
            CompatibleRuntimes="compatibleRuntimes",
            CompatibleArchitectures="compatibleArchitectures",
            Description="description",
            LicenseInfo="licenseInfo",
        )
        answer = aws.lambda_.publish_layer_version(
            LayerName=inputs["layerName"], Content={"ZipFile": inputs["code"].data}, **names
        )
        arn = answer["LayerVersionArn"]
        return Made(arn, inputs, {"arn": arn, "layerArn": answer["LayerArn"], "version": str(answer["Version"])})

    def delete(self, aws: Aws, made: Made) -> None:
        aws.lambda_.delete_layer_version(LayerName=made.inputs["layerName"], VersionNumber=int(made.outputs["version"]))


class FunctionEventInvokeConfig(Setting):
    pulumi_type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    accepts = frozenset({"functionName", "maximumRetryAttempts", "maximumEventAgeInSeconds", "destinationConfig"})
    replaces = frozenset({"functionName"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        aws.lambda_.put_function_event_invoke_config(
            FunctionName=inputs["functionName"],
            MaximumRetryAttempts=inputs.get("maximumRetryAttempts", 2),
            MaximumEventAgeInSeconds=inputs.get("maximumEventAgeInSeconds", 21_600),
            DestinationConfig=pascal(inputs.get("destinationConfig", {})),
        )
        return Made(inputs["functionName"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.lambda_.delete_function_event_invoke_config(FunctionName=made.id)


class Permission(Kind):
    pulumi_type = "aws:lambda/permission:Permission"
    accepts = frozenset({"statementId", "function", "action", "principal", "sourceArn", "sourceAccount"})
    replaces = accepts
    auto_name: ClassVar = AutoName("statementId", 100)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        aws.lambda_.add_permission(
            FunctionName=inputs["function"],
            StatementId=inputs["statementId"],
            Action=inputs["action"],
            Principal=inputs["principal"],
            **chosen(inputs, SourceArn="sourceArn", SourceAccount="sourceAccount"),
        )
        return Made(inputs["statementId"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.lambda_.remove_permission(FunctionName=made.inputs["function"], StatementId=made.id)


class EventSourceMapping(Kind):
    pulumi_type = "aws:lambda/eventSourceMapping:EventSourceMapping"
    accepts = frozenset(
        {
            "eventSourceArn",
            "functionName",
            "batchSize",
            "maximumBatchingWindowInSeconds",
            "functionResponseTypes",
            "scalingConfig",
            "enabled",
        }
    )
    replaces = frozenset({"eventSourceArn"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        answer = aws.lambda_.create_event_source_mapping(EventSourceArn=inputs["eventSourceArn"], **_reading(inputs))
        return Made(answer["UUID"], inputs, {"uuid": answer["UUID"]})

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        aws.lambda_.update_event_source_mapping(UUID=made.id, **_reading(inputs))
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.lambda_.delete_event_source_mapping(UUID=made.id)


def _reading(inputs: Inputs) -> dict[str, Any]:
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


KINDS = (Function(), LayerVersion(), FunctionEventInvokeConfig(), Permission(), EventSourceMapping())
