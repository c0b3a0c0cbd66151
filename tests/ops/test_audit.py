"""`audit`: what is asked of CloudWatch, which lines are shown, and how."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.audit import AuditLine, audit_text
from domain.events import file_id_of
from ops import audit as command
from ops import command as running
from ops.audit import LONGEST_PATTERN, Wanted
from tests.ops.parts import ADVANCED, BASIC, BUCKET, a_stack, answering, document, ops

KEY = "invoices/a.txt"
ID = file_id_of(BUCKET, KEY)


def a_line(**changes: Any) -> AuditLine:
    line: dict[str, Any] = {
        "schema": "file-notifications/audit/1",
        "time": "2026-11-23T08:41:07.123Z",
        "act": "download",
        "outcome": "allowed",
        "person": "maria",
        "sub": "5c0e",
        "groups": ["editors"],
        "address": "203.0.113.7",
        "request": "r-1",
        "file": {"id": ID, "bucket": BUCKET, "key": KEY, "version": "v1"},
        **changes,
    }
    return line  # type: ignore[return-value]


def page(*lines: AuditLine | str, token: str = "") -> tuple[str, dict[str, Any]]:
    texts = [line if isinstance(line, str) else audit_text(line) for line in lines]
    events = [{"timestamp": 1, "message": text, "eventId": "e", "logStreamName": "acts"} for text in texts]
    return "filter_log_events", {"events": events, **({"nextToken": token} if token else {})}


@pytest.fixture
def run(monkeypatch):
    """run(page, …, words=[…]) is what the command says when CloudWatch returns these pages."""

    def on(*pages, words=(), outputs=ADVANCED):
        stack = a_stack(outputs)
        monkeypatch.setattr(running, "choose", lambda **_: stack)
        with answering(stack, "logs", *pages):
            return ops("audit", *words, "--stack", "dev")

    return on


def test_a_line_says_when_who_what_from_where_and_which_file(run):
    answer = run(page(a_line()))

    assert answer.exit_code == 0
    first = answer.stdout.splitlines()[0]
    for part in ("2026-11-23 08:41:07 UTC", "maria", "download", "allowed", "203.0.113.7", KEY):
        assert part in first


def test_a_refusal_says_why(run):
    answer = run(page(a_line(outcome="refused", status=404, reason="There is no such file.", file={"id": ID})))

    assert f"refused  {'203.0.113.7':<33}  {ID}: There is no such file." in answer.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("forwarded", "shown"),
    [
        ("198.51.100.4", "198.51.100.4 "),
        ("", "198.51.100.4 "),
        ("192.0.2.1, 198.51.100.4", "192.0.2.1 via 198.51.100.4 "),
        ("10.0.0.1, 192.0.2.1, 198.51.100.4", "192.0.2.1 via 198.51.100.4 "),
        ("192.0.2.1", "192.0.2.1 via 198.51.100.4 "),
        (" , ", "198.51.100.4 "),
    ],
)
def test_a_person_who_calls_through_cloudfront_is_shown_by_their_own_address(run, forwarded, shown):
    line = a_line(address="198.51.100.4", forwardedFor=forwarded)

    assert f"allowed  {shown}" in run(page(line)).stdout


def test_part_links_say_which_parts(run):
    assert f"{KEY} parts 21-40" in run(page(a_line(act="part-links", parts=[21, 40]))).stdout


def test_all_pages_are_read_and_other_text_is_left_out(run):
    answer = run(page(a_line(), "no line", token="t"), page(a_line(person="bob")))

    assert [line.split()[3] for line in answer.stdout.splitlines()[:2]] == ["maria", "bob"]
    assert answer.stdout.splitlines()[-1].startswith("2 acts, ")


def test_the_newest_are_shown_if_there_are_more_than_the_limit(run):
    answer = run(page(*(a_line(person=f"p{number}") for number in range(5))), words=["--limit", "2"])

    assert [line.split()[3] for line in answer.stdout.splitlines()[:2]] == ["p3", "p4"]
    assert answer.stdout.splitlines()[2].startswith("The newest 2 of 5 acts, ")


def test_programs_get_the_lines_as_they_were_written(run):
    found = document(run(page(a_line()), words=["--json"]))

    assert (found["schema"], found["found"], found["lines"]) == ("file-notifications/audit/1", 1, [a_line()])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--person", "maria"], 2),
        (["--person", "bob"], 1),
        (["--file", KEY], 2),
        (["--file", ID], 2),
        (["--file", "b.txt"], 1),
        (["--file", "invoices/"], 0),
        (["--act", "delete"], 1),
        (["--act", "delete", "--act", "download"], 3),
        (["--outcome", "refused"], 1),
        (["--person", "bob", "--act", "delete"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_lines_that_were_not_asked_for_are_left_out_also_if_cloudwatch_returns_them(run, words, shown):
    lines = [
        a_line(outcome="refused", file={"id": ID}),
        a_line(act="delete"),
        a_line(person="bob", file={"key": "b.txt"}),
    ]

    assert document(run(page(*lines), words=[*words, "--json"]))["found"] == shown


def test_a_key_is_found_in_either_form_of_its_letters(run):
    composed, decomposed = "\u00dcbergabe.txt", "U\u0308bergabe.txt"
    file = {"id": file_id_of("a-bucket-that-left", decomposed), "key": decomposed}

    assert document(run(page(a_line(file=file)), words=["--file", composed, "--json"]))["found"] == 1


def test_names_in_lines_are_text_on_the_screen(run):
    answer = run(page(a_line(person="m\x1b[31m", file={"key": "a\nb [red]"})))

    assert "m\\u001b[31m" in answer.stdout
    assert "a\\u000ab [red]" in answer.stdout


def test_cloudwatch_is_asked_for_the_time_the_person_and_the_file(run):
    asked = {
        "logGroupName": "audit-log",
        "startTime": int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000),
        "endTime": int(datetime(2026, 11, 2, tzinfo=UTC).timestamp() * 1000),
        "filterPattern": f'{{ (($.person = "maria")) && (($.file.id = "{ID}") || ($.file.key = "{KEY}")) }}',
    }
    words = ["--since", "2026-11-01", "--until", "2026-11-02", "--person", "maria", "--file", KEY]

    assert run((*page(), asked), words=words).exit_code == 0


@pytest.mark.parametrize("odd", ['a"b', "a*", "\u00e9", "a\\b", "a)", "x" * LONGEST_PATTERN])
def test_what_means_more_in_a_pattern_is_compared_here_alone(odd):
    assert Wanted(person=odd).pattern() == ""
    assert Wanted(person=odd, outcomes=["refused"]).pattern() == '{ (($.outcome = "refused")) }'
    assert Wanted(person=odd).has(a_line(person=odd))


def test_a_log_that_is_too_long_to_read_is_an_error_with_a_way_on(run, monkeypatch):
    monkeypatch.setattr(command, "MOST_PAGES", 2)

    answer = run(page(a_line(), token="1"), page(token="2"), page())

    assert answer.exit_code == 2
    assert "python -m ops audit --since 1d --stack dev" in answer.stderr


def test_a_time_that_ends_before_it_begins_is_refused(run):
    answer = run(words=["--since", "2026-11-02", "--until", "2026-11-01"])

    assert answer.exit_code == 2
    assert "--since 2026-11-02 00:00 is not before --until 2026-11-01 00:00 UTC" in answer.stderr


@pytest.mark.parametrize(
    ("words", "accepted"),
    [(["--act", "peek"], "'part-links'"), (["--outcome", "fine"], "'refused'"), (["--since", "soon"], "30m or 7d")],
)
def test_a_value_that_is_not_accepted_is_answered_with_those_that_are(run, words, accepted):
    answer = run(words=words)

    assert answer.exit_code == 2
    assert accepted in answer.stderr


def test_basic_mode_has_no_audit_log_and_says_how_to_get_one(run):
    answer = run(outputs=BASIC)

    assert answer.exit_code == 2
    assert "pulumi config set --stack dev mode advanced" in answer.stderr


def test_a_stack_of_an_older_version_is_to_be_deployed_first(run):
    answer = run(outputs={name: value for name, value in ADVANCED.items() if name != "auditLogGroupName"})

    assert answer.exit_code == 2
    assert "does not export auditLogGroupName" in answer.stderr


def test_a_log_that_is_gone_is_an_error(run):
    answer = run(("filter_log_events", "ResourceNotFoundException"))

    assert answer.exit_code == 2
    assert "python -m ops doctor" in answer.stderr
