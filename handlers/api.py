"""Lambda entry point: the files API behind API Gateway. Its contract is components/openapi.yaml.

The gateway has verified the token and its scopes before a request arrives here. Environment: TABLE_NAME, REGIONS
(JSON: a list of {region, bucket, existing, scannedSince, workQueueUrl}, the stack's own first; `existing` is a list of
{bucket, prefixes}; one of the two may be missing), AUDIT_LOG_GROUP, MAX_UPLOAD_BYTES, WEB_ORIGINS, SCAN, and if the
first region has a `bucket`, UPLOADER_ROLE_ARN and REMOVER_ROLE_ARN. Who may do what lies beside the code, in
access.json.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from botocore.config import Config

from domain.access import ACCESS_FILE, grants_of
from domain.rules import RULES_FILE, rules_of
from handlers.data.audit_log import AuditLog
from handlers.data.catalogue import Catalogue
from handlers.data.cursors import InvalidCursorError
from handlers.data.listing import Listing
from handlers.data.stats import Stats
from handlers.data.verdicts import Verdicts
from handlers.logic.access import ForbiddenError
from handlers.logic.audit import Audit
from handlers.logic.awaited import Awaited
from handlers.logic.files import FilesApi, ReadOnlyFileError, UnknownFileError
from handlers.logic.gate import NotCleanError, gate_of
from handlers.logic.links import FileGoneError, UnlinkableFileError
from handlers.logic.person import Person, person_of
from handlers.logic.preview import NoPreviewError
from handlers.logic.removals import removal_session
from handlers.logic.requests import InvalidRequestError
from handlers.logic.uploads import RefusedUploadError, upload_session

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

    from handlers.logic import responses

_CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_SIGNING = _CLIENT.merge(
    Config(
        # boto3's default is the old scheme, which does not sign the type of an upload.
        signature_version="s3v4",
        # By default the signed host is S3's global one. The page may connect to the bucket's regional host only, and a
        # browser does not follow the global host's redirect with a form.
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
)


class _NotJsonError(ValueError):
    """The body is declared as something else: the gateway only refuses what it has to map, which is nothing here."""


_STATUS: Mapping[type[Exception], HTTPStatus] = {
    InvalidRequestError: HTTPStatus.BAD_REQUEST,
    InvalidCursorError: HTTPStatus.BAD_REQUEST,
    RefusedUploadError: HTTPStatus.BAD_REQUEST,
    _NotJsonError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    UnknownFileError: HTTPStatus.NOT_FOUND,
    UnlinkableFileError: HTTPStatus.CONFLICT,
    ReadOnlyFileError: HTTPStatus.CONFLICT,
    NoPreviewError: HTTPStatus.CONFLICT,
    NotCleanError: HTTPStatus.CONFLICT,
    FileGoneError: HTTPStatus.GONE,
}
"""The response to each error of the operations, whose text is meant for the person."""

ACCESS = Path(__file__).resolve().parents[1] / ACCESS_FILE
RULES = Path(__file__).resolve().parents[1] / RULES_FILE

PREFLIGHT_SECONDS = 3600  # for which a browser need not ask again; those of the bucket last as long

logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One request of the REST API."""
    # The audit log knows a request by the gateway's id, Lambda's own lines by its own.
    gateway_id = event["requestContext"].get("requestId")
    logger.structure_logs(append=True, request_id=context.aws_request_id, gateway_request_id=gateway_id)
    origins = [origin for origin in os.environ.get("WEB_ORIGINS", "").split(" ") if origin]
    app = routes(_files_api(), lambda: context.get_remaining_time_in_millis() / 1000, origins)
    answer = app.resolve(event, context)
    answer["multiValueHeaders"]["Cache-Control"] = ["no-store"]  # lists and links are for this person and this moment
    return answer


def _cors(origins: list[str]) -> CORSConfig:
    return CORSConfig(origins[0], extra_origins=origins[1:], allow_headers=["Authorization"], max_age=PREFLIGHT_SECONDS)


def routes(api: FilesApi, seconds_left: Callable[[], float], origins: list[str]) -> APIGatewayRestResolver:
    """The contract's operations, and one shape for every error."""
    app = APIGatewayRestResolver(cors=_cors(origins) if origins else None)

    def person() -> Person:
        return person_of(app.current_event.raw_event)

    @app.get("/me")
    def get_me() -> responses.Me:
        return api.get_me(person())

    @app.get("/files")
    def list_files() -> responses.FilePage:
        return api.list_files(app.current_event.query_string_parameters or {}, person())

    @app.get("/files/<file_id>")
    def get_file(file_id: str) -> responses.FileDetails:
        return api.get_file(file_id, person())

    @app.delete("/files/<file_id>")
    def delete_file(file_id: str) -> Response[None]:
        api.delete_file(file_id, person())
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @app.get("/files/<file_id>/download")
    def download_file(file_id: str) -> responses.Download:
        return api.download_file(file_id, person())

    @app.get("/files/<file_id>/preview")
    def preview_file(file_id: str) -> responses.Preview:
        return api.preview_file(file_id, person())

    @app.post("/files/<file_id>/reprocess")
    def reprocess_file(file_id: str) -> tuple[responses.Reprocessing, int]:
        return api.reprocess_file(file_id, person()), HTTPStatus.ACCEPTED

    @app.get("/stats")
    def read_stats() -> responses.Stats:
        return api.read_stats(seconds_left, person())

    _add_uploads(app, api, person)
    _add_errors(app)
    return app


def _add_uploads(app: APIGatewayRestResolver, api: FilesApi, person: Callable[[], Person]) -> None:
    @app.post("/uploads")
    def create_upload() -> tuple[responses.Upload, int]:
        return api.create_upload(_json(app.current_event), person()), HTTPStatus.CREATED

    @app.post("/multipart-uploads")
    def create_multipart_upload() -> tuple[responses.MultipartUpload, int]:
        return api.create_multipart_upload(_json(app.current_event), person()), HTTPStatus.CREATED

    @app.post("/multipart-uploads/links")
    def sign_multipart_upload() -> responses.MultipartLinks:
        return api.sign_multipart_upload(_json(app.current_event), person())


def _add_errors(app: APIGatewayRestResolver) -> None:
    @app.exception_handler(list(_STATUS))  # type: ignore[untyped-decorator]
    def refused(error: Exception) -> Response[str]:
        return _error(_STATUS[type(error)], str(error))

    @app.not_found
    def unknown_path(_: Exception) -> Response[str]:
        return _error(HTTPStatus.NOT_FOUND, "There is nothing at this path.")

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def failed(_: Exception) -> Response[str]:
        logger.exception("failed", path=app.current_event.path)
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed and logged the error. Try again.")


def _error(status: HTTPStatus, message: str) -> Response[str]:
    code = re.sub(r"[^a-z]+", "_", status.phrase.lower())
    body = json.dumps({"error": {"code": code, "message": message}})
    return Response(status_code=status, content_type="application/json", body=body)


def _json(event: APIGatewayProxyEvent) -> object:
    declared = event.headers.get("content-type") or ""
    if declared.split(";")[0].strip().lower() != "application/json":
        raise _NotJsonError(f"The content type is {declared!r:.80}; use application/json.")
    try:
        return json.loads(event.body or "")
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The body is not JSON.") from error


@cache
def _files_api() -> FilesApi:
    table = os.environ["TABLE_NAME"]
    uploader, remover = os.environ.get("UPLOADER_ROLE_ARN", ""), os.environ.get("REMOVER_ROLE_ARN", "")
    regions = json.loads(os.environ["REGIONS"])
    dynamodb = boto3.client("dynamodb", config=_CLIENT)
    buckets: dict[str, S3Client] = {}
    work: dict[str, Callable[[str], object]] = {}
    prefixes: dict[str, list[str]] = {}
    for region in regions:
        s3, send = _s3(region_name=region["region"]), partial(_send, region["region"], region["workQueueUrl"])
        existing = {watched["bucket"]: watched["prefixes"] for watched in region.get("existing", [])}
        for name in [*([region["bucket"]] if "bucket" in region else []), *existing]:
            buckets[name], work[name] = s3, send
        prefixes |= existing
    bucket = regions[0].get("bucket")
    listing = Listing(dynamodb=dynamodb, table=table, buckets=buckets, prefixes=prefixes)
    return FilesApi(
        catalogue=Catalogue(dynamodb, table),
        listing=listing,
        stats=Stats(dynamodb=dynamodb, table=table, listing=listing),
        expected=Awaited(rules=rules_of(json.loads(RULES.read_text())), verdicts=Verdicts(dynamodb, table)).today,
        bucket=bucket,
        work=work,
        uploader=lambda person: _in_session(upload_session(uploader, bucket, person)),
        remover=lambda person, bucket, key: _in_session(
            removal_session(remover, bucket, key, person), region_name=buckets[bucket].meta.region_name
        ),
        audit=Audit(write=_audit_log().write, refusals=_STATUS),
        max_upload_bytes=int(os.environ["MAX_UPLOAD_BYTES"]),
        read_only=frozenset(prefixes),
        gate=gate_of(os.environ["SCAN"], regions),
        grants=grants_of(json.loads(ACCESS.read_text())),
    )


def _s3(**account: Any) -> S3Client:
    return boto3.client("s3", config=_SIGNING, **account)


@cache
def _sqs(region: str) -> SQSClient:
    return boto3.client("sqs", region_name=region, config=_CLIENT)


def _send(region: str, queue_url: str, message: str) -> None:
    _sqs(region).send_message(QueueUrl=queue_url, MessageBody=message)


def _in_session(session: AssumeRoleRequestTypeDef, **account: Any) -> S3Client:
    """Signs as the person, so that S3's event, the item and the mail name the person and not this function."""
    credentials = boto3.client("sts", config=_CLIENT).assume_role(**session)["Credentials"]
    return _s3(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        **account,
    )


def _audit_log() -> AuditLog:
    # Shorter than the others': what cannot be recorded is refused, and the gateway waits no longer than 29 seconds.
    client = boto3.client("logs", config=_CLIENT.merge(Config(read_timeout=3)))
    return AuditLog(client, os.environ["AUDIT_LOG_GROUP"])
