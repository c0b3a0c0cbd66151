"""Removals in the name of a person: the session that may delete one file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.logic.uploads import person_session

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

LONGEST_PATTERN = 512
"""Characters of a key in a session policy, which may have 2,048 as a whole and is packed in a way that AWS keeps to
itself: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""


def removal_session(role: str, bucket: str, key: str, person: str) -> AssumeRoleRequestTypeDef:
    """The arguments of AssumeRole for a session named after the person, which may only delete this file."""
    return person_session(role, person, actions="s3:DeleteObject", objects=f"{bucket}/{_pattern(key)}")


def _pattern(key: str) -> str:
    """The key as a policy takes it: STS takes no letters beyond Latin-1, and some characters mean more than themselves.

    Those become wildcards, which match them, and what is too long ends in one.
    """
    pattern = re.sub(r"[^ -~]+", "*", re.sub(r'[*?$"\\\\]', "?", key))
    return pattern if len(pattern) <= LONGEST_PATTERN else f"{pattern[:LONGEST_PATTERN]}*"
