"""The one notification configuration of the bucket."""

from __future__ import annotations

from collections.abc import Collection

import pulumi
import pulumi_aws as aws

from components.handler_function import HandlerFunction
from components.upload_bucket import UploadBucket
from domain.events import Action
from domain.topology import S3_EVENTS


class BucketNotifications(pulumi.ComponentResource):
    """Delivers the bucket's events to one function.

    Makes: the permission, then the bucket notification. S3 keeps one configuration a bucket and replaces it as a
    whole, so nothing else may write it; with `eventbridge` it sends every event to EventBridge as well.
    Guarantees: S3 finds the function invocable when it checks (otherwise "Unable to validate the following destination
    configurations"), and no other bucket or account can invoke it.
    """

    notification: aws.s3.BucketNotification

    def __init__(
        self,
        name: str,
        *,
        bucket: UploadBucket,
        function: HandlerFunction,
        actions: Collection[Action],
        eventbridge: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("file-notifications:components:BucketNotifications", name, None, opts)
        permission = aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="s3.amazonaws.com",
            source_arn=bucket.arn,
            # A bucket's ARN names no account, and buckets can be deleted and made again by others.
            source_account=aws.get_caller_identity_output().account_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.notification = aws.s3.BucketNotification(
            f"{name}-notification",
            bucket=bucket.name,
            eventbridge=eventbridge or None,
            lambda_functions=[
                {
                    "id": "notify",
                    "lambda_function_arn": function.arn,
                    "events": [event for action, event in S3_EVENTS.items() if action in actions],
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, *bucket.ready, *function.ready]),
        )
        self.register_outputs({})
