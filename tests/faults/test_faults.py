"""A few events through some of the faults; `make faults` sends a thousand through each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from local.emulator.aws import forget_real_accounts
from local.emulator.server import Emulator
from tests.faults import faults_of_chat
from tests.faults.report import COLUMNS, DOCUMENT
from tests.faults.run import ALL, AnyFault, run, started_emulator

EVENTS = 20
CHEAP = {
    "SNS denies",
    "DynamoDB is down",
    "conditional races",
    "killed after the publish",
    "killed after the claim",
    "time-out in a batch",
    "disorder",
    "year's end",
    "basic: SNS denies",
    "digest: killed before deleting",
    "digest: SNS denies",
    "process: killed",
    *(fault.name for fault in faults_of_chat.ALL),
    "expect: killed before the mark",
    "expect: SNS denies",
    "basic: expect: duplicates",
    "announcing: SNS denies",
    "announcing: killed after the claim",
    "announcing: killed after the publish",
    "announcing: messages come three times",
    "scan results: killed after the verdict",
    "scan results: killed after the publish",
    "scan results: results come three times",
}
GUARANTEES = (DOCUMENT.parent / "guarantees.md").read_text()

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with pytest.MonkeyPatch.context() as patch:
        environment: dict[str, str] = {}
        forget_real_accounts(environment)
        for name, value in environment.items():
            patch.setenv(name, value)
        with started_emulator() as emulator:
            yield emulator


@pytest.mark.parametrize("fault", [one for one in ALL if one.name in CHEAP], ids=lambda fault: fault.name)
def test_nothing_is_lost_or_silent_and_repeated_only_where_the_guarantees_say_so(fault: AnyFault, emulator: Emulator):
    result = run(fault, emulator, EVENTS)

    assert result.verdict == "", result.tally


@pytest.mark.parametrize("fault", [one for one in ALL if one.repeats], ids=lambda fault: fault.name)
def test_what_may_be_notified_twice_is_in_the_guarantees(fault: AnyFault):
    assert fault.repeats in re.sub(r"\s+", " ", GUARANTEES)


def _documented() -> dict[str, dict[str, str]]:
    lines = [line.strip("|\n").split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    return {cells[0].strip(): dict(zip(COLUMNS, map(str.strip, cells), strict=True)) for cells in lines[1:]}


def test_the_documented_table_has_every_fault_as_it_is_described():
    documented = {name: columns["what happens"] for name, columns in _documented().items()}

    assert documented == {fault.name: fault.happens for fault in ALL}


def test_the_documented_table_has_nothing_lost_and_nothing_silent():
    found = {(fault["lost"], fault["silent"]) for fault in _documented().values()}

    assert found == {("0", "0")}
