"""Which people of a file's rules are notified at once, and which in the next digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from domain.notifications import Routing
from domain.rules import Rule

if TYPE_CHECKING:
    from handlers.data.storm_guard import StormGuard


def route(rules: Sequence[Rule], guard: StormGuard | None) -> Routing:
    """How each rule notifies its people; rules of systems alone are in neither list.

    Only rules with delivery auto count towards a storm, and all move together. Basic mode has no guard.
    """
    rules = [rule for rule in rules if rule.notifies_people]
    if guard is None:
        return Routing(deliver=tuple(rule.name for rule in rules))
    storm = any(rule.delivery == "auto" for rule in rules) and guard.is_storm()
    waiting = {"digest", "auto"} if storm else {"digest"}
    return Routing(
        deliver=tuple(rule.name for rule in rules if rule.delivery not in waiting),
        digest=tuple(rule.name for rule in rules if rule.delivery in waiting),
    )
