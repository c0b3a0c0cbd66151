"""The faults of notify, in the order of the table."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.faults.faults_of_notify import (
    BASIC_FORGETS,
    BETWEEN,
    DATABASE,
    DENIED,
    FAILING,
    THROTTLED,
    Fault,
    Race,
    across,
    at_first,
    during_the_outage,
    evenly,
    every_third_time,
    hours_late,
    in_tens,
    shuffled,
    three_times,
    throughout,
)

NEW_YEAR = datetime(2041, 1, 1, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2040, 5, 21, tzinfo=UTC).timestamp()
LEAP_DAY = datetime(2044, 3, 1, tzinfo=UTC).timestamp()

ALL = (
    Fault(
        name="SNS throttles",
        happens="a third of the publishes is refused",
        befalls=every_third_time("Throttled", "publish"),
        deliver=evenly,
    ),
    Fault(
        name="SNS fails",
        happens="500 for ten minutes",
        befalls=during_the_outage(FAILING, "publish"),
        deliver=evenly,
        queued=True,
    ),
    Fault(
        name="SNS denies",
        happens="no publish is allowed, until someone fixes it",
        befalls=throughout(DENIED, "publish"),
        deliver=evenly,
        queued=True,
    ),
    Fault(
        name="SNS's answer is lost",
        happens="every fifth notification is published, but the response is lost",
        befalls=at_first("unanswered", "publish"),
        deliver=evenly,
        repeats=BETWEEN,
    ),
    Fault(
        name="DynamoDB throttles",
        happens="a third of the claims and counts is refused",
        befalls=every_third_time(THROTTLED, "claim", "count"),
        deliver=evenly,
    ),
    Fault(
        name="DynamoDB throttles marks",
        happens="every fifth mark is refused",
        befalls=at_first(THROTTLED, "mark"),
        deliver=evenly,
        repeats=BETWEEN,
    ),
    Fault(
        name="DynamoDB is down",
        happens="cannot be reached for ten minutes",
        befalls=during_the_outage("unreachable", *DATABASE),
        deliver=evenly,
        repeats=BETWEEN,
        queued=True,
    ),
    Fault(
        name="a claim's answer is lost",
        happens="every fifth claim is made, but the response is lost",
        befalls=at_first("unanswered", "claim"),
        deliver=evenly,
    ),
    Fault(
        name="a mark's answer is lost",
        happens="every fifth mark is made, but the response is lost",
        befalls=at_first("unanswered", "mark"),
        deliver=evenly,
    ),
    Race(
        name="conditional races",
        happens="every event reaches two functions at the same moment",
        deliver=evenly,
    ),
    Fault(
        name="killed before the claim",
        happens="every fifth function ends there",
        befalls=at_first("crash before", "claim"),
        deliver=evenly,
    ),
    Fault(
        name="killed after the claim",
        happens="every fifth function ends there",
        befalls=at_first("crash after", "claim"),
        deliver=evenly,
    ),
    Fault(
        name="killed before the publish",
        happens="every fifth function ends there",
        befalls=at_first("crash before", "publish"),
        deliver=evenly,
    ),
    Fault(
        name="killed after the publish",
        happens="every fifth function ends there",
        befalls=at_first("crash after", "publish"),
        deliver=evenly,
        repeats=BETWEEN,
    ),
    Fault(
        name="killed before the mark",
        happens="every fifth function ends there",
        befalls=at_first("crash before", "mark"),
        deliver=evenly,
        repeats=BETWEEN,
    ),
    Fault(
        name="killed after the mark",
        happens="every fifth function ends there",
        befalls=at_first("crash after", "mark"),
        deliver=evenly,
    ),
    Fault(
        name="time-out in a batch",
        happens="ten events at once, each publish takes 4 s of the function's 30",
        befalls=throughout("slow", "publish"),
        deliver=in_tens,
        repeats=BETWEEN,
    ),
    Fault(name="duplicates", happens="every event arrives three times, once a day later", deliver=three_times),
    Fault(
        name="disorder",
        happens="ten events a file, shuffled",
        deliver=shuffled,
        events_a_file=10,
    ),
    Fault(name="delays", happens="every other event six hours late, all again a day later", deliver=hours_late),
    Fault(name="midnight", happens="a storm from 23:59 to 00:01", deliver=across(MIDNIGHT)),
    Fault(name="month's end", happens="a storm from 29 February to 1 March", deliver=across(LEAP_DAY)),
    Fault(name="year's end", happens="a storm from 31 December to 1 January", deliver=across(NEW_YEAR)),
    Fault(
        name="basic: SNS throttles",
        happens="a third of the publishes is refused",
        befalls=every_third_time("Throttled", "publish"),
        deliver=evenly,
        advanced=False,
    ),
    Fault(
        name="basic: SNS denies",
        happens="no publish is allowed, until someone fixes it",
        befalls=throughout(DENIED, "publish"),
        deliver=evenly,
        queued=True,
        advanced=False,
    ),
    Fault(
        name="basic: duplicates",
        happens="every event arrives three times, once a day later",
        deliver=three_times,
        repeats=BASIC_FORGETS,
        advanced=False,
    ),
)
