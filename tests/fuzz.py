"""A long search of the property tests: `make fuzz`. A pytest plugin; --fuzz-cases shares so many cases among them.

Counts the cases that came to each test, prints them, and with --fuzz-report writes them into a document, between the
two marks that it finds there.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from bench.markdown import table

BEGIN, END = "<!-- what follows is written by make fuzz -->", "<!-- until here -->"
_CASES = "fuzz cases"

_found: dict[str, tuple[str, int]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-cases", type=int, default=100_000, help="how many cases, of all properties together")
    parser.addoption("--fuzz-report", type=Path, default=None, help="the document to write the counts into")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Leave only property tests, and give each its share. One that has settings of its own keeps them."""
    kept, others = [], []
    for item in items:
        is_ours = is_hypothesis_test(item.obj) and not hasattr(item.obj, "_hypothesis_internal_settings_applied")
        (kept if is_ours else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = kept
    share = -(-config.getoption("--fuzz-cases") // max(1, len(kept)))
    for function in {item.obj for item in kept}:
        settings(max_examples=share, suppress_health_check=[HealthCheck.too_slow])(function)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    count, handle = 0, item.obj.hypothesis
    original = handle.inner_test

    @functools.wraps(original)
    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return original(*arguments, **named)

    handle.inner_test = counted
    try:
        return (yield)
    finally:
        handle.inner_test = original
        item.user_properties.append((_CASES, count))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, value in report.user_properties:
        if report.when == "call" and name == _CASES:
            _found[report.nodeid] = (report.outcome, int(str(value)))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for nodeid, (outcome, count) in sorted(_found.items()):
        terminalreporter.write_line(f"{count:8,}  {outcome:7} {nodeid}")
    total = sum(count for _, count in _found.values())
    terminalreporter.write_line(f"{total:8,}  cases of {len(_found)} properties")
    report = config.getoption("--fuzz-report")
    if report:
        before, _, rest = report.read_text().partition(BEGIN)
        report.write_text(f"{before}{BEGIN}\n\n{_table()}\n{END}{rest.partition(END)[2]}")
        terminalreporter.write_line(f"written: {report}")


def _table() -> str:
    total = sum(count for _, count in _found.values())
    failed = sum(outcome != "passed" for outcome, _ in _found.values())
    where = f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}"
    by_file: dict[str, list[tuple[str, str, int]]] = {}
    for nodeid, (outcome, count) in sorted(_found.items()):
        file, _, name = nodeid.partition("::")
        by_file.setdefault(file, []).append((name, outcome, count))
    rows = []
    for file, properties in by_file.items():
        rows.append((f"`{file}`", f"{len(properties)}", f"{sum(count for *_, count in properties):,}"))
        rows += [
            (f"– **failed**: `{name}`", "", f"{count:,}") for name, outcome, count in properties if outcome != "passed"
        ]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {where}:",
        f"**{total:,} cases** of {len(_found)} properties, {failed or 'none'} of which failed.",
        "",
        *table(("in", "properties", "cases"), rows),
    ]
    return "\n".join(lines) + "\n"
