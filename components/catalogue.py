"""The DynamoDB table of files."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.statements import Allow
from domain.topology import INDEX, TABLE


class Catalogue(pulumi.ComponentResource):
    """One item for each object, and an index that lists them newest first.

    Makes: an on-demand table with point-in-time recovery, its index, and the removal of expired items. Its stream is
    on, which costs nothing and lets replicas in other regions come and go without a change to the table.
    Guarantees: the index holds only what does not change after an upload, so that only uploads pay for it. While
    `protect` is true, neither an update nor a destroy nor AWS's console deletes the table.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Catalogue", name, None, opts)
        table = aws.dynamodb.Table(
            f"{name}-table",
            billing_mode="PAY_PER_REQUEST",
            hash_key=TABLE.key,
            attributes=[{"name": key, "type": "S"} for key in TABLE.key_attributes],
            global_secondary_indexes=[
                {
                    "name": TABLE.index,
                    "key_schemas": [
                        {"attribute_name": TABLE.index_key, "key_type": "HASH"},
                        {"attribute_name": TABLE.index_sort_key, "key_type": "RANGE"},
                    ],
                    "projection_type": "INCLUDE",
                    "non_key_attributes": list(TABLE.index_attributes),
                }
            ],
            ttl={"attribute_name": TABLE.expires, "enabled": True},
            point_in_time_recovery={"enabled": True},
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            deletion_protection_enabled=protect,
            # Replicas are resources of their own, see CatalogueReplica; a refresh finds them on the table as well.
            opts=pulumi.ResourceOptions(
                parent=self, protect=protect, retain_on_delete=protect, ignore_changes=["replicas"]
            ),
        )
        self.name, self.arn = table.name, table.arn
        self.register_outputs({"name": self.name})

    def allow_write(self) -> Allow:
        """To read and change single items: no listing, no scan, no delete."""
        return allow_single_items(self.arn)

    def allow_update(self) -> Allow:
        """To change single items, and not to read any but by a refused change."""
        return Allow(actions=["dynamodb:UpdateItem"], resources=[self.arn])

    def allow_list(self) -> Allow:
        """To read items and the index, and to keep counted days: still no scan, no delete."""
        return Allow(
            actions=["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem"],
            resources=[self.arn, pulumi.Output.concat(self.arn, f"/index/{INDEX}")],
        )


def allow_single_items(table_arn: pulumi.Input[str]) -> Allow:
    """To read and change single items of a table."""
    return Allow(actions=["dynamodb:GetItem", "dynamodb:UpdateItem"], resources=[table_arn])
