"""What all tests share: how hard the property tests look, and how large storms are."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine and every run; `make quick` takes the first of them, and `make fuzz`
# (HYPOTHESIS_PROFILE=searching) looks for new ones.
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""How long it takes to make up examples says something of the machine, and nothing of the program."""
settings.register_profile("repeatable", derandomize=True, max_examples=60, **UNHURRIED)
settings.register_profile("brief", derandomize=True, max_examples=15, **UNHURRIED)
settings.register_profile("searching", max_examples=5000, **UNHURRIED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

gc.set_threshold(50_000)  # a program under mocks makes many objects that live: looking through them costs a tenth


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-size", action="store_true", help="Storms as large as the guarantees: `make storms`.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make engine` alone runs the tests on Pulumi's own engine, which has to be built first."""
    asked = any("engine" in argument for argument in config.args)
    return True if collection_path == Path(__file__).parent / "engine" and not asked else None


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """size(500) is how many files of the 500 in a guarantee a storm has here: a fifth, or all with --full-size."""
    return lambda full: full if request.config.getoption("--full-size") else full // 5


@pytest.fixture
def no_finalizers_at_depth() -> Iterator[None]:
    """For tests that parse "[[[[…": no garbage is collected in them.

    Else the collector may run at the recursion limit, where the finalizers of what earlier tests left behind (Pulumi's
    mocks leave event loops) fail for want of stack, and pytest lays that at the door of the test that is running.
    """
    gc.collect()
    gc.disable()
    yield
    gc.enable()
