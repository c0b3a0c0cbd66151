"""Decides the outcome of each file event, and publishes its notification."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from domain.events import FileEvent
from domain.messages import Late
from domain.notifications import Notification, Version, upload_notification
from domain.rules import Rule, matching
from handlers.logic.claims import released_on_failure
from handlers.logic.routing import route

if TYPE_CHECKING:
    from handlers.data.catalogue import Catalogue
    from handlers.data.items import Notified
    from handlers.data.storm_guard import StormGuard

LEASE_MARGIN_SECONDS = 2.0  # for clocks that differ

Decision = Literal["published", "late", "unmatched", "duplicate"]


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Publishes each file event once. `publish` delivers one notification or raises.

    In advanced mode, with a catalogue, an event is published once however often it is delivered; with a guard, the
    notifications of a storm wait for a digest. Basic mode has neither. `annotate` adds, where rules
    expect files, that one comes too late.
    """

    rules: Sequence[Rule]
    partition: str
    publish: Callable[[Notification], object]
    page: str = ""
    catalogue: Catalogue | None = None
    guard: StormGuard | None = None
    annotate: Callable[[Notification, FileEvent, Sequence[Rule]], Notification] | None = None

    def notify(self, event: FileEvent, *, seconds_left: float) -> Decision:
        """Publish one event within `seconds_left`. Returns the decision.

        Raises what `publish` raises, LeasedError while another function publishes the event, and botocore's errors.
        """
        rules = matching(self.rules, event)
        if event.is_version_deletion and self.catalogue is None:
            rules = tuple(rule for rule in rules if rule.old_versions)
        # A folder marker has no item. A removal has no size: the object may have been a file with such a name.
        has_no_item = event.is_folder_marker and event.action != "removed" and not rules
        if self.catalogue is None or has_no_item:
            if rules:
                self._publish(event, rules, late=None)
            return "published" if rules else "unmatched"
        # No other function may publish it before this invocation has ended, whatever its end.
        claim = self.catalogue.claim(event, lease_seconds=seconds_left + LEASE_MARGIN_SECONDS)
        if claim.outcome == "duplicate":
            return "duplicate"
        if event.is_version_deletion and claim.version != "current":
            rules = tuple(rule for rule in rules if rule.old_versions)
        late: Late | None = None
        if claim.outcome == "late":
            late = "removed" if claim.now_removed else "replaced"
        notified: Notified = "none"
        # Uploads without a rule are published as well: the work queue gets every created file.
        if rules or event.action == "created":
            with released_on_failure(partial(self.catalogue.release, claim)):
                notified = self._publish(event, rules, late=late, version=claim.version)
        self.catalogue.mark(claim, notified=notified)
        if not rules:
            return "unmatched"
        return "late" if late else "published"

    def _publish(
        self, event: FileEvent, rules: Sequence[Rule], *, late: Late | None, version: Version = "unknown"
    ) -> Notified:
        """Returns how people are notified: `none` also when rules of systems alone match."""
        routing = route(rules, self.guard)
        notification = upload_notification(
            event, rules, routing, partition=self.partition, page=self.page, late=late, version=version
        )
        if self.annotate is not None:
            notification = self.annotate(notification, event, rules)
        self.publish(notification)
        if routing.deliver:
            return "immediate"
        return "digest" if routing.digest else "none"
