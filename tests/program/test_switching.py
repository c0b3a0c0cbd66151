"""Switching the mode only adds: what is there keeps its identity, its data and its subscribers."""

from __future__ import annotations

import pytest

from components.settings import SettingsError
from tests.program.conftest import RecordingMonitor, every_recipient, run

CONFIG = {"emails": ["ann@example.com"], "rules": every_recipient("aws")}


def test_switching_to_advanced_only_adds(basic, advanced):
    assert basic.names < advanced.names


def test_switching_changes_nothing_but_what_notify_may_do_and_receives(basic, advanced):
    assert basic.changed(advanced) <= {
        "file-notifications-events-notification",
        "file-notifications-notify-function",
        "file-notifications-notify-policy",
    }


def test_every_export_of_basic_mode_is_kept(basic, advanced):
    kept = {name: value for name, value in advanced.exports.items() if name in basic.exports and name != "mode"}

    assert kept == {name: value for name, value in basic.exports.items() if name != "mode"}


def test_the_catalogue_follows_created_and_removed_files_whatever_the_rules_say(deploy):
    rules = [{"name": "restores", "to": ["a@b.co"], "events": ["restored"]}]
    deployment = deploy(mode="advanced", rules=rules, alarmEmails=["a@b.co"])

    (target,) = deployment.the("BucketNotification").inputs["lambdaFunctions"]

    assert target["events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]


def test_mails_lead_to_the_page(advanced):
    for function in ("notify-function", "digest-function"):
        assert advanced.variables(advanced.named(function))["PAGE_URL"] == advanced.exports["webUrl"]


def test_a_page_that_is_not_built_is_reported_with_the_command_that_builds_it(monkeypatch, tmp_path):
    monkeypatch.setattr("components.web_app.DIST", tmp_path)

    register, registered = RecordingMonitor.RegisterResource, []

    def noting(monitor, request):
        registered.append(request.type)
        return register(monitor, request)

    monkeypatch.setattr(RecordingMonitor, "RegisterResource", noting)

    with pytest.raises(SettingsError, match="make web"):
        run(**CONFIG, mode="advanced")

    assert set(registered) <= {"pulumi:pulumi:Stack"}


def test_a_rule_that_mails_at_once_also_in_a_storm_causes_a_warning(caplog):
    rules = [
        {"name": "urgent", "to": ["ann@example.com"], "delivery": "immediate"},
        {"name": "hooks", "to": ["https://hooks.example.com/"], "delivery": "immediate"},
        {"name": "calm", "to": ["ann@example.com"]},
    ]
    run(mode="advanced", rules=rules, alarmEmails=["ann@example.com"])

    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("rule 'urgent' has delivery immediate")
