"""Files in buckets that other programs made: they are shown and downloaded, and never deleted or uploaded."""

from __future__ import annotations

from dataclasses import replace

import boto3
import pytest

from domain.events import file_id_of
from handlers.data.items import Item
from handlers.data.listing import Listing
from handlers.logic.files import FilesApi, ReadOnlyFileError, UnknownFileError
from handlers.logic.uploads import RefusedUploadError
from tests.examples import a_person
from tests.handlers.audited import unread

OWN, THEIRS = "uploads", "scans"


class Catalogue:
    """A catalogue that knows one file, at the same key in each bucket."""

    def read(self, file_id: str) -> Item | None:
        for bucket in (OWN, THEIRS):
            if file_id == file_id_of(bucket, "in/a.pdf"):
                return Item(
                    id=file_id,
                    bucket=bucket,
                    key="in/a.pdf",
                    region="eu-west-1",
                    status="processed",
                    order="1",
                    time="2026-11-23T08:41:07Z",
                )
        return None


class Deleting:
    """An S3 client that remembers what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803 - boto3's names
        self.deleted.append(f"{Bucket}/{Key}")


def api(s3: object, *, watched: tuple[str, ...] = ("",), bucket: str | None = OWN) -> FilesApi:
    listing = Listing(dynamodb=None, table="", buckets={OWN: s3, THEIRS: s3}, prefixes={THEIRS: watched})  # type: ignore[arg-type,dict-item]
    return FilesApi(
        catalogue=Catalogue(),  # type: ignore[arg-type]
        listing=listing,
        stats=None,  # type: ignore[arg-type]
        bucket=bucket,
        work={},
        uploader=lambda _: boto3.client("s3", region_name="eu-west-1"),
        remover=lambda *_: s3,  # type: ignore[arg-type,return-value]
        audit=unread(),
        max_upload_bytes=1,
        read_only={THEIRS},
    )


def test_a_file_of_another_programs_bucket_is_not_deleted_and_the_error_says_why():
    s3 = Deleting()

    with pytest.raises(ReadOnlyFileError, match="bucket scans, which belongs to another program"):
        api(s3).delete_file(file_id_of(THEIRS, "in/a.pdf"), a_person("admins"))
    assert s3.deleted == []


def test_a_file_of_our_own_bucket_is_deleted():
    s3 = Deleting()

    api(s3).delete_file(file_id_of(OWN, "in/a.pdf"), a_person("admins"))

    assert s3.deleted == ["uploads/in/a.pdf"]


@pytest.mark.parametrize(("bucket", "shown"), [(OWN, {}), (THEIRS, {"readOnly": True})])
def test_the_page_learns_which_files_are_read_only_and_where_each_is(bucket, shown):
    details = api(None).get_file(file_id_of(bucket, "in/a.pdf"), a_person("admins"))

    assert details["bucket"] == bucket
    assert {key: value for key, value in details.items() if key == "readOnly"} == shown


def test_a_file_outside_what_is_watched_is_unknown():
    with pytest.raises(UnknownFileError):
        api(None, watched=("out/",)).get_file(file_id_of(THEIRS, "in/a.pdf"), a_person())


def test_an_upload_without_a_bucket_for_it_is_refused():
    body = {"name": "a.pdf", "size": 1, "contentType": "application/pdf"}

    with pytest.raises(RefusedUploadError, match="no bucket for uploads here"):
        replace(api(None), bucket=None).create_upload(body, a_person("admins"))
