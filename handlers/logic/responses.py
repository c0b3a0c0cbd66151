"""Responses of the files API, named like their schemas in components/openapi.yaml. Unknown values are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

from domain.access import ACTS, Act, Rights
from domain.wording import split_key
from handlers.data import items
from handlers.data.items import Item
from handlers.data.stats import Day
from handlers.logic import gate, preview
from handlers.logic.awaited import Expected
from handlers.logic.person import Person


class Scan(TypedDict):
    """What is known of malware in a file: `reason` is the threat, or why it could not be scanned.

    `refused` is true if the content is not handed out.
    """

    state: gate.State
    reason: NotRequired[str]
    refused: NotRequired[bool]


class File(TypedDict):
    """One file as lists show it. `size` is in bytes, times are ISO 8601 in UTC."""

    id: str
    key: str
    name: str
    folder: str
    bucket: str
    region: str
    size: int
    uploadedAt: str
    uploadedBy: NotRequired[str]
    status: items.Status
    contentType: NotRequired[str]
    readOnly: NotRequired[bool]
    scan: NotRequired[Scan]
    can: list[Act]


class Fact(TypedDict):
    """One line of what inspectors found."""

    label: str
    value: str


class Failure(TypedDict):
    """Why the inspection failed: a code for programs, a sentence for people."""

    code: str
    message: str


class Notified(TypedDict):
    """How people were notified; `none` means that there was no person to notify."""

    how: items.Notified


class FileDetails(File):
    """Everything that is known about one file."""

    etag: NotRequired[str]
    versionId: NotRequired[str]
    sequencer: NotRequired[str]
    sha256: NotRequired[str]
    facts: list[Fact]
    failure: NotRequired[Failure]
    processedAt: NotRequired[str]
    removedAt: NotRequired[str]
    removedBy: NotRequired[str]
    notified: NotRequired[Notified]
    preview: NotRequired[preview.Kind]


class FilePage(TypedDict):
    """Some files, and the cursor of the next page unless this is the last one."""

    files: list[File]
    cursor: NotRequired[str]


class Download(TypedDict):
    """A presigned link."""

    url: str
    expiresInSeconds: int


class Preview(TypedDict):
    """A presigned link to show in a browser, and the Range header that it is valid with."""

    kind: preview.Kind
    url: str
    contentType: str
    range: NotRequired[str]
    expiresInSeconds: int


class Reprocessing(TypedDict):
    """The id of a file that waits in its work queue."""

    id: str


class Upload(TypedDict):
    """A presigned form, and the key and id that the file will have."""

    url: str
    fields: dict[str, str]
    key: str
    id: str
    expiresInSeconds: int


class PresignedRequest(TypedDict):
    """Where to send a request, and the headers that it must have."""

    url: str
    headers: dict[str, str]


class MultipartUpload(TypedDict):
    """The request that starts an upload in parts, the key and id that the file will have, and how to cut it."""

    start: PresignedRequest
    key: str
    id: str
    partBytes: int
    expiresInSeconds: int


class PartLink(TypedDict):
    """Where to send one part."""

    partNumber: int
    url: str


class MultipartLinks(TypedDict):
    """Where to send the next parts of an upload, and the requests that list them, complete and abort it."""

    parts: list[PartLink]
    listUrl: str
    completeUrl: str
    abortUrl: str
    expiresInSeconds: int


class Stats(TypedDict):
    """Counts for each day, oldest first, and the newest uploads, newest first."""

    days: list[Day]
    daysWithheld: NotRequired[bool]
    latest: list[File]
    latestComplete: bool
    expected: NotRequired[Expected]


class Me(TypedDict):
    """A person, and what they may do somewhere; `folders` are those that they may read, unless they may read all.

    `uploadFolder` is where their uploads go, if they may upload.
    """

    name: str
    groups: list[str]
    can: list[Act]
    folders: NotRequired[list[str]]
    uploadFolder: NotRequired[str]


def me_of(person: Person, rights: Rights) -> Me:
    """A person with what they may do."""
    me: Me = {
        "name": person.name,
        "groups": sorted(person.groups),
        "can": [act for act in ACTS if rights.can(act)],
    }
    if rights.own is not None and rights.can("upload"):
        me["uploadFolder"] = rights.own.folder
    return me if rights.reads_everything else {**me, "folders": rights.readable}


def file_of(item: Item, rights: Rights, *, read_only: bool = False, scan: Scan | None = None) -> File:
    """A file as lists show it to a person with these rights.

    `read_only` if it cannot be deleted here, `scan` where files are scanned.
    """
    folder, name = split_key(item.key)
    file = {
        "id": item.id,
        "key": item.key,
        "name": name,
        "folder": folder,
        "bucket": item.bucket,
        "region": item.region,
        "size": item.size or 0,
        "uploadedAt": item.time,
        "status": item.status,
        "can": [
            act
            for act in ("delete", "reprocess")
            if item.status not in ("stored", "removed")  # unknown to other operations, or no longer there
            and rights.may(act, item.bucket, item.key)
            and not (act == "delete" and read_only)
        ],
    }
    optional = {"uploadedBy": item.by, "contentType": item.content_type, "readOnly": read_only or None, "scan": scan}
    return cast("File", file | _known(optional))


def details_of(item: Item, rights: Rights, *, read_only: bool = False, scan: Scan | None = None) -> FileDetails:
    """A file with everything that is known about it, for a person with these rights."""
    facts: list[Fact] = [{"label": label, "value": value} for label, value in item.facts]
    details = {
        "etag": item.etag,
        "versionId": item.version_id,
        "sequencer": item.order,
        "sha256": item.sha256,
        "failure": {"code": item.failure[0], "message": item.failure[1]} if item.failure else None,
        "processedAt": item.processed_at,
        "removedAt": item.removed_at,
        "removedBy": item.removed_by,
        "notified": {"how": item.notified} if item.notified else None,
        "preview": None if read_only or (scan and scan.get("refused")) else preview.kind_of(item),
    }
    shown = file_of(item, rights, read_only=read_only, scan=scan)
    return cast("FileDetails", {**shown, "facts": facts, **_known(details)})


def scan_of(item: Item, at: gate.Gate) -> Scan | None:
    """What the gate knows of a file. None where nothing is scanned."""
    state = at.state_of(item)
    if state is None:
        return None
    reason = item.scan.reason if item.scan else ""
    return cast("Scan", {"state": state, **_known({"reason": reason, "refused": not at.is_open(item) or None})})


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
