"""What counts as a difference between bucket and catalogue, and how it is told."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from rich.console import Console

from domain.events import file_id_of
from handlers.data.items import Row
from ops.reconcile import command
from ops.reconcile.comparison import Comparison, Difference
from ops.screen import Screen
from tests.ops.parts import BUCKET, REGION, a_stack, deployed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Catalogue:
    """A listing of one file."""

    def newest(self, _limit, _cursor):
        at = (NOW - timedelta(days=1)).isoformat()
        file_id = file_id_of(BUCKET, "a.pdf")
        found = Row(id=file_id, bucket=BUCKET, key="a.pdf", region=REGION, status="processed", order="0A", time=at)
        return type("Page", (), {"rows": [found], "cursor": None})

    def rows(self, _ids):
        return []


@pytest.mark.parametrize(("minutes", "ghosts"), [(5, []), (60, ["a.pdf"])])
def test_a_file_that_was_deleted_just_now_is_no_ghost_yet(minutes, ghosts):
    s3 = boto3.client("s3", region_name=REGION)
    owner = {"DisplayName": "", "ID": ""}
    marker = {
        "Key": "a.pdf",
        "VersionId": "m",
        "IsLatest": True,
        "LastModified": NOW - timedelta(minutes=minutes),
        "Owner": owner,
    }
    with Stubber(s3) as stub:
        stub.add_response("list_object_versions", {"DeleteMarkers": [marker]})
        until = NOW - timedelta(minutes=15)
        compared = Comparison(s3=s3, bucket=BUCKET, listing=Catalogue(), rules=[], until=until)

        assert [one.key for one in compared.differences(lambda: None)] == ghosts


@pytest.mark.parametrize("refusal", [ClientError({"Error": {"Code": "ServiceException"}}, "Invoke"), None])
def test_what_notify_could_not_be_asked_now_is_left_to_lambda(monkeypatch, refusal):
    handed_over = []

    def tell(_stack, _event):
        if refusal:
            raise refusal
        return "it failed"

    monkeypatch.setattr(command, "tell", tell)
    monkeypatch.setattr(command, "hand_over", lambda _stack, event: handed_over.append(event))
    ghost = Difference(kind="ghost", key="a.pdf", time=NOW)

    reason, is_left = command._tell_one(a_stack(), ghost, NOW)

    assert reason
    assert is_left
    assert len(handed_over) == 1


def test_what_lambda_does_not_take_either_is_the_failure_of_that_file(monkeypatch):
    """The others are told, and nobody says that Lambda tries it again."""
    refusal = ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "slower"}}, "Invoke")

    def hand_over(_stack, made):
        if "lost.pdf" in str(made):
            raise refusal

    monkeypatch.setattr(command, "tell", lambda _stack, made: "" if "told.pdf" in str(made) else "it failed")
    monkeypatch.setattr(command, "hand_over", hand_over)
    found = [Difference(kind="ghost", key=key, time=NOW) for key in ("lost.pdf", "left.pdf", "told.pdf")]
    said = io.StringIO()
    screen = Screen(as_json=False, out=Console(file=said, soft_wrap=True))

    told, failed = command._notify(deployed(a_stack()), screen, found, NOW)

    assert told == 1
    assert sorted(failed) == ["it failed", f"it failed; and it could not be left to Lambda: {refusal}"]
    assert "Lambda has got 1 file and tries three times" in said.getvalue()
    assert "Nobody has got 1 file: run this again" in said.getvalue()
