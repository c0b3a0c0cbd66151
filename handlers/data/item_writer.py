"""Conditional writes of single items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeSerializer

from handlers.data.items import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

_serialize = TypeSerializer().serialize


@dataclass(frozen=True)
class ItemWriter:
    """Writes single items of one table, each with one conditional UpdateItem."""

    client: DynamoDBClient
    table: str

    def update(
        self, item_id: str, sets: Mapping[str, object], removes: Iterable[str], condition: ConditionBase
    ) -> None:
        """Write on a condition. Raises ClientError, also if it does not hold."""
        self.client.update_item(**self._request(item_id, sets, removes, condition))

    def attempt(
        self, item_id: str, sets: Mapping[str, object], removes: Iterable[str], condition: ConditionBase
    ) -> tuple[bool, dict[str, Any]]:
        """Write on a condition. Returns whether it held, and the item: as it is then, or as it was if refused."""
        request = self._request(item_id, sets, removes, condition)
        request |= {"ReturnValues": "ALL_NEW", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        try:
            return True, plain(self.client.update_item(**request)["Attributes"])
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            return False, plain(refused.response.get("Item", {}))  # type: ignore[arg-type]

    def _request(
        self, item_id: str, sets: Mapping[str, object], removes: Iterable[str], condition: ConditionBase
    ) -> UpdateItemInputTypeDef:
        built = ConditionExpressionBuilder().build_expression(condition)
        set_names = {f"#s{number}": name for number, name in enumerate(sets)}
        remove_names = {f"#r{number}": name for number, name in enumerate(removes)}
        values = {f":s{number}": value for number, value in enumerate(sets.values())}
        clauses = []
        if sets:
            clauses.append("SET " + ", ".join(f"#s{number} = :s{number}" for number in range(len(sets))))
        if remove_names:
            clauses.append("REMOVE " + ", ".join(remove_names))
        return {
            "TableName": self.table,
            "Key": {"id": {"S": item_id}},
            "UpdateExpression": " ".join(clauses),
            "ConditionExpression": built.condition_expression,
            "ExpressionAttributeNames": {**built.attribute_name_placeholders, **set_names, **remove_names},
            "ExpressionAttributeValues": {
                name: _serialize(value) for name, value in {**built.attribute_value_placeholders, **values}.items()
            },
        }
