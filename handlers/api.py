"""Entry: the files API behind API Gateway. components/openapi.yaml is the contract; this file answers it.

The gateway has checked the token and its scopes before a request comes here. Environment: TABLE_NAME, BUCKET_NAME,
REGIONS (JSON: a list of {region, bucket, workQueueUrl}, the stack's own region first), UPLOADER_ROLE_ARN,
MAX_UPLOAD_BYTES, WEB_ORIGINS.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, ServiceError
from botocore.config import Config

from handlers.data.catalogue import Catalogue
from handlers.data.listing import InvalidCursorError, Listing
from handlers.data.stats import Stats
from handlers.logic.files import FilesApi, details_json
from handlers.logic.uploads import RefusedUploadError, person_prefix

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client

SESSION_SECONDS = 900  # STS: the shortest session; a form signed with it dies with it

_CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_SIGNING = _CLIENT.merge(
    Config(
        # Without it boto3 signs with the old scheme, which says nothing about the type of what is uploaded.
        signature_version="s3v4",
        # Without it what is signed names S3's global host. The page may talk to the bucket's regional one only, and a
        # browser does not follow the global one's redirect with a form.
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)

logger = Logger()


def routes(api: FilesApi, seconds_left: Callable[[], float], origins: list[str]) -> APIGatewayRestResolver:
    """The contract's operations, and one shape for every error."""
    cors = CORSConfig(origins[0], extra_origins=origins[1:], allow_headers=["Authorization"]) if origins else None
    app = APIGatewayRestResolver(cors=cors)

    @app.get("/files")
    def list_files() -> dict[str, Any]:
        return api.list_files(app.current_event.query_string_parameters or {})

    @app.get("/files/<file_id>")
    def get_file(file_id: str) -> dict[str, Any]:
        return details_json(api.file(file_id))

    @app.delete("/files/<file_id>")
    def delete_file(file_id: str) -> Response[None]:
        api.delete(file_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @app.get("/files/<file_id>/download")
    def download_file(file_id: str) -> dict[str, Any]:
        return api.download(file_id)

    @app.post("/files/<file_id>/reprocess")  # with a single region the gateway puts it into the queue itself
    def reprocess_file(file_id: str) -> tuple[dict[str, Any], int]:
        return api.reprocess(file_id, _person(app.current_event.raw_event)), HTTPStatus.ACCEPTED

    @app.post("/uploads")
    def create_upload() -> tuple[dict[str, Any], int]:
        return api.create_upload(
            _body(app.current_event.body), _person(app.current_event.raw_event)
        ), HTTPStatus.CREATED

    @app.get("/stats")
    def read_stats() -> dict[str, Any]:
        return api.read_stats(seconds_left)

    _answer_errors(app)
    return app


def _answer_errors(app: APIGatewayRestResolver) -> None:
    @app.exception_handler([InvalidCursorError, RefusedUploadError])  # type: ignore[untyped-decorator]
    def refused(error: ValueError) -> Response[str]:
        return _error(HTTPStatus.BAD_REQUEST, str(error))

    @app.exception_handler(ServiceError)  # type: ignore[untyped-decorator]
    def answered(error: ServiceError) -> Response[str]:
        return _error(HTTPStatus(error.status_code), str(error.msg))

    @app.not_found
    def unknown_path(_: Exception) -> Response[str]:
        return _error(HTTPStatus.NOT_FOUND, "There is nothing at this path.")

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def failed(_: Exception) -> Response[str]:
        logger.exception("failed", path=app.current_event.path)
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed. Try again; it has been logged.")


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One request of the REST API."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    origins = [origin for origin in os.environ.get("WEB_ORIGINS", "").split(" ") if origin]
    app = routes(_files_api(), lambda: context.get_remaining_time_in_millis() / 1000, origins)
    return app.resolve(event, context)


def _body(text: str | None) -> object:
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError) as error:
        raise BadRequestError("The body is not JSON.") from error


def _person(event: Mapping[str, Any]) -> str:
    """Who has signed in, as the gateway's authorizer says."""
    return str(event["requestContext"]["authorizer"]["claims"]["username"])


def _error(status: HTTPStatus, message: str) -> Response[str]:
    code = re.sub(r"[^a-z]+", "_", status.phrase.lower())
    body = json.dumps({"error": {"code": code, "message": message}})
    return Response(status_code=status, content_type="application/json", body=body)


@cache
def _files_api() -> FilesApi:
    table, bucket = os.environ["TABLE_NAME"], os.environ["BUCKET_NAME"]
    role = os.environ["UPLOADER_ROLE_ARN"]
    regions = json.loads(os.environ["REGIONS"])
    dynamodb = boto3.client("dynamodb", config=_CLIENT)
    buckets = {one["bucket"]: boto3.client("s3", region_name=one["region"], config=_SIGNING) for one in regions}
    listing = Listing(dynamodb=dynamodb, table=table, buckets=buckets)
    return FilesApi(
        catalogue=Catalogue(dynamodb, table),
        listing=listing,
        stats=Stats(dynamodb=dynamodb, table=table, listing=listing),
        bucket=bucket,
        work={one["bucket"]: _sender(one["region"], one["workQueueUrl"]) for one in regions},
        uploader=lambda person: _uploader(role, bucket, person),
        max_upload_bytes=int(os.environ["MAX_UPLOAD_BYTES"]),
    )


def _sender(region: str, queue_url: str) -> Callable[[str], object]:
    """Puts a message into a region's queue. Its client is made when it is needed, which is rarely."""

    def send(message: str) -> object:
        return boto3.client("sqs", region_name=region, config=_CLIENT).send_message(
            QueueUrl=queue_url, MessageBody=message
        )

    return send


def _uploader(role: str, bucket: str, person: str) -> S3Client:
    """Signs as the person, so that S3's event, the row and the mail say who uploaded, not that this function did."""
    partition = role.split(":")[1]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": f"arn:{partition}:s3:::{bucket}/{person_prefix(person)}/*",
            }
        ],
    }
    credentials = boto3.client("sts", config=_CLIENT).assume_role(
        RoleArn=role,
        RoleSessionName=re.sub(r"[^\w+=,.@-]", "-", person, flags=re.ASCII)[:64].ljust(2, "-"),
        Policy=json.dumps(policy),
        DurationSeconds=SESSION_SECONDS,
    )["Credentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=_SIGNING,
    )
