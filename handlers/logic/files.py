"""What the API does, apart from HTTP: files listed, described, downloaded, deleted and uploaded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler.exceptions import BadRequestError, ServiceError

from domain.events import LONGEST_TEXT, file_id_of, is_file_id
from domain.messages import reprocess_request
from domain.wording import split_key
from handlers.data.catalogue import Catalogue
from handlers.data.items import Row
from handlers.data.listing import Listing, may_begin_a_key
from handlers.data.stats import Stats
from handlers.logic.uploads import FORM_SECONDS, UploadRequest, upload_form, upload_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DEFAULT_LIMIT, MOST = 50, 100
LONGEST_CURSOR = 4096
LATEST = 10
DOWNLOAD_SECONDS = 300
STATS_RESERVE_SECONDS = 15  # of the gateway's 29: what cannot be counted by then is counted by the next request

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")


class UnknownFileError(ServiceError):
    """No such file, or an id that can be no file's: from outside they are the same."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "There is no such file.")


class GoneError(ServiceError):
    """The file is known, but no longer in the bucket."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.CONFLICT, "The file is no longer in the bucket.")


@dataclass(frozen=True, kw_only=True)
class FilesApi:
    """What the routes need.

    Files lie in the buckets that `listing` knows; `bucket` is the one that is uploaded to. `uploader(person)` gives an
    S3 client that may only write below that person's prefix there; `work` has the work queue of each bucket's region.
    """

    catalogue: Catalogue
    listing: Listing
    stats: Stats
    bucket: str
    work: Mapping[str, Callable[[str], object]]
    uploader: Callable[[str], S3Client]
    max_upload_bytes: int

    def list_files(self, query: Mapping[str, str]) -> dict[str, Any]:
        unknown = sorted(query.keys() - {"cursor", "limit", "prefix"})
        if unknown:  # a misspelled prefix would list everything
            raise BadRequestError(f"{', '.join(unknown)} is no parameter of this list; cursor, limit and prefix are.")
        limit, cursor, prefix = _limit(query.get("limit")), query.get("cursor"), query.get("prefix", "")
        if not may_begin_a_key(prefix):
            raise BadRequestError(f"prefix is no beginning of a key: those have at most {LONGEST_TEXT} bytes of UTF-8.")
        if cursor is not None and not 0 < len(cursor) <= LONGEST_CURSOR:
            raise BadRequestError("cursor is not one that this list handed out.")
        page = self.listing.under(prefix, limit, cursor) if prefix else self.listing.newest(limit, cursor)
        return _filled({"files": [file_json(row) for row in page.rows], "cursor": page.cursor})

    def file(self, file_id: str) -> Row:
        row = self.catalogue.read(file_id) if is_file_id(file_id) else None
        if row is None or not row.time or row.bucket not in self.listing.buckets:
            raise UnknownFileError
        return row

    def download(self, file_id: str) -> dict[str, Any]:
        row = self.file(file_id)
        if row.status == "removed":
            raise GoneError
        name = split_key(row.key)[1]
        version = {"VersionId": row.version_id} if row.version_id not in ("", "null") else {}
        url = self.listing.buckets[row.bucket].generate_presigned_url(
            "get_object",
            Params={
                "Bucket": row.bucket,
                "Key": row.key,
                # Always to disk: a page that somebody uploaded must not run as if it were ours.
                "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                **version,
            },
            ExpiresIn=DOWNLOAD_SECONDS,
        )
        return {"url": url, "expiresInSeconds": DOWNLOAD_SECONDS}

    def delete(self, file_id: str) -> None:
        row = self.file(file_id)
        if row.status != "removed":
            self.listing.buckets[row.bucket].delete_object(Bucket=row.bucket, Key=row.key)

    def reprocess(self, file_id: str, person: str) -> dict[str, str]:
        """Asked of where the file lies, as every region looks into its own files."""
        row = self.file(file_id)
        self.work[row.bucket](json.dumps(reprocess_request(row.id, person)))
        return {"id": row.id}

    def create_upload(self, body: object, person: str) -> dict[str, Any]:
        request = _upload_request(body)
        key = upload_key(request, person=person)
        form = upload_form(self.uploader(person), self.bucket, key, request, max_bytes=self.max_upload_bytes)
        return {**form, "key": key, "id": file_id_of(self.bucket, key), "expiresInSeconds": FORM_SECONDS}

    def read_stats(self, seconds_left: Callable[[], float]) -> dict[str, Any]:
        days = self.stats.days(lambda: seconds_left() < STATS_RESERVE_SECONDS)
        latest = self.listing.latest(LATEST)
        return {
            "days": days,
            "latest": [file_json(row) for row in latest.rows],
            "latestComplete": latest.is_complete,
        }


def file_json(row: Row) -> dict[str, Any]:
    """A file as lists show it: what is not known is left out."""
    folder, name = split_key(row.key)
    return _filled(
        {
            "id": row.id,
            "key": row.key,
            "name": name,
            "folder": folder,
            "bucket": row.bucket,
            "region": row.region,
            "size": row.size or 0,
            "uploadedAt": row.time,
            "uploadedBy": row.by,
            "status": row.status,
            "contentType": row.content_type,
        },
        keep=("folder",),
    )


def details_json(row: Row) -> dict[str, Any]:
    """Everything about one file."""
    more = {
        "etag": row.etag,
        "versionId": row.version_id,
        "sequencer": row.order,
        "sha256": row.sha256,
        "facts": [{"label": label, "value": value} for label, value in row.facts],
        "failure": {"code": row.failure[0], "message": row.failure[1]} if row.failure else None,
        "processedAt": row.processed_at,
        "removedAt": row.removed_at,
        "notified": {"how": row.notified} if row.notified else None,
    }
    return {**file_json(row), **_filled(more, keep=("facts",))}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise BadRequestError(f"limit is a whole number from 1 to {MOST}.")
    return int(text)


def _upload_request(body: object) -> UploadRequest:
    """The gateway has compared the body with the contract; this says the same, should it ever be asked directly."""
    if not isinstance(body, dict) or body.keys() - {"name", "size", "contentType", "folder"}:
        raise BadRequestError("The body takes name, size, contentType and folder.")
    name, size = body.get("name"), body.get("size")
    content_type, folder = body.get("contentType"), body.get("folder", "")
    if not isinstance(name, str) or not isinstance(folder, str):
        raise BadRequestError("name and folder are texts.")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise BadRequestError("size is a number of bytes.")
    if not isinstance(content_type, str) or not _MEDIA_TYPE.fullmatch(content_type):
        raise BadRequestError("contentType is a media type such as image/png.")
    return UploadRequest(name=name, size=size, content_type=content_type, folder=folder)


def _filled(values: Mapping[str, Any], keep: tuple[str, ...] = ("files",)) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in keep or value not in (None, "")}
