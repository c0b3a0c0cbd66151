"""Every wrong setting gets one clear message: the value, what is accepted, and the command that fixes it."""

from __future__ import annotations

from functools import partial

import pulumi
import pytest

from components.config_reader import LOG_RETENTION_DAYS
from components.settings import SettingsError
from tests.program.problems import one_problem, problems_of, repaired

RETENTION = ", ".join(map(str, LOG_RETENTION_DAYS))
EMAILS = {"emails": ["a@b.co"]}
RULE = {"name": "invoices", "to": ["a@b.co"]}
ACCEPTED_RECIPIENTS = (
    "an email address, a phone number such as +84901234567, an https:// URL, channel:NAME, "
    "the ARN of an SQS queue, or that of a Lambda function"
)
NAME_RULE = "use 1 to 50 letters, digits, spaces, dots, dashes or underscores"


BUCKET_NAME = "use the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens"

WRONG_SETTINGS = [
    pytest.param(
        {"existingBuckets": "scans"},
        "existingBuckets is 'scans'; it takes a list",
        "set --path 'existingBuckets[0]' my-bucket",
        id="one existing bucket without a list",
    ),
    pytest.param(
        {"existingBuckets": ["Scans"]},
        f"existingBuckets[0] is 'Scans'; {BUCKET_NAME}",
        "set --path 'existingBuckets[0]' my-bucket",
        id="no name of a bucket",
    ),
    pytest.param(
        {"existingBuckets": [{"prefix": "a/"}]},
        f"existingBuckets[0].name is missing; {BUCKET_NAME}",
        "set --path 'existingBuckets[0].name' my-bucket",
        id="an existing bucket without a name",
    ),
    pytest.param(
        {"existingBuckets": [{"name": "scans", "prefix": 2026}]},
        "existingBuckets[0].prefix is 2026; use text of at most 1024 bytes",
        "set --path 'existingBuckets[0].prefix' incoming/",
        id="a prefix that is no text",
    ),
    pytest.param(
        {"existingBuckets": [{"name": "scans", "kmsKeyArn": "alias/scans"}]},
        "existingBuckets[0].kmsKeyArn is 'alias/scans'; use the ARN of a KMS key, not of an alias",
        "set --path 'existingBuckets[0].kmsKeyArn' "
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        id="an alias of a key",
    ),
    pytest.param(
        {"existingBuckets": [{"name": "scans", "prefixx": "a/"}]},
        "existingBuckets[0].prefixx is not a setting of an existing bucket; did you mean prefix?",
        "rm --path 'existingBuckets[0].prefixx'",
        id="nearly a field of an existing bucket",
    ),
    pytest.param(
        {"existingBuckets": ["scans", "scans"]},
        "existingBuckets[1] is scans without a prefix, which overlaps with scans without a prefix: "
        "its files would be notified twice",
        "rm --path 'existingBuckets[1]'",
        id="a bucket that is named twice",
    ),
    pytest.param(
        {"existingBuckets": [{"name": "scans", "prefix": "a/b/"}, {"name": "scans", "prefix": "a/"}]},
        "existingBuckets[1] is scans with prefix 'a/', which overlaps with scans with prefix 'a/b/': "
        "its files would be notified twice",
        "rm --path 'existingBuckets[1]'",
        id="prefixes that overlap",
    ),
    pytest.param(
        {"uploadBucket": False},
        "uploadBucket is false and existingBuckets is empty: there would be no bucket to watch",
        "set --path 'existingBuckets[0]' my-bucket",
        id="no bucket at all",
    ),
    pytest.param(
        {"uploadBucket": False, "existingBuckets": ["scans"], "maxUploadMegabytes": 5},
        "maxUploadMegabytes is 5, but uploadBucket is false: nothing is uploaded through the web",
        "set uploadBucket true",
        id="uploads without a bucket for them",
    ),
    pytest.param(
        {"mode": "advanced", "uploadBucket": False, "existingBuckets": ["scans"], "replicaRegions": ["us-east-1"]},
        "replicaRegions names us-east-1, but uploadBucket is false: "
        "an additional region is there for a bucket of its own",
        "set uploadBucket true",
        id="a region without a bucket",
    ),
    pytest.param(
        {"rules": [{**RULE, "bucket": "scans"}], "existingBuckets": ["invoices"]},
        "rules[0].bucket is 'scans', which existingBuckets does not name; use one of invoices, or name it there",
        "set --path 'existingBuckets[1]' scans",
        id="a rule on a bucket that is not watched",
    ),
    pytest.param(
        {"rules": [{**RULE, "bucket": 7}]},
        "rules[0].bucket is 7, which existingBuckets does not name; name it there first",
        "set --path 'existingBuckets[0]' my-bucket",
        id="a rule on a bucket that is a number",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "contentType": "image"}]},
        "rules[0].contentType is 'image'; use a type, with * for any text: image/*, application/pdf",
        "set --path 'rules[0].contentType' 'image/*'",
        id="half a type",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "contentType": "image/[jp]*"}]},
        "rules[0].contentType is 'image/[jp]*'; use a type, with * for any text: image/*, application/pdf",
        "set --path 'rules[0].contentType' 'image/*'",
        id="a type with a class of letters",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "contentType": ["image/*"]}]},
        "rules[0].contentType is ['image/*']; use a type, with * for any text: image/*, application/pdf",
        "set --path 'rules[0].contentType' 'image/*'",
        id="a list of types",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "contentType": "text/csv"}]},
        "rules[0].contentType is 'text/csv', and no file is detected as that; use text/plain and a suffix "
        "(docs/file-types.md has every type)",
        "set --path 'rules[0].contentType' text/plain",
        id="a type of text that is not detected",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["broken"], "contentType": "Image/JPG"}]},
        "rules[0].contentType is 'Image/JPG', and no file is detected as that; use image/jpeg "
        "(docs/file-types.md has every type)",
        "set --path 'rules[0].contentType' image/jpeg",
        id="another name of a type",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "contentType": "images/*"}]},
        "rules[0].contentType is 'images/*', and no file is detected as that (docs/file-types.md has every type)",
        "rm --path 'rules[0].contentType'",
        id="a pattern that no detected type fits",
    ),
    pytest.param(
        {
            "rules": [{**RULE, "prefix": "b/", "bucket": "scans"}],
            "existingBuckets": [{"name": "scans", "prefix": "a/"}],
        },
        "rules[0] can never match a file: rules[0].prefix is 'b/', and scans is watched below 'a/' only",
        "set --path 'rules[0].prefix' a/",
        id="a rule on a folder that is not watched",
    ),
    pytest.param(
        {"rules": [{**RULE, "minBytes": 2**53}]},
        f"rules[0] can never match a file: rules[0].minBytes is {2**53}; "
        f"S3's largest object has {50 * 2**40} bytes (50 TB)",
        "rm --path 'rules[0].minBytes'",
        id="a rule on files larger than S3 has",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["processed"], "minBytes": 5 * 2**30 + 1}]},
        f"rules[0] can never match a file: rules[0].minBytes is {5 * 2**30 + 1}; "
        f"files up to {5 * 2**30} bytes (5 GB) are inspected",
        "rm --path 'rules[0].minBytes'",
        id="a rule on what is found in files that are not inspected",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "contentType": "image/*"}]},
        "rules[0].contentType is 'image/*', but rules[0].events has created, which does not know the type; "
        "processed, broken, clean, infected do",
        "set --path 'rules[0].events[0]' processed",
        id="the type of created files",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["removed", "created"], "contentType": "image/*"}]},
        "rules[0].contentType is 'image/*', but rules[0].events has removed, which does not know the type; "
        "processed, broken, clean, infected do",
        "set --path 'rules[0].events[0]' processed",
        id="the type of removed files",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["broken", "created"], "contentType": "image/*"}]},
        "rules[0].contentType is 'image/*', but rules[0].events has created, which does not know the type; "
        "processed, broken, clean, infected do",
        "rm --path 'rules[0].events[1]'",
        id="a type, and an event beside those that know it",
    ),
    pytest.param(
        {"rules": [{**RULE, "events": ["created", "broken", "processed"]}]},
        "rule 'invoices' has events processed, broken, which needs mode advanced",
        "set mode advanced",
        id="findings in basic mode",
    ),
    pytest.param(
        {"mode": "advanced", "rules": [{**RULE, "events": ["created", "infected"]}]},
        "rule 'invoices' has events infected, but scan is 'off'",
        "set scan on",
        id="a verdict without a scan",
    ),
    pytest.param(
        {"mode": "advanced", "scan": "stric"},
        "scan is 'stric'; use one of off, on, strict",
        "set scan strict",
        id="nearly a kind of scan",
    ),
    pytest.param({"scan": "on"}, "scan is 'on', which needs mode advanced", "set mode advanced", id="a scan in basic"),
    pytest.param(
        {"mode": "advance"}, "mode is 'advance'; use one of basic, advanced", "set mode advanced", id="near a mode"
    ),
    pytest.param(
        {"mode": "turbo"}, "mode is 'turbo'; use one of basic, advanced", "set mode basic", id="far from a mode"
    ),
    pytest.param({"mode": ""}, "mode is ''; use one of basic, advanced", "set mode basic", id="empty mode"),
    pytest.param({"modee": "basic"}, "modee is not a setting; did you mean mode?", "rm modee", id="nearly a known key"),
    pytest.param({"Emails": "x"}, "Emails is not a setting; did you mean emails?", "rm Emails", id="a key in capitals"),
    pytest.param(
        {"logRetentionDays": 10},
        f"logRetentionDays is '10'; CloudWatch accepts {RETENTION}",
        "set logRetentionDays 7",
        id="an illegal retention",
    ),
    pytest.param(
        {"logRetentionDays": 4000},
        f"logRetentionDays is '4000'; CloudWatch accepts {RETENTION}",
        "set logRetentionDays 3653",
        id="a retention above the longest",
    ),
    pytest.param(
        {"logRetentionDays": 0},
        f"logRetentionDays is '0'; CloudWatch accepts {RETENTION}",
        "set logRetentionDays 1",
        id="no retention at all",
    ),
    pytest.param(
        {"logRetentionDays": "a week"},
        f"logRetentionDays is 'a week'; CloudWatch accepts {RETENTION}",
        "set logRetentionDays 14",
        id="a retention in words",
    ),
    pytest.param(
        {"auditRetentionDays": 360},
        f"auditRetentionDays is '360'; CloudWatch accepts {RETENTION}",
        "set auditRetentionDays 365",
        id="an illegal retention of the audit log, also in mode basic",
    ),
    pytest.param(
        {"mailsPerMinute": 0},
        "mailsPerMinute is '0'; use a whole number from 1 to 300",
        "set mailsPerMinute 5",
        id="below a number's least",
    ),
    pytest.param(
        {"mailsPerMinute": 301},
        "mailsPerMinute is '301'; use a whole number from 1 to 300",
        "set mailsPerMinute 5",
        id="above a number's most",
    ),
    pytest.param(
        {"digestMinutes": 1441},
        "digestMinutes is '1441'; use a whole number from 1 to 1440",
        "set digestMinutes 5",
        id="a digest rarer than daily",
    ),
    pytest.param(
        {"maxUploadMegabytes": 51201},
        "maxUploadMegabytes is '51201'; use a whole number from 1 to 51200",
        "set maxUploadMegabytes 1024",
        id="an upload above what one post can hold",
    ),
    pytest.param(
        {"digestMinutes": -1},
        "digestMinutes is '-1'; use a whole number from 1 to 1440",
        "set digestMinutes 5",
        id="a negative number",
    ),
    pytest.param(
        {"digestMinutes": 1.5},
        "digestMinutes is '1.5'; use a whole number from 1 to 1440",
        "set digestMinutes 5",
        id="a fraction",
    ),
    pytest.param(
        {"digestMinutes": "five"},
        "digestMinutes is 'five'; use a whole number from 1 to 1440",
        "set digestMinutes 5",
        id="a number in words",
    ),
    *[
        pytest.param(
            {"protectData": odd},
            f"protectData is {odd!r}; use true or false",
            "set protectData true",
            id=f"protectData {odd!r}",
        )
        for odd in ("True", "FALSE", "yes", "no", "1", "0", "", " true")
    ],
    pytest.param(
        {"alarmEmails": ["a@b.co", "nobody"]},
        "alarmEmails[1] is 'nobody'; use an email address",
        "set --path 'alarmEmails[1]' you@example.com",
        id="a malformed address",
    ),
    pytest.param(
        {"alarmEmails": ["+84901234567"]},
        "alarmEmails[0] is '+84901234567'; use an email address",
        "set --path 'alarmEmails[0]' you@example.com",
        id="a phone number where only mail is sent",
    ),
    pytest.param(
        {"alarmEmails": [7]},
        "alarmEmails[0] is 7; use an email address",
        "set --path 'alarmEmails[0]' you@example.com",
        id="an address that is a number",
    ),
    pytest.param(
        {"alarmEmails": "a@b.co"},
        "alarmEmails is 'a@b.co'; it takes a list",
        "set --path 'alarmEmails[0]' you@example.com",
        id="a list given as text",
    ),
    pytest.param(
        {"alarmEmails": {"first": "a@b.co"}},
        "alarmEmails is {'first': 'a@b.co'}; it takes a list",
        "rm alarmEmails && pulumi config set --path 'alarmEmails[0]' you@example.com",
        id="a list given as an object",
    ),
    *[
        pytest.param(
            {"webOrigins": [origin]},
            f"webOrigins[0] is {origin!r}; use an origin: scheme and host, no path, no wildcard",
            "set --path 'webOrigins[0]' https://files.example.com",
            id=f"the origin {origin}",
        )
        for origin in ("*", "https://*.example.com", "https://example.com/", "example.com", "ftp://example.com", 1)
    ],
    pytest.param(
        {"rules": "invoices"},
        "rules is 'invoices'; it takes a list",
        "set --path 'rules[0].name' invoices",
        id="rules that are no list",
    ),
    pytest.param(
        {"rules": {"name": "x"}},
        "rules is {'name': 'x'}; it takes a list",
        "rm rules && pulumi config set --path 'rules[0].name' invoices",
        id="one rule without the list",
    ),
]

WRONG_RULES = [
    pytest.param(
        {"rules": ["invoices"]},
        "rules[0] is 'invoices'; a rule is an object with at least name and to",
        "rm --path 'rules[0]'",
        id="a rule that is no object",
    ),
    pytest.param(
        {"rules": [{**RULE, "prefiks": "a/"}]},
        "rules[0].prefiks is not a setting of a rule; did you mean prefix?",
        "rm --path 'rules[0].prefiks'",
        id="nearly a key of a rule",
    ),
    pytest.param(
        {"rules": [{**RULE, "zzz": 1}]},
        "rules[0].zzz is not a setting of a rule; "
        "use name, to, prefix, suffix, minBytes, maxBytes, events, delivery, oldVersions, bucket, contentType, expect",
        "rm --path 'rules[0].zzz'",
        id="nothing like a key of a rule",
    ),
    pytest.param(
        {"rules": [{"to": ["a@b.co"]}]},
        f"rules[0].name is missing; {NAME_RULE}",
        "set --path 'rules[0].name' invoices",
        id="a rule without a name",
    ),
    *[
        pytest.param(
            {"rules": [{**RULE, "name": name}]},
            f"rules[0].name is {name!r}; {NAME_RULE}",
            "set --path 'rules[0].name' invoices",
            id=f"the name {name!r}",
        )
        for name in ("", "x" * 51, " invoices", "in/voices", "in\nvoices", "hóa đơn", 7)
    ],
    pytest.param(
        {"rules": [{"name": "invoices"}]},
        "rules[0].to is missing; use a list of recipients",
        "set --path 'rules[0].to[0]' you@example.com",
        id="a rule that notifies nobody",
    ),
    pytest.param(
        {"rules": [{"name": "invoices", "to": []}]},
        "rules[0].to is []; use a list of recipients",
        "set --path 'rules[0].to[0]' you@example.com",
        id="a rule with an empty list of recipients",
    ),
    pytest.param(
        {"rules": [{"name": "invoices", "to": "a@b.co"}]},
        "rules[0].to is 'a@b.co'; use a list of recipients",
        "rm --path 'rules[0].to' && pulumi config set --path 'rules[0].to[0]' you@example.com",
        id="recipients given as text",
    ),
    pytest.param(
        {"rules": [{"name": "invoices", "to": ["nobody"]}]},
        f"rules[0].to[0]: 'nobody' is not a recipient; use {ACCEPTED_RECIPIENTS}",
        "set --path 'rules[0].to[0]' --type string you@example.com",
        id="a recipient of no known shape",
    ),
    pytest.param(
        {"rules": [{"name": "invoices", "to": [84901234567]}]},
        "rules[0].to[0]: 84901234567 is a number; a phone number needs its plus sign and has to stay text "
        "(in YAML write '+84901234567', with the CLI add --type string)",
        "set --path 'rules[0].to[0]' --type string +84901234567",
        id="a phone number that YAML made a number",
    ),
    pytest.param(
        {"rules": [{"name": "invoices", "to": ["arn:aws:sqs:eu-west-1:111122223333:files.fifo"]}]},
        "rules[0].to[0]: 'arn:aws:sqs:eu-west-1:111122223333:files.fifo' is a FIFO queue, "
        "which a standard topic cannot deliver to; use a standard queue",
        "set --path 'rules[0].to[0]' --type string you@example.com",
        id="a FIFO queue",
    ),
    pytest.param(
        {"rules": [{**RULE, "prefix": 2026}]},
        "rules[0].prefix is 2026; quote it: use text of at most 1024 bytes",
        "set --path 'rules[0].prefix' 2026 --type string",
        id="a prefix that YAML takes for a number",
    ),
    pytest.param(
        {"rules": [{**RULE, "prefix": ["a/"]}]},
        "rules[0].prefix is ['a/']; use text of at most 1024 bytes",
        "set --path 'rules[0].prefix' invoices/",
        id="a prefix that is no text",
    ),
    pytest.param(
        {"rules": [{**RULE, "suffix": "đ" * 513}]},
        f"rules[0].suffix is '{'đ' * 513}'; use text of at most 1024 bytes",
        "set --path 'rules[0].suffix' .pdf",
        id="a suffix longer than any key",
    ),
    pytest.param(
        {"rules": [{**RULE, "minBytes": -1}]},
        "rules[0].minBytes is -1; use a whole number of bytes, 0 or more",
        "set --path 'rules[0].minBytes' 1024",
        id="a negative size",
    ),
    pytest.param(
        {"rules": [{**RULE, "minBytes": True}]},
        "rules[0].minBytes is True; use a whole number of bytes, 0 or more",
        "set --path 'rules[0].minBytes' 1024",
        id="a size that is a boolean",
    ),
    pytest.param(
        {"rules": [{**RULE, "maxBytes": "1 MB"}]},
        "rules[0].maxBytes is '1 MB'; use a whole number of bytes, 0 or more",
        "set --path 'rules[0].maxBytes' 1024",
        id="a size with a unit",
    ),
    pytest.param(
        {"rules": [{**RULE, "minBytes": 10, "maxBytes": 9}]},
        "rules[0].maxBytes is 9; use a number not below minBytes (10)",
        "set --path 'rules[0].maxBytes' 10",
        id="a least size above the most",
    ),
    pytest.param(
        {"rules": [{**RULE, "events": ["created", "remove"]}]},
        "rules[0].events[1] is 'remove'; use one of created, removed, restored, processed, broken, clean, infected",
        "set --path 'rules[0].events[1]' removed",
        id="an unknown event",
    ),
    pytest.param(
        {"rules": [{**RULE, "events": []}]},
        "rules[0].events is []; use a list of created, removed, restored, processed, broken, clean, infected",
        "set --path 'rules[0].events[0]' created",
        id="no event",
    ),
    pytest.param(
        {"rules": [{**RULE, "events": "created"}]},
        "rules[0].events is 'created'; use a list of created, removed, restored, processed, broken, clean, infected",
        "rm --path 'rules[0].events' && pulumi config set --path 'rules[0].events[0]' created",
        id="events given as text",
    ),
    pytest.param(
        {"rules": [{**RULE, "delivery": "daily"}]},
        "rules[0].delivery is 'daily'; use one of auto, immediate, digest",
        "set --path 'rules[0].delivery' auto",
        id="an unknown delivery",
    ),
    *[
        pytest.param(
            {"rules": [{**RULE, "delivery": delivery}]},
            f"rule 'invoices' has delivery '{delivery}', which needs mode advanced",
            "set mode advanced",
            id=f"delivery {delivery} in basic mode",
        )
        for delivery in ("digest",)
    ],
    pytest.param(
        {"rules": [RULE, {**RULE, "name": "INVOICES"}]},
        "rules[1].name is 'INVOICES', which another rule is called; names are unique",
        "set --path 'rules[1].name' another-name",
        id="two rules of one name but for capitals",
    ),
    pytest.param(
        {"rules": [{**RULE, "name": "Every File"}]},
        "rules[0].name is 'Every File', which another rule (the rule that emails stands for) is called; "
        "names are unique",
        "set --path 'rules[0].name' another-name",
        id="the name of the rule that emails stands for",
    ),
    pytest.param(
        {"rules": [{**RULE, "name": f"rule {n}"} for n in range(101)]},
        "there are 101 rules; SNS's filter policies leave room for 100",
        "rm --path 'rules[100]'",
        id="more rules than a filter policy holds",
    ),
    pytest.param(
        {"rules": [{**RULE, "prefix": "\ud800"}]},
        "rules[0].prefix is '\\ud800'; use text of at most 1024 bytes",
        "set --path 'rules[0].prefix' invoices/",
        id="half a character in a prefix",
    ),
]


@pytest.fixture
def complaint(read):
    """complaint(emails=[]) is what the CLI would show."""
    return partial(problems_of, read)


@pytest.mark.parametrize(("config", "what", "fix"), [*WRONG_SETTINGS, *WRONG_RULES])
def test_one_wrong_setting_gets_one_message(complaint, config, what, fix):
    assert complaint(**{**EMAILS, **config}) == one_problem(what, fix)


@pytest.mark.parametrize(("config", "what", "fix"), [*WRONG_SETTINGS, *WRONG_RULES])
def test_the_command_that_is_printed_fixes_the_problem(complaint, config, what, fix):
    assert what not in complaint(**repaired({**EMAILS, **config}, fix))


def test_all_commands_can_be_run_in_the_order_in_which_they_are_printed(complaint):
    """Seen with Pulumi's CLI: a region that was removed moved up the one that the next command was about."""
    stored = {
        **EMAILS,
        "mode": "advanced",
        "replicaRegions": ["eu-west-1", "eu-wst-2", "eu-west-1", "ap-sotheast-1"],
        "rules": [{"name": "", "to": ["a@b.co"], "event": []}],
    }

    for line in complaint(**stored).splitlines()[2::2]:
        stored = repaired(stored, line.removeprefix("    pulumi config "))

    assert complaint(**stored) == ""
    assert stored["replicaRegions"] == ["eu-west-2", "ap-southeast-1"]


def test_a_key_of_a_rule_that_is_no_word_is_quoted_for_shell_and_cli(complaint):
    assert complaint(**EMAILS, rules=[{**RULE, 'it\'s "a" key': 1}]).endswith(
        """pulumi config rm --path 'rules[0]["it'"'"'s \\"a\\" key"]'"""
    )


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        ({"prefix": "invoices/*"}, ["rule 'r' has prefix 'invoices/*': it is compared as it is, without wildcards"]),
        ({"suffix": "*.pdf"}, ["rule 'r' has suffix '*.pdf': it is compared as it is, without wildcards"]),
        ({"prefix": "/invoices/"}, ["rule 'r' has prefix '/invoices/': keys in S3 begin without a slash, as a rule"]),
        ({"prefix": "invoices/", "suffix": ".pdf"}, []),
    ],
)
def test_a_rule_that_will_hardly_match_anything_is_a_warning(read, monkeypatch, fields, warned):
    texts = []
    monkeypatch.setattr(pulumi, "warn", texts.append)

    read(**EMAILS, rules=[{"name": "r", "to": ["a@b.co"], **fields}])

    assert texts == warned


@pytest.mark.parametrize(("count", "warnings"), [(197, 0), (198, 1)])
def test_more_recipients_than_sns_takes_by_default_are_a_warning(read, monkeypatch, count, warnings):
    warned = []
    monkeypatch.setattr(pulumi, "warn", warned.append)

    read(emails=[f"person-{number}@example.com" for number in range(count)])

    assert len(warned) == warnings
    assert all(text.startswith("there are 198 recipients; by default SNS takes 197") for text in warned)


def test_a_key_like_none_of_ours_is_a_warning_since_environments_may_be_shared(read, monkeypatch):
    warned = []
    monkeypatch.setattr(pulumi, "warn", warned.append)

    assert read(**EMAILS, databaseUrl="postgres://") == read(**EMAILS)
    assert len(warned) == 1
    assert warned[0].startswith(
        "databaseUrl is not a setting and is ignored; there are mode, emails, existingBuckets, "
    )


def test_the_same_rules_serve_both_modes_where_delivery_is_immediate(read):
    rule = {**RULE, "delivery": "immediate"}

    assert read(mode="basic", **EMAILS, rules=[rule]).rules == read(mode="advanced", **EMAILS, rules=[rule]).rules


@pytest.mark.usefixtures("no_finalizers_at_depth")
@pytest.mark.parametrize("key", ["alarmEmails", "rules", "webOrigins"])
@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 5000, "[NaN", "\ud800"], ids=["nested", "long", "broken", "half"]
)
def test_a_list_that_is_nothing_like_one_is_refused_in_words(complaint, key, text):
    assert complaint(**EMAILS, **{key: text}).startswith(f"the configuration has a problem:\n  {key} is ")


def test_without_recipients_the_missing_ones_are_named(complaint):
    assert complaint() == one_problem(
        "emails and rules are both empty: nobody would hear about a file",
        "set --path 'emails[0]' you@example.com",
    )


def test_the_defaults_of_the_cli_say_the_same_as_nothing_at_all(complaint):
    assert complaint(emails=[], rules=[], alarmEmails=[]) == complaint()


def test_rules_alone_need_an_address_for_alarms(complaint):
    assert complaint(rules=[RULE]) == one_problem(
        "alarmEmails and emails are both empty: nobody would hear about a failure",
        "set --path 'alarmEmails[0]' you@example.com",
    )


def test_a_malformed_address_is_reported_without_the_emptiness_that_follows_from_it(complaint):
    assert complaint(emails=["nobody"]) == one_problem(
        "emails[0] is 'nobody'; use an email address", "set --path 'emails[0]' you@example.com"
    )


def test_all_problems_are_reported_together(complaint):
    reported = complaint(
        mode="advance",
        modee="x",
        emails=["a@b", 7],
        rules=[{"name": "", "to": ["nobody", 84901234567]}, "x"],
        alarmEmails="a@b.co",
        mailsPerMinute="many",
        digestMinutes=0,
        logRetentionDays=10,
        protectData="yes",
        maxUploadMegabytes=0,
        webOrigins=["*"],
    )

    problems = [line.split()[0].rstrip(":;") for line in reported.splitlines()[1::2]]

    assert reported.startswith("the configuration has 15 problems:\n")
    assert problems == [
        "mode", "emails[0]", "emails[1]", "rules[0].name", "rules[0].to[0]", "rules[0].to[1]",
        "alarmEmails", "mailsPerMinute", "digestMinutes", "logRetentionDays", "protectData", "maxUploadMegabytes",
        "webOrigins[0]", "modee", "rules[1]",
    ]  # fmt: skip


def test_names_that_repeat_are_reported_together_with_other_problems(complaint):
    reported = complaint(**EMAILS, rules=[RULE, RULE], logRetentionDays=10)

    assert "logRetentionDays is '10'" in reported
    assert "rules[1].name is 'invoices', which another rule is called" in reported


@pytest.mark.parametrize(
    "misread",
    [
        pytest.param({"mode": "advancd", "scan": "on"}, id="mode"),
        pytest.param({"mode": "advanced", "scan": "yes"}, id="scan"),
    ],
)
def test_nothing_is_said_to_follow_from_a_setting_that_could_not_be_read(complaint, misread):
    reported = complaint(**misread, rules=[{**RULE, "events": ["infected"]}])

    assert reported.startswith("the configuration has a problem:\n")


def test_the_message_is_the_one_that_the_design_promises(complaint):
    assert complaint(**EMAILS, mode="advance", modee="x") == (
        "the configuration has 2 problems:\n"
        "  mode is 'advance'; use one of basic, advanced\n"
        "    pulumi config set mode advanced\n"
        "  modee is not a setting; did you mean mode?\n"
        "    pulumi config rm modee"
    )


def test_the_cli_shows_the_message_without_a_traceback():
    assert issubclass(SettingsError, pulumi.RunError)


def test_nothing_is_registered_with_a_wrong_setting(deploy):
    with pytest.raises(SettingsError):
        deploy(mode="turbo", emails=["a@b.co"])


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-isof-south-1", "aws-iso-f")],
)
def test_mode_advanced_is_refused_where_aws_lacks_what_it_needs(complaint, region, partition):
    assert complaint(primary=region, mode="advanced", **EMAILS) == one_problem(
        f"mode is advanced, which needs CloudFront and Cognito's sign-in pages; partition {partition} ({region}) "
        "lacks them",
        "set mode basic",
    )


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-isof-south-1"])
def test_mode_basic_is_accepted_everywhere(read, region):
    assert read(primary=region, **EMAILS).mode == "basic"
