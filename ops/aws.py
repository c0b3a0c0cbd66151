"""boto3 clients for one stack, on AWS or on the local stack's endpoint, and the meaning of AWS's error codes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

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

T = TypeVar("T")

# Longer than the timeout of every function that a command invokes: no command gives up on a running one.
INVOCATION_SECONDS = 150

# What Python cannot spell as boto3 does, or what we call by a shorter name.
_SERVICES = {"lambda_": "lambda", "cognito": "cognito-idp"}
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


def if_there(ask: Callable[..., T], **request: Any) -> T | None:
    """AWS's answer to a request; None if the resource of the request does not exist."""
    from botocore.exceptions import ClientError

    try:
        return ask(**request)
    except ClientError as error:
        if is_absent(error):
            return None
        raise


def is_denied(error: ClientError) -> bool:
    """Whether the caller is not allowed to make the request."""
    return code(error) in _DENIED


def is_unknown_caller(error: ClientError) -> bool:
    """Whether AWS does not accept the credentials, or no longer."""
    return code(error) in _UNKNOWN_CALLER


def code(error: ClientError) -> str:
    """AWS's error code; empty if there is none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message(error: ClientError) -> str:
    """AWS's own words, or its error code where it has none, without a full stop: a sentence goes on after it."""
    return str(error.response.get("Error", {}).get("Message") or code(error)).rstrip(".")


class Aws:
    """Clients for one region; with an `endpoint`, for the emulator at that URL and nothing else.

    An attribute is the client of that service, made when it is first used: `aws.s3`. The annotations only tell mypy its
    type. The emulator's own class does the same: neither may import the other, and what they share is no more than this
    list of names.
    """

    if TYPE_CHECKING:
        cloudwatch: CloudWatchClient
        cognito: CognitoIdentityProviderClient
        dynamodb: DynamoDBClient
        events: Any
        guardduty: Any
        iam: Any
        lambda_: LambdaClient
        logs: CloudWatchLogsClient
        s3: S3Client
        scheduler: EventBridgeSchedulerClient
        sns: SNSClient
        sqs: SQSClient

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self.region = region
        self.endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        with self._lock:  # boto3's default session is not safe to make clients from in several threads
            if name not in self._clients:
                self._clients[name] = self._make(_SERVICES.get(name, name))
            return self._clients[name]

    def _make(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        config: dict[str, Any] = {
            "retries": {"mode": "standard", "total_max_attempts": 5},
            "connect_timeout": 5,
            "read_timeout": INVOCATION_SECONDS if service == "lambda" else 60,
            "max_pool_connections": 16,
        }
        options: dict[str, Any] = {"region_name": self.region}
        if self.endpoint is not None:
            config["retries"] = {"mode": "standard", "total_max_attempts": 2}  # it answers, or it is gone
            config["s3"] = {"addressing_style": "path"}
            # Whatever profile or endpoint the user's environment names, only the emulator is meant.
            options |= {"endpoint_url": self.endpoint, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        make: Any = boto3.client
        return make(service, config=Config(**config), **options)
