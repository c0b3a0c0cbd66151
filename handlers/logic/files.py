"""Operations of the files API: list, read, download, delete, reprocess and upload files, and read counts per day."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
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
from handlers.logic.gate import Gate
from handlers.logic.multipart import PART_BYTES, links_of, start_of
from handlers.logic.person import Person
from handlers.logic.preview import NoPreviewError, preview_of
from handlers.logic.requests import InvalidRequestError, read_limit, read_started_upload, read_upload
from handlers.logic.uploads import (
    FORM_SECONDS,
    SESSION_SECONDS,
    RefusedUploadError,
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
    may write only below that person's prefix there; `work` sends a message to the work queue of a bucket's region.
    Nothing is deleted in the `read_only` buckets. The `gate` says which contents are handed out.
    """

    catalogue: Catalogue
    listing: Listing
    stats: Stats
    bucket: str | None
    work: Mapping[str, Callable[[str], object]]
    uploader: Callable[[str], S3Client]
    max_upload_bytes: int
    read_only: Collection[str] = ()
    gate: Gate = field(default_factory=Gate)

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
        scan = responses.scan_of(item, self.gate)
        return responses.details_of(item, read_only=item.bucket in self.read_only, scan=scan)

    def download_file(self, file_id: str) -> responses.Download:
        """A link that works for anyone who has it, for DOWNLOAD_SECONDS.

        Raises UnknownFileError, FileGoneError, NotCleanError and UnlinkableFileError.
        """
        item = self._linkable(file_id)
        name = split_key(item.key)[1]
        version = {"VersionId": item.version_id} if item.version_id not in ("", "null") else {}
        url = self.listing.buckets[item.bucket].generate_presigned_url(
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
        return {"url": url, "expiresInSeconds": DOWNLOAD_SECONDS}

    def preview_file(self, file_id: str) -> responses.Preview:
        """A link that a browser shows. Raises NoPreviewError and what `download_file` raises."""
        item = self._linkable(file_id)
        if item.bucket in self.read_only:
            raise NoPreviewError(
                f"The file is in the bucket {item.bucket}, which belongs to another program and is not open to this "
                "page. Download the file instead."
            )
        return preview_of(item, self.listing.buckets[item.bucket])

    def delete_file(self, file_id: str) -> None:
        """Delete the object from its bucket; its item follows with S3's event.

        Raises UnknownFileError and ReadOnlyFileError.
        """
        item = self._item(file_id)
        if item.bucket in self.read_only:
            raise ReadOnlyFileError(
                f"The file is in the bucket {item.bucket}, which belongs to another program: it is watched here, and "
                "nothing in it is deleted. Delete the file where the bucket is managed."
            )
        if item.status != "removed":
            self.listing.buckets[item.bucket].delete_object(Bucket=item.bucket, Key=item.key)

    def reprocess_file(self, file_id: str, person: Person) -> responses.Reprocessing:
        """Queue the file in its own region, to be inspected again. Raises UnknownFileError."""
        item = self._item(file_id)
        self.work[item.bucket](json.dumps(reprocess_request(item.id, person.name)))
        return {"id": item.id}

    def create_upload(self, body: object, person: Person) -> responses.Upload:
        """A form for one upload below the person's prefix. Raises InvalidRequestError and RefusedUploadError."""
        request = read_upload(body)
        bucket, key = self._uploaded_to(), upload_key(request, person=person.name)
        form = upload_form(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes)
        return {
            "url": form["url"],
            "fields": form["fields"],
            "key": key,
            "id": file_id_of(bucket, key),
            "expiresInSeconds": FORM_SECONDS,
        }

    def create_multipart_upload(self, body: object, person: Person) -> responses.MultipartUpload:
        """The start of one upload in parts below the person's prefix. Raises as `create_upload` does."""
        request = read_upload(body)
        bucket, key = self._uploaded_to(), upload_key(request, person=person.name)
        return {
            "start": start_of(self.uploader(person.name), bucket, key, request, max_bytes=self.max_upload_bytes),
            "key": key,
            "id": file_id_of(bucket, key),
            "partBytes": PART_BYTES,
            "expiresInSeconds": SESSION_SECONDS,
        }

    def sign_multipart_upload(self, body: object, person: Person) -> responses.MultipartLinks:
        """Links for the parts of a started upload. Raises InvalidRequestError and RefusedUploadError."""
        upload, bucket = read_started_upload(body), self._uploaded_to()
        return links_of(self.uploader(person.name), bucket, upload, person=person.name, max_bytes=self.max_upload_bytes)

    def read_stats(self, seconds_left: Callable[[], float]) -> responses.Stats:
        """Counts per day, as far as they can be counted within `seconds_left()`, and the newest uploads."""
        days = self.stats.days(lambda: seconds_left() < STATS_RESERVE_SECONDS)
        latest = self.listing.latest(LATEST)
        return {
            "days": days,
            "latest": [self._file(item) for item in latest.items],
            "latestComplete": latest.is_complete,
        }

    def _uploaded_to(self) -> str:
        if self.bucket is None:
            raise RefusedUploadError("There is no bucket for uploads here: only existing buckets are watched.")
        return self.bucket

    def _file(self, item: Item) -> responses.File:
        scan = responses.scan_of(item, self.gate)
        return responses.file_of(item, read_only=item.bucket in self.read_only, scan=scan)

    def _linkable(self, file_id: str) -> Item:
        item = self._item(file_id)
        if item.status == "removed":
            raise FileGoneError("The file is no longer in the bucket.")
        self.gate.check(item)
        _check_linkable(item)
        return item

    def _item(self, file_id: str) -> Item:
        item = self.catalogue.read(file_id) if is_file_id(file_id) else None
        if item is None or not item.time or not self.listing.belongs(item):
            raise UnknownFileError("There is no such file.")
        return item


def _check_linkable(item: Item) -> None:
    """Browsers remove "." and ".." from paths, also when they are encoded: https://url.spec.whatwg.org/#path-state."""
    if {".", ".."}.isdisjoint(item.key.split("/")):
        return
    bucket, key = shlex.quote(item.bucket), shlex.quote(item.key)
    raise UnlinkableFileError(
        'The key has a folder or name "." or "..", which browsers remove from links. Download it with: '
        f"aws s3api get-object --region {item.region} --bucket {bucket} --key {key} downloaded-file"
    )
