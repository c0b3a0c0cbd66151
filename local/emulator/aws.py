"""boto3 clients that can reach the emulator and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, MutableMapping
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
# What Python cannot spell as boto3 does, or what we call by a shorter name.
_SERVICES = {"lambda_": "lambda", "cognito": "cognito-idp"}


def forget_real_accounts(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the user's AWS profile, credentials and endpoints from this process and all that it starts.

    Only the emulator is called; after this, a mistake could not reach a real account either.
    """
    for name in [name for name in environment if name.startswith("AWS_") or name in _CA_BUNDLES]:
        del environment[name]
    environment["AWS_CONFIG_FILE"] = os.devnull
    environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environment["AWS_EC2_METADATA_DISABLED"] = "true"


class Aws:
    """One region of the emulator at `endpoint`. An attribute is the client of that service: `aws.s3`.

    Any service that boto3 knows has a client; the annotations only tell mypy which type some of them are.
    """

    if TYPE_CHECKING:
        apigateway: APIGatewayClient
        cloudfront: CloudFrontClient
        cloudwatch: CloudWatchClient
        cognito: CognitoIdentityProviderClient
        dynamodb: DynamoDBClient
        iam: IAMClient
        lambda_: LambdaClient
        logs: CloudWatchLogsClient
        s3: S3Client
        scheduler: EventBridgeSchedulerClient
        sns: SNSClient
        sqs: SQSClient

    def __init__(self, endpoint: str, region: str = DEFAULT_REGION) -> None:
        self.endpoint = endpoint
        self.region = region
        self.running = True
        """False until the emulator answers: a plan may be made before, and finds an AWS with nothing in it."""
        self.certificate: Path | None = None
        """What to trust, if the endpoint is reached by TLS. There is none before the emulator has started."""
        self._clients: dict[str, Any] = {}
        self._regions: dict[str, Aws] = {region: self}
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.client(_SERVICES.get(name, name))

    def client(self, service: str) -> Any:
        """The client of a service, by its name in boto3. It is made when it is first asked for."""
        if service not in self._clients:
            with self._lock:  # boto3 sessions are not safe to make clients from in several threads
                if service not in self._clients:
                    self._clients[service] = self._make(service)
        return self._clients[service]

    def warm_up(self, services: Iterable[str]) -> None:
        """Make these clients now: a second of processor time for all, which can pass while the emulator starts."""
        for service in services:
            self.client(service)

    def at(self, region: str | None) -> Aws:
        """The same AWS in another region; this one if `region` is empty."""
        with self._lock:
            if not region or region == self.region:
                return self
            if region not in self._regions:
                self._regions[region] = Aws(self.endpoint, region)
            self._regions[region].running, self._regions[region].certificate = self.running, self.certificate
            return self._regions[region]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{PARTITION}:{service}:{self.region}:{ACCOUNT}:{resource}"

    def _make(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        from local.emulator.limits import refuse_what_aws_refuses

        config = Config(
            signature_version="s3v4" if service == "s3" else None,
            s3={"addressing_style": "path"},
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
        )
        make: Any = boto3.client
        client = make(
            service,
            endpoint_url=self.endpoint,
            verify=str(self.certificate) if self.certificate else None,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator accepts any
            config=config,
        )
        client.meta.events.register("provide-client-params", refuse_what_aws_refuses)
        return client
