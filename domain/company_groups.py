"""A company's groups: how they reach the user pool, and which of our groups they stand for."""

from __future__ import annotations

from collections.abc import Mapping

ATTRIBUTE = "profile"
"""The attribute of a user that holds the company's groups. A standard one that nothing else uses: one of our own could
never be taken out of a pool again."""

GROUPS_FILE = "company_groups.json"
"""The file that maps them in the archive of the function, beside the code: ours by the company's, folded."""


def folded(name: str) -> str:
    """The form in which names of groups are compared: Cognito hands some texts on in lower case."""
    return name.strip().casefold()


def company_groups(text: str) -> list[str]:
    """The company's groups, as Cognito writes a claim into an attribute.

    A list becomes `[a, b]`, a list of one sometimes the name alone; there is no way to write a comma in a name.
    """
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [name for part in inner.split(",") if (name := part.strip().strip('"'))]


def our_groups(theirs: list[str], ours: Mapping[str, str]) -> set[str]:
    """Our groups that the company's stand for; `ours` by theirs, folded. A group that is not named there is none."""
    return {ours[name] for name in map(folded, theirs) if name in ours}
