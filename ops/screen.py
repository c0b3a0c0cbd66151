"""A command's output: text for people, or one JSON document for programs."""

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
"""Moves a progress bar by one step."""

MARKS = {"fine": ("✔", "green"), "attention": ("⚠", "yellow"), "broken": ("✘", "red"), "unknown": ("–", "dim")}


@dataclass
class Screen:
    """Writes output. With `as_json`, standard output is one document at the end and nothing else."""

    as_json: bool
    out: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    aside: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, soft_wrap=True))
    """For what is not part of the result: which stack is used, progress."""
    results: list[dict[str, Any]] | None = None
    """Collects the results of several regions for one document; None to print a result at once."""

    def say(self, *parts: str | tuple[str, str]) -> None:
        """Print a line for people, as text and never as markup: a file name may have square brackets."""
        if not self.as_json:
            self.out.print(Text.assemble(*parts))

    def mark(self, mark: str, *parts: str | tuple[str, str]) -> None:
        """Print a line for people that starts with one of MARKS."""
        sign, style = MARKS[mark]
        self.say((f"{sign} ", style), *parts)

    def note(self, text: str) -> None:
        """Print a line for people that is not part of the result."""
        if not self.as_json:
            self.aside.print(Text(text, "dim"))

    def result(self, schema: str, document: Mapping[str, Any]) -> None:
        """Print the result for programs, or collect it; nothing for people, who have read it already."""
        if not self.as_json:
            return
        whole = {"schema": f"file-notifications/{schema}/1", **document}
        if self.results is None:
            click.echo(json.dumps(whole, indent=2, default=str))
        else:
            self.results.append(whole)

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Advance]:
        """Show a bar while the block runs, on a terminal. `total` None means that the end is not known."""
        if self.as_json or not self.aside.is_terminal:
            yield lambda: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.aside, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Show a spinner while the block runs, on a terminal."""
        if self.as_json or not self.aside.is_terminal:
            yield
            return
        with self.aside.status(Text(what)):
            yield

    def confirmed(self, question: str, *, yes: bool) -> bool:
        """Whether the person agrees. `yes` answers in advance; without a terminal, the answer is no."""
        if yes:
            return True
        if self.as_json or not sys.stdin.isatty():
            return False
        return click.confirm(question, err=True)
