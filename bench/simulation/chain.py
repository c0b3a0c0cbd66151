"""What one upload takes of each limit, and how much of it is used at 10, 1,000 and 10,000 uploads a second."""

from __future__ import annotations

from dataclasses import dataclass

from bench.markdown import table
from bench.simulation.model import (
    INDEX_WRITE_UNITS,
    NOTIFY_WRITE_UNITS,
    PARTITION_WRITE_UNITS,
    PROCESS_WRITE_UNITS,
    Account,
)
from handlers.logic.digester import MAX_MESSAGES

RATES = (10, 1_000, 10_000)
_DEFAULT = Account()
_WRITE_UNITS = NOTIFY_WRITE_UNITS + PROCESS_WRITE_UNITS


@dataclass(frozen=True)
class Part:
    """One limit. `takes` is what an upload takes of `limit`, both in the unit that `unit` names."""

    name: str
    takes: float
    limit: float
    unit: str

    def used(self, rate: int) -> float:
        """The share of the limit that is used at so many uploads a second."""
        return rate * self.takes / self.limit

    @property
    def most(self) -> float:
        """Uploads a second at which the limit is reached."""
        return self.limit / self.takes


def parts() -> list[Part]:
    """The whole chain, in the order in which an upload meets it."""
    seconds = _DEFAULT.notify_seconds
    return [
        Part("S3, one prefix", 1, 3_500, "requests a second"),
        Part("Lambda, notify, a new account", seconds, 10 - _DEFAULT.process_concurrency, "at a time"),
        Part("Lambda, notify, an account in use", seconds, _DEFAULT.concurrency, "at a time"),
        Part("DynamoDB, a new table", _WRITE_UNITS, _DEFAULT.write_units, "write units a second"),
        Part("DynamoDB, a table's quota", _WRITE_UNITS, 40_000, "write units a second"),
        Part("DynamoDB, one shard of the list index", INDEX_WRITE_UNITS, PARTITION_WRITE_UNITS, "write units a second"),
        Part(
            f"DynamoDB, {_DEFAULT.shards} shards",
            INDEX_WRITE_UNITS,
            _DEFAULT.shards * PARTITION_WRITE_UNITS,
            "write units a second",
        ),
        Part("SNS, us-east-1", 1, 30_000, "messages a second"),
        Part("SNS, us-west-2, eu-west-1", 1, 9_000, "messages a second"),
        Part("SNS, eight more regions", 1, 1_500, "messages a second"),
        Part("SNS, all other regions", 1, 300, "messages a second"),
        Part("email, one address, without the storm guard", 1, 10, "messages a second"),
        Part("work queue: process", _DEFAULT.process_seconds, _DEFAULT.process_concurrency, "at a time"),
        Part("digest queue: digest", 1, MAX_MESSAGES / _DEFAULT.digest_minutes / 60, "files a second"),
    ]


def chain_table() -> str:
    head = ("part", "an upload takes", "limit", *(f"{rate:,}/s" for rate in RATES), "reached at")
    rows = [
        (
            part.name,
            f"{part.takes:g}",
            f"{part.limit:,.0f} {part.unit}",
            *(_share(part.used(rate)) for rate in RATES),
            f"{part.most:,.0f}/s",
        )
        for part in parts()
    ]
    return "\n".join(table(head, rows))


def _share(used: float) -> str:
    text = f"{used:.1%}" if used < 0.1 else f"{used:,.0%}"  # noqa: PLR2004 - small shares keep a digit
    return f"**{text}**" if used >= 1 else text
