"""The audit log: who did what with which file."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.log_queries import WHO_DID_WHAT, saved_query
from components.statements import Allow


class AuditLog(pulumi.ComponentResource):
    """The log of what people did through the API, apart from the functions' own logs.

    Makes: log group, saved query.
    Guarantees: lines are kept for `retention_days`, however long the functions' logs are. While `protect` is true,
    neither an update nor a destroy deletes it.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, *, retention_days: int, protect: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("file-notifications:components:AuditLog", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            f"{name}-log",
            retention_in_days=retention_days,
            opts=pulumi.ResourceOptions(parent=self, protect=protect, retain_on_delete=protect),
        )
        self.name, self.arn = group.name, group.arn
        saved_query(name, WHO_DID_WHAT, [self.name], opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"name": self.name})

    def allow_write(self) -> Allow:
        """To add lines: no reading, no deleting, no change of how long they are kept."""
        return Allow(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[pulumi.Output.concat(self.arn, ":*")]
        )
