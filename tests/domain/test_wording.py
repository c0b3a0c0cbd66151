"""Untrusted keys, sizes, times and links in words that are safe to show."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wording import console_url, human_size, human_time, length, shorten, split_key, visible
from tests.examples import a_file

FAMILY = "👨‍👩‍👧‍👦"
# What people see as one character each, though most are several.
CLUSTERS = ["a", " ", "🚀", "e\u0323\u0302", FAMILY, "🇻🇳", "🏳️‍🌈", "\u1100\u1161\u11a8", "👍🏽"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.mark.parametrize(
    ("key", "folder", "name"),
    [
        ("invoice.pdf", "", "invoice.pdf"),
        ("a/b/c.pdf", "a/b", "c.pdf"),
        ("a/b/", "a", "b/"),
        ("photos/", "", "photos/"),
        ("/leading.txt", "", "leading.txt"),
        ("a//b.txt", "a/", "b.txt"),
        ("/", "", "/"),
        ("///", "", "///"),
    ],
)
def test_a_key_is_shown_as_folder_and_name(key, folder, name):
    assert split_key(key) == (folder, name)


@given(texts.filter(bool))
def test_every_key_has_a_name(key):
    assert split_key(key)[1]


@pytest.mark.parametrize(
    ("untrusted", "shown"),
    [
        ("plain.pdf", "plain.pdf"),
        ("résumé 日本語 🚀.pdf", "résumé 日本語 🚀.pdf"),
        ("line\nbreak", "line\\u000abreak"),
        ("carriage\rreturn", "carriage\\u000dreturn"),
        ("tab\tstop", "tab\\u0009stop"),
        ("bell\x07", "bell\\u0007"),
        ("next\x85line", "next\\u0085line"),
        ("line\u2028separator", "line\\u2028separator"),
        ("paragraph\u2029separator", "paragraph\\u2029separator"),
        ("fdp.\u202eexe", "fdp.\\u202eexe"),
        ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ufeffmark", "\\ufeffmark"),
        (FAMILY, FAMILY),
        ("auf\u200clage", "auf\u200clage"),
    ],
)
def test_what_hides_or_reorders_text_is_made_visible(untrusted, shown):
    assert visible(untrusted) == shown


@given(texts)
def test_nothing_shown_is_a_control_character(untrusted):
    assert not [char for char in visible(untrusted) if unicodedata.category(char) in {"Cc", "Zl", "Zp"}]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (1023, "1.0 KB"),
        (1024, "1.0 KB"),
        (10_188, "9.9 KB"),
        (10_240, "10 KB"),
        (186_368, "182 KB"),
        (1_022_976, "999 KB"),
        (1_023_488, "1.0 MB"),
        (5 * 2**30, "5.0 GB"),
        (5 * 2**40, "5.0 TB"),
    ],
)
def test_a_size_has_three_figures_at_most(size, words):
    assert human_size(size) == words


@given(st.integers(0, 50 * 2**40))
def test_every_size_that_s3_can_hold_is_short(size):
    number, unit = human_size(size).split(" ")

    assert len(number.replace(".", "")) <= 3
    assert unit in {"byte", "bytes", "KB", "MB", "GB", "TB"}


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-11-23T08:41:07.123Z", "2026-11-23 08:41:07 UTC"),
        ("2026-11-23T08:41:07Z", "2026-11-23 08:41:07 UTC"),
        ("1970-01-01T00:00:00.000Z", "1970-01-01 00:00:00 UTC"),
        ("yesterday", "yesterday"),
        ("two\nlines", "two\\u000alines"),
        ("", ""),
    ],
)
def test_a_time_is_shown_in_utc_or_as_it_came(time, words):
    assert human_time(time) == words


def test_a_time_of_another_zone_is_not_called_utc_as_it_stands():
    assert human_time("2026-11-23T15:41:07+07:00") != "2026-11-23 15:41:07 UTC"


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("aws", "ap-southeast-1", "ap-southeast-1.console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_link_leads_to_the_region_and_partition_of_the_bucket(partition, region, host):
    link = urlsplit(console_url(a_file(region=region), partition))

    assert (link.scheme, link.netloc) == ("https", host)
    assert link.path == "/s3/object/file-notifications-uploads-1a2b3c4"
    assert parse_qs(link.query)["region"] == [region]


@given(texts.filter(bool))
def test_the_console_link_leads_to_the_very_key(key):
    link = urlsplit(console_url(a_file(key=key), "aws"))

    assert parse_qs(link.query)["prefix"] == [key]


@given(texts.filter(bool))
def test_the_console_link_is_plain_ascii_without_spaces(key):
    link = console_url(a_file(key=key), "aws")

    assert link.isascii()
    assert not any(char.isspace() for char in link)


def test_the_console_link_leads_to_the_version_where_there_is_one():
    assert parse_qs(urlsplit(console_url(a_file(version_id="a+b/c"), "aws")).query)["versionId"] == ["a+b/c"]
    assert "versionId" not in console_url(a_file(version_id=""), "aws")


def test_a_short_text_is_not_cut():
    assert shorten("x" * 20, 20) == "x" * 20


def test_a_cut_text_says_so():
    assert shorten("x" * 21, 20) == "x" * 19 + "…"


def test_no_space_is_left_before_the_cut():
    assert shorten("x" * 10 + " " * 20, 15) == "x" * 10 + "…"


@given(st.lists(st.sampled_from(CLUSTERS), max_size=60), st.integers(1, 80))
def test_a_text_is_cut_between_graphemes(clusters, limit):
    kept = shorten("".join(clusters), limit).removesuffix("…")

    assert kept in {"".join(clusters)} | {"".join(clusters[:count]).rstrip() for count in range(len(clusters))}


@given(texts, st.integers(1, 120))
def test_a_cut_text_never_exceeds_its_limit(text, limit):
    assert length(shorten(text, limit)) <= limit


@given(texts, st.integers(1, 120))
def test_a_cut_text_is_the_beginning_of_the_whole(text, limit):
    cut = shorten(text, limit)

    assert cut == text or text.startswith(cut.removesuffix("…"))


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("é", 1), ("日本", 2), ("🚀", 2), (FAMILY, 11)])
def test_a_character_outside_the_basic_plane_counts_as_two(text, units):
    assert length(text) == units
