"""Every permission is in the table, and every line of the table is a permission."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.permissions.needs import ALL, EXERCISED
from tests.permissions.report import DOCUMENT
from tests.program.conftest import CONFIGS, run_once

SUFFIX = "file-notifications-"


def _granted() -> Counter[tuple[str, str]]:
    """Each action of each role's policy, as the program registers them."""
    deployment = run_once(**CONFIGS["advanced"])
    found: Counter[tuple[str, str]] = Counter()
    for statement in deployment.statements():
        if statement.resource.type == "aws:iam/rolePolicy:RolePolicy":
            role = statement.resource.name.removeprefix(SUFFIX).removesuffix("-policy")
            found.update((role, action) for action in statement.actions)
    return found


def _policy_of(role: str) -> str:
    """What the policy of a role is called: roles are named after what they are for, policies after whose they are."""
    return role.removesuffix("-role") if role.endswith("-role") else role


@pytest.mark.xdist_group("advanced")
def test_every_permission_is_in_the_table_once_and_nothing_else_is():
    assert Counter((_policy_of(need.role), need.action) for need in ALL) == _granted()


def test_every_permission_is_shown_or_documented_by_aws():
    unsupported = [need for need in ALL if need.exercise is None and not need.source]

    assert unsupported == []


def test_the_document_has_every_permission_with_what_was_seen():
    rows = re.findall(r"^\| (\S+) \| `(\S+)` \| .+ \| (.+) \|$", DOCUMENT.read_text(), flags=re.MULTILINE)

    assert [(role, action) for role, action, _ in rows] == [(need.role, need.action) for need in ALL]
    assert len([seen for *_, seen in rows if not seen.startswith("[documented]")]) == len(EXERCISED)
