"""The audit log: kept longer than the functions' logs, and only ever added to."""

from __future__ import annotations

import pytest

CONFIG = {"mode": "advanced", "emails": ["a@b.co"]}


def test_the_audit_log_is_kept_for_a_year_however_long_the_functions_logs_are(deploy):
    log = deploy(**CONFIG, logRetentionDays=1).named("audit-log")

    assert log.inputs["retentionInDays"] == 365


@pytest.mark.parametrize("days", [1, 3653])
def test_the_audit_log_is_kept_as_long_as_the_settings_say(deploy, days):
    log = deploy(**CONFIG, auditRetentionDays=days).named("audit-log")

    assert log.inputs["retentionInDays"] == days


def test_nobody_but_the_api_function_may_touch_the_audit_log_and_it_may_only_add_to_it(advanced):
    log = advanced.named("audit-log")

    allowed = {
        (statement.resource.name, action)
        for statement in advanced.statements()
        for action in statement.actions
        if any(log.name in str(resource) for resource in statement.content["Resource"])
    }

    assert allowed == {
        ("file-notifications-api-policy", "logs:CreateLogStream"),
        ("file-notifications-api-policy", "logs:PutLogEvents"),
    }


def test_the_api_function_writes_to_the_log_that_the_stack_exports(advanced):
    variables = advanced.variables(advanced.named("api-function"))

    assert variables["AUDIT_LOG_GROUP"] == advanced.named("audit-log").name == advanced.exports["auditLogGroupName"]


def test_the_api_function_deletes_nothing_in_its_own_name(advanced):
    policies = {
        statement.resource.name
        for statement in advanced.statements()
        if statement.allows and "s3:DeleteObject" in statement.actions
    }

    assert policies == {"file-notifications-api-remover-policy"}


def test_basic_mode_which_has_no_api_has_no_audit_log(basic):
    assert [r.name for r in basic.resources if "audit" in r.name] == []
