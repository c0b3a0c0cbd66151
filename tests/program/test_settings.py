"""Settings as they are read: defaults, what each key becomes, and the two places that have to agree."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components import settings as settings_module
from components.config_reader import LOG_RETENTION_DAYS
from components.settings import Settings, SettingsError
from domain.recipients import Recipient
from domain.rules import Rule
from domain.topology import recipients
from tests.program.conftest import PROJECT, REGION, STACK, own_loop, set_config

ROOT = Path(__file__).resolve().parents[2]
DECLARED: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_an_address_is_all_that_has_to_be_set(read):
    assert read(emails=["a@b.co"]) == Settings(emails=("a@b.co",))


def test_rules_and_an_alarm_address_do_as_well(read):
    settings = read(rules=[{"name": "invoices", "to": ["a@b.co"]}], alarmEmails=["ops@b.co"])

    assert settings == Settings(rules=(Rule(name="invoices", to=("a@b.co",)),), alarm_emails=("ops@b.co",))


def test_every_key_arrives(read, monkeypatch):
    monkeypatch.setattr(settings_module, "RUNTIME", THIS_PYTHON)
    settings = read(
        mode="advanced",
        emails=["a@b.co", "c@d.co"],
        rules=[{"name": "r", "to": ["+84901234567"]}],
        alarmEmails=["ops@b.co"],
        mailsPerMinute=7,
        digestMinutes=15,
        logRetentionDays=30,
        auditRetentionDays=90,
        protectData=False,
        maxUploadMegabytes=10,
        webOrigins=["https://files.example.com", "http://localhost:5173"],
        bytecode=True,
        replicaRegions=["us-east-1", "ap-southeast-1"],
    )

    assert settings == Settings(
        mode="advanced",
        emails=("a@b.co", "c@d.co"),
        rules=(Rule(name="r", to=("+84901234567",)),),
        alarm_emails=("ops@b.co",),
        mails_per_minute=7,
        digest_minutes=15,
        log_retention_days=30,
        audit_retention_days=90,
        protect_data=False,
        max_upload_megabytes=10,
        web_origins=("https://files.example.com", "http://localhost:5173"),
        bytecode=True,
        replica_regions=("ap-southeast-1", "us-east-1"),
    )


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://Files.Example.com", "https://files.example.com"),
        ("https://files.example.com:443", "https://files.example.com"),
        ("https://files.example.com:80", "https://files.example.com:80"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_an_origin_is_allowed_as_browsers_send_it(read, written, sent):
    assert read(mode="advanced", emails=["a@b.co"], webOrigins=[written]).web_origins == (sent,)


def test_every_field_of_a_rule_arrives(read):
    written = {
        "name": "invoices",
        "to": ["a@b.co", "https://hooks.example.com/files"],
        "prefix": "invoices/",
        "suffix": ".pdf",
        "minBytes": 1,
        "maxBytes": 1000,
        "events": ["restored", "created"],
        "delivery": "digest",
        "oldVersions": False,
    }

    (rule,) = read(mode="advanced", rules=[written], alarmEmails=["a@b.co"]).rules

    assert rule == Rule(
        name="invoices",
        to=("a@b.co", "https://hooks.example.com/files"),
        prefix="invoices/",
        suffix=".pdf",
        min_bytes=1,
        max_bytes=1000,
        events=("created", "restored"),
        delivery="digest",
        old_versions=False,
    )


def test_a_rule_on_findings_may_ask_for_a_type(read):
    written = {"name": "r", "to": ["a@b.co"], "events": ["infected", "broken", "processed"], "contentType": "Image/*"}

    (rule,) = read(mode="advanced", scan="strict", rules=[written], alarmEmails=["a@b.co"]).rules

    assert (rule.events, rule.content_type) == (("processed", "broken", "infected"), "Image/*")


@pytest.mark.parametrize(
    "pattern",
    ["*/*", "image/*", "IMAGE/png", "application/vnd.oasis.opendocument.*", "application/vnd.*.12", "text/plain"],
)
def test_a_rule_may_ask_for_any_type_that_a_file_can_be_of(read, pattern):
    rule = {"name": "r", "to": ["a@b.co"], "events": ["processed"], "contentType": pattern}

    assert read(mode="advanced", rules=[rule], alarmEmails=["a@b.co"]).rules[0].content_type == pattern


@pytest.mark.parametrize("events", [["removed"], ["removed", "processed"], ["clean"]])
def test_a_rule_on_files_too_large_to_inspect_may_ask_for_what_is_known_of_them(read, events):
    rule = {"name": "r", "to": ["a@b.co"], "events": events, "minBytes": 6 * 2**30}

    assert read(mode="advanced", scan="on", rules=[rule], alarmEmails=["a@b.co"]).rules


def test_notify_receives_no_more_for_rules_on_findings(read):
    settings = read(mode="advanced", emails=["a@b.co"], rules=[{"name": "r", "to": ["a@b.co"], "events": ["broken"]}])

    assert (settings.actions, settings.findings) == ({"created", "removed"}, {"broken"})


def test_an_address_written_twice_is_one_address(read):
    assert read(emails=["a@b.co", "a@b.co"]).emails == ("a@b.co",)


def test_a_recipient_written_twice_in_a_rule_is_one_recipient(read):
    (rule,) = read(emails=["a@b.co"], rules=[{"name": "r", "to": ["x@y.co", "x@y.co"]}]).rules

    assert rule.to == ("x@y.co",)


def test_emails_stand_for_a_rule_about_every_created_file(read):
    settings = read(emails=["a@b.co"], rules=[{"name": "r", "to": ["c@d.co"]}])

    assert settings.all_rules == (Rule(name="every file", to=("a@b.co",)), Rule(name="r", to=("c@d.co",)))


def test_without_emails_there_is_no_such_rule(read):
    settings = read(rules=[{"name": "every file", "to": ["c@d.co"]}], alarmEmails=["c@d.co"])

    assert settings.all_rules == (Rule(name="every file", to=("c@d.co",)),)


def test_a_recipient_of_several_rules_is_listed_once_with_all_of_them(read):
    settings = read(
        emails=["a@b.co"],
        rules=[{"name": "first", "to": ["a@b.co", "+84901234567"]}, {"name": "second", "to": ["a@b.co"]}],
    )

    assert recipients(settings.all_rules) == {
        Recipient("a@b.co", "email"): ("every file", "first", "second"),
        Recipient("+84901234567", "sms"): ("first",),
    }


@pytest.mark.parametrize("days", LOG_RETENTION_DAYS)
def test_every_retention_that_cloudwatch_accepts_is_accepted(read, days):
    assert read(emails=["a@b.co"], logRetentionDays=days).log_retention_days == days


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [("mailsPerMinute", 1, 300), ("digestMinutes", 1, 1440), ("maxUploadMegabytes", 1, 51_200)],
)
def test_numbers_are_accepted_up_to_and_including_their_bounds(read, key, least, most):
    field = {camel(f.name): f.name for f in fields(Settings)}[key]

    assert [getattr(read(emails=["a@b.co"], **{key: n}), field) for n in (least, most)] == [least, most]


def test_a_number_may_come_as_text_as_the_cli_stores_it(read):
    assert read(emails=["a@b.co"], logRetentionDays="30").log_retention_days == 30


def test_keys_of_other_namespaces_are_not_ours_to_judge(read, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:region": "eu-west-1", "aws:defaultTags": "{}"}))

    assert read(emails=["a@b.co"]).emails == ("a@b.co",)


def test_a_misspelt_key_from_the_engine_is_seen_too(read, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({f"{PROJECT}:modee": "advanced"}))

    with pytest.raises(SettingsError, match="modee is not a setting; did you mean mode"):
        read(emails=["a@b.co"])


def test_settings_from_the_engine_are_read(read, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({f"{PROJECT}:emails": '["a@b.co"]', f"{PROJECT}:mode": "basic"}))

    assert read() == Settings(emails=("a@b.co",))


def test_pulumi_yaml_declares_every_setting_and_nothing_else():
    assert list(DECLARED) == [camel(field.name) for field in fields(Settings)]


def test_pulumi_yaml_declares_no_types_which_the_engine_would_check_one_by_one_before_the_program():
    assert {key for declaration in DECLARED.values() for key in declaration} == {"default", "description"}


def test_pulumi_yaml_describes_every_setting():
    assert all(len(declaration["description"]) > 10 for declaration in DECLARED.values())


def test_pulumi_yaml_and_the_program_have_the_same_defaults():
    declared = {key: declaration["default"] for key, declaration in DECLARED.items()}
    ours = {camel(field.name): field.default for field in fields(Settings)}

    written = {key: list(value) if isinstance(value, tuple) else value for key, value in ours.items()}
    written["channels"] = {}  # a map in config, a tuple in Settings
    assert declared == {key: {} if value is None else value for key, value in written.items()}


def test_the_defaults_of_pulumi_yaml_are_accepted_as_the_cli_hands_them_over(read):
    defaults = {key: declaration["default"] for key, declaration in DECLARED.items()}

    assert read(**{**defaults, "emails": ["a@b.co"]}) == read(emails=["a@b.co"])


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_stack_file_is_accepted(read, path):
    config = yaml.safe_load(path.read_text())["config"]
    ours = {key.split(":")[1]: value for key, value in config.items() if key.startswith(f"{PROJECT}:")}

    assert read(**ours)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*DECLARED, "modee"]), values | st.text(), max_size=4))
def test_whatever_is_configured_is_accepted_or_refused_in_words(config):
    with own_loop():
        set_config(STACK, config)
        try:
            reported = "" if Settings.from_config(pulumi.Config(), primary=lambda: REGION) else "nothing"
        except SettingsError as error:
            reported = str(error)

    assert reported == "" or reported.startswith("the configuration has ")
