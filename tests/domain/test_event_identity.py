"""Identity and order of events: deliveries of one event are the same, and events of one key can be sorted."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.s3_events import decoded, hexadecimal, keys, put
from tests.examples import a_file, golden


@given(hexadecimal, hexadecimal)
def test_sequencers_compare_as_numbers_padded_on_the_right(one, other):
    def number(sequencer):
        return int(sequencer.ljust(64, "0"), 16)

    a, b = a_file(sequencer=one).order, a_file(sequencer=other).order

    assert (a < b, a == b) == (number(one) < number(other), number(one) == number(other))


@given(hexadecimal)
def test_capitals_and_zeros_at_the_end_do_not_change_a_sequencers_order(sequencer):
    same = {a_file(sequencer=form).order for form in (sequencer.lower(), sequencer.upper(), f"{sequencer}00")}

    assert len(same) == 1


@given(hexadecimal)
def test_capitals_and_zeros_at_the_end_do_not_make_another_event(sequencer):
    same = {a_file(sequencer=form).identity for form in (sequencer.lower(), sequencer.upper(), f"{sequencer}00")}

    assert len(same) == 1


@given(st.integers(min_value=1, max_value=16**16 - 1))
def test_leading_zeros_and_case_that_eventbridge_writes_otherwise_make_no_other_event(number):
    """S3 writes 18 digits in capitals, EventBridge small ones, and sometimes without the leading zeros."""
    event = golden("eventbridge_created")

    def read(sequencer):
        event["detail"]["object"]["sequencer"] = sequencer
        (decoded_event,) = decoded(event)
        return decoded_event.identity, decoded_event.order

    assert len({read(form) for form in (f"{number:x}", f"{number:016x}", f"{number:018X}")}) == 1


@given(*[st.integers(min_value=1, max_value=16**18 - 1)] * 2)
def test_events_of_one_key_are_in_order_whichever_of_the_two_wrote_them(one, other):
    bridge, record = golden("eventbridge_created"), golden("s3_put")
    bridge["detail"]["object"]["sequencer"] = f"{one:x}"
    record["Records"][0]["s3"]["object"]["sequencer"] = f"{other:018X}"

    (a,), (b,) = decoded(bridge), decoded(record)

    assert (a.order < b.order, a.order == b.order) == (one < other, one == other)


def test_an_event_has_one_identity_whether_s3_or_eventbridge_delivers_it():
    from_eventbridge, from_s3 = golden("eventbridge_created"), golden("s3_put_versioned")
    record = from_s3["Records"][0]["s3"]
    detail = from_eventbridge["detail"]
    record["bucket"]["name"] = detail["bucket"]["name"]
    record["object"]["key"] = quote_plus(detail["object"]["key"])
    record["object"]["sequencer"] = "00" + detail["object"]["sequencer"].upper()

    (one,), (other,) = decoded(from_eventbridge), decoded(from_s3)

    assert (one.identity, one.order) == (other.identity, other.order)


@pytest.mark.parametrize("change", [{"sequencer": "0055AED6DCD90281E6"}, {"key": "other"}, {"bucket": "other"}])
def test_two_events_have_two_identities(change):
    assert a_file().identity != a_file(**change).identity


@pytest.mark.parametrize("version_id", ["", "096fKKXTRTtl3on89fVO"])
def test_a_file_restored_again_later_is_another_event(version_id):
    first, second = (
        put(action="restored", name="ObjectRestore:Completed", sequencer="", version_id=version_id, time=time)
        for time in ("2026-11-23T08:41:07.123Z", "2027-11-23T08:41:07.123Z")
    )

    assert first.identity != second.identity


@given(keys, keys)
def test_parts_of_an_identity_cannot_run_into_each_other(one, other):
    a, b = a_file(bucket="b", key=one), a_file(bucket="b", key=other)

    assert (a.identity == b.identity) == (one == other)


@given(keys)
def test_a_files_id_is_safe_in_urls_and_the_same_for_every_version(key):
    ids = {a_file(key=key, version_id=version, sequencer=version).file_id for version in ("1", "2")}

    assert len(ids) == 1
    assert all(len(one) == 32 and one.isalnum() and one.isascii() for one in ids)
