"""Windows are claimed before they are reported, and each has one verdict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from domain.expectations import Expectation, following
from domain.topology import INDEX
from handlers.data.verdicts import Verdict, Verdicts, WindowLeasedError

AT = datetime(2040, 5, 20, 10, 0, tzinfo=UTC)
WINDOW = following(Expectation(by="12:00"), AT)
MISSING = Verdict(outcome="missing", arrived=0)


@pytest.fixture
def verdicts(dynamodb, table, clock):
    return Verdicts(dynamodb, table, clock)


def test_a_window_is_claimed_until_it_has_a_verdict(verdicts):
    assert verdicts.claim("feed", WINDOW, lease_seconds=30)
    verdicts.conclude("feed", WINDOW, MISSING)

    assert not verdicts.claim("feed", WINDOW, lease_seconds=30)
    assert verdicts.read("feed", WINDOW) == MISSING


def test_two_functions_do_not_work_on_one_window(verdicts):
    verdicts.claim("feed", WINDOW, lease_seconds=30)

    with pytest.raises(WindowLeasedError, match="2040-05-20 12:00"):
        verdicts.claim("feed", WINDOW, lease_seconds=30)


def test_of_many_functions_at_the_same_moment_one_gets_the_window(connect, table, clock):
    def claim(_):
        try:
            return Verdicts(connect("dynamodb"), table, clock).claim("feed", WINDOW, lease_seconds=30)
        except WindowLeasedError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(8))) == 1


def test_a_lease_that_ran_out_is_nobodys(verdicts, clock):
    verdicts.claim("feed", WINDOW, lease_seconds=30)
    clock.advance(31)

    assert verdicts.claim("feed", WINDOW, lease_seconds=30)


def test_a_claim_that_is_given_back_can_be_claimed_at_once(verdicts):
    verdicts.claim("feed", WINDOW, lease_seconds=30)
    verdicts.release("feed", WINDOW)

    assert verdicts.claim("feed", WINDOW, lease_seconds=30)
    assert verdicts.read("feed", WINDOW) is None


def test_each_rule_and_each_window_has_a_verdict_of_its_own(verdicts):
    later = following(Expectation(by="12:00"), AT + timedelta(days=1))
    verdicts.claim("feed", WINDOW, lease_seconds=30)
    verdicts.conclude("feed", WINDOW, MISSING)

    found = list(verdicts.read_all([("feed", WINDOW), ("feed", later), ("other", WINDOW)]))

    assert [verdict for _, _, verdict in found] == [MISSING, None, None]


def test_verdicts_are_read_however_many_there_are(verdicts):
    windows = [
        ("feed", following(Expectation(every_minutes=5), AT + number * timedelta(minutes=5))) for number in range(120)
    ]
    for rule, window in windows[::50]:
        verdicts.claim(rule, window, lease_seconds=30)
        verdicts.conclude(rule, window, MISSING)

    found = list(verdicts.read_all(windows))

    assert [number for number, (_, _, verdict) in enumerate(found) if verdict] == [0, 50, 100]


def test_a_verdict_is_no_file(verdicts, dynamodb, table):
    verdicts.claim("feed", WINDOW, lease_seconds=30)
    verdicts.conclude("feed", WINDOW, MISSING)

    assert dynamodb.scan(TableName=table, IndexName=INDEX)["Items"] == []


def test_a_verdict_expires_after_forty_days(verdicts, item, clock):
    verdicts.claim("feed", WINDOW, lease_seconds=30)

    stored = item("expected#feed#2040-05-20T12:00Z")

    assert int(stored["expires"]["N"]) == round(clock() + 40 * 86_400)
