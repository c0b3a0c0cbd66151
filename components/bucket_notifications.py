"""The one notification configuration of the bucket."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.handler_function import HandlerFunction
from components.upload_bucket import UploadBucket
from domain.events import Action

S3_EVENTS: dict[Action, str] = {
    "created": "s3:ObjectCreated:*",
    "removed": "s3:ObjectRemoved:*",
    "restored": "s3:ObjectRestore:Completed",
}


class BucketNotifications(pulumi.ComponentResource):
    """Hands the bucket's events to one function.

    Makes: the permission, then the bucket notification. S3 keeps one configuration a bucket and replaces it as a
    whole, so nothing else may write it.
    Guarantees: S3 finds the function invocable when it checks (otherwise "Unable to validate the following destination
    configurations"), and no other bucket or account can invoke it.
    """

    def __init__(
        self,
        name: str,
        *,
        bucket: UploadBucket,
        function: HandlerFunction,
        actions: Sequence[Action],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:BucketNotifications", name, None, opts)
        permission = aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=function.function_name,
            principal="s3.amazonaws.com",
            source_arn=bucket.arn,
            source_account=aws.get_caller_identity_output().account_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.s3.BucketNotification(
            f"{name}-notification",
            bucket=bucket.bucket_name,
            lambda_functions=[
                {
                    "id": "notify",
                    "lambda_function_arn": function.arn,
                    "events": [S3_EVENTS[action] for action in S3_EVENTS if action in actions],
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, *function.ready]),
        )
        self.register_outputs({})
