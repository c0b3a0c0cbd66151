"""Rules that hold for the whole program, whatever the configuration."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter

import pulumi
import pytest

import components
from tests.program.conftest import CONFIGS, PROJECT, run_once, strings

# A token is part of every URN: a changed one deletes the resources and makes them anew. Written out, so that it shows.
TOKENS = {
    "file-notifications:components:AuditLog",
    "file-notifications:components:BucketNotifications",
    "file-notifications:components:Catalogue",
    "file-notifications:components:CatalogueReplica",
    "file-notifications:components:Chat",
    "file-notifications:components:CompanySignIn",
    "file-notifications:components:DeadLetterQueue",
    "file-notifications:components:Digest",
    "file-notifications:components:ExistingBucket",
    "file-notifications:components:Expectations",
    "file-notifications:components:FailureAlarms",
    "file-notifications:components:FileNotifications",
    "file-notifications:components:FileProcessing",
    "file-notifications:components:FilesApi",
    "file-notifications:components:HandlerFunction",
    "file-notifications:components:HandlersLayer",
    "file-notifications:components:Intake",
    "file-notifications:components:MalwareScan",
    "file-notifications:components:Monitoring",
    "file-notifications:components:NotificationTopic",
    "file-notifications:components:Notifier",
    "file-notifications:components:PrivateBucket",
    "file-notifications:components:RecipientQueues",
    "file-notifications:components:SignInClient",
    "file-notifications:components:SiteDistribution",
    "file-notifications:components:SubscribedQueue",
    "file-notifications:components:UploadBucket",
    "file-notifications:components:UserPool",
    "file-notifications:components:WebApp",
}

BASIC = {
    "alarmTopicArn",
    "bucketName",
    "failedEventsQueueUrl",
    "mode",
    "notifyFunctionName",
    "region",
    "topicArn",
    "undeliveredQueueUrl",
}
ADVANCED = {
    "digestDeadLettersUrl",
    "digestFunctionName",
    "digestQueueUrl",
    "access",
    "apiUrl",
    "auditLogGroupName",
    "dashboardUrl",
    "signInUrl",
    "tableName",
    "userPoolClientId",
    "userPoolId",
    "webUrl",
    "workDeadLettersUrl",
    "workQueueUrl",
}
CHAT = {"chatDeadLettersUrl", "chatFunctionName", "chatQueueUrl"}
EXPORTS = {"basic": BASIC, "advanced": BASIC | ADVANCED}
OF_A_REGION = (BASIC | ADVANCED | CHAT) - {
    "access", "apiUrl", "auditLogGroupName", "mode", "region", "signInUrl", "tableName", "userPoolClientId",
    "userPoolId", "webUrl",
}  # fmt: skip


# What keeps a bucket private, and its files restorable: without it, a bucket that outlives the stack would lie open.
GUARDS = {
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
}


def component_classes():
    modules = [
        importlib.import_module(f"components.{found.name}") for found in pkgutil.iter_modules(components.__path__)
    ]
    return {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, pulumi.ComponentResource) and kind.__module__ == module.__name__
    }


def holding_data(deployment):
    """All but the site's bucket, whose files are built from the repository, and the functions' logs."""
    data = [
        r
        for r in deployment.resources
        if r.type.split(":")[0] == "aws" and r.kind in {"Bucket", "Table", "TableReplica", "UserPool"}
    ]
    audit = [r for r in deployment.resources if r.name == f"{PROJECT}-audit-log"]
    return [r for r in (*data, *audit) if r.name != f"{PROJECT}-web-site-bucket"]


def test_no_two_resources_share_a_urn(deployed):
    shared = [urn for urn, count in Counter(r.urn for r in deployed.resources).items() if count > 1]

    assert shared == []


def test_no_two_resources_of_a_type_share_a_name(deployed):
    shared = [key for key, count in Counter((r.type, r.name) for r in deployed.resources).items() if count > 1]

    assert shared == []


def test_every_childs_name_starts_with_its_parents(deployed):
    names = {r.urn: r.name for r in deployed.resources}

    strays = [r.name for r in deployed.resources if not r.name.startswith(names.get(r.parent, PROJECT))]

    assert strays == []


def test_only_the_system_itself_has_no_component_as_parent(deployed):
    urns = {r.urn for r in deployed.components}

    assert [r.kind for r in deployed.resources if r.parent not in urns] == ["FileNotifications"]


def test_every_component_registers_its_outputs(deployed):
    assert {r.urn for r in deployed.components} <= deployed.finished


def test_every_type_token_is_known():
    registered = {r.type for config in CONFIGS.values() for r in run_once(**config).components}

    assert registered == TOKENS


def test_every_component_class_is_named_like_its_token():
    assert {kind.__name__ for kind in component_classes()} == {token.split(":")[-1] for token in TOKENS}


def test_a_preview_registers_what_an_update_does(deploy, config):
    preview, update = deploy(**config, preview=True), deploy(**config)

    assert {r.urn: set(r.inputs) for r in preview.resources} == {r.urn: set(r.inputs) for r in update.resources}


def test_a_preview_knows_the_dependencies_of_the_update(deploy, config):
    preview, update = deploy(**config, preview=True), deploy(**config)

    assert {r.urn: r.depends_on for r in preview.resources} == {r.urn: r.depends_on for r in update.resources}


def test_there_is_one_notification_configuration_for_each_bucket(deployed):
    notified = Counter(r.inputs["bucket"] for r in deployed.of("BucketNotification"))

    assert set(notified.values()) == {1}


def test_the_notification_is_written_after_the_permission_that_s3_checks(deployed):
    for part in deployed.regions.values():
        (permission,) = [r for r in part.of("Permission") if r.inputs["principal"] == "s3.amazonaws.com"]

        assert permission.urn in part.the("BucketNotification").depends_on


def test_no_event_can_arrive_before_a_failure_would_be_kept(deployed):
    for part in deployed.regions.values():
        (on_failure,) = [r for r in part.of("FunctionEventInvokeConfig") if r.name.endswith("-notify-on-failure")]

        assert on_failure.urn in part.the("BucketNotification").depends_on


def test_no_event_can_arrive_before_the_function_may_publish(deployed):
    for part in deployed.regions.values():
        (policy,) = [r for r in part.of("RolePolicy") if r.name.endswith("-notify-policy")]
        (notify,) = [r for r in part.of("Function") if r.name.endswith("-notify-function")]

        assert deployed.comes_before(policy, part.the("BucketNotification"))
        assert deployed.comes_before(policy, notify)


def test_the_exports_are_what_operators_need_and_no_more(deployed):
    exports = {name: value for name, value in deployed.exports.items() if name != "regions"}

    plans = deployed.of("MalwareProtectionPlan")
    some = {"existingBuckets"} if len(deployed.of("EventRule")) > len(plans) else set()
    some |= {"expectFunctionName"} if deployed.of("Expectations") else set()
    some |= CHAT if deployed.of("Parameter") else set()
    scan = {"malwareScan"} if plans else set()
    assert set(exports) == EXPORTS[exports["mode"]] | some | scan
    assert all(
        set(found) == OF_A_REGION - (CHAT - some) | scan for found in deployed.exports.get("regions", {}).values()
    )


def test_every_export_has_a_value(deployed):
    assert all(list(strings(value)) and all(strings(value)) for value in deployed.exports.values())


def test_the_exports_lead_to_what_they_are_called(deployed):
    exports = deployed.exports

    assert exports["bucketName"] == deployed.named("uploads-bucket").name
    assert exports["topicArn"].endswith(f":{deployed.named('notifications-topic').name}")
    assert exports["alarmTopicArn"].endswith(f":{deployed.named('alarms-topic').name}")
    assert exports["failedEventsQueueUrl"].endswith(f"/{deployed.named('failed-events-queue').name}")
    assert exports["undeliveredQueueUrl"].endswith(f"/{deployed.named('notifications-undelivered-queue').name}")
    assert exports["notifyFunctionName"] == deployed.named("notify-function").name
    for part in {"work", "digest", "chat"} & {name.removesuffix("QueueUrl") for name in exports}:
        assert exports[f"{part}QueueUrl"].endswith(f"/{deployed.named(f'{part}-queue').name}")
        if part != "work":  # whose function is found by its event source mapping
            assert exports[f"{part}FunctionName"] == deployed.named(f"{part}-function").name


def test_no_export_looks_like_a_secret(deployed):
    outputs = [f"{name} {value}".lower() for name, value in deployed.exports.items()]

    assert [text for text in outputs for word in ("secret", "password", "token", "private") if word in text] == []


def test_no_address_of_a_person_is_exported(deployed):
    assert not any("@" in value or "+84" in value for value in strings(deployed.exports))


@pytest.mark.parametrize("mode", EXPORTS)
def test_protected_data_are_also_retained_when_the_preview_is_skipped(deploy, mode):
    data = holding_data(deploy(emails=["a@b.co"], mode=mode))

    assert [r.name for r in data if not (r.protect and r.retain_on_delete)] == []
    assert not any(r.inputs.get("forceDestroy") for r in data)


def test_protected_tables_and_user_pools_cannot_be_deleted_in_the_console_either(advanced):
    assert advanced.the("Table").inputs["deletionProtectionEnabled"] is True
    (pool,) = [r for r in advanced.of("UserPool") if r.custom]
    assert pool.inputs["deletionProtection"] == "ACTIVE"


@pytest.mark.parametrize("mode", EXPORTS)
def test_unprotected_data_go_with_the_stack(deploy, mode):
    data = holding_data(deploy(emails=["a@b.co"], mode=mode, protectData=False))

    assert [r.name for r in data if r.protect or r.retain_on_delete] == []
    assert all(r.inputs["forceDestroy"] is True for r in data if r.kind == "Bucket")
    assert not any(r.inputs.get("deletionProtectionEnabled") for r in data)


def test_only_what_holds_data_is_protected(deployed):
    assert [r.name for r in deployed.resources if r.protect and r not in holding_data(deployed)] == []


def test_a_retained_bucket_keeps_its_guards_and_nothing_else_is_retained(deployed):
    data = holding_data(deployed)
    buckets = {r.name for r in data if r.kind == "Bucket" and r.retain_on_delete}

    retained = {(r.kind, r.inputs["bucket"]) for r in deployed.resources if r.retain_on_delete and r not in data}

    assert retained == {(guard, bucket) for guard in GUARDS for bucket in buckets}
