"""Markdown tables, as the generated pages of docs/ have them."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, texts: Collection[int] = (0,)) -> list[str]:
    """The lines of a table. Columns whose numbers are in `texts` are aligned left, all others (figures) right."""
    rule = "|".join("---" if column in texts else "---:" for column in range(len(head)))
    return [f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]
