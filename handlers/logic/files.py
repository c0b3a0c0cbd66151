"""Operations of the files API: list, read, download, delete, reprocess and upload files, and read counts per day."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from domain.events import LONGEST_TEXT, file_id_of, is_file_id
from domain.messages import reprocess_request
from domain.wording import split_key
from handlers.data.catalogue import Catalogue
from handlers.data.items import Item
from handlers.data.listing import Listing, may_begin_a_key
from handlers.data.stats import Stats
from handlers.logic import responses
from handlers.logic.audit import Audit, Record
from handlers.logic.multipart import PART_BYTES, links_of, start_of
from handlers.logic.person import Person
from handlers.logic.preview import NoPreviewError, preview_of
from handlers.logic.requests import InvalidRequestError, read_limit, read_started_upload, read_upload
from handlers.logic.uploads import (
    FORM_SECONDS,
    SESSION_SECONDS,
    RefusedUploadError,
    UploadRequest,
    upload_form,
    upload_key,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_CURSOR = 4096  # characters
LATEST = 10
DOWNLOAD_SECONDS = 300
STATS_RESERVE_SECONDS = 15
"""Of the gateway's 29: days that cannot be counted by then are counted by the next request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""


class UnknownFileError(LookupError):
    """No such file, or an id that no file can have: from outside they are the same."""


class UnlinkableFileError(ValueError):
    """No browser can follow a link to the file. The text has the command that downloads it."""


class ReadOnlyFileError(ValueError):
    """The file is in a bucket that another program made, in which nothing is deleted. The text says so."""


class FileGoneError(LookupError):
    """The file is known, but no longer in its bucket."""


@dataclass(frozen=True, kw_only=True)
class FilesApi:
    """The operations of the contract, whose names they have.

    `listing` knows all buckets; uploads go to `bucket`, if there is one. `uploader(person)` returns an S3 client that
    may write only below that person's prefix there, `remover(person, bucket, key)` one that may delete that file alone;
    `work` sends a message to the work queue of a bucket's region. Nothing is deleted in the `read_only` buckets.
    """

    catalogue: Catalogue
    listing: Listing
    stats: Stats
    bucket: str | None
    work: Mapping[str, Callable[[str], object]]
    uploader: Callable[[str], S3Client]
    remover: Callable[[str, str, str], S3Client]
    audit: Audit
    max_upload_bytes: int
    read_only: Collection[str] = ()

    def list_files(self, query: Mapping[str, str]) -> responses.FilePage:
        """One page. `query` may have limit, prefix and cursor. Raises InvalidRequestError and InvalidCursorError."""
        unknown = sorted(query.keys() - {"cursor", "limit", "prefix"})
        if unknown:  # a misspelled prefix would list everything
            raise InvalidRequestError(f"{', '.join(unknown)} is not a parameter; use cursor, limit and prefix.")
        limit, cursor, prefix = read_limit(query.get("limit")), query.get("cursor"), query.get("prefix", "")
        if not may_begin_a_key(prefix):
            raise InvalidRequestError(f"prefix is too long for an object key: use at most {LONGEST_TEXT:,} bytes.")
        if cursor is not None and not 0 < len(cursor) <= MAX_CURSOR:
            raise InvalidRequestError("cursor is not one that this list returned.")
        page = self.listing.under(prefix, limit, cursor) if prefix else self.listing.newest(limit, cursor)
        found: responses.FilePage = {"files": [self._file(item) for item in page.items]}
        return {**found, "cursor": page.cursor} if page.cursor else found

    def get_file(self, file_id: str) -> responses.FileDetails:
        """Everything about one file. Raises UnknownFileError."""
        item = self._item(file_id)
        return responses.details_of(item, read_only=item.bucket in self.read_only)

    def download_file(self, file_id: str, person: Person) -> responses.Download:
        """A link that works for anyone who has it, for DOWNLOAD_SECONDS.

        Raises UnknownFileError, FileGoneError and UnlinkableFileError.
        """
        with self.audit.act("download", person, file_id) as record:
            item = record.of(self._item(file_id))
            _check_linkable(item)
            url = self._download_link(item)
            record.allowed()
        return {"url": url, "expiresInSeconds": DOWNLOAD_SECONDS}

    def _download_link(self, item: Item) -> str:
        name = split_key(item.key)[1]
        version = {"VersionId": item.version_id} if item.version_id not in ("", "null") else {}
        return self.listing.buckets[item.bucket].generate_presigned_url(
            "get_object",
            Params={
                "Bucket": item.bucket,
                "Key": item.key,
                # Always saved to disk: an uploaded page must not run in the browser as if it were ours.
                "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                **version,
            },
            ExpiresIn=DOWNLOAD_SECONDS,
        )

    def preview_file(self, file_id: str, person: Person) -> responses.Preview:
        """A link that a browser shows. Raises NoPreviewError and what `download_file` raises."""
        with self.audit.act("preview", person, file_id) as record:
            item = record.of(self._item(file_id))
            _check_linkable(item)
            if item.bucket in self.read_only:
                raise NoPreviewError(
                    f"The file is in the bucket {item.bucket}, which belongs to another program and is not open to "
                    "this page. Download the file instead."
                )
            preview = preview_of(item, self.listing.buckets[item.bucket])
            record.allowed()
        return preview

    def delete_file(self, file_id: str, person: Person) -> None:
        """Delete the object from its bucket in the person's name; its item follows with S3's event.

        Raises UnknownFileError and ReadOnlyFileError.
        """
        with self.audit.act("delete", person, file_id) as record:
            item = record.of(self._item(file_id))
            if item.bucket in self.read_only:
                raise ReadOnlyFileError(
                    f"The file is in the bucket {item.bucket}, which belongs to another program: it is watched here, "
                    "and nothing in it is deleted. Delete the file where the bucket is managed."
                )
            if item.status != "removed":
                s3 = self.remover(person.name, item.bucket, item.key)
                record.allowed()
                s3.delete_object(Bucket=item.bucket, Key=item.key)

    def reprocess_file(self, file_id: str, person: Person) -> responses.Reprocessing:
        """Queue the file in its own region, to be inspected again. Raises UnknownFileError."""
        with self.audit.act("reprocess", person, file_id) as record:
            item = record.of(self._item(file_id))
            record.allowed()
            self.work[item.bucket](json.dumps(reprocess_request(item.id, person.name)))
        return {"id": item.id}

    def create_upload(self, body: object, person: Person) -> responses.Upload:
        """A form for one upload below the person's prefix. Raises InvalidRequestError and RefusedUploadError."""
        with self.audit.act("upload", person) as record:
            request, bucket, key = self._wanted(body, person, record)
            form = upload_form(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes)
            record.allowed()
        return {
            "url": form["url"],
            "fields": form["fields"],
            "key": key,
            "id": file_id_of(bucket, key),
            "expiresInSeconds": FORM_SECONDS,
        }

    def create_multipart_upload(self, body: object, person: Person) -> responses.MultipartUpload:
        """The start of one upload in parts below the person's prefix. Raises as `create_upload` does."""
        with self.audit.act("multipart-upload", person) as record:
            request, bucket, key = self._wanted(body, person, record)
            start = start_of(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes)
            record.allowed()
        return {
            "start": start,
            "key": key,
            "id": file_id_of(bucket, key),
            "partBytes": PART_BYTES,
            "expiresInSeconds": SESSION_SECONDS,
        }

    def sign_multipart_upload(self, body: object, person: Person) -> responses.MultipartLinks:
        """Links for the parts of a started upload. Raises InvalidRequestError and RefusedUploadError."""
        with self.audit.act("part-links", person) as record:
            upload, bucket = read_started_upload(body), self._uploaded_to()
            record.file = {"bucket": bucket, "key": upload.key, "size": upload.size}  # any text, until it is checked
            s3 = self.uploader(person.name)
            links = links_of(s3, bucket, upload, person=person.name, max_bytes=self.max_upload_bytes)
            record.of_upload(bucket, upload.key, size=upload.size)
            record.parts = (links["parts"][0]["partNumber"], links["parts"][-1]["partNumber"])
            record.allowed()
        return links

    def read_stats(self, seconds_left: Callable[[], float]) -> responses.Stats:
        """Counts per day, as far as they can be counted within `seconds_left()`, and the newest uploads."""
        days = self.stats.days(lambda: seconds_left() < STATS_RESERVE_SECONDS)
        latest = self.listing.latest(LATEST)
        return {
            "days": days,
            "latest": [self._file(item) for item in latest.items],
            "latestComplete": latest.is_complete,
        }

    def _wanted(self, body: object, person: Person, record: Record) -> tuple[UploadRequest, str, str]:
        """The file that is to be uploaded, and the bucket and key that it will have."""
        request, bucket = read_upload(body), self._uploaded_to()
        key = upload_key(request, person=person.name)
        record.of_upload(bucket, key, size=request.size)
        return request, bucket, key

    def _uploaded_to(self) -> str:
        if self.bucket is None:
            raise RefusedUploadError("There is no bucket for uploads here: only existing buckets are watched.")
        return self.bucket

    def _file(self, item: Item) -> responses.File:
        return responses.file_of(item, read_only=item.bucket in self.read_only)

    def _item(self, file_id: str) -> Item:
        item = self.catalogue.read(file_id) if is_file_id(file_id) else None
        if item is None or not item.time or not self.listing.belongs(item):
            raise UnknownFileError("There is no such file.")
        return item


def _check_linkable(item: Item) -> None:
    """Raises FileGoneError and UnlinkableFileError."""
    if item.status == "removed":
        raise FileGoneError("The file is no longer in the bucket.")
    # Browsers remove "." and ".." from paths, also when they are encoded: https://url.spec.whatwg.org/#path-state.
    if {".", ".."}.isdisjoint(item.key.split("/")):
        return
    bucket, key = shlex.quote(item.bucket), shlex.quote(item.key)
    raise UnlinkableFileError(
        'The key has a folder or name "." or "..", which browsers remove from links. Download it with: '
        f"aws s3api get-object --region {item.region} --bucket {bucket} --key {key} downloaded-file"
    )
