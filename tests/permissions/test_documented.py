"""Every permission is in the table, and every line of the table is a permission."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.permissions import guards
from tests.permissions.needs import ALL, EXERCISED
from tests.permissions.report import DOCUMENT, as_markdown
from tests.program.conftest import CONFIGS, run_once

SUFFIX = "file-notifications-"
_REGION = re.compile(r"^[a-z]{2}-[a-z]+-\d-")


def _granted(config: str) -> set[tuple[str, str]]:
    """Each action of each role's policy, as the program registers them; of an additional region, as of the first."""
    return {
        (_REGION.sub("", statement.resource.name.removeprefix(SUFFIX)).removesuffix("-policy"), action)
        for statement in run_once(**CONFIGS[config]).statements()
        for action in statement.actions
        if statement.resource.type == "aws:iam/rolePolicy:RolePolicy"
    }


def _guarded(config: str) -> Counter[tuple[str, str]]:
    """Each statement of the policy of a queue, a topic or a bucket, as the program registers them."""
    found: Counter[tuple[str, str]] = Counter()
    for statement in run_once(**CONFIGS[config]).statements():
        name = _REGION.sub("", statement.resource.name.removeprefix(SUFFIX))
        if not statement.identity:
            resource = "a recipient's queue" if name.startswith("recipients-") else name.removesuffix("-policy")
            found[resource, statement.content["Sid"]] += 1
    return found


def _policy_of(role: str) -> str:
    """What the policy of a role is called: roles are named after what they are for, policies after whose they are."""
    return role.removesuffix("-role") if role.endswith("-role") else role


@pytest.mark.xdist_group("everything")
def test_every_permission_is_in_the_table_and_nothing_else_is():
    assert {(_policy_of(need.role), need.action) for need in ALL} == _granted("everything") | _granted("expecting")


@pytest.mark.parametrize("config", CONFIGS)
def test_no_stack_has_a_permission_that_is_not_in_the_table(config):
    assert _granted(config) - {(_policy_of(need.role), need.action) for need in ALL} == set()


@pytest.mark.xdist_group("everything")
def test_every_statement_of_a_resources_policy_is_in_the_table_once_and_nothing_else_is():
    assert Counter((guard.resource, guard.statement) for guard in guards.ALL) == _guarded("everything")


@pytest.mark.parametrize("config", CONFIGS)
def test_no_stack_has_a_statement_of_a_resources_policy_that_is_not_in_the_table(config):
    assert _guarded(config).keys() - {(guard.resource, guard.statement) for guard in guards.ALL} == set()


def test_every_permission_is_shown_or_documented_by_aws():
    unsupported = [one for one in (*ALL, *guards.ALL) if one.exercise is None and not one.source]

    assert unsupported == []


def test_the_document_has_every_permission_and_statement_with_what_was_seen():
    page = DOCUMENT.read_text()
    lines = re.findall(r"^\| (\S.*) \| `(\S+)` \| .+ \| (.+) \|$", page, flags=re.MULTILINE)
    seen = {(of, what): result for of, what, result in lines if not result.startswith("[documented]")}

    written = as_markdown(
        [(need, seen.get((need.role, need.action), "")) for need in ALL],
        [(guard, seen.get((guard.resource, guard.statement), "")) for guard in guards.ALL],
    )

    assert _undated(page) == _undated(written)
    assert "" not in seen.values()
    assert len(seen) == len(EXERCISED) + len(guards.EXERCISED)


def _undated(page: str) -> str:
    return re.sub(r"on \d{4}-\d\d-\d\d;", "", page)


def test_an_existing_bucket_adds_reading_and_decrypting_and_nothing_else():
    added = _granted("existing advanced") - _granted("advanced")

    assert added == {("process", "kms:Decrypt"), ("api", "kms:Decrypt")}
