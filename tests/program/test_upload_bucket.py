"""The upload bucket, and which of its events notify receives."""

from __future__ import annotations

import json

import pytest


def test_no_lifecycle_rule_deletes_a_current_file(basic):
    expirations = [rule.get("expiration", {}) for rule in basic.named("uploads-lifecycle").inputs["rules"]]

    assert not [e for e in expirations if "days" in e or "date" in e]


def test_parts_of_abandoned_uploads_go_after_a_week_and_old_versions_after_a_month(basic):
    parts, versions = basic.named("uploads-lifecycle").inputs["rules"]

    assert (parts["status"], parts["filter"]) == (versions["status"], versions["filter"]) == ("Enabled", {"prefix": ""})
    assert parts["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert versions["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


def test_the_page_may_send_cancel_and_complete_uploads_in_parts_and_read_what_s3_says_of_each(advanced):
    (rule,) = advanced.named("uploads-cors").inputs["corsRules"]

    assert sorted(rule["allowedMethods"]) == ["DELETE", "GET", "POST", "PUT"]
    assert {"ETag", "x-amz-error-code"} <= {*rule["exposeHeaders"]}


def test_a_buckets_policy_is_written_after_public_access_is_blocked(deployed):
    for policy in deployed.of("BucketPolicy"):
        assert deployed.comes_before(deployed.beside(policy, "BucketPublicAccessBlock"), policy)


def test_rules_on_old_versions_are_written_after_there_can_be_any(basic):
    assert basic.comes_before(basic.named("uploads-versioning"), basic.named("uploads-lifecycle"))


def test_no_event_can_arrive_before_the_bucket_keeps_versions(basic):
    """Its file would have no version, and its link would lead to whatever is newest."""
    assert basic.comes_before(basic.named("uploads-versioning"), basic.the("BucketNotification"))


def test_every_part_of_a_bucket_configures_that_bucket(deployed):
    for bucket in deployed.of("Bucket"):
        parts = [r for r in deployed.resources if r.custom and r.parent == bucket.parent and r != bucket]

        assert {part.inputs["bucket"] for part in parts} == {bucket.name}


def test_the_upload_buckets_policy_allows_nothing(basic):
    statements = json.loads(basic.named("uploads-policy").inputs["policy"])["Statement"]

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


def test_emails_alone_ask_for_created_files(deploy):
    (target,) = deploy(emails=["a@b.co"]).the("BucketNotification").inputs["lambdaFunctions"]

    assert target["events"] == ["s3:ObjectCreated:*"]


def test_the_events_go_to_notify_without_a_filter_that_a_rule_could_outgrow(basic):
    (target,) = basic.the("BucketNotification").inputs["lambdaFunctions"]

    assert target["lambdaFunctionArn"].endswith(":file-notifications-notify-function")
    assert {"filterPrefix", "filterSuffix"}.isdisjoint(target)


def test_s3_may_invoke_notify_for_this_bucket_alone(basic):
    (permission,) = [p.inputs for p in basic.of("Permission") if p.inputs["principal"] == "s3.amazonaws.com"]

    assert permission["function"] == "file-notifications-notify-function"
    assert permission["sourceArn"] == "arn:aws:s3:::file-notifications-uploads-bucket"


def test_no_bucket_takes_what_only_its_uploader_could_read(deployed):
    """S3's default is the same; but left to S3, versions of the provider report it as a change, each time."""
    for encryption in deployed.of("BucketServerSideEncryptionConfiguration"):
        (rule,) = encryption.inputs["rules"]

        assert rule["blockedEncryptionTypes"] == ["SSE-C"]
