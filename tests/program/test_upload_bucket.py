"""The bucket that files land in, and which of its events are wanted."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def bucket(deploy):
    """What the program makes of the bucket: read its parts by the ends of their names."""
    deployment = deploy(emails=["a@b.co"])
    return lambda part: deployment.named(f"uploads-{part}").inputs


@pytest.fixture
def made(deploy):
    return deploy(emails=["a@b.co"])


def lifecycle(inputs, rule):
    (found,) = [r for r in inputs["rules"] if r["id"] == rule]
    return found


def test_versions_are_kept(bucket):
    assert bucket("versioning")["versioningConfiguration"] == {"status": "Enabled"}


def test_parts_of_abandoned_uploads_go_after_a_week(bucket):
    rule = lifecycle(bucket("lifecycle"), "abandoned-uploads")

    assert rule["status"] == "Enabled"
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_replaced_and_deleted_versions_go_after_a_month(bucket):
    rule = lifecycle(bucket("lifecycle"), "old-versions")

    assert rule["status"] == "Enabled"
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}


def test_no_lifecycle_rule_deletes_a_current_file(bucket):
    expirations = [rule.get("expiration", {}) for rule in bucket("lifecycle")["rules"]]

    assert not [e for e in expirations if "days" in e or "date" in e]


def test_every_lifecycle_rule_covers_the_whole_bucket(bucket):
    assert all(rule["filter"] == {"prefix": ""} for rule in bucket("lifecycle")["rules"])


def test_files_are_encrypted_at_rest(bucket):
    (rule,) = bucket("encryption")["rules"]

    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_the_policy_is_written_after_public_access_is_blocked(made):
    assert made.comes_before(made.named("uploads-private"), made.named("uploads-policy"))


def test_rules_on_old_versions_are_written_after_there_can_be_any(made):
    assert made.comes_before(made.named("uploads-versioning"), made.named("uploads-lifecycle"))


def test_every_part_configures_the_one_bucket(made):
    parts = [r for r in made.resources if r.custom and r.name.startswith("file-notifications-uploads-")]

    assert {r.inputs.get("bucket", r.name) for r in parts} == {"file-notifications-uploads-bucket"}


def test_nobody_is_let_in_by_the_buckets_policy(bucket):
    statements = json.loads(bucket("policy")["policy"])["Statement"]

    assert {s["Effect"] for s in statements} == {"Deny"}


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ([["created"]], ["s3:ObjectCreated:*"]),
        ([["restored", "removed"]], ["s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]),
        ([["removed"], ["created"]], ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]),
        (
            [["created", "removed"], ["removed", "restored"]],
            ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"],
        ),
    ],
)
def test_s3_is_asked_for_the_events_that_some_rule_wants(deploy, wanted, asked):
    rules = [{"name": f"rule {n}", "to": ["a@b.co"], "events": events} for n, events in enumerate(wanted)]
    deployment = deploy(rules=rules, alarmEmails=["a@b.co"])

    (target,) = deployment.the("BucketNotification").inputs["lambdaFunctions"]

    assert target["events"] == asked


def test_emails_alone_ask_for_created_files(made):
    (target,) = made.the("BucketNotification").inputs["lambdaFunctions"]

    assert target["events"] == ["s3:ObjectCreated:*"]


def test_the_events_go_to_notify_without_a_filter_that_a_rule_could_outgrow(made):
    (target,) = made.the("BucketNotification").inputs["lambdaFunctions"]

    assert target["lambdaFunctionArn"].endswith(":file-notifications-notify-function")
    assert {"filterPrefix", "filterSuffix"}.isdisjoint(target)


def test_s3_may_invoke_notify_for_this_bucket_alone(made):
    (permission,) = [p.inputs for p in made.of("Permission") if p.inputs["principal"] == "s3.amazonaws.com"]

    assert permission["function"] == "file-notifications-notify-function"
    assert permission["sourceArn"] == "arn:aws:s3:::file-notifications-uploads-bucket"
