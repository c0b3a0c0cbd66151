"""Announces what was found in files: the notification after the one of the upload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from domain.events import FileEvent
from domain.notifications import Notification, upload_notification
from domain.rules import Rule, matching
from handlers.data.findings import Findings
from handlers.data.storm_guard import StormGuard
from handlers.logic.claims import released_on_failure
from handlers.logic.routing import route

LEASE_SECONDS = 120
"""Longer than claim, guard and publish take with all their attempts, if an attempt ends after five seconds. Shorter
than a function lives: what a crash leaves is announced by one of the retries."""

Outcome = Literal["published", "unmatched", "duplicate", "superseded"]


def _nowhere(notification: Notification) -> None:
    raise RuntimeError(f"there is no topic to publish {notification.subject!r} to")


@dataclass(frozen=True, kw_only=True)
class Announcer:
    """Publishes each finding at most once for a version and kind, if a rule asks for it: claim – publish – mark.

    `publish` delivers one notification or raises; `page` is the address of the web interface. Without rules, findings
    are written and nothing is published.
    """

    findings: Findings
    rules: Sequence[Rule] = ()
    publish: Callable[[Notification], object] = _nowhere
    partition: str = "aws"
    guard: StormGuard | None = None
    page: str = ""

    def wants(self, event: FileEvent) -> bool:
        """Whether a rule asks for this finding."""
        return bool(matching(self.rules, event))

    def announce(self, event: FileEvent, changes: Mapping[str, object]) -> Outcome:
        """Write what was found into the file's item, and announce it if a rule asks for it.

        `event` has a finding and is made of the item (see Item.event). `changes` are attributes of the item with their
        new values; those that are None are removed. Both are one write; announcing costs one more, the mark.

            published    written and announced
            unmatched    written; no rule asks for it
            duplicate    written; this kind of finding was announced of this version before
            superseded   nothing written: the item shows another version by now, or the file was removed

        Raises what `publish` raises, LeasedError while another function announces it, and botocore's errors: the caller
        has to retry. Written is then what was found, or nothing.
        """
        rules = matching(self.rules, event)
        if not rules:
            written = not changes or self.findings.write(event.file_id, event.order, changes)
            return "unmatched" if written else "superseded"
        claim = self.findings.claim(event, changes, lease_seconds=LEASE_SECONDS)
        if claim.outcome != "new":
            return claim.outcome
        with released_on_failure(partial(self.findings.release, claim)):
            routing = route(rules, self.guard)
            self.publish(upload_notification(event, rules, routing, partition=self.partition, page=self.page))
        self.findings.mark(claim)
        return "published"
