"""A company's groups as Cognito writes them, and ours that they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.company_groups import company_groups, folded, our_groups

OURS = {"file-admins": "admins", "sales (eu)": "editors"}


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", []),
        ("[]", []),
        ("File-Admins", ["File-Admins"]),
        ("[File-Admins]", ["File-Admins"]),
        ("[File-Admins, Sales (EU)]", ["File-Admins", "Sales (EU)"]),
        ("File-Admins,Sales (EU)", ["File-Admins", "Sales (EU)"]),
        ('["File-Admins","Sales (EU)"]', ["File-Admins", "Sales (EU)"]),
        (" [ a ,, b ] ", ["a", "b"]),
    ],
)
def test_every_form_in_which_cognito_writes_a_list_is_read(text, groups):
    assert company_groups(text) == groups


@pytest.mark.parametrize("written", ["File-Admins", "file-admins", "FILE-ADMINS"])
def test_capitals_do_not_matter(written):
    assert our_groups([written], OURS) == {"admins"}


def test_only_groups_that_are_mapped_give_any():
    """A company has a group that is called admins, too."""
    assert our_groups(["admins", "editors", "Everyone"], OURS) == set()


def test_groups_that_stand_for_the_same_give_it_once():
    assert our_groups(["A", "B"], {"a": "editors", "b": "editors"}) == {"editors"}


@given(st.text(), st.dictionaries(st.text().map(folded), st.sampled_from(["admins", "editors"])))
def test_whatever_a_company_sends_gives_no_group_that_is_not_mapped(text, ours):
    assert our_groups(company_groups(text), ours) <= set(ours.values())
