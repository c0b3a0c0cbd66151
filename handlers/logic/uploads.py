"""Uploads through the web: accepted names, the key of a file, the person's session and the presigned form."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

from domain.events import LONGEST_TEXT
from domain.topology import UPLOAD_ROOT
from domain.wording import JOINERS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

FORM_SECONDS = 600
SESSION_SECONDS = 900
"""The shortest session of STS; what was signed in it expires with it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""
MAX_NAME_BYTES = 255  # the limit of file systems: a longer name could not be saved after a download
MAX_FOLDERS = 16
NOT_IN_FORMS = "$"
"""S3 reads more into it. `${filename}` in a field becomes the name of the file that the browser sends: such a form
would be for any key. A policy has to escape it, in a way that is not JSON and that boto3 does not know: of a key with
`$$` S3 says that it is not the policy's.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
https://github.com/boto/boto3/issues/4514
"""
_FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class RefusedUploadError(ValueError):
    """The upload is not accepted; the text says why, and what the person can change."""


@dataclass(frozen=True, kw_only=True)
class UploadRequest:
    """A file that a person wants to upload. `size` is in bytes, `folder` is below the person's own."""

    name: str
    size: int
    content_type: str
    folder: str = ""


class PresignedForm(TypedDict):
    """A form that S3 accepts: where to send it, and its fields before the file."""

    url: str
    fields: dict[str, str]


def upload_key(request: UploadRequest, *, person: str) -> str:
    """The key under the person's own prefix. Raises RefusedUploadError for misleading, invisible or too long names."""
    parts = [part for part in request.folder.split("/") if part] if request.folder else []
    if len(parts) > MAX_FOLDERS:
        raise RefusedUploadError(f"The folder is {len(parts)} deep; use at most {MAX_FOLDERS}.")
    for part in (*parts, request.name):
        _check(part)
    key = "/".join((person_prefix(person), *parts, request.name))
    if len(key.encode()) > LONGEST_TEXT:
        raise RefusedUploadError("Folder and name are too long together; S3 takes 1,024 bytes. Shorten one of them.")
    return key


def person_prefix(person: str) -> str:
    """The prefix of one person alone: a user name may contain slashes, which are escaped."""
    return f"{UPLOAD_ROOT}/{quote(person, safe='@+=,')}"


def upload_session(role: str, bucket: str, person: str) -> AssumeRoleRequestTypeDef:
    """The arguments of AssumeRole for a session named after the person, which may only write below their prefix."""
    actions = ["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    return person_session(role, person, actions=actions, objects=f"{bucket}/{person_prefix(person)}/*")


def person_session(role: str, person: str, *, actions: str | list[str], objects: str) -> AssumeRoleRequestTypeDef:
    """The arguments of AssumeRole for a session named after the person, which S3's events then name.

    It may do nothing but `actions` on `objects`, a bucket and a pattern of keys.
    """
    partition = role.split(":")[1]
    statement = {"Effect": "Allow", "Action": actions, "Resource": f"arn:{partition}:s3:::{objects}"}
    return {
        "RoleArn": role,
        # As far as STS takes the name.
        "RoleSessionName": re.sub(r"[^\w+=,.@-]", "-", person, flags=re.ASCII)[:64].ljust(2, "-"),
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "DurationSeconds": SESSION_SECONDS,
    }


def check_size(size: int, max_bytes: int) -> None:
    """Raises RefusedUploadError for more than `max_bytes`."""
    if size > max_bytes:
        raise RefusedUploadError(
            f"The file has {size:,} bytes; at most {max_bytes:,} can be uploaded here. "
            "Use the AWS CLI for a larger one."
        )


def upload_form(s3: S3Client, bucket: str, key: str, request: UploadRequest, *, max_bytes: int) -> PresignedForm:
    """A presigned POST. S3 refuses another key, another type, and more bytes than were declared.

    Raises RefusedUploadError for more than `max_bytes`, and for what has to go in parts.
    """
    check_size(request.size, max_bytes)
    if NOT_IN_FORMS in key or NOT_IN_FORMS in request.content_type:
        raise RefusedUploadError(
            f'S3 takes no "{NOT_IN_FORMS}" in a form, be it in a name, a folder or a type. Rename it, or upload the '
            "file in parts."
        )
    form = s3.generate_presigned_post(
        bucket,
        key,
        Fields={"Content-Type": request.content_type},
        Conditions=[{"Content-Type": request.content_type}, ["content-length-range", 0, request.size]],
        ExpiresIn=FORM_SECONDS,
    )
    return {"url": form["url"], "fields": form["fields"]}


def _check(part: str) -> None:
    if part in (".", "..") or "/" in part or "\\" in part:
        raise RefusedUploadError(f"{part!r} would leave the folder. Use a plain name.")
    hidden = [char for char in part if unicodedata.category(char) in _FORBIDDEN and char not in JOINERS]
    if hidden:
        raise RefusedUploadError(f"The name holds a character that cannot be seen ({hidden[0]!a}). Rename the file.")
    if not part.strip():
        raise RefusedUploadError("The name is empty. Give the file a name.")
    if len(part.encode()) > MAX_NAME_BYTES:
        raise RefusedUploadError(f"The name takes {len(part.encode())} bytes; use at most {MAX_NAME_BYTES}.")
