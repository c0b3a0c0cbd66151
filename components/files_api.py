"""The REST API: contract first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pulumi
import pulumi_aws as aws

from components.audit_log import AuditLog
from components.catalogue import Catalogue
from components.contract import deployed_contract
from components.file_processing import FileProcessing
from components.handler_function import FunctionArgs, HandlerFunction
from components.roles import function_role, role_policy
from components.settings import Settings
from components.statements import Allow, policy
from components.user_pool import UserPool
from domain.access import ACCESS_FILE
from domain.topology import UPLOAD_ROOT

STAGE = "v1"
REQUESTS_PER_SECOND = 50
BURST = 100
TIMEOUT_SECONDS = 29  # the gateway gives up after that


@dataclass(frozen=True, kw_only=True)
class FilesApiArgs:
    """`processing` are all regions whose files it knows; the first, the primary one, is uploaded to."""

    settings: Settings
    users: UserPool
    processing: Sequence[FileProcessing]
    catalogue: Catalogue
    audit_log: AuditLog


class FilesApi(pulumi.ComponentResource):
    """The files API, for signed-in users only.

    Makes: the api function and the roles by which it uploads and deletes in a person's name, the REST API from the
    contract with its deployment and stage, throttling.
    Guarantees: every operation requires a token of the pool with the scope that the contract names; a changed contract
    is deployed, an unchanged one is not.
    """

    name: pulumi.Output[str]
    url: pulumi.Output[str]
    """With the stage as the last part of the path."""
    function: HandlerFunction
    stage: pulumi.Output[str]

    def __init__(self, name: str, args: FilesApiArgs, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("file-notifications:components:FilesApi", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = function_role(f"{name}-role", parent=self)
        personal: dict[str, aws.iam.Role] = {}
        granted: list[pulumi.Resource] = []
        for part, (description, allow) in _personal(args).items():
            personal[part] = self._personal_role(f"{name}-{part}", role, description)
            granted.append(role_policy(f"{name}-{part}-policy", personal[part], allow, parent=self))
        self.function = HandlerFunction(name, _function(args, role, personal), opts=child)
        body = pulumi.Output.json_dumps(
            deployed_contract(
                user_pool_arn=args.users.arn, handler_uri=self.function.invoke_arn, origins=args.settings.web_origins
            ),
            sort_keys=True,
        )
        api = aws.apigateway.RestApi(
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
            function=self.function.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*/*"),
            opts=child,
        )
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=api.id,
            triggers={"contract": body.apply(lambda text: sha256(text.encode()).hexdigest())},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[invoke, *granted]),
        )
        stage = aws.apigateway.Stage(
            f"{name}-stage", rest_api=api.id, deployment=deployment.id, stage_name=STAGE, opts=child
        )
        aws.apigateway.MethodSettings(
            f"{name}-throttling",
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={"throttling_rate_limit": REQUESTS_PER_SECOND, "throttling_burst_limit": BURST},
            opts=child,
        )
        self.name, self.stage, self.url = api.name, stage.stage_name, stage.invoke_url
        self.register_outputs({"url": self.url})

    def _personal_role(self, name: str, role: aws.iam.Role, description: str) -> aws.iam.Role:
        """A role whose sessions are named after people, which only the function's `role` may assume."""
        return aws.iam.Role(
            name,
            description=description,
            assume_role_policy=policy(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    # The account, and by a condition the role: as a principal IAM would refuse one that was made a
                    # moment ago, and forget one that is made anew under the same name.
                    "Principal": {"AWS": aws.get_caller_identity_output().account_id},
                    "Condition": {"ArnEquals": {"aws:PrincipalArn": role.arn}},
                }
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _personal(args: FilesApiArgs) -> dict[str, tuple[str, list[Allow]]]:
    """What is done in a person's name, with what it needs. Nothing where there are no buckets of our own."""
    own = [processing.intake.bucket for processing in args.processing if processing.intake.bucket]
    if not own:
        return {}
    return {
        "uploader": ("Signs uploads in the name of the user who uploads", [own[0].allow_upload(UPLOAD_ROOT)]),
        "remover": (
            "Deletes files in the name of the user who deletes",
            [bucket.allow_delete() for bucket in own],
        ),
    }


def _function(args: FilesApiArgs, role: aws.iam.Role, personal: Mapping[str, aws.iam.Role]) -> FunctionArgs:
    """The api function. `personal` are the roles by which it acts in a person's name; without them it only reads."""
    intakes = [processing.intake for processing in args.processing]
    return FunctionArgs(
        handler="handlers.api.handler",
        description="Answers the files API",
        defaults=intakes[0].function_defaults,
        environment={
            "TABLE_NAME": args.catalogue.name,
            "REGIONS": pulumi.Output.json_dumps([_reached(processing) for processing in args.processing]),
            **{f"{part.upper()}_ROLE_ARN": one.arn for part, one in personal.items()},
            "AUDIT_LOG_GROUP": args.audit_log.name,
            "MAX_UPLOAD_BYTES": str(args.settings.max_upload_megabytes * 1024 * 1024),
            "WEB_ORIGINS": " ".join(args.settings.web_origins),
            "SCAN": args.settings.scan,
        },
        files={
            **intakes[0].rules,
            ACCESS_FILE: json.dumps([grant.as_json() for grant in args.settings.grants], ensure_ascii=False),
        },
        allow=[
            args.catalogue.allow_list(),
            *(allow for intake in intakes for allow in intake.allow_read()),
            *(processing.queue.allow_send() for processing in args.processing),
            args.audit_log.allow_write(),
            *(
                [Allow(actions=["sts:AssumeRole"], resources=[one.arn for one in personal.values()])]
                if personal
                else []
            ),
        ],
        role=role,
        timeout_seconds=TIMEOUT_SECONDS,
        memory_megabytes=512,
    )


def _reached(processing: FileProcessing) -> dict[str, Any]:
    """What the function needs to reach a region's files. `bucket` is our own."""
    intake = processing.intake
    existing = [{"bucket": bucket.name, "prefixes": list(bucket.prefixes)} for bucket in intake.existing]
    return {
        "region": intake.region,
        **({"bucket": intake.bucket.name} if intake.bucket else {}),
        **({"existing": existing} if existing else {}),
        **({"scannedSince": processing.scan.since} if processing.scan else {}),
        "workQueueUrl": processing.queue.url,
    }
