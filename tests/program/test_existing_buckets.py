"""Buckets that other programs made are watched and read, and never written to."""

from __future__ import annotations

import json

import pytest

from components.existing_bucket import ExistingBucketError
from components.settings import SettingsError
from tests.program.conftest import ACCOUNT, EXISTING, EXPECTING, KMS_KEY, REGION, run, strings

EMAILS = {"emails": ["ann@example.com"]}
NAMES = ("invoices-of-another-team", "scans")
# What comes and goes changes these, and nothing else: what may be read, and which rules may write to failed-events.
WIDENED = {
    "file-notifications",
    "file-notifications-api-function",
    "file-notifications-api-policy",
    "file-notifications-failed-events-policy",
    "file-notifications-process-policy",
}
WRITES = ("s3:Put", "s3:Delete", "s3:Create", "s3:Abort", "s3:Restore", "s3:Replicate", "s3:Bypass", "s3:*", "*")


@pytest.fixture(params=["basic", "advanced"])
def watching(deploy, request):
    """watching(existing...) in each mode."""
    return lambda *existing, **config: deploy(**EMAILS, mode=request.param, existingBuckets=list(existing), **config)


def rule_of(deployment, bucket):
    (rule,) = [r for r in deployment.of("EventRule") if bucket in r.inputs["description"]]
    return rule


def pattern_of(deployment, bucket):
    return json.loads(rule_of(deployment, bucket).inputs["eventPattern"])


def test_a_bucket_that_comes_only_adds(watching):
    none, one, two = watching(), watching(EXISTING[0]), watching(*EXISTING)

    assert none.names < one.names < two.names
    assert none.changed(one) | one.changed(two) <= WIDENED


def test_a_bucket_that_goes_takes_only_its_own_parts_with_it(watching):
    gone = watching(*EXISTING).names - watching(EXISTING[0]).names

    assert gone
    assert all("::file-notifications-existing-scans-" in urn for urn in gone)


def test_another_prefix_changes_the_rule_and_what_may_be_read(watching):
    before, after = (watching({"name": "scans", "prefix": prefix}) for prefix in ("incoming/", "archive/"))

    assert before.names == after.names
    assert before.changed(after) - WIDENED == {rule_of(after, "scans").name}


def test_the_order_in_which_buckets_are_named_means_nothing(watching):
    one, other = watching(*EXISTING), watching(*reversed(EXISTING))

    assert one.comparable == other.comparable


def test_no_resource_of_the_program_is_set_on_a_bucket_that_it_did_not_make(watching):
    deployment = watching(*EXISTING)

    on_them = [r.name for r in deployment.resources if r.custom and r.inputs.get("bucket") in NAMES]

    assert on_them == []
    assert [r.name for r in deployment.resources for name in NAMES if name in strings(dict(r.inputs))] == []


def test_events_are_all_that_the_program_takes_of_such_a_bucket(watching):
    parts = {r.kind for r in watching(*EXISTING).resources if "-existing-" in r.name and r.custom}

    assert parts == {"EventRule", "EventTarget", "MetricAlarm", "Permission"}


def test_no_role_may_write_to_a_bucket_that_the_program_did_not_make(watching):
    statements = [s for s in watching(*EXISTING).statements() if s.allows and s.identity]

    theirs = [s for s in statements if any(f":s3:::{name}" in text for name in NAMES for text in strings(s.content))]
    anything = [s for s in statements if "*" in list(strings(s.content.get("Resource")))]

    assert {action for s in theirs for action in s.actions} <= {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    assert not [s for s in anything for action in s.actions if action.startswith(WRITES)]


def test_only_objects_below_the_prefixes_may_be_read():
    deployment = run(**EMAILS, mode="advanced", existingBuckets=EXISTING)

    read = {
        text
        for s in deployment.statements()
        if "s3:GetObject" in s.actions
        for text in strings(s.content["Resource"])
        if ":::scans" in text
    }

    assert read == {"arn:aws:s3:::scans/incoming/*", "arn:aws:s3:::scans/archive/*"}


def test_a_wildcard_in_a_prefix_is_a_character_in_a_policy():
    deployment = run(**EMAILS, mode="advanced", existingBuckets=[{"name": "scans", "prefix": "a*?$/"}])

    resources = {text for s in deployment.statements() for text in strings(s.content.get("Resource"))}

    assert "arn:aws:s3:::scans/a${*}${?}${$}/*" in resources


@pytest.mark.parametrize(("existing", "keys"), [(EXISTING, {KMS_KEY}), (EXISTING[:1], set())])
def test_only_the_named_key_may_decrypt(existing, keys):
    deployment = run(**EMAILS, mode="advanced", existingBuckets=existing)

    decrypting = [s for s in deployment.statements() if any(action.startswith("kms:") for action in s.actions)]

    assert {text for s in decrypting for text in strings(s.content["Resource"])} == keys
    assert {action for s in decrypting for action in s.actions} == ({"kms:Decrypt"} if keys else set())


def test_functions_of_basic_mode_read_no_file(deploy):
    statements = deploy(**EMAILS, existingBuckets=EXISTING).statements()

    assert [s for s in statements if s.allows and any(action.startswith("s3:") for action in s.actions)] == []


def test_a_rule_takes_the_events_of_one_bucket(watching):
    assert pattern_of(watching(*EXISTING), "invoices-of-another-team")["detail"] == {
        "bucket": {"name": ["invoices-of-another-team"]}
    }


def test_a_rule_takes_the_events_below_the_prefixes(watching):
    assert pattern_of(watching(*EXISTING), "scans")["detail"] == {
        "bucket": {"name": ["scans"]},
        "object": {"key": [{"prefix": "archive/"}, {"prefix": "incoming/"}]},
    }


def test_a_rule_takes_only_the_events_that_somebody_asked_for(deploy):
    rules = [{"name": "r", "to": ["a@b.co"], "events": ["created", "restored"]}]
    config = {"rules": rules, "alarmEmails": ["a@b.co"], "existingBuckets": ["scans"]}

    types = [pattern_of(deploy(**config, mode=mode), "scans")["detail-type"] for mode in ("basic", "advanced")]

    assert types == [
        ["Object Created", "Object Restore Completed"],
        ["Object Created", "Object Deleted", "Object Restore Completed"],
    ]


def test_each_rule_retries_for_six_hours_and_then_keeps_the_event(watching):
    deployment = watching(*EXISTING)
    queue = deployment.named("failed-events-queue")

    targets = deployment.of("EventTarget")

    assert len(targets) == 2
    for target in targets:
        assert target.inputs["retryPolicy"]["maximumEventAgeInSeconds"] == 21_600
        assert target.inputs["deadLetterConfig"]["arn"].endswith(f":{queue.name}")


def test_only_its_own_rule_may_invoke_the_function(watching):
    deployment = watching(*EXISTING)
    permissions = [r for r in deployment.of("Permission") if r.inputs["principal"] == "events.amazonaws.com"]

    arns = {f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule.name}" for rule in deployment.of("EventRule")}

    assert {permission.inputs["sourceArn"] for permission in permissions} == arns


def test_failed_events_takes_what_these_rules_give_up_on_and_no_others(watching):
    deployment = watching(*EXISTING)
    policy = json.loads(deployment.named("failed-events-policy").inputs["policy"])

    (allowed,) = [s for s in policy["Statement"] if s["Effect"] == "Allow"]

    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert len(allowed["Condition"]["ArnLike"]["aws:SourceArn"]) == 2


def test_no_event_arrives_before_it_can_be_handled_or_kept(watching):
    deployment = watching(*EXISTING)
    earlier = [
        deployment.named("failed-events-policy"),
        deployment.named("notify-policy"),
        deployment.named("notify-on-failure"),
    ]

    for target in deployment.of("EventTarget"):
        permission = deployment.beside(target, "Permission")
        assert all(deployment.comes_before(part, target) for part in (*earlier, permission))


def test_each_rule_has_an_alarm_on_its_failed_invocations(watching):
    deployment = watching(*EXISTING)

    for rule in deployment.of("EventRule"):
        alarm = deployment.beside(rule, "MetricAlarm")
        assert (alarm.inputs["metricName"], alarm.inputs["dimensions"]) == (
            "FailedInvocations",
            {"RuleName": rule.name},
        )


def test_existing_buckets_are_the_primary_regions(deploy):
    deployment = deploy(**EMAILS, mode="advanced", existingBuckets=EXISTING, replicaRegions=["us-east-1"])

    assert {r.provider for r in deployment.of("EventRule")} == {""}


def test_a_bucket_that_cannot_be_found_is_an_error_that_names_the_setting():
    with pytest.raises(ExistingBucketError, match="existingBuckets names no-such-bucket, which cannot be looked up"):
        run(**EMAILS, existingBuckets=["no-such-bucket"])


def test_a_bucket_in_another_region_is_an_error_that_names_both():
    with pytest.raises(ExistingBucketError, match=r"in-virginia, which is in us-east-1; this stack is in eu-west-1"):
        run(**EMAILS, existingBuckets=["in-virginia"], preview=True)


@pytest.mark.parametrize("mode", ["basic", "advanced"])
def test_without_an_upload_bucket_nothing_of_one_is_made(deploy, mode):
    with_one = deploy(**EMAILS, mode=mode, existingBuckets=EXISTING)
    without = deploy(**EMAILS, mode=mode, existingBuckets=EXISTING, uploadBucket=False)

    gone = {r.name for r in with_one.resources} - {r.name for r in without.resources}

    assert without.names < with_one.names
    assert all(any(part in name for part in ("-uploads", "-events", "-uploader", "-remover")) for name in gone)
    assert "bucketName" not in without.exports
    assert with_one.changed(without) <= {
        "file-notifications-api-function",
        "file-notifications-api-policy",
        "file-notifications-process-policy",
        "file-notifications-web-config.json",
        "file-notifications-web-headers",
    }


def of_long_names(count):
    """Buckets with the longest names, each encrypted with a key of its own."""
    return [
        {"name": f"{number:03}".ljust(63, "x"), "prefix": "incoming/", "kmsKeyArn": f"{KMS_KEY[:-3]}{number:03}"}
        for number in range(count)
    ]


def test_as_many_buckets_as_are_accepted_fit_into_what_aws_takes(deploy):
    deployment = deploy(**EMAILS, mode="advanced", rules=[EXPECTING[1]], existingBuckets=of_long_names(24))
    environments = [deployment.variables(function) for function in deployment.of("Function")]
    policies = [*deployment.of("RolePolicy"), *deployment.of("QueuePolicy")]

    assert max(sum(map(len, (*env, *env.values()))) for env in environments) <= 4096
    assert max(len("".join(policy.inputs["policy"].split())) for policy in policies) <= 10_240


@pytest.mark.parametrize(
    ("more", "command"),
    [
        ({"existingBuckets": of_long_names(25)}, "pulumi config rm --path 'existingBuckets[24]'"),
        (
            {"existingBuckets": of_long_names(24), "replicaRegions": ["us-east-1"]},
            "pulumi config rm --path 'existingBuckets[23]'",
        ),
        (
            {"webOrigins": [f"https://{n:03}.example.com" for n in range(150)]},
            "pulumi config rm --path 'webOrigins[149]'",
        ),
    ],
)
def test_more_than_fits_into_a_functions_environment_is_refused(more, command):
    with pytest.raises(SettingsError, match="a function's environment has room for 3,200") as refused:
        run(**EMAILS, mode="advanced", **more)

    assert command in str(refused.value)


def test_the_longest_prefixes_that_are_accepted_fit_into_a_rules_pattern(deploy):
    prefixes = [{"name": "scans", "prefix": f"{number}".ljust(160, "x")} for number in range(10)]
    patterns = [rule.inputs["eventPattern"] for rule in deploy(**EMAILS, existingBuckets=prefixes).of("EventRule")]

    assert 1800 < max(map(len, patterns)) <= 2048
    with pytest.raises(SettingsError, match=r"existingBuckets\[10\] is one prefix of scans too many"):
        run(**EMAILS, existingBuckets=[*prefixes, {"name": "scans", "prefix": "y" * 30}])


def test_without_an_upload_bucket_no_role_may_write_an_object(deploy):
    statements = deploy(**EMAILS, mode="advanced", existingBuckets=EXISTING, uploadBucket=False).statements()

    written = [s.resource.name for s in statements if s.allows for action in s.actions if action.startswith("s3:Put")]

    assert written == []
