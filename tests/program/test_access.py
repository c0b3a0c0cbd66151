"""Who may do what: as it is written in config, what it becomes in Cognito, and what the API is shipped with."""

from __future__ import annotations

import json

import pytest

from components.settings import SettingsError
from domain.access import ACCESS_FILE, ACTS, DEFAULT_ACCESS, EVERYONE, Grant, grants_of
from handlers import api
from tests.program.conftest import CONFIGS
from tests.program.problems import one_problem, problems_of, repaired

EMAILS = {"emails": ["a@b.co"]}
EDITORS = {"group": "editors", "can": ["read", "upload"]}
ACTS_LISTED = "read, upload, delete, reprocess"
NAMES = "use 1 to 128 letters, digits and . _ - : @ + ="
FOLDER = "use the name of a folder, of less than 1024 bytes"
ALL_FOLDERS = "use the name of a folder; for all folders leave out the list"


def test_an_entry_arrives_with_acts_and_folders_in_one_order(read):
    written = {"group": "team-ä", "can": ["delete", "read", "read"], "folders": ["b", "a/b/", "a/", "b/"]}

    assert read(**EMAILS, access=[written]).grants == (
        Grant(group="team-ä", can=("read", "delete"), folders=("a/", "b/")),
    )


@pytest.mark.parametrize("nothing", [{}, {"access": []}], ids=["absent", "empty"])
def test_without_any_entry_everyone_reads_editors_add_and_admins_delete(read, nothing):
    assert read(**EMAILS, **nothing).grants == DEFAULT_ACCESS


WRONG = [
    ("editors", "access is 'editors'; it takes a list", "set --path 'access[0].group' editors"),
    (["editors"], "access[0] is 'editors'; an entry is an object with group and can", "rm --path 'access[0]'"),
    ([{"can": ["read"]}], f"access[0].group is missing; {NAMES}", "set --path 'access[0].group' editors"),
    *[
        ([{**EDITORS, "group": name}], f"access[0].group is {name!r}; {NAMES}", "set --path 'access[0].group' editors")
        for name in ("", "a,b", "[a", "a b", "x" * 129)
    ],
    (
        [{**EDITORS, "group": 2026}],
        f"access[0].group is 2026; quote it: {NAMES}",
        "set --path 'access[0].group' 2026 --type string",
    ),
    (
        [EDITORS, {**EDITORS, "group": "Editors"}],
        "access[1].group is 'Editors', which access[0] names already; a group has one entry",
        "rm --path 'access[1]'",
    ),
    ([{"group": "a"}], f"access[0].can is missing; use a list of {ACTS_LISTED}", "set --path 'access[0].can[0]' read"),
    (
        [{"group": "a", "can": "read"}],
        f"access[0].can is 'read'; use a list of {ACTS_LISTED}",
        "rm --path 'access[0].can' && pulumi config set --path 'access[0].can[0]' read",
    ),
    (
        [{"group": "a", "can": ["read", "delet"]}],
        f"access[0].can[1] is 'delet'; use one of {ACTS_LISTED}",
        "set --path 'access[0].can[1]' delete",
    ),
    (
        [{"group": "a", "can": ["upload", "delete"]}],
        "access[0].can is upload, delete without read: what one may not read, one may not change",
        "set --path 'access[0].can[2]' read",
    ),
    (
        [{**EDITORS, "folders": "a/"}],
        "access[0].folders is 'a/'; use a list of folders",
        "rm --path 'access[0].folders' && pulumi config set --path 'access[0].folders[0]' invoices/",
    ),
    (
        [{**EDITORS, "folders": []}],
        "access[0].folders is empty; leave it out for all folders",
        "rm --path 'access[0].folders'",
    ),
    *[
        (
            [{**EDITORS, "folders": [folder]}],
            f"access[0].folders[0] is {folder[:80]!r}; {expected}",
            "set --path 'access[0].folders[0]' invoices/",
        )
        for folder, expected in (("", ALL_FOLDERS), ("/", ALL_FOLDERS), ("ä" * 512, FOLDER), ("\ud800", FOLDER))
    ],
    (
        [{**EDITORS, "folders": [2026]}],
        f"access[0].folders[0] is 2026; quote it: {FOLDER}",
        "set --path 'access[0].folders[0]' 2026/",
    ),
    (
        [{**EDITORS, "folder": ["a/"]}],
        "access[0].folder is not a setting of an entry of access; did you mean folders?",
        "rm --path 'access[0].folder'",
    ),
    (
        [{**EDITORS, "zzz": 1}],
        "access[0].zzz is not a setting of an entry of access; use group, can, folders",
        "rm --path 'access[0].zzz'",
    ),
]


@pytest.mark.parametrize(
    ("access", "what", "fix"), WRONG, ids=lambda value: str(value)[:60].encode("ascii", "replace").decode()
)
def test_a_wrong_entry_gets_one_message_whose_command_fixes_it(read, access, what, fix):
    config = {**EMAILS, "access": access}
    assert problems_of(read, **config) == one_problem(what, fix)
    assert what not in problems_of(read, **repaired(config, fix))


def test_uploads_without_a_bucket_to_upload_to_are_refused(read):
    config = {**EMAILS, "mode": "advanced", "existingBuckets": ["scans"], "uploadBucket": False}

    with pytest.raises(SettingsError, match="access grants upload, but uploadBucket is false"):
        read(**config, access=[EDITORS])
    assert read(**config).grants == DEFAULT_ACCESS


@pytest.fixture
def granted(deploy):
    access = [{"group": EVERYONE, "can": ["read"]}, {"group": "team-a", "can": list(ACTS), "folders": ["ä/"]}]
    return deploy(**CONFIGS["advanced"], access=access)


def groups(deployment):
    return {group.inputs["name"] for group in deployment.of("UserGroup")}


def shipped(deployment):
    return deployment.named("api-function").inputs["code"].assets[ACCESS_FILE].text


def test_every_group_is_one_of_the_pool_and_everyone_is_none(granted, advanced):
    assert groups(granted) == {"team-a"}
    assert groups(advanced) == {"readers", "editors", "admins"}


def test_the_api_is_shipped_with_the_grants_where_it_looks_for_them(granted):
    assert grants_of(json.loads(shipped(granted))) == (
        Grant(group=EVERYONE, can=("read",)),
        Grant(group="team-a", can=ACTS, folders=("ä/",)),
    )
    assert (api.ACCESS.parent / "handlers" / "api.py").is_file()


def test_other_rights_change_groups_and_the_api_function_and_no_other_resource(granted, advanced):
    before, after = ({r.urn: r.inputs for r in deployed.resources} for deployed in (advanced, granted))

    assert {urn.rpartition("::")[2] for urn in before.keys() ^ after.keys()} == {
        f"file-notifications-users-group-{name}" for name in ("readers", "editors", "admins", "team-a")
    }
    assert shipped(advanced) != shipped(granted)


def test_operators_can_read_what_each_group_may_do(granted):
    assert granted.exports["access"] == {
        "everyone": "read files",
        "team-a": "read, upload, delete and reprocess files in ä/",
    }


def test_basic_mode_has_no_groups(basic):
    assert basic.of("UserGroup") == []
