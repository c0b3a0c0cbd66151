"""boto3 clients for one stack, on AWS or on the local stack's endpoint, and the meaning of AWS's error codes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# Longer than the timeout of every function that a command invokes: no command gives up on a running one.
INVOCATION_SECONDS = 150

_ABSENT = {
    "404",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchKey",
    "NotFound",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "UserNotFoundException",
}
_DENIED = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "Forbidden",
}
_UNKNOWN_CALLER = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


def is_absent(error: ClientError) -> bool:
    """Whether the resource of the request does not exist."""
    return code(error) in _ABSENT


def is_denied(error: ClientError) -> bool:
    """Whether the caller is not allowed to make the request."""
    return code(error) in _DENIED


def is_unknown_caller(error: ClientError) -> bool:
    """Whether AWS does not accept the credentials, or no longer."""
    return code(error) in _UNKNOWN_CALLER


def code(error: ClientError) -> str:
    """AWS's error code; empty if there is none."""
    return str(error.response.get("Error", {}).get("Code", ""))


@dataclass
class Aws:
    """Clients for one region; with an `endpoint`, for the emulator at that URL and nothing else."""

    region: str
    endpoint: str | None = None
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def _client(self, service: str, **options: Any) -> Any:
        import boto3
        from botocore.config import Config

        config: dict[str, Any] = {
            "retries": {"mode": "standard", "total_max_attempts": 5},
            "connect_timeout": 5,
            "read_timeout": 60,
            "max_pool_connections": 16,
            **options,
        }
        given: dict[str, Any] = {"region_name": self.region, "config": Config(**config)}
        if self.endpoint is not None:
            config["retries"] = {"mode": "standard", "total_max_attempts": 2}  # it answers, or it is gone
            given["config"] = Config(**config)
            # Whatever profile or endpoint the person's environment names, only the local stack is meant.
            given |= {"endpoint_url": self.endpoint, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        with self._making:  # boto3's default session is not safe to make clients from in several threads
            make: Any = boto3.client
            return make(service, **given)

    @cached_property
    def s3(self) -> S3Client:
        style = {"s3": {"addressing_style": "path"}} if self.endpoint is not None else {}
        client: S3Client = self._client("s3", **style)
        return client

    @cached_property
    def sns(self) -> SNSClient:
        client: SNSClient = self._client("sns")
        return client

    @cached_property
    def sqs(self) -> SQSClient:
        client: SQSClient = self._client("sqs")
        return client

    @cached_property
    def lambda_(self) -> LambdaClient:
        client: LambdaClient = self._client("lambda", read_timeout=INVOCATION_SECONDS)
        return client

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        client: CloudWatchLogsClient = self._client("logs")
        return client

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        client: CloudWatchClient = self._client("cloudwatch")
        return client

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        client: DynamoDBClient = self._client("dynamodb")
        return client

    @cached_property
    def scheduler(self) -> EventBridgeSchedulerClient:
        client: EventBridgeSchedulerClient = self._client("scheduler")
        return client

    @cached_property
    def cognito(self) -> CognitoIdentityProviderClient:
        client: CognitoIdentityProviderClient = self._client("cognito-idp")
        return client
