"""Single mails while it is calm; digests from the first notification too many until a calm minute has passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from domain.topology import TABLE
from handlers.data.storm_guard import KEEP_SECONDS, THROTTLED, StormGuard
from tests.advanced.conftest import Connect
from tests.advanced.stand_ins import Accidents, Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAILS = 5


@pytest.fixture
def guard(dynamodb: DynamoDBClient, table: str, clock: Clock) -> StormGuard:
    return StormGuard(dynamodb, table, MAILS, clock)


@pytest.fixture
def another(connect: Connect, table: str, clock: Clock) -> Callable[[], StormGuard]:
    """another() is the guard of another container."""
    return lambda: StormGuard(connect("dynamodb"), table, MAILS, clock)


def _ask(guard: StormGuard, times: int) -> list[bool]:
    return [guard.is_storm() for _ in range(times)]


def _until_a_storm(guard: StormGuard) -> None:
    assert _ask(guard, MAILS + 1)[-1]


def test_as_many_notifications_as_are_set_are_calm(guard: StormGuard):
    assert _ask(guard, MAILS) == [False] * MAILS


def test_one_notification_more_is_a_storm(guard: StormGuard):
    _ask(guard, MAILS)

    assert guard.is_storm()


def test_the_rest_of_a_stormy_minute_is_a_storm(guard: StormGuard, clock: Clock):
    _until_a_storm(guard)
    clock.advance(59)

    assert guard.is_storm()


def test_the_minute_after_a_storm_is_still_one(guard: StormGuard, clock: Clock):
    _until_a_storm(guard)
    clock.advance(60)

    assert _ask(guard, MAILS) == [True] * MAILS


class Elsewhere:
    """The same client in another region, where it writes to a replica of the same table."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client, self.meta = client, SimpleNamespace(region_name="ap-southeast-1")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


def test_a_storm_in_one_region_is_none_in_another(guard: StormGuard, clock: Clock):
    _until_a_storm(guard)

    assert StormGuard(Elsewhere(guard.client), guard.table, MAILS, clock).is_storm() is False  # type: ignore[arg-type]


def test_it_is_calm_again_after_a_calm_minute(guard: StormGuard, clock: Clock):
    _until_a_storm(guard)
    clock.advance(60)
    _ask(guard, MAILS)
    clock.advance(60)

    assert guard.is_storm() is False


def test_it_is_calm_again_after_a_minute_without_any_notification(guard: StormGuard, clock: Clock):
    _until_a_storm(guard)
    clock.advance(120)

    assert guard.is_storm() is False


def test_a_second_stormy_minute_makes_the_storm_longer(guard: StormGuard, clock: Clock):
    for _ in range(2):
        _ask(guard, MAILS + 1)
        clock.advance(60)

    assert guard.is_storm()


def test_two_storms_apart_from_each_other_are_both_recognized(guard: StormGuard, clock: Clock):
    for _ in range(2):
        _until_a_storm(guard)
        clock.advance(60)
        assert guard.is_storm()
        clock.advance(60)
        assert guard.is_storm() is False
        clock.advance(60)


def test_a_full_minute_is_no_storm_for_the_next(guard: StormGuard, clock: Clock):
    _ask(guard, MAILS)
    clock.advance(60)

    assert _ask(guard, MAILS) == [False] * MAILS


def test_a_notification_counted_late_in_the_last_minute_is_still_recognized(guard: StormGuard, another, clock: Clock):
    """Its counter looked calm when this container read it first."""
    _ask(guard, MAILS)
    clock.advance(60)
    assert guard.is_storm() is False
    straggler = another()
    clock.advance(-60)
    straggler.is_storm()
    clock.advance(60)

    assert guard.is_storm()


@pytest.mark.parametrize(("minute", "reads"), [(0, 3), (1, 0), (59, 0)])
def test_only_the_first_minute_of_an_hour_is_in_another_item_than_the_one_before(
    guard: StormGuard, clock: Clock, dynamodb: DynamoDBClient, minute: int, reads: int
):
    clock.advance(minute * 60)
    read = []
    dynamodb.meta.events.register("before-call.dynamodb.GetItem", lambda **_: read.append(clock()))

    assert _ask(guard, 3) == [False] * 3

    assert len(read) == reads


def test_the_same_minute_of_the_hour_before_counts_for_nothing(guard: StormGuard, another, clock: Clock):
    _until_a_storm(guard)
    clock.advance(3600)
    assert another().is_storm() is False
    clock.advance(60)

    assert another().is_storm() is False


def test_all_containers_count_together(another):
    guards = [another() for _ in range(MAILS + 1)]

    assert [guard.is_storm() for guard in guards] == [False] * MAILS + [True]


def test_a_new_container_knows_of_the_storm(guard: StormGuard, another, clock: Clock):
    _until_a_storm(guard)
    clock.advance(60)

    assert another().is_storm()


def test_containers_at_the_same_time_let_no_notification_too_many_through(another):
    guards = [another() for _ in range(16)]
    with ThreadPoolExecutor(len(guards)) as containers:
        answers = Counter(containers.map(StormGuard.is_storm, guards))

    assert answers == {False: MAILS, True: 16 - MAILS}


def test_each_region_counts_its_own_notifications(guard: StormGuard, table: str, clock: Clock):
    """Their clients write to replicas of one table, for which this one table stands."""
    there = SimpleNamespace(
        meta=SimpleNamespace(region_name="eu-west-1"),
        update_item=guard.client.update_item,
        get_item=guard.client.get_item,
    )
    _until_a_storm(guard)

    assert not StormGuard(there, table, MAILS, clock).is_storm()


def test_a_container_that_knows_of_the_storm_counts_no_further(guard: StormGuard, item):
    _until_a_storm(guard)

    assert _ask(guard, 10) == [True] * 10
    assert item("counters#us-east-1#2040-05-20T10")["minute00"]["N"] == str(MAILS + 1)


def test_minutes_begin_with_the_clock(guard: StormGuard, clock: Clock):
    clock.now += 59.9
    _ask(guard, MAILS)
    clock.advance(0.2)

    assert _ask(guard, MAILS) == [False] * MAILS


@pytest.mark.parametrize(
    "last_minute",
    [
        datetime(2040, 5, 31, 23, 59, tzinfo=UTC),
        datetime(2040, 2, 29, 23, 59, tzinfo=UTC),
        datetime(2040, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2040, 5, 20, 10, 59, tzinfo=UTC),
    ],
    ids=["month", "February", "year", "hour"],
)
def test_a_storm_goes_on_over_a_turn_of_the_calendar(guard: StormGuard, clock: Clock, last_minute: datetime):
    clock.now = last_minute.timestamp()
    _until_a_storm(guard)
    clock.advance(60)
    assert guard.is_storm()
    clock.advance(60)

    assert guard.is_storm() is False


@pytest.mark.parametrize("minute", [0, 59])
def test_an_hours_counters_expire_after_the_last_of_them_was_needed(guard: StormGuard, clock: Clock, item, minute: int):
    hour = int(clock())
    clock.advance(minute * 60 + 30)
    guard.is_storm()

    expires = int(item("counters#us-east-1#2040-05-20T10")[TABLE.expires]["N"])
    assert expires == hour + 3600 + KEEP_SECONDS
    assert expires >= hour + 3600 + 180


@pytest.mark.parametrize("code", sorted(THROTTLED))
@pytest.mark.parametrize("call", [0, 1], ids=["counting", "reading the last minute"])
def test_a_throttled_counter_means_storm(guard: StormGuard, code: str, call: int):
    Accidents(guard.client, {call: "throttled"}, code)

    assert guard.is_storm()


@pytest.mark.parametrize("call", [0, 1], ids=["counting", "reading the last minute"])
def test_another_refusal_is_raised(guard: StormGuard, call: int):
    Accidents(guard.client, {call: "throttled"}, "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        guard.is_storm()


def test_a_counter_that_does_not_answer_is_raised(guard: StormGuard):
    Accidents(guard.client, {0: "unanswered"})

    with pytest.raises(ReadTimeoutError):
        guard.is_storm()
