"""What a command says: for people, or as one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

Advance = Callable[[], object]
"""Tells a progress bar that one more is done."""

MARKS = {"fine": ("✔", "green"), "attention": ("⚠", "yellow"), "broken": ("✘", "red"), "unknown": ("–", "dim")}


@dataclass(frozen=True)
class Screen:
    """Says things. With `as_json`, standard output gets one document at the end and nothing else."""

    as_json: bool
    out: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    aside: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, soft_wrap=True))
    """For what is no result: which stack is used, how far the work is."""
    results: list[dict[str, Any]] | None = None
    """Where several results are gathered for one document; None if there is one, which is said at once."""

    def say(self, *parts: str | tuple[str, str]) -> None:
        """A line of text, never markup: square brackets in somebody's file name mean nothing."""
        if not self.as_json:
            self.out.print(Text.assemble(*parts))

    def mark(self, mark: str, *parts: str | tuple[str, str]) -> None:
        """A line that starts with one of MARKS."""
        sign, style = MARKS[mark]
        self.say((f"{sign} ", style), *parts)

    def note(self, text: str) -> None:
        """Something beside the result."""
        if not self.as_json:
            self.aside.print(Text(text, "dim"))

    def result(self, schema: str, document: Mapping[str, Any]) -> None:
        """The result for programs; people have been told already."""
        if not self.as_json:
            return
        whole = {"schema": f"file-notifications/{schema}/1", **document}
        if self.results is None:
            click.echo(json.dumps(whole, indent=2, default=str))
        else:
            self.results.append(whole)

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Advance]:
        """A bar while the block runs, if somebody is watching; `total` None means that the end is not known."""
        if self.as_json or not self.aside.is_terminal:
            yield lambda: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.aside, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """A sign of life while the block runs, if somebody is watching."""
        if self.as_json or not self.aside.is_terminal:
            yield
            return
        with self.aside.status(Text(what)):
            yield

    def confirmed(self, question: str, *, yes: bool) -> bool:
        """Whether the person agrees. `yes` answers beforehand; where nobody can be asked, the answer is no."""
        if yes:
            return True
        if self.as_json or not sys.stdin.isatty():
            return False
        return click.confirm(question, err=True)
