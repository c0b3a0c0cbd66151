"""The table that knows every file."""

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

    table: aws.dynamodb.Table
    table_name: pulumi.Output[str]

    def __init__(self, name: str, *, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:Catalogue", name, None, opts)
        self.table = aws.dynamodb.Table(
            f"{name}-table",
            billing_mode="PAY_PER_REQUEST",
            hash_key=TABLE.key,
            attributes=[{"name": name, "type": "S"} for name in TABLE.key_attributes],
            global_secondary_indexes=[
                {
                    "name": TABLE.index,
                    "hash_key": TABLE.index_key,
                    "range_key": TABLE.index_sort_key,
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
        self.table_name = self.table.name
        self.register_outputs({"table_name": self.table_name})

    def allow_write(self) -> Allow:
        """To read and change single items: no listing, no scan, no delete."""
        return write_single_items(self.table.arn)

    def allow_list(self) -> Allow:
        """To read items and the index, and to keep counted days: still no scan, no delete."""
        return Allow(
            actions=["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem"],
            resources=[self.table.arn, pulumi.Output.concat(self.table.arn, f"/index/{INDEX}")],
        )


def write_single_items(table_arn: pulumi.Input[str]) -> Allow:
    """What a function that follows files needs of a table."""
    return Allow(actions=["dynamodb:GetItem", "dynamodb:UpdateItem"], resources=[table_arn])
