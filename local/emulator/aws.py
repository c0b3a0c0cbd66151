"""boto3 clients that can reach the embedded AWS and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import MutableMapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

ACCOUNT = "000000000000"
PARTITION = "aws"
DEFAULT_REGION = "us-east-1"

_CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def forget_real_accounts(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the person's AWS profile, credentials and endpoints out of this process and all it starts.

    Only the embedded AWS is ever talked to; after this, a slip could not reach a real account either.
    """
    for name in [name for name in environment if name.startswith("AWS_") or name in _CA_BUNDLES]:
        del environment[name]
    environment["AWS_CONFIG_FILE"] = os.devnull
    environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environment["AWS_EC2_METADATA_DISABLED"] = "true"


class Aws:
    """One region of the embedded AWS at `endpoint`."""

    def __init__(self, endpoint: str, region: str = DEFAULT_REGION) -> None:
        self.endpoint = endpoint
        self.region = region
        self.running = True
        """False until the emulator answers: a plan may be made before, and finds an AWS with nothing in it."""
        self.certificate: Path | None = None
        """What to trust, if the endpoint is reached by TLS. There is none before the emulator has started."""
        self._regions: dict[str, Aws] = {region: self}
        self._making = threading.RLock()

    def at(self, region: str | None) -> Aws:
        """The same AWS in another region; this one if `region` is empty."""
        with self._making:
            if not region or region == self.region:
                return self
            if region not in self._regions:
                self._regions[region] = Aws(self.endpoint, region)
            self._regions[region].running, self._regions[region].certificate = self.running, self.certificate
            return self._regions[region]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{PARTITION}:{service}:{self.region}:{ACCOUNT}:{resource}"

    def warm_up(self) -> None:
        """Make all clients now: it takes a second of processor time that can pass while the emulator starts."""
        for name, maker in vars(type(self)).items():
            if isinstance(maker, cached_property):
                getattr(self, name)

    def _client(self, service: str) -> Any:
        """A new client. boto3 sessions are not safe to make clients from in several threads, so they take turns."""
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4" if service == "s3" else None,
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
        )
        with self._making:
            make: Any = boto3.client
            return make(
                service,
                endpoint_url=self.endpoint,
                verify=str(self.certificate) if self.certificate else None,
                region_name=self.region,
                aws_access_key_id="test",
                aws_secret_access_key="test",  # noqa: S106 - the embedded AWS takes any
                config=config,
            )

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = self._client("s3")
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
    def iam(self) -> IAMClient:
        client: IAMClient = self._client("iam")
        return client

    @cached_property
    def lambda_(self) -> LambdaClient:
        client: LambdaClient = self._client("lambda")
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
    def apigateway(self) -> APIGatewayClient:
        client: APIGatewayClient = self._client("apigateway")
        return client

    @cached_property
    def cloudfront(self) -> CloudFrontClient:
        client: CloudFrontClient = self._client("cloudfront")
        return client

    @cached_property
    def cognito(self) -> CognitoIdentityProviderClient:
        client: CognitoIdentityProviderClient = self._client("cognito-idp")
        return client
