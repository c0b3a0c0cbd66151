"""The simulation of docs/limits.md: nothing gets lost in it, its limits bind, and the page has what it makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.simulation import page
from bench.simulation.chain import chain_table, parts
from bench.simulation.model import OLDEST_EVENT_SECONDS, RETRY_AFTER_SECONDS, Account, Queue, even, simulate
from components import handler_function
from components.file_processing import MAX_CONCURRENCY
from components.settings import Settings
from domain.topology import INDEX_SHARDS

PLENTY = Account(concurrency=10_000, ramp=10_000, publishes=10**6, shards=1000, write_units=10**6, notify_seconds=0.1)

accounts = st.builds(
    Account,
    concurrency=st.integers(1, 40),
    ramp=st.integers(1, 10),
    publishes=st.integers(1, 200),
    shards=st.integers(1, 2),
    write_units=st.integers(2, 400),
    process_concurrency=st.integers(1, 5),
    digest_minutes=st.integers(1, 3),
    notify_seconds=st.floats(0.05, 1),
    process_seconds=st.floats(0.02, 1),
)


@given(account=accounts, arrivals=st.lists(st.integers(0, 300), min_size=1, max_size=40), seed=st.integers(0, 9))
def test_every_upload_ends_once_published_or_in_the_failed_events_queue(account, arrivals, seed):
    outcome = simulate(arrivals, account, seed)

    assert outcome.uploads == sum(arrivals) == outcome.published + outcome.failed
    assert outcome.published == outcome.work.waits.total() + outcome.work.depth
    assert outcome.published == outcome.at_once + outcome.digest.waits.total() + outcome.digest.depth


@given(account=accounts, arrivals=st.lists(st.integers(0, 300), min_size=1, max_size=40))
def test_what_waits_in_every_second_adds_up_to_what_every_event_waited(account, arrivals):
    """Little's law: the mean number of events that wait is their rate times their mean wait."""
    outcome = simulate(arrivals, account)

    published = sum(seconds * count for seconds, count in outcome.waits.items())
    assert outcome.waited == published + outcome.kept_waits


def test_the_account_is_limited_as_the_program_limits_it():
    assert Account().process_concurrency == MAX_CONCURRENCY
    assert Account().shards == INDEX_SHARDS
    assert Account().digest_minutes == Settings.digest_minutes
    assert (OLDEST_EVENT_SECONDS, len(RETRY_AFTER_SECONDS)) == (
        handler_function.OLDEST_EVENT_SECONDS,
        handler_function.RETRIES,
    )


def test_the_same_seed_makes_the_same_day():
    tight = Account(concurrency=5, publishes=20)

    assert simulate([200] * 60, tight, 7) == simulate([200] * 60, tight, 7)
    assert simulate([200] * 60, tight, 7) != simulate([200] * 60, tight, 8)
    assert sum(even(1)) == page.SCENARIOS[0].account.notify_seconds * 10**9
    assert even(1)[:50] != even(2)[:50]


def test_with_room_for_all_each_event_waits_for_no_more_than_a_new_environment():
    assert simulate([100] * 30, PLENTY).waits.keys() == {0, 1}


def test_lambda_adds_environments_at_its_ramp():
    account = replace(PLENTY, concurrency=5000, ramp=100, notify_seconds=1)

    outcome = simulate([2000, *[0] * 5], replace(account, longest_backoff=1))

    # A thousand at once; the others with a hundred more in each second, which serve the rest beside the thousand.
    assert outcome.waits == {1: 1000, 2: 1000}
    assert outcome.most_environments == 1100


def test_a_throttled_event_is_offered_again_after_longer_and_longer_pauses():
    one_at_a_time = replace(PLENTY, concurrency=1, notify_seconds=1)

    waits = simulate([4], one_at_a_time).waits

    assert sorted(waits) == [1, 3, 7, 15]  # 1, 2, 4 and 8 seconds later each


def test_an_event_that_is_throttled_for_six_hours_ends_in_the_failed_events_queue():
    outcome = simulate([1000], replace(PLENTY, concurrency=0))

    assert (outcome.published, outcome.too_old, outcome.three_failures) == (0, 1000, 0)
    assert outcome.kept_waits / 1000 >= 6 * 3600


def test_an_attempt_that_a_service_refuses_is_tried_three_times_within_three_minutes():
    outcome = simulate([1], replace(PLENTY, publishes=0))

    assert (outcome.published, outcome.too_old, outcome.three_failures) == (0, 0, 1)
    assert outcome.kept_waits == 1 + 60 + 120  # a second for the first environment


def test_a_refused_attempt_keeps_its_environment_for_two_seconds():
    ten_places = replace(PLENTY, concurrency=10, publishes=0, longest_backoff=1, notify_seconds=1)

    # Ten begin in second 1, the other ten in second 3; each is tried again a minute and three minutes later.
    assert simulate([20], ten_places).kept_waits == 10 * (1 + 180) + 10 * (3 + 180)


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ({"publishes": 1000}, "SNS publishes"),
        ({"shards": 1}, "the list index"),
        ({"write_units": 2000}, "the table"),
    ],
)
def test_a_service_lets_through_what_its_limit_says(limit, name):
    outcome = simulate([1500] * 20, replace(PLENTY, **limit, process_concurrency=0))

    assert outcome.bound[name] >= 20
    assert simulate([900] * 20, replace(PLENTY, **limit, process_concurrency=0)).failed == 0


def test_an_on_demand_table_serves_twice_what_it_served_half_an_hour_before():
    young = replace(PLENTY, write_units=2000, process_concurrency=0)
    slowly, more = [min(900, 10 * second) for second in range(1900)], [900 + 10 * second for second in range(80)]

    assert simulate(slowly + more, young).bound["the table"] == 0
    assert simulate(slowly[:1000] + more, young).bound["the table"] > 0


def test_only_calm_minutes_are_notified_at_once():
    quiet, storm = [1] + [0] * 59, [100] + [0] * 59

    assert simulate(quiet * 3, PLENTY).at_once == 3
    assert simulate(storm + quiet + quiet, PLENTY).at_once == 5 + 0 + 1  # the minute after a storm is none yet


def test_a_queue_is_emptied_from_its_oldest_message():
    queue = Queue()
    queue.put(0, 5)
    queue.put(10, 5)

    assert queue.take(20, 7) == 7
    assert (queue.depth, queue.waits) == (3, {20: 5, 10: 2})
    assert queue.take(30, 7) == 3


@pytest.mark.parametrize("number", [0, len(page.SCENARIOS) - 1])
def test_the_page_has_the_row_that_the_command_makes(number):
    """The days in which nothing piles up; the others take a minute. `make simulation` writes them all."""
    ((scenario, outcome),) = page.simulated(lambda _: None, [page.SCENARIOS[number]])

    assert f"| {' | '.join(page.cells_of(scenario, outcome))} |" in page.PAGE.read_text()


def test_the_page_has_a_row_for_every_day_and_the_sums_of_the_chain():
    text = page.PAGE.read_text()

    assert [scenario.name for scenario in page.SCENARIOS if f"\n| {scenario.name} | " not in text] == []
    assert chain_table() in text


def test_a_part_is_full_at_the_rate_that_it_takes_at_most():
    assert [part.name for part in parts() if part.used(1) * part.most != pytest.approx(1)] == []


def test_tables_go_between_their_markers_and_nowhere_else():
    text = "before\n<!-- day: python -m bench.simulation -->\nold\n<!-- end of day -->\nafter\n"

    written = page.with_tables(text, {"day": r"| \1 new |"})

    assert written == text.replace("old", r"| \1 new |")
    with pytest.raises(ValueError, match="night"):
        page.with_tables(text, {"night": ""})


def test_quantiles_are_waits_that_a_share_of_all_did_not_exceed():
    assert page.quantiles(Counter({0: 50, 3: 49, 9: 1})) == [0, 3, 9]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (5400, "90 min"),
        (7200, "2 h"),
        (11_970, "3.3 h"),
        (1e6, "11.6 days"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_people_take(seconds, text):
    assert page.duration(seconds) == text
