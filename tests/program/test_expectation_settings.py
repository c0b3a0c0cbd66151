"""Expectations as people write them: what is accepted, and the one message for each mistake with what fixes it."""

from __future__ import annotations

import pytest

from components.expectation_settings import EVERY_MINUTES
from domain.expectations import DAYS, Expectation
from domain.rules import rules_of
from tests.program.problems import one_problem, problems_of, repaired

EVERY = ", ".join(EVERY_MINUTES)
TIME = "use a time of the day from 00:00 to 23:59"
ZONE = "use a name of the time zone database, such as Europe/Berlin"
BY = {"by": "06:00"}


def rules(expect, **rule):
    return {"rules": [{"name": "invoices", "to": ["a@b.co"], "expect": expect, **rule}], "emails": ["a@b.co"]}


WRONG = [
    pytest.param(
        rules("06:00"),
        "rules[0].expect is '06:00'; an expectation is an object with by or every",
        "rm --path 'rules[0].expect' && pulumi config set --path 'rules[0].expect.by' 06:00",
        id="no object",
    ),
    pytest.param(
        rules({"files": 2}),
        "rules[0].expect has neither by nor every; use by, a time of the day, or every, such as 1h",
        "set --path 'rules[0].expect.by' 06:00",
        id="no time at all",
    ),
    pytest.param(
        rules({**BY, "every": "1h"}),
        "rules[0].expect has both by and every; a window ends at a time of the day, or one follows the other",
        "rm --path 'rules[0].expect.every'",
        id="both ways at once",
    ),
    pytest.param(
        rules({"every": "1h", "from": "20:00"}),
        "rules[0].expect.from goes with by; with every, one window starts where the other ends",
        "rm --path 'rules[0].expect.from'",
        id="a start of windows that follow each other",
    ),
    pytest.param(
        rules({"by": "6:00"}),
        f"rules[0].expect.by is '6:00'; {TIME}",
        "set --path 'rules[0].expect.by' 06:00",
        id="a time without its zero",
    ),
    pytest.param(
        rules({"by": 360}),
        f"rules[0].expect.by is 360; quote it: {TIME}",
        "set --path 'rules[0].expect.by' 06:00 --type string",
        id="a time that YAML took for a number",
    ),
    pytest.param(
        rules({"by": "24:00"}),
        f"rules[0].expect.by is '24:00'; {TIME}",
        "set --path 'rules[0].expect.by' 06:00",
        id="a time that no clock shows",
    ),
    pytest.param(
        rules({**BY, "from": "8pm"}),
        f"rules[0].expect.from is '8pm'; {TIME}",
        "set --path 'rules[0].expect.from' 06:00",
        id="a start that is no time",
    ),
    pytest.param(
        rules({**BY, "timeZone": "Europe/Berln"}),
        f"rules[0].expect.timeZone is 'Europe/Berln'; {ZONE}",
        "set --path 'rules[0].expect.timeZone' Europe/Berlin",
        id="nearly a time zone",
    ),
    pytest.param(
        rules({**BY, "timeZone": "localtime"}),
        f"rules[0].expect.timeZone is 'localtime'; {ZONE}",
        "set --path 'rules[0].expect.timeZone' Europe/Berlin",
        id="the time zone of whichever machine",
    ),
    pytest.param(
        rules({**BY, "timeZone": 2}),
        f"rules[0].expect.timeZone is 2; {ZONE}",
        "set --path 'rules[0].expect.timeZone' Europe/Berlin",
        id="an offset",
    ),
    pytest.param(
        rules({**BY, "days": "mon"}),
        f"rules[0].expect.days is 'mon'; use a list of {', '.join(DAYS)}",
        "rm --path 'rules[0].expect.days' && pulumi config set --path 'rules[0].expect.days[0]' mon",
        id="one day without a list",
    ),
    pytest.param(
        rules({**BY, "days": []}),
        f"rules[0].expect.days is []; use a list of {', '.join(DAYS)}",
        "set --path 'rules[0].expect.days[0]' mon",
        id="no day at all",
    ),
    pytest.param(
        rules({**BY, "days": ["mon", "Friday"]}),
        f"rules[0].expect.days[1] is 'Friday'; use one of {', '.join(DAYS)}",
        "set --path 'rules[0].expect.days[1]' fri",
        id="a day that is written out",
    ),
    pytest.param(
        rules({"every": "90m"}),
        f"rules[0].expect.every is '90m'; use one of {EVERY}",
        "set --path 'rules[0].expect.every' 30m",
        id="a time that is no part of a day",
    ),
    pytest.param(
        rules({"every": "1d"}),
        f"rules[0].expect.every is '1d'; use one of {EVERY}, or by for once a day",
        "set --path 'rules[0].expect.every' 1h",
        id="once a day",
    ),
    pytest.param(
        rules({"every": 60}),
        f"rules[0].expect.every is 60; use one of {EVERY}",
        "set --path 'rules[0].expect.every' 1h",
        id="a number",
    ),
    pytest.param(
        rules({**BY, "files": 0}),
        "rules[0].expect.files is 0; use a whole number from 1 to 10000",
        "set --path 'rules[0].expect.files' 1",
        id="no file at all",
    ),
    pytest.param(
        rules({**BY, "files": 10_001}),
        "rules[0].expect.files is 10001; use a whole number from 1 to 10000",
        "set --path 'rules[0].expect.files' 1",
        id="more files than are looked for",
    ),
    pytest.param(
        rules({**BY, "files": "one"}),
        "rules[0].expect.files is 'one'; use a whole number from 1 to 10000",
        "set --path 'rules[0].expect.files' 1",
        id="a number in words",
    ),
    pytest.param(
        rules({**BY, "timezone": "UTC"}),
        "rules[0].expect.timezone is not a setting of an expectation; did you mean timeZone?",
        "rm --path 'rules[0].expect.timezone'",
        id="nearly a key",
    ),
    pytest.param(
        rules({**BY, "colour": "red"}),
        "rules[0].expect.colour is not a setting of an expectation; use by, every, from, files, days, timeZone",
        "rm --path 'rules[0].expect.colour'",
        id="a key like none of ours",
    ),
    pytest.param(
        rules(BY, events=["removed"]),
        "rules[0].expect can never be met: rules[0].events is removed, and a file arrives with the event created",
        "set --path 'rules[0].events[1]' created",
        id="events without created",
    ),
    pytest.param(
        rules(BY, minBytes=2**53),
        f"rules[0].expect can never be met: rules[0].minBytes is {2**53}; "
        f"S3's largest object has {50 * 2**40} bytes (50 TB)",
        "rm --path 'rules[0].minBytes'",
        id="files larger than S3 stores",
    ),
    pytest.param(
        {**rules(BY, bucket="scans", prefix="b/"), "existingBuckets": [{"name": "scans", "prefix": "a/"}]},
        "rules[0].expect can never be met: rules[0].prefix is 'b/', and scans is watched below 'a/' only",
        "set --path 'rules[0].prefix' a/",
        id="a folder that is not watched",
    ),
    pytest.param(
        {
            **rules(BY, prefix="b/"),
            "uploadBucket": False,
            "existingBuckets": [{"name": "scans", "prefix": "a/"}, {"name": "invoices", "prefix": "c/"}],
        },
        "rules[0].expect can never be met: rules[0].prefix is 'b/', and invoices and scans is watched below "
        "'c/', 'a/' only",
        "set --path 'rules[0].prefix' c/",
        id="a folder that is watched in no bucket",
    ),
]


@pytest.mark.parametrize(("config", "what", "fix"), WRONG)
def test_one_wrong_expectation_gets_one_message(read, config, what, fix):
    assert problems_of(read, **config) == one_problem(what, fix)


@pytest.mark.parametrize(("config", "what", "fix"), WRONG)
def test_the_command_that_is_printed_fixes_the_problem(read, config, what, fix):
    assert what not in problems_of(read, **repaired(config, fix))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"by": "06:00"}, Expectation(by="06:00")),
        (
            {"by": "06:00", "timeZone": "Europe/Berlin", "days": ["tue", "mon", "mon"], "files": 3.0, "from": "20:00"},
            Expectation(by="06:00", time_zone="Europe/Berlin", days=("mon", "tue"), files=3, start="20:00"),
        ),
        ({"every": "1h"}, Expectation(every_minutes=60)),
        (
            {"every": "15m", "days": ["sat"], "timeZone": "Asia/Ho_Chi_Minh"},
            Expectation(every_minutes=15, days=("sat",), time_zone="Asia/Ho_Chi_Minh"),
        ),
    ],
    ids=["by", "by, with all there is", "every", "every, on some days"],
)
def test_an_expectation_is_read_as_it_is_meant(read, written, expected):
    settings = read(**rules(written))

    assert settings.rules[0].expect == expected
    assert rules_of([rule.as_json() for rule in settings.rules]) == settings.rules


def test_a_rule_that_expects_nothing_is_what_it_was(read):
    assert read(emails=["a@b.co"]).expects_files is False
