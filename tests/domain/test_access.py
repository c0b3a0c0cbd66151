"""What groups are granted: shipped as JSON, added up for a person, and said in words."""

from __future__ import annotations

import json

import pytest

from domain.access import (
    ACTS,
    DEFAULT_ACCESS,
    EVERYONE,
    Grant,
    InvalidGrantsError,
    Own,
    Rights,
    grants_of,
    rights_of,
)

OWN = Own(bucket="uploads", folder="people/maria/")


def by_default(*groups: str) -> Rights:
    return rights_of(DEFAULT_ACCESS, groups, OWN)


@pytest.mark.parametrize(
    ("groups", "may"),
    [
        ((), {"read"}),
        (("readers",), {"read"}),
        (("editors",), {"read", "upload", "reprocess"}),
        (("admins",), set(ACTS)),
        (("readers", "editors"), {"read", "upload", "reprocess"}),
        (("Admins", "administrators"), {"read"}),
    ],
    ids=lambda value: "-".join(sorted(value)) or "none",
)
def test_by_default_everyone_reads_editors_add_and_admins_delete(groups, may):
    assert {act for act in ACTS if by_default(*groups).can(act)} == may


def test_with_grants_of_ones_own_nobody_else_may_do_anything():
    rights = rights_of([Grant(group="team-a", can=("read",))], ["readers", "admins"], OWN)

    assert [act for act in ACTS if rights.can(act)] == []
    assert rights.prefixes("uploads") == []


def test_grants_arrive_as_they_were_shipped():
    granted = (*DEFAULT_ACCESS, Grant(group="büro", can=("read",), folders=("Übergabe/",)))

    assert grants_of(json.loads(json.dumps([grant.as_json() for grant in granted]))) == granted


@pytest.mark.parametrize("shipped", [None, [{}], [{"group": "a", "can": ["read"], "folders": [], "x": 1}], 7])
def test_grants_that_cannot_be_read_are_an_error(shipped):
    with pytest.raises(InvalidGrantsError, match="pulumi up"):
        grants_of(shipped)


def test_folders_within_others_are_not_listed_twice_and_come_in_the_order_of_keys():
    granted = [Grant(group=EVERYONE, can=("read", "upload"), folders=("b/", "a/b/", "a/", "people/"))]

    assert rights_of(granted, [], OWN).prefixes("uploads") == ["a/", "b/", "people/"]


def test_ones_own_folder_is_in_the_bucket_that_is_uploaded_to_and_in_no_other():
    rights = rights_of([Grant(group=EVERYONE, can=("upload",))], [], OWN)

    assert rights.prefixes("uploads") == ["people/maria/"]
    assert rights.prefixes("scans") == []
    assert not rights.may("read", "scans", "people/maria/1")


def test_where_nothing_can_be_uploaded_a_grant_of_uploads_is_none():
    rights = rights_of(DEFAULT_ACCESS, ["editors"], None)

    assert [act for act in ACTS if rights.can(act)] == ["read", "reprocess"]


def test_a_grant_of_uploads_counts_ones_own_folder_among_its_folders():
    rights = rights_of([Grant(group=EVERYONE, can=("read", "upload", "delete"), folders=("inbox/",))], [], OWN)

    assert rights.may("delete", "uploads", "people/maria/1")
    assert not rights.may("delete", "uploads", "people/ann/1")


def test_what_one_may_not_read_one_may_not_change_whatever_is_granted():
    rights = rights_of(
        [Grant(group=EVERYONE, can=("delete",)), Grant(group="a", can=("read",), folders=("x/",))], ["a"], OWN
    )

    assert rights.may("delete", "uploads", "x/1")
    assert not rights.may("delete", "uploads", "y/1")


def test_what_a_group_may_do_is_said_in_words():
    many = tuple(f"f{number:02}/" for number in range(12))

    assert Grant(group="a", can=("read",)).meaning == "read files"
    assert Grant(group="a", can=("read", "upload", "delete"), folders=("x/", "y/")).meaning == (
        "read, upload and delete files in x/ and y/"
    )
    assert Grant(group="a", can=("read",), folders=many).meaning.endswith("f09/ and other folders")
