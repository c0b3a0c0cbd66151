"""Who is notified at once and who in the next digest, with the catalogue and the storm guard in place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from domain.rules import Rule
from handlers.data.catalogue import Catalogue, LeasedError
from handlers.data.storm_guard import StormGuard
from handlers.logic.notifier import Notifier
from tests.advanced.conftest import Connect, Settle
from tests.advanced.stand_ins import Accidents, Clock, Crash, Recorder
from tests.advanced.uploads import created, deleted, hidden, restored

PERSON, SYSTEM = "ann@example.com", "https://hooks.example.com/files"
MAILS = 2
COUNTER = "counters#us-east-1#2040-05-20T10"
AUTO = Rule(name="auto", to=(PERSON,))
ALSO_AUTO = Rule(name="also-auto", to=("+84901234567",))
AT_ONCE = Rule(name="at-once", to=(PERSON,), delivery="immediate")
IN_DIGEST = Rule(name="in-digest", to=(PERSON,), delivery="digest")
FOR_SYSTEMS = Rule(name="for-systems", to=(SYSTEM,))

Notify = Callable[..., Notifier]


@pytest.fixture
def guard(connect: Connect, table: str, clock: Clock) -> StormGuard:
    return StormGuard(connect("dynamodb"), table, MAILS, clock)


@pytest.fixture
def notifier(catalogue: Catalogue, guard: StormGuard, published: Recorder) -> Notify:
    return lambda *rules: Notifier(rules=rules, partition="aws", publish=published, catalogue=catalogue, guard=guard)


@pytest.fixture
def storm(guard: StormGuard) -> None:
    for _ in range(MAILS + 1):
        guard.is_storm()


def _routed(recorder: Recorder) -> tuple[object, object]:
    return recorder.only.attributes["deliver"], recorder.only.attributes["digest"]


def test_while_it_is_calm_people_are_notified_at_once(notifier: Notify, published: Recorder):
    notifier(AUTO, ALSO_AUTO).notify(created(), seconds_left=30)

    assert _routed(published) == (("auto", "also-auto"), ())


@pytest.mark.usefixtures("storm")
def test_a_storm_moves_all_auto_rules_together(notifier: Notify, published: Recorder):
    notifier(AUTO, ALSO_AUTO).notify(created(), seconds_left=30)

    assert _routed(published) == ((), ("auto", "also-auto"))


@pytest.mark.usefixtures("storm")
def test_in_a_storm_immediate_rules_stay_immediate(notifier: Notify, published: Recorder):
    notifier(AUTO, AT_ONCE, IN_DIGEST).notify(created(), seconds_left=30)

    assert _routed(published) == (("at-once",), ("auto", "in-digest"))


def test_while_it_is_calm_digest_rules_wait_all_the_same(notifier: Notify, published: Recorder):
    notifier(AUTO, AT_ONCE, IN_DIGEST).notify(created(), seconds_left=30)

    assert _routed(published) == (("auto", "at-once"), ("in-digest",))


@pytest.mark.usefixtures("storm")
def test_in_a_storm_systems_still_get_every_event(notifier: Notify, published: Recorder):
    notifier(AUTO, FOR_SYSTEMS).notify(created(), seconds_left=30)

    assert published.only.attributes["rules"] == ("auto", "for-systems")
    assert published.only.attributes["kind"] == "upload"


@pytest.mark.parametrize("rules", [(FOR_SYSTEMS,), (AT_ONCE,), (IN_DIGEST,), (AT_ONCE, IN_DIGEST, FOR_SYSTEMS)])
def test_only_auto_rules_that_notify_people_count_towards_a_storm(notifier: Notify, item, rules: tuple[Rule, ...]):
    notifier(*rules).notify(created(), seconds_left=30)

    assert item(COUNTER) == {}


def test_one_event_counts_once_however_many_auto_rules_it_matches(notifier: Notify, item):
    notifier(AUTO, ALSO_AUTO).notify(created(), seconds_left=30)

    assert item(COUNTER)["minute00"] == {"N": "1"}


def test_an_event_without_a_rule_does_not_count_towards_a_storm(notifier: Notify, item):
    notifier(Rule(name="photos", prefix="photos/", to=(PERSON,))).notify(created(), seconds_left=30)

    assert item(COUNTER) == {}


def test_a_duplicate_does_not_count_towards_a_storm(notifier: Notify, item):
    for _ in range(2):
        notifier(AUTO).notify(created(), seconds_left=30)

    assert item(COUNTER)["minute00"] == {"N": "1"}


def test_a_rule_of_systems_alone_notifies_no_people(notifier: Notify, published: Recorder):
    notifier(FOR_SYSTEMS).notify(created(), seconds_left=30)

    assert _routed(published) == ((), ())
    assert published.only.attributes["rules"] == ("for-systems",)


@pytest.mark.parametrize(
    ("rules", "notified"),
    [
        ((AUTO,), "immediate"),
        ((IN_DIGEST,), "digest"),
        ((IN_DIGEST, AT_ONCE), "immediate"),
        ((FOR_SYSTEMS,), "none"),
        ((), "none"),
    ],
)
def test_the_item_says_how_people_were_notified(
    notifier: Notify, catalogue: Catalogue, rules: tuple[Rule, ...], notified: str
):
    notifier(*rules).notify(created(), seconds_left=30)

    item = catalogue.read(created().file_id)
    assert item is not None
    assert item.notified == notified


@pytest.mark.usefixtures("storm")
def test_the_item_says_that_a_storm_moved_it_to_a_digest(notifier: Notify, catalogue: Catalogue):
    notifier(AUTO).notify(created(), seconds_left=30)

    item = catalogue.read(created().file_id)
    assert item is not None
    assert item.notified == "digest"


@pytest.mark.parametrize(
    ("newest", "late"), [(created(sequencer="20"), "replaced"), (hidden(sequencer="20"), "removed")]
)
def test_a_late_notification_says_what_has_happened_since(
    notifier: Notify, published: Recorder, settle: Settle, newest, late: str
):
    settle(newest)

    assert notifier(AUTO).notify(created(sequencer="10"), seconds_left=30) == "late"
    assert published.only.payload is not None
    assert published.only.payload["late"] == late


def test_a_late_notification_for_a_digest_rule_waits_for_the_digest(
    notifier: Notify, published: Recorder, settle: Settle
):
    settle(created(sequencer="20"))
    notifier(IN_DIGEST).notify(created(sequencer="10"), seconds_left=30)

    assert _routed(published) == ((), ("in-digest",))
    assert published.only.payload is not None
    assert (published.only.payload["digest"], published.only.payload["late"]) == (["in-digest"], "replaced")


def test_an_upload_without_a_rule_is_published_for_the_work_queue_alone(notifier: Notify, published: Recorder):
    assert notifier().notify(created(), seconds_left=30) == "unmatched"
    assert _routed(published) == ((), ())
    assert published.only.attributes["rules"] == ()


@pytest.mark.parametrize("event", [hidden(), restored()], ids=["removal", "restore"])
def test_anything_else_without_a_rule_is_not_published(notifier: Notify, published: Recorder, event):
    assert notifier(AUTO).notify(event, seconds_left=30) == "unmatched"
    assert published.notifications == []


def test_a_removal_without_a_rule_still_changes_the_item(notifier: Notify, catalogue: Catalogue):
    notifier().notify(created(), seconds_left=30)
    notifier().notify(hidden(), seconds_left=30)

    item = catalogue.read(created().file_id)
    assert item is not None
    assert item.status == "removed"


def test_a_folder_marker_without_a_rule_is_no_file(notifier: Notify, catalogue: Catalogue, published: Recorder):
    marker = created("photos/", size=0)

    assert notifier(AUTO).notify(marker, seconds_left=30) == "unmatched"
    assert (catalogue.read(marker.file_id), published.notifications) == (None, [])


def test_a_file_that_is_named_like_a_folder_is_removed_from_the_catalogue(notifier: Notify, catalogue: Catalogue):
    """A removal has no size, which would distinguish it from that of a folder marker."""
    file = created("photos/", size=7)
    notifier(AUTO).notify(file, seconds_left=30)

    notifier(AUTO).notify(hidden("photos/"), seconds_left=30)

    item = catalogue.read(file.file_id)
    assert item is not None
    assert item.status == "removed"


def test_an_event_that_could_not_be_published_is_free_for_the_next_attempt(notifier: Notify, published: Recorder):
    published.refusals["auto"] = RuntimeError("SNS is down")
    with pytest.raises(RuntimeError, match="SNS is down"):
        notifier(AUTO).notify(created(), seconds_left=30)
    published.refusals.clear()

    assert notifier(AUTO).notify(created(), seconds_left=30) == "published"


def test_a_guard_that_fails_frees_the_event(notifier: Notify, guard: StormGuard, published: Recorder):
    Accidents(guard.client, {0: "throttled"}, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        notifier(AUTO).notify(created(), seconds_left=30)

    assert notifier(AUTO).notify(created(), seconds_left=30) == "published"
    assert len(published.notifications) == 1


@pytest.mark.parametrize("accident", ["throttled", "unanswered"])
def test_the_reason_is_raised_also_when_the_lease_cannot_be_given_back(
    notifier: Notify, catalogue: Catalogue, published: Recorder, accident
):
    published.refusals["auto"] = RuntimeError("SNS is down")
    Accidents(catalogue.client, {1: accident})

    with pytest.raises(RuntimeError, match="SNS is down") as failure:
        notifier(AUTO).notify(created(), seconds_left=30)
    assert "lease" in failure.value.__notes__[0]


def test_a_failed_mark_is_raised(notifier: Notify, catalogue: Catalogue):
    Accidents(catalogue.client, {1: "throttled"})

    with pytest.raises(ClientError, match="Throttling"):
        notifier(AUTO).notify(created(), seconds_left=30)


def test_the_lease_outlives_the_function(notifier: Notify, published: Recorder, clock: Clock):
    published.refusals["auto"] = Crash()
    with pytest.raises(Crash):
        notifier(AUTO).notify(created(), seconds_left=30)
    clock.advance(30)

    with pytest.raises(LeasedError):
        notifier(AUTO).notify(created(), seconds_left=30)


def test_after_a_crash_the_next_attempt_publishes_it(notifier: Notify, published: Recorder, clock: Clock):
    published.refusals["auto"] = Crash()
    with pytest.raises(Crash):
        notifier(AUTO).notify(created(), seconds_left=30)
    published.refusals.clear()
    clock.advance(60)  # Lambda's first retry

    assert notifier(AUTO).notify(created(), seconds_left=30) == "published"


def test_an_event_with_an_unanswered_mark_is_not_published_again(
    notifier: Notify, catalogue: Catalogue, published: Recorder
):
    Accidents(catalogue.client, {1: "unanswered"})
    with pytest.raises(ReadTimeoutError):
        notifier(AUTO).notify(created(), seconds_left=30)

    assert notifier(AUTO).notify(created(), seconds_left=30) == "duplicate"
    assert len(published.notifications) == 1


WITHOUT_OLD = Rule(name="removals", events=("removed",), old_versions=False, to=(PERSON,))


def test_a_rule_without_old_versions_leaves_them_out_but_not_the_current_one(notifier: Notify, published: Recorder):
    function = notifier(WITHOUT_OLD)
    for number, version in enumerate(("one", "two")):
        function.notify(created(sequencer=f"1{number}", version_id=version), seconds_left=30)

    decisions = [
        function.notify(deleted(version=version, sequencer=sequencer), seconds_left=30)
        for version, sequencer in (("one", "20"), ("two", "30"))
    ]

    assert decisions == ["unmatched", "published"]
    assert "was permanently deleted" in published.notifications[-1].subject
