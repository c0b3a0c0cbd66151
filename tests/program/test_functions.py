"""The functions: what they run on, where they log, and the outcome of an event that they cannot handle."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.handler_function import FunctionArgs
from domain.rules import RULES_FILE, Rule, rules_of
from handlers import notify
from tests.program.conftest import ACCOUNT, as_list

names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 _.-]{0,20}[A-Za-z0-9])?", fullmatch=True)
WRITING_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
addresses = st.sampled_from(
    [
        "ann@example.com",
        "+84901234567",
        "https://hooks.example.com/files",
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:file-events",
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:index-files",
    ]
)
rules = st.builds(
    Rule,
    name=names,
    to=st.lists(addresses, min_size=1, unique=True).map(tuple),
    prefix=texts,
    suffix=texts,
    min_bytes=st.integers(0, 1000),
    max_bytes=st.none() | st.integers(1000, 10**13),
    events=st.sampled_from([("created",), ("removed",), ("created", "removed", "restored"), ("restored",)]),
    delivery=st.sampled_from(["auto", "immediate", "digest"]),
)


def texts_beside(function):
    return {name: asset.text for name, asset in function.inputs["code"].assets.items() if hasattr(asset, "text")}


def log_group_of(deployed, function):
    (group,) = [g for g in deployed.of("LogGroup") if g.name == function.inputs["loggingConfig"]["logGroup"]]
    return group


def role_statements(deployed, function):
    (role,) = [r for r in deployed.of("Role") if function.inputs["role"].endswith(f":{r.name}")]
    return [s for s in deployed.statements() if s.identity and s.resource.inputs["role"] == role.name]


def test_the_layer_is_made_for_the_functions_runtime_and_architecture(deployed):
    (layer, *_) = deployed.of("LayerVersion")
    (function, *_) = deployed.of("Function")

    assert layer.inputs["compatibleRuntimes"] == [function.inputs["runtime"]]
    assert layer.inputs["compatibleArchitectures"] == function.inputs["architectures"]


def test_every_function_gets_its_packages_from_the_layer_of_its_region(deployed):
    for region, part in deployed.regions.items():
        layer = [region, ACCOUNT, part.the("LayerVersion").name]

        assert {tuple(function.inputs["layers"][0].split(":")[3:]) for function in part.of("Function")} == {
            tuple(layer)
        }
        assert {len(function.inputs["layers"]) for function in part.of("Function")} == {1}


def test_every_functions_handler_exists_under_the_name_that_lambda_is_given(deployed):
    for function in deployed.of("Function"):
        module, _, name = function.inputs["handler"].rpartition(".")

        assert len(inspect.signature(getattr(importlib.import_module(module), name)).parameters) == 2
        assert f"{module.replace('.', '/')}.py" in function.inputs["code"].assets


def test_no_function_reserves_concurrency_which_new_accounts_do_not_have(deployed):
    assert not any("reservedConcurrentExecutions" in f.inputs for f in deployed.of("Function"))


def test_every_log_group_is_there_before_its_function_can_log(deployed):
    for function in deployed.of("Function"):
        assert log_group_of(deployed, function).urn in function.depends_on


@pytest.mark.parametrize("days", [1, 14, 3653])
def test_every_log_group_keeps_the_logs_as_long_as_the_settings_say(deploy, days):
    deployment = deploy(emails=["a@b.co"], logRetentionDays=days)

    assert {g.inputs["retentionInDays"] for g in deployment.of("LogGroup")} == {days}


def test_every_role_may_write_to_its_own_log_group_and_not_make_any(deployed):
    for function in deployed.of("Function"):
        logging = [
            s.content for s in role_statements(deployed, function) if any(a.startswith("logs:") for a in s.actions)
        ]
        groups = [log_group_of(deployed, function).name]
        groups += ["file-notifications-audit-log"] if function.name.endswith("-api-function") else []

        assert [sorted(statement["Action"]) for statement in logging] == [WRITING_LOGS] * len(groups)
        assert [resource.split(":")[-2] for statement in logging for resource in statement["Resource"]] == groups


def test_every_function_may_act_before_it_can_run(deployed):
    for function in deployed.of("Function"):
        for statement in role_statements(deployed, function):
            assert deployed.comes_before(statement.resource, function)


def test_notify_may_publish_to_its_topic_keep_failed_events_and_log_and_nothing_else(deployed):
    allowed = {
        (action, resource.split(":")[5])
        for s in role_statements(deployed, deployed.named("notify-function"))
        for action in s.actions
        for resource in as_list(s.content["Resource"])
        if not action.startswith("logs:")
    }

    assert allowed >= {
        ("sns:Publish", "file-notifications-notifications-topic"),
        ("sqs:SendMessage", "file-notifications-failed-events-queue"),
    }
    if deployed.exports["mode"] == "basic":
        assert {action for action, _ in allowed} - {"s3:ListBucketVersions"} == {"sns:Publish", "sqs:SendMessage"}
        assert ("expectFunctionName" in deployed.exports) == any(action.startswith("s3:") for action, _ in allowed)


def test_notify_knows_its_topic(deployed):
    variables = deployed.variables(deployed.named("notify-function"))

    assert variables["TOPIC_ARN"] == deployed.exports["topicArn"]


def test_every_function_is_a_service_of_its_own_in_the_metrics(deployed):
    for part in deployed.regions.values():
        services = [part.variables(f)["POWERTOOLS_SERVICE_NAME"] for f in part.of("Function")]

        assert "notify" in services
        assert len(set(services)) == len(services)


def test_no_variable_of_a_function_looks_like_a_secret(deployed):
    variables = [f"{key}={value}" for f in deployed.of("Function") for key, value in deployed.variables(f).items()]

    assert not [v for v in variables for word in ("secret", "password", "token", "@") if word in v.lower()]


def test_an_event_that_fails_all_attempts_is_kept_whole_in_the_failed_events_queue(deployed):
    destination = deployed.named("notify-on-failure").inputs["destinationConfig"]["onFailure"]["destination"]

    assert destination.endswith(":file-notifications-failed-events-queue")
    assert ":sqs:" in destination


def test_an_event_is_tried_three_times_and_may_wait_for_six_hours_before_it_is_kept(deployed):
    keeping = [c for c in deployed.of("FunctionEventInvokeConfig") if c.inputs.get("destinationConfig")]

    assert keeping
    for config in keeping:
        assert 1 + config.inputs["maximumRetryAttempts"] == 3
        assert config.inputs["maximumEventAgeInSeconds"] == 6 * 3600


def test_the_destination_is_set_after_the_role_may_send_there(deployed):
    assert deployed.comes_before(deployed.named("notify-policy"), deployed.named("notify-on-failure"))


def test_every_attempt_to_publish_ends_within_the_functions_timeout():
    client, timeout = notify._CLIENT, FunctionArgs.timeout_seconds

    attempts = client.retries["total_max_attempts"]

    assert attempts * (client.connect_timeout + client.read_timeout) < timeout


def test_the_function_ships_with_the_rules_it_is_to_follow(deploy, config):
    deployment = deploy(**config)

    shipped = rules_of(json.loads(texts_beside(deployment.named("notify-function"))[RULES_FILE]))

    assert [rule.name for rule in shipped] == [
        *(["every file"] if "emails" in config else []),
        *(rule["name"] for rule in config.get("rules", [])),
    ]


def test_the_rule_that_emails_stands_for_is_shipped_too(deploy):
    deployment = deploy(emails=["a@b.co", "c@d.co"])

    (rule,) = rules_of(json.loads(texts_beside(deployment.named("notify-function"))[RULES_FILE]))

    assert rule == Rule(name="every file", to=("a@b.co", "c@d.co"))


def test_digests_follow_the_rules_that_notify_follows(advanced):
    notify, digest = (texts_beside(advanced.named(f"{name}-function"))[RULES_FILE] for name in ("notify", "digest"))

    assert digest == notify


def test_the_rules_lie_where_the_handler_looks_for_them(deployed):
    shipped = deployed.named("notify-function").inputs["code"].assets
    root = Path(notify.__file__).parents[1]

    assert notify.RULES.relative_to(root).as_posix() in shipped
    assert Path(notify.__file__).relative_to(root).as_posix() in shipped


@given(st.lists(rules, max_size=5, unique_by=lambda rule: rule.name.lower()).map(tuple))
def test_any_rules_that_are_shipped_are_the_rules_that_are_read_back(written):
    shipped = json.dumps([rule.as_json() for rule in written])

    assert rules_of(json.loads(shipped)) == written


def test_what_a_rule_matches_can_change_without_touching_a_subscription(deploy):
    rule = {"name": "invoices", "to": ["a@b.co"], "prefix": "invoices/"}
    before, after = (deploy(rules=[{**rule, "suffix": suffix}], alarmEmails=["a@b.co"]) for suffix in (".pdf", ".txt"))

    subscriptions = [[(r.urn, r.inputs) for r in run.of("TopicSubscription")] for run in (before, after)]

    assert sorted(subscriptions[0], key=str) == sorted(subscriptions[1], key=str)
