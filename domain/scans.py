"""Results of malware scans, decoded from GuardDuty's events, and the check that a file got one.

The event's format is "S3 object scan result" of
https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict

from domain.events import LONGEST_TEXT, file_id_of, is_file_id
from domain.messages import MalformedMessageError

Mode = Literal["off", "on", "strict"]
"""Whether uploads are scanned. `on` hands out what could not be scanned, `strict` only what is known to be clean."""

Verdict = Literal["clean", "infected", "unscannable"]

SOURCE = "aws.guardduty"
RESULT_TYPE = "GuardDuty Malware Protection Object Scan Result"
SCAN_CHECK_SCHEMA = "file-notifications/scan-check/1"
CHECKED_AFTER_SECONDS = 900
"""When a file without a verdict is reported. The longest that SQS delays a message; most scans take seconds."""

_VERDICTS: Mapping[str, Verdict] = {
    "NO_THREATS_FOUND": "clean",
    "THREATS_FOUND": "infected",
    "UNSUPPORTED": "unscannable",
    "ACCESS_DENIED": "unscannable",
    "FAILED": "unscannable",
}
"""Every scanResultStatus that AWS documents."""

OPERATORS_MATTER = frozenset({"ACCESS_DENIED", "FAILED"})
"""Reasons why a file could not be scanned that lie in the system. UNSUPPORTED lies in the file: too large, or closed by
a password."""

MOST_THREATS = 3
LONGEST_REASON = 200  # characters


@dataclass(frozen=True, kw_only=True)
class ScanResult:
    """The verdict on one version of a file. `reason` has the threats' names, or GuardDuty's status if not scanned.

    `time` is when GuardDuty reported it: ISO 8601 in UTC.
    """

    bucket: str
    key: str
    version_id: str
    verdict: Verdict
    reason: str
    time: str

    @property
    def file_id(self) -> str:
        """The id of the object, see file_id_of."""
        return file_id_of(self.bucket, self.key)


class ScanCheck(TypedDict):
    """What `process` puts into its own queue, to look for the verdict on an upload later."""

    schema: str
    id: str
    versionId: str


def is_scanned(uploaded: str, since: datetime) -> bool:
    """Whether an upload is scanned where scanning began at a time. One whose time cannot be read counts as new."""
    try:
        moment = datetime.fromisoformat(uploaded)
    except ValueError:
        return True
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) >= since


def scan_message_in(body: str) -> ScanResult | ScanCheck | None:
    """Decode a message of the work queue that is about a scan. None if it is about something else.

    Raises MalformedMessageError, also for a status that AWS did not document: an unknown one is no verdict.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None  # reported by who reads the other messages
    if not isinstance(message, dict):
        return None
    if message.get("schema") == SCAN_CHECK_SCHEMA:
        if not is_file_id(message.get("id")) or not _is_version(message.get("versionId")):
            raise MalformedMessageError(f"the scan check {body:.200} names no version of a file")
        return {"schema": SCAN_CHECK_SCHEMA, "id": message["id"], "versionId": message["versionId"]}
    if message.get("source") == SOURCE:
        return _result(message)
    return None


def scan_check_of(body: str, bucket: str) -> ScanCheck | None:
    """The check of the upload that a message of the work queue is about. None if nothing of `bucket` was uploaded."""
    message = json.loads(body)
    file = message.get("file", {})  # a request to process a file again has none
    if message.get("event") != "created" or file.get("bucket") != bucket or not _is_version(file.get("versionId")):
        return None
    return {"schema": SCAN_CHECK_SCHEMA, "id": file["id"], "versionId": file["versionId"]}


def _result(message: Mapping[str, Any]) -> ScanResult:
    if message.get("detail-type") != RESULT_TYPE:
        raise MalformedMessageError(f"detail-type is {message.get('detail-type')!r:.80}; use {RESULT_TYPE!r}")
    try:
        file, details = message["detail"]["s3ObjectDetails"], message["detail"]["scanResultDetails"]
        status = details["scanResultStatus"]
        bucket, key, version = file["bucketName"], file["objectKey"], file["versionId"]
        time, threats = message["time"], details.get("threats")
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedMessageError(f"the scan result has no {error}") from error
    if status not in _VERDICTS:
        raise MalformedMessageError(f"scanResultStatus is {status!r:.80}; use {', '.join(_VERDICTS)}")
    for name, value in (("bucketName", bucket), ("objectKey", key), ("time", time)):
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
            raise MalformedMessageError(f"{name} of the scan result is {value!r:.80}")
    if not _is_version(version):  # our own bucket is versioned, and a verdict is on one content
        raise MalformedMessageError(f"versionId of the scan result is {version!r:.80}; it is not on one version")
    verdict = _VERDICTS[status]
    reason = {"clean": "", "infected": _names(threats), "unscannable": status}[verdict]
    return ScanResult(bucket=bucket, key=key, version_id=version, verdict=verdict, reason=reason, time=time)


def _names(threats: object) -> str:
    """The names of the first threats. Whatever else GuardDuty says of them, the file stays infected."""
    found = threats if isinstance(threats, list) else []
    names = dict.fromkeys(str(one["name"]) for one in found if isinstance(one, dict) and one.get("name"))
    return ", ".join([*names][:MOST_THREATS])[:LONGEST_REASON] or "a threat without a name"


def _is_version(value: object) -> bool:
    return isinstance(value, str) and value not in ("", "null") and len(value) <= LONGEST_TEXT
