"""What of an inspection is news to people: that a file is as it should be, or that it is broken."""

from __future__ import annotations

from domain.findings import MISMATCH, Finding, Problem
from handlers.data.items import Result
from handlers.logic.inspection import BROKEN, CONTRADICTED


def finding_of(result: Result, time: str) -> Finding | None:
    """What was found, and when; None if the file was not read: gone, forbidden, archived, too large.

    Broken is a file that an inspector cannot read to its end, and one whose name promises another content. Only the
    first "failed"; the second was processed, and its facts begin with the contradiction.
    """
    if result.failure and result.failure[0] != BROKEN:
        return None
    problem = None
    if result.failure:
        problem = Problem(code=BROKEN, message=result.failure[1])
    elif contradicted := dict(result.facts).get(CONTRADICTED):
        problem = Problem(code=MISMATCH, message=f"The name {contradicted.replace(', content', ', the content')}.")
    return Finding(
        kind="broken" if problem else "processed",
        time=time,
        sha256=result.sha256,
        content_type=result.content_type,
        facts=result.facts,
        problem=problem,
    )
