"""Places that cursors name: between two files, and at neither where it can be avoided."""

from __future__ import annotations

from hypothesis import assume, example, given
from hypothesis import strategies as st

from handlers.data.cursors import between, encoded, place_in
from handlers.data.month_index import Place

times = st.builds("2026-{:02}-{:02}T12:00:{:02}.{:03}Z".format, *[st.integers(1, 12)] * 2, *[st.integers(0, 59)] * 2)
files = st.builds(Place, times, st.text("0123456789abcdef", min_size=32, max_size=32))
ends = st.builds(Place, st.builds("2026-{:02}".format, st.integers(1, 12)), st.just(""))
NOON = "2026-11-23T12:00:00.000Z"


@given(files | ends, files | ends)
@example(Place(NOON, "a" * 32), Place(NOON, "9" * 32))
@example(Place(NOON, "a" * 31 + "b"), Place(NOON, "a" * 32))
@example(Place("2026-12", ""), Place("2026-11-30T23:59:59.999Z", "f" * 32))
def test_a_place_between_two_is_above_the_lower_and_not_above_the_upper(one, other):
    assume(one != other)
    upper, lower = max(one, other), min(one, other)

    place = between(upper, lower)

    assert lower < place <= upper
    assert place_in(encoded(place._asdict())) == place


@given(files, files)
def test_a_place_between_two_moments_is_neither(one, other):
    upper, lower = max(one, other), min(one, other)
    assume(upper.arrived[:19] != lower.arrived[:19])

    place = between(upper, lower)

    assert place.id == ""
    assert place.arrived not in (upper.arrived, lower.arrived)


def test_of_a_file_at_the_same_moment_a_place_tells_no_more_of_the_id_than_it_has_to():
    assert between(Place(NOON, "b" * 32), Place(NOON, "a" * 32)) == Place(NOON, "b")
