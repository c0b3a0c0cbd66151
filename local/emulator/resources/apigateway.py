"""REST APIs, what of them is deployed, and where it answers."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from local.emulator.aws import PARTITION, Aws
from local.emulator.resources import rest_import
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, Setting
from local.emulator.resources.openapi import Definition, translate
from local.emulator.resources.strict import known

# Property: how UpdateStage calls it.
_LIMITS = {"throttlingBurstLimit": "throttling/burstLimit", "throttlingRateLimit": "throttling/rateLimit"}


class RestApi(Kind):
    """An API out of an OpenAPI document. A changed document is imported again under the same id."""

    pulumi_type = "aws:apigateway/restApi:RestApi"
    accepts = frozenset({"name", "body", "description", "endpointConfiguration", "failOnWarnings"})
    replaces = frozenset({"endpointConfiguration"})  # AWS changes it in place; here nobody would notice
    auto_name: ClassVar = AutoName("name", 255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        definition = translate(json.loads(inputs["body"]))  # first: a refused document leaves no API behind
        api = aws.apigateway.create_rest_api(**_about(inputs, definition), endpointConfiguration=_endpoint(inputs))
        try:
            rest_import.write(aws, api["id"], definition)
        except BaseException:
            aws.apigateway.delete_rest_api(restApiId=api["id"])
            raise
        outputs = {
            "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/restapis/{api['id']}",
            "executionArn": aws.arn("execute-api", api["id"]),
        }
        return Made(api["id"], inputs, outputs)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        definition = translate(json.loads(inputs["body"]))
        changes: list[Any] = [
            {"op": "replace", "path": f"/{name}", "value": value} for name, value in _about(inputs, definition).items()
        ]
        aws.apigateway.update_rest_api(restApiId=made.id, patchOperations=changes)
        rest_import.clear(aws, made.id)
        rest_import.write(aws, made.id, definition)
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.apigateway.delete_rest_api(restApiId=made.id)


class Deployment(Kind):
    pulumi_type = "aws:apigateway/deployment:Deployment"
    accepts = frozenset({"restApi", "description", "triggers"})
    replaces = accepts

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        made = aws.apigateway.create_deployment(restApiId=inputs["restApi"], description=inputs.get("description", ""))
        return Made(made["id"], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.apigateway.delete_deployment(restApiId=made.inputs["restApi"], deploymentId=made.id)


class Stage(Kind):
    pulumi_type = "aws:apigateway/stage:Stage"
    accepts = frozenset({"restApi", "deployment", "description", "stageName"})
    replaces = frozenset({"restApi", "stageName"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        api, stage = inputs["restApi"], inputs["stageName"]
        aws.apigateway.create_stage(
            restApiId=api,
            stageName=stage,
            deploymentId=inputs["deployment"],
            description=inputs.get("description", ""),
        )
        outputs = {
            "arn": f"arn:{PARTITION}:apigateway:{aws.region}::/restapis/{api}/stages/{stage}",
            "executionArn": aws.arn("execute-api", f"{api}/{stage}"),
            "invokeUrl": f"{aws.endpoint}/_aws/execute-api/{api}/{stage}",
        }
        return Made(f"ags-{api}-{stage}", inputs, outputs)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        changes: list[Any] = [
            {"op": "replace", "path": "/deploymentId", "value": inputs["deployment"]},
            {"op": "replace", "path": "/description", "value": inputs.get("description", "")},
        ]
        aws.apigateway.update_stage(restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=changes)
        return Made(made.id, inputs, made.outputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.apigateway.delete_stage(restApiId=made.inputs["restApi"], stageName=made.inputs["stageName"])


class MethodSettings(Setting):
    pulumi_type = "aws:apigateway/methodSettings:MethodSettings"
    accepts = frozenset({"restApi", "stageName", "methodPath", "settings"})
    replaces = frozenset({"restApi", "stageName", "methodPath"})

    def put(self, aws: Aws, inputs: Inputs) -> Made:
        limits = known(inputs["settings"], _LIMITS, "settings")
        self._patch(
            aws,
            inputs,
            [
                {"op": "replace", "path": f"/{inputs['methodPath']}/{_LIMITS[name]}", "value": str(value)}
                for name, value in limits.items()
            ],
        )
        return Made(f"{inputs['restApi']}-{inputs['stageName']}-{inputs['methodPath']}", inputs)

    def update(self, aws: Aws, made: Made, inputs: Inputs) -> Made:
        self.delete(aws, made)
        return self.put(aws, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        self._patch(aws, made.inputs, [{"op": "remove", "path": f"/{made.inputs['methodPath']}"}])

    def _patch(self, aws: Aws, inputs: Inputs, changes: list[Any]) -> None:
        aws.apigateway.update_stage(restApiId=inputs["restApi"], stageName=inputs["stageName"], patchOperations=changes)


def _about(inputs: Inputs, definition: Definition) -> dict[str, Any]:
    """What people see of it. The resource's own words go before the document's."""
    return {
        "name": inputs["name"],
        "description": inputs.get("description", definition.description),
        "version": definition.version,
    }


def _endpoint(inputs: Inputs) -> Any:
    endpoint = known(inputs.get("endpointConfiguration", {}), {"types"}, "endpointConfiguration")
    return {"types": [endpoint.get("types", "EDGE")]}


KINDS = (RestApi(), Deployment(), Stage(), MethodSettings())
