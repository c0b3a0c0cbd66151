"""The catalogue in an additional region."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.catalogue import Catalogue, allow_single_items
from components.statements import Allow


class CatalogueReplica(pulumi.ComponentResource):
    """The catalogue's table under the same name in the region of its provider.

    Makes: a replica of the global table, with point-in-time recovery.
    Guarantees: what is written in one region is in all others about a second later. While `protect` is true, neither an
    update nor a destroy nor AWS's console deletes the replica; deleting it leaves every item in the other regions.
    """

    name: pulumi.Output[str]
    """The same in every region."""
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, *, catalogue: Catalogue, protect: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("file-notifications:components:CatalogueReplica", name, None, opts)
        replica = aws.dynamodb.TableReplica(
            f"{name}-replica",
            global_table_arn=catalogue.arn,
            point_in_time_recovery=True,
            deletion_protection_enabled=protect,
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
        )
        self.name, self.arn = catalogue.name, replica.arn
        self.register_outputs({"name": self.name})

    def allow_write(self) -> Allow:
        """To read and change single items of this region's replica: no listing, no scan, no delete."""
        return allow_single_items(self.arn)


RegionalCatalogue = Catalogue | CatalogueReplica
"""The catalogue as a region's functions reach it."""
