"""The REST API: contract first."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pulumi
import pulumi_aws as aws

from components.catalogue import Catalogue
from components.contract import deployed_contract
from components.handler_function import FunctionArgs, HandlerFunction
from components.handlers_layer import HandlersLayer
from components.statements import Allow, policy
from components.upload_pipeline import UploadPipeline
from components.user_pool import UserPool
from handlers.logic.uploads import ROOT

STAGE = "v1"
REQUESTS_PER_SECOND = 50
BURST = 100
TIMEOUT_SECONDS = 29  # the gateway gives up after that


class FilesApi(pulumi.ComponentResource):
    """The files API, for signed-in people only.

    Makes: the api function and the role that uploads are signed with, the REST API from the contract with its
    deployment and stage, throttling, and the role by which the gateway writes to the work queue.
    Files of several regions are reprocessed by way of the function, which knows where each one lies; those of a single
    one straight through the gateway.
    Guarantees: every operation wants a token of the pool with the scope that the contract names; a changed contract is
    deployed, an unchanged one is not.
    """

    function: HandlerFunction
    api: aws.apigateway.RestApi
    stage: pulumi.Output[str]
    url: pulumi.Output[str]
    """With the stage as the last part of the path."""

    def __init__(
        self,
        name: str,
        *,
        users: UserPool,
        pipelines: Sequence[UploadPipeline],
        catalogue: Catalogue,
        layer: HandlersLayer,
        log_retention_days: int,
        max_upload_megabytes: int,
        web_origins: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`pipelines` are all whose files it knows; the first, in the stack's own region, is uploaded to."""
        super().__init__("file-notifications:components:FilesApi", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        home = pipelines[0]
        bucket, work = home.bucket, home.work_queue
        several = len(pipelines) > 1
        region = aws.get_region_output().region
        partition = aws.get_partition_output().partition
        account = aws.get_caller_identity_output().account_id
        uploader = aws.iam.Role(
            f"{name}-uploader",
            description="Signs uploads in the name of the person who uploads",
            assume_role_policy=policy(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": account},
                    # A principal that did not exist yet would be refused; the condition names the one that may.
                    "Condition": {
                        "ArnLike": {
                            "aws:PrincipalArn": pulumi.Output.concat(
                                "arn:", partition, ":iam::", account, ":role/", f"{name}-handler-role-*"
                            )
                        }
                    },
                }
            ),
            opts=child,
        )
        upload = Allow(actions=["s3:PutObject"], resources=[pulumi.Output.concat(bucket.arn, f"/{ROOT}/*")])
        may_upload = aws.iam.RolePolicy(
            f"{name}-uploader-policy", role=uploader.name, policy=policy(upload.statement()), opts=child
        )
        self.function = HandlerFunction(
            f"{name}-handler",
            FunctionArgs(
                handler="handlers.api.handler",
                description="Answers the files API",
                layer=layer,
                log_retention_days=log_retention_days,
                environment={
                    "TABLE_NAME": catalogue.table_name,
                    "BUCKET_NAME": bucket.bucket_name,
                    "REGIONS": pulumi.Output.json_dumps([_reached(one) for one in pipelines]),
                    "UPLOADER_ROLE_ARN": uploader.arn,
                    "MAX_UPLOAD_BYTES": str(max_upload_megabytes * 1024 * 1024),
                    "WEB_ORIGINS": " ".join(web_origins),
                },
                allow=[
                    catalogue.allow_list(),
                    *(allow for one in pipelines for allow in (one.bucket.allow_read(), one.bucket.allow_delete())),
                    *(one.work_queue.allow_send() for one in pipelines if several),
                    Allow(actions=["sts:AssumeRole"], resources=[uploader.arn]),
                ],
                timeout_seconds=TIMEOUT_SECONDS,
                memory_megabytes=512,
            ),
            opts=child,
        )
        gateway_role = aws.iam.Role(
            f"{name}-gateway",
            description="Lets the gateway write to the work queue",
            assume_role_policy=policy(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "apigateway.amazonaws.com"},
                    "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                }
            ),
            opts=child,
        )
        may_queue = aws.iam.RolePolicy(
            f"{name}-gateway-policy", role=gateway_role.name, policy=policy(work.allow_send().statement()), opts=child
        )
        body = pulumi.Output.json_dumps(
            deployed_contract(
                user_pool_arn=users.arn,
                handler_uri=self.function.function.invoke_arn,
                queue_uri=None
                if several
                else pulumi.Output.concat(
                    "arn:", partition, ":apigateway:", region, ":sqs:path/", account, "/", work.queue.name
                ),
                queue_role_arn=gateway_role.arn,
                origins=web_origins,
            ),
            sort_keys=True,
        )
        self.api = aws.apigateway.RestApi(
            f"{name}-rest",
            description="Files of this stack",
            body=body,
            endpoint_configuration={"types": "REGIONAL"},
            fail_on_warnings=True,
            opts=child,
        )
        invoke = aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=self.function.function_name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(self.api.execution_arn, "/*/*/*"),
            source_account=account,
            opts=child,
        )
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=self.api.id,
            triggers={"contract": body.apply(lambda text: sha256(text.encode()).hexdigest())},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[invoke, may_queue, may_upload, *self.function.ready]),
        )
        stage = aws.apigateway.Stage(
            f"{name}-stage", rest_api=self.api.id, deployment=deployment.id, stage_name=STAGE, opts=child
        )
        aws.apigateway.MethodSettings(
            f"{name}-throttling",
            rest_api=self.api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={"throttling_rate_limit": REQUESTS_PER_SECOND, "throttling_burst_limit": BURST},
            opts=child,
        )
        self.stage, self.url = stage.stage_name, stage.invoke_url
        self.register_outputs({"url": self.url})


def _reached(pipeline: UploadPipeline) -> dict[str, pulumi.Input[str]]:
    """What the function has to know of a region to reach its files."""
    return {
        "region": pipeline.region,
        "bucket": pipeline.bucket.bucket_name,
        "workQueueUrl": pipeline.work_queue.url,
    }
