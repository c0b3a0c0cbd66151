"""What one run measures, and the targets it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Mode = Literal["basic", "advanced"]
MODES: tuple[Mode, ...] = ("basic", "advanced")

PACES: Mapping[str, str] = {
    "calm": "a mail a file",
    "even": "an even month, 23 a minute",
    "storm": "storms of 1,000",
}
ANNOUNCED = "a mail a file, and a queue is notified of what is found in each"
"""In advanced mode, with a rule on findings; the naive one finds nothing."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The most, or the least, that a ratio or a count may be."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one system at one pace: calls and write units an upload, dollars a million uploads."""

    calls: float
    write_units: float
    dollars: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One run. Ratios are ours ÷ naive unless they say otherwise; by mode where there are two."""

    date: str
    machine: str
    throughput: Mapping[Mode, float]
    cold: Mapping[Mode, float]
    cold_with_bytecode: Mapping[Mode, float]
    warm: Mapping[Mode, float]
    """Through the emulator: most of it is the calls."""
    alone: Mapping[Mode, float]
    """The same without the network, in processor time: the handler's own."""
    ours: Mapping[str, Cost]
    """By pace, in advanced mode; "basic" is basic mode, "announced" is ANNOUNCED."""
    naive: Mapping[Mode, Cost]
    burst_mails: tuple[int, int]
    """Ours in advanced mode, and the naive ones, for 1,000 files."""
    hundred_rules: float
    """A warm event that matches a hundred rules ÷ one that matches one."""
    ten_records: float
    """A warm event of ten records ÷ one of one record."""
    pages: Mapping[int, tuple[tuple[int, int], tuple[int, int]]]
    """By number of files: requests and items read of the first page and of a deep one."""
    memory: tuple[float, float, float]
    """Uploads in basic mode: files, peak ÷ start, end ÷ start."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table of ratios: a value for each mode, None where it does not apply, and its targets."""

    name: str
    values: tuple[float | None, float | None]
    targets: tuple[Target | None, Target | None] = (None, None)

    def __post_init__(self) -> None:
        if any(target and value is None for value, target in zip(self.values, self.targets, strict=True)):
            raise ValueError(f"{self.name} has a target and no value")

    @property
    def missed(self) -> bool:
        pairs = zip(self.values, self.targets, strict=True)
        return any(target is not None and value is not None and not target.met(value) for value, target in pairs)


def ratios(figures: Figures) -> list[Row]:
    """The table of ratios, ours ÷ naive."""

    def both(values: Mapping[Mode, float]) -> tuple[float, float]:
        return values["basic"], values["advanced"]

    quarter = Target(most=0.25)
    own = {pace: cost.dollars / figures.naive["advanced"].dollars for pace, cost in figures.ours.items()}
    basic = figures.ours["basic"].dollars / figures.naive["basic"].dollars
    return [
        Row(
            name="uploads notified per second, crowd of 8",
            values=both(figures.throughput),
            targets=(Target(least=1.0), Target(least=0.85)),
        ),
        Row(
            name="cold start with `bytecode: true`",
            values=both(figures.cold_with_bytecode),
            targets=(Target(most=1.15), Target(most=1.0)),
        ),
        Row(
            name="cold start as deployed by default",
            values=both(figures.cold),
            targets=(Target(most=1.15), Target(most=1.0)),
        ),
        Row(
            name="warm event, handler alone",
            values=both(figures.alone),
            targets=(Target(most=1.7), Target(most=1.7)),
        ),
        Row(name="warm event, through the emulator", values=both(figures.warm)),
        Row(name=f"cost, {PACES['calm']}", values=(basic, own["calm"])),
        Row(name=f"cost, {PACES['even']}", values=(None, own["even"]), targets=(None, quarter)),
        Row(name=f"cost, {PACES['storm']}", values=(None, own["storm"]), targets=(None, quarter)),
    ]


def counts(figures: Figures) -> list[tuple[str, float, float, Target | None]]:
    """What is counted in advanced mode: its name, ours, the naive one's, the target for ours."""
    calm, storm, naive = figures.ours["calm"], figures.ours["storm"], figures.naive["advanced"]
    announced = figures.ours["announced"]
    ours, theirs = figures.burst_mails
    return [
        ("mails for a burst of 1,000 files", ours, theirs, Target(most=12)),
        ("DynamoDB write units an upload, a mail a file", calm.write_units, naive.write_units, Target(most=5)),
        ("DynamoDB write units an upload, storm", storm.write_units, naive.write_units, Target(most=5)),
        (f"DynamoDB write units an upload, {ANNOUNCED}", announced.write_units, naive.write_units, Target(most=6)),
        ("AWS calls of the functions an upload, a mail a file", calm.calls, naive.calls, None),
        ("AWS calls of the functions an upload, storm", storm.calls, naive.calls, None),
        (f"AWS calls of the functions an upload, {ANNOUNCED}", announced.calls, naive.calls, None),
    ]
