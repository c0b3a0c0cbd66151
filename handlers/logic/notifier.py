"""Decides the outcome of each file event, and has it published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError

from domain.events import FileEvent
from domain.notifications import Late, Notification, Routing, upload_notification
from domain.rules import Rule, matching

if TYPE_CHECKING:
    from handlers.data.catalogue import Catalogue, Claim
    from handlers.data.items import Notified
    from handlers.data.storm_guard import StormGuard

LEASE_MARGIN_SECONDS = 2.0  # for clocks that differ

Decision = Literal["published", "late", "unmatched", "duplicate"]


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Decides what becomes of each event. `publish` delivers one notification or raises.

    Advanced mode remembers: with a catalogue, an event is told once however often it comes; with a guard, storms wait
    for a digest. Basic mode has neither.
    """

    rules: Sequence[Rule]
    partition: str
    publish: Callable[[Notification], object]
    page: str = ""
    catalogue: Catalogue | None = None
    guard: StormGuard | None = None

    def notify(self, event: FileEvent, *, seconds_left: float) -> Decision:
        """Tell one event, within `seconds_left`. Returns what was decided; raises if it could not be told."""
        rules = matching(self.rules, event)
        # A folder's marker has no row. What is removed says no size: it may have been a file with such a name.
        no_row = event.is_folder_marker and event.action != "removed" and not rules
        if self.catalogue is None or no_row:
            if rules:
                self._publish(event, rules, late=None)
            return "published" if rules else "unmatched"
        # Nobody else may tell it before this function has ended, one way or the other.
        claim = self.catalogue.claim(event, lease_seconds=seconds_left + LEASE_MARGIN_SECONDS)
        if claim.outcome == "duplicate":
            return "duplicate"
        late: Late | None = None
        if claim.outcome == "late":
            late = "removed" if claim.now_removed else "replaced"
        try:
            # Also without a rule: the work queue looks into every created file.
            notified = self._publish(event, rules, late=late) if rules or event.action == "created" else "none"
        except Exception as failure:
            self._release(claim, failure)
            raise
        self.catalogue.mark(claim, notified=notified)
        if not rules:
            return "unmatched"
        return "late" if late else "published"

    def _publish(self, event: FileEvent, rules: Sequence[Rule], *, late: Late | None) -> Notified:
        routing = self._route([rule for rule in rules if rule.notifies_people])
        notification = upload_notification(event, rules, routing, partition=self.partition, page=self.page, late=late)
        self.publish(notification)
        if routing.deliver:
            return "immediate"
        return "digest" if routing.digest else "none"

    def _route(self, rules: Sequence[Rule]) -> Routing:
        """Whom to tell at once. Only rules with delivery auto count towards a storm, and all of them turn together."""
        if self.guard is None:
            return Routing(deliver=tuple(rule.name for rule in rules))
        storm = any(rule.delivery == "auto" for rule in rules) and self.guard.is_storm()
        waiting = {"digest", "auto"} if storm else {"digest"}
        return Routing(
            deliver=tuple(rule.name for rule in rules if rule.delivery not in waiting),
            digest=tuple(rule.name for rule in rules if rule.delivery in waiting),
        )

    def _release(self, claim: Claim, failure: Exception) -> None:
        if self.catalogue is None:
            return
        try:
            self.catalogue.release(claim)
        except (ClientError, BotoCoreError) as error:  # the failure itself is raised; the lease ends by itself
            failure.add_note(f"its lease could not be given back: {error}")
