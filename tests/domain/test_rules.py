"""Which events a rule matches."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.findings import FINDING_KINDS
from domain.rules import InvalidRulesError, matching, rules_of
from tests.examples import a_file, a_finding, a_rule


def removed(**changes):
    return a_file(**{"action": "removed", "name": "ObjectRemoved:Delete", "size": None, **changes})


@pytest.mark.parametrize(
    ("prefix", "suffix", "matches"),
    [
        ("", "", True),
        ("invoices/", "", True),
        ("invoices/2026/invoice-0423.pdf", "", True),
        ("Invoices/", "", False),
        ("2026/", "", False),
        ("", ".pdf", True),
        ("", ".PDF", False),
        ("", "/invoice", False),
        ("invoices/", ".pdf", True),
        ("invoices/", ".jpg", False),
        ("photos/", ".pdf", False),
    ],
)
def test_a_rule_matches_keys_with_its_prefix_and_suffix(prefix, suffix, matches):
    assert a_rule(prefix=prefix, suffix=suffix).matches(a_file()) is matches


@pytest.mark.parametrize(("bucket", "matches"), [("", True), ("scans", True), ("invoices", False)])
def test_a_rule_matches_its_bucket_or_every_one(bucket, matches):
    assert a_rule(bucket=bucket).matches(a_file(bucket="scans")) is matches


def test_a_mail_says_which_bucket_a_rule_is_about():
    assert a_rule(prefix="in/", suffix=".pdf", bucket="scans").pattern == "in/*.pdf in scans"


def found(kind="processed", content_type="image/png", **changes):
    return a_file(finding=a_finding(kind=kind, content_type=content_type), **changes)


def test_a_rule_on_uploads_matches_no_finding_and_the_other_way_round():
    uploads, findings = a_rule(), a_rule(events=("processed", "broken"))

    assert [rule.matches(a_file()) for rule in (uploads, findings)] == [True, False]
    assert [rule.matches(found()) for rule in (uploads, findings)] == [False, True]
    assert [findings.matches(found(kind)) for kind in FINDING_KINDS] == [True, True, False, False]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("image/png", True),
        ("image/*", True),
        ("IMAGE/Png", True),
        ("*/*", True),
        ("image/p", False),
        ("application/*", False),
        ("*image/*", True),
    ],
)
def test_a_rule_matches_findings_in_files_of_its_type(pattern, matches):
    assert a_rule(events=("processed",), content_type=pattern).matches(found()) is matches


def test_a_rule_for_a_type_matches_no_file_whose_type_is_unknown():
    assert not a_rule(events=("clean",), content_type="*/*").matches(found("clean", content_type=""))


def test_a_rule_for_a_type_matches_no_upload_whose_type_s3_does_not_know():
    assert not a_rule(events=("created", "processed"), content_type="*/*").matches(a_file())


def test_the_other_conditions_hold_for_findings_as_well():
    rule = a_rule(events=("broken",), prefix="invoices/", suffix=".pdf", max_bytes=1000)

    assert rule.matches(found("broken", size=1000))
    assert not rule.matches(found("broken", size=1001))
    assert not rule.matches(found("broken", key="photos/a.pdf", size=1))


def test_a_mail_says_which_type_a_rule_is_about():
    assert a_rule(prefix="in/", content_type="image/*", bucket="scans").pattern == "in/* of type image/* in scans"


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("uploaded", ["NFC", "NFD"])
def test_letters_with_accents_match_however_they_are_composed(typed, uploaded):
    rule = a_rule(prefix=unicodedata.normalize(typed, "Übergabe/"), suffix=unicodedata.normalize(typed, "é.pdf"))

    assert rule.matches(a_file(key=unicodedata.normalize(uploaded, "Übergabe/Café.pdf")))


@given(st.text(min_size=1), st.data())
def test_every_beginning_and_every_end_of_a_key_matches_it(key, data):
    start, end = (data.draw(st.integers(0, len(key))) for _ in range(2))

    assert a_rule(prefix=key[:start], suffix=key[end:]).matches(a_file(key=key, size=1))


@pytest.mark.parametrize(
    ("least", "most", "matches"),
    [
        (0, None, True),
        (186_368, None, True),
        (186_369, None, False),
        (0, 186_368, True),
        (0, 186_367, False),
        (186_368, 186_368, True),
        (0, 0, False),
    ],
)
def test_the_bounds_of_a_size_are_inclusive(least, most, matches):
    assert a_rule(min_bytes=least, max_bytes=most).matches(a_file(size=186_368)) is matches


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_a_size_matches_exactly_between_the_bounds(least, most, size):
    assert a_rule(min_bytes=least, max_bytes=most).matches(a_file(size=size)) is (least <= size <= most)


def test_an_empty_file_that_is_no_folder_matches():
    assert a_rule().matches(a_file(key="empty.txt", size=0))


@pytest.mark.parametrize("bounds", [{"min_bytes": 10**9}, {"max_bytes": 0}])
def test_a_removed_file_matches_whatever_its_size_was(bounds):
    assert a_rule(events=("removed",), **bounds).matches(removed())


@pytest.mark.parametrize("events", [("created",), ("removed",), ("restored",), ("created", "restored")])
@pytest.mark.parametrize("action", ["created", "removed", "restored"])
def test_a_rule_matches_the_events_that_it_names(events, action):
    assert a_rule(events=events).matches(a_file(action=action)) is (action in events)


@pytest.mark.parametrize("prefix", ["", "photos/", "pho"])
def test_a_folder_marker_matches_no_ordinary_rule(prefix):
    assert not a_rule(prefix=prefix).matches(a_file(key="photos/", size=0))


@pytest.mark.parametrize("suffix", ["/", "photos/"])
def test_a_folder_marker_matches_a_rule_that_asks_for_one(suffix):
    assert a_rule(suffix=suffix).matches(a_file(key="photos/", size=0))


def test_a_removed_folder_marker_matches_no_ordinary_rule():
    assert not a_rule(events=("removed",)).matches(removed(key="photos/"))


def test_a_file_with_content_is_no_folder_marker_whatever_its_key():
    assert a_rule().matches(a_file(key="photos/", size=1))


def test_all_rules_that_match_are_found_in_the_order_in_which_they_were_written():
    rules = [a_rule(name="z"), a_rule(name="no", prefix="x"), a_rule(name="a", suffix=".pdf")]

    assert [rule.name for rule in matching(rules, a_file())] == ["z", "a"]


def test_without_rules_nothing_matches():
    assert matching([], a_file()) == ()


@pytest.mark.parametrize(
    ("prefix", "suffix", "pattern"),
    [
        ("", "", "every file"),
        ("invoices/", "", "invoices/*"),
        ("", ".pdf", "*.pdf"),
        ("invoices/", ".pdf", "invoices/*.pdf"),
    ],
)
def test_a_rule_says_in_words_what_it_is_about(prefix, suffix, pattern):
    assert a_rule(prefix=prefix, suffix=suffix).pattern == pattern


@pytest.mark.parametrize(
    ("to", "people"),
    [
        (("ann@example.com",), True),
        (("+84901234567",), True),
        (("https://hooks.example.com/",), False),
        (("arn:aws:sqs:eu-west-1:111122223333:files",), False),
        (("https://hooks.example.com/", "ann@example.com"), True),
    ],
)
def test_a_rule_knows_whether_it_notifies_people(to, people):
    assert a_rule(to=to).notifies_people is people


def test_a_function_does_not_start_with_rules_that_it_cannot_read():
    with pytest.raises(InvalidRulesError, match="KeyError\\('to'\\); run: pulumi up"):
        rules_of([{"name": "r"}])
