"""Tables, and their replicas in other regions."""

from __future__ import annotations

from typing import Any

from local.emulator.aws import Aws
from local.emulator.resources.kind import AutoName, Inputs, Kind, Made, pascal

_NOT_CHANGED = frozenset({"name", "hashKey", "rangeKey", "attributes", "globalSecondaryIndexes", "billingMode"})


class Table(Kind):
    pulumi_type = "aws:dynamodb/table:Table"
    service = "dynamodb"
    accepts = _NOT_CHANGED | {
        "ttl", "pointInTimeRecovery", "deletionProtectionEnabled", "streamEnabled", "streamViewType",
    }  # fmt: skip
    replaces = _NOT_CHANGED  # AWS changes indexes and billing in place; an emulator need not wait for it
    auto_name = AutoName("name", 255)

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        request: dict[str, Any] = {
            "TableName": inputs["name"],
            "BillingMode": inputs["billingMode"],
            "AttributeDefinitions": [
                {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
                for attribute in inputs["attributes"]
            ],
            "KeySchema": _keys(inputs),
            "DeletionProtectionEnabled": inputs.get("deletionProtectionEnabled", False),
        }
        if indexes := inputs.get("globalSecondaryIndexes"):
            request["GlobalSecondaryIndexes"] = [_index(index) for index in indexes]
        if inputs.get("streamEnabled"):
            request["StreamSpecification"] = _stream(inputs)
        aws.dynamodb.create_table(**request)
        aws.dynamodb.get_waiter("table_exists").wait(TableName=inputs["name"], WaiterConfig={"Delay": 1})
        self._settings(aws, Made(inputs["name"]), inputs)
        return Made(inputs["name"], inputs, {"arn": aws.arn("dynamodb", f"table/{inputs['name']}")})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        aws.dynamodb.update_table(
            TableName=made.id, DeletionProtectionEnabled=inputs.get("deletionProtectionEnabled", False)
        )
        if _stream(inputs) != _stream(made.inputs):
            aws.dynamodb.update_table(TableName=made.id, StreamSpecification=_stream(inputs))
        self._settings(aws, made, inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        aws.dynamodb.delete_table(TableName=made.id)

    def _settings(self, aws: Aws, made: Made, inputs: Inputs) -> None:
        ttl = inputs.get("ttl")
        if ttl != made.inputs.get("ttl"):
            specification = ttl or {**made.inputs["ttl"], "enabled": False}
            aws.dynamodb.update_time_to_live(TableName=made.id, TimeToLiveSpecification=pascal(specification))
        recovery = inputs.get("pointInTimeRecovery", {"enabled": False})["enabled"]
        aws.dynamodb.update_continuous_backups(
            TableName=made.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery}
        )


class TableReplica(Kind):
    pulumi_type = "aws:dynamodb/tableReplica:TableReplica"
    service = "dynamodb"
    accepts = frozenset({"globalTableArn", "pointInTimeRecovery", "deletionProtectionEnabled"})
    replaces = frozenset({"globalTableArn"})

    def create(self, aws: Aws, inputs: Inputs) -> Made:
        primary, table = self._table(aws, inputs)
        primary.dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": aws.region}}])
        aws.dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        self._settings(aws, table, inputs)
        return Made(f"{table}:{primary.region}", inputs, {"arn": aws.arn("dynamodb", f"table/{table}")})

    def change(self, aws: Aws, made: Made, inputs: Inputs) -> None:  # noqa: ARG002 - found by its inputs
        self._settings(aws, self._table(aws, inputs)[1], inputs)

    def delete(self, aws: Aws, made: Made) -> None:
        primary, table = self._table(aws, made.inputs)
        primary.dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Delete": {"RegionName": aws.region}}])

    def _table(self, aws: Aws, inputs: Inputs) -> tuple[Aws, str]:
        """The region and the name of the table that is replicated."""
        _, _, _, region, _, resource = inputs["globalTableArn"].split(":")
        return aws.at(region), resource.removeprefix("table/")

    def _settings(self, aws: Aws, table: str, inputs: Inputs) -> None:
        aws.dynamodb.update_table(
            TableName=table, DeletionProtectionEnabled=inputs.get("deletionProtectionEnabled", False)
        )
        aws.dynamodb.update_continuous_backups(
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": inputs.get("pointInTimeRecovery", False)},
        )


def _stream(inputs: Inputs) -> Any:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _keys(inputs: Inputs) -> list[Any]:
    roles = {"hashKey": "HASH", "rangeKey": "RANGE"}
    return [{"AttributeName": inputs[name], "KeyType": role} for name, role in roles.items() if name in inputs]


def _index(index: Inputs) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index["projectionType"]}
    if "nonKeyAttributes" in index:
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    return {"IndexName": index["name"], "KeySchema": pascal(index["keySchemas"]), "Projection": projection}


KINDS = (Table(), TableReplica())
