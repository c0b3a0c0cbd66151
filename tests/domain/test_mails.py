"""Whole mails, as a reader sees them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.digests import digest_notification
from domain.envelopes import raw_records
from domain.events import file_id_of
from domain.findings import Finding, Problem
from domain.notifications import Routing, upload_notification
from domain.rules import matching
from domain.s3_events import file_event
from tests.examples import a_file, a_finding, a_rule, golden

INVOICES = a_rule(name="invoices", prefix="invoices/", suffix=".pdf", events=("created", "removed", "restored"))
ARCHIVE = a_rule(name="archive", prefix="archive/", events=("restored",))
REPORTS = a_rule(name="reports", prefix="reports/", events=("created", "removed"))


def mail(event, *rules, partition="aws", page=""):
    notified = matching(rules, event)
    people = Routing(deliver=tuple(rule.name for rule in notified))
    return as_read(upload_notification(event, notified, people, partition=partition, page=page))


def as_read(notification):
    return f"Subject: {notification.subject}\n\n{notification.text}"


def first(name):
    return file_event(raw_records(golden(name))[0])


def test_an_uploaded_file():
    assert mail(a_file(), INVOICES) == (
        """\
Subject: invoice-0423.pdf arrived in invoices/2026 (182 KB)

invoice-0423.pdf arrived in invoices/2026.

  File       invoices/2026/invoice-0423.pdf
  Size       182 KB (186,368 bytes)
  Uploaded   2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-1a2b3c4 (eu-west-1)
  Version    3sL4kqtJlcpXroDTDmJ

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-1a2b3c4?region=eu-west-1\
&prefix=invoices%2F2026%2Finvoice-0423.pdf&versionId=3sL4kqtJlcpXroDTDmJ

You get this because rule "invoices" matches invoices/*.pdf.
"""
    )


def test_where_there_is_a_web_interface_it_is_linked_first():
    text = mail(a_file(), INVOICES, page="https://d111abc.cloudfront.net")

    assert f"\n\n  See it     https://d111abc.cloudfront.net/files/{a_file().file_id}\n  Console    https://" in text


def test_a_removed_file_has_no_link_to_the_web_interface():
    assert "See it" not in mail(a_file(action="removed"), INVOICES, page="https://d111abc.cloudfront.net")


def test_a_digest_leads_to_the_list_of_files():
    files = [a_file(), a_file(key="invoices/2.pdf")]

    text = as_read(digest_notification(files, INVOICES, page="https://d111abc.cloudfront.net"))
    assert "\n\n  See them   https://d111abc.cloudfront.net/files\n\nYou get this" in text


def test_a_file_at_the_top_of_a_bucket_without_versions():
    event = first("s3_put_plus_and_space")

    assert mail(event, a_rule()) == (
        """\
Subject: red flower+1.jpg arrived (1.0 KB)

red flower+1.jpg arrived.

  File       red flower+1.jpg
  Size       1.0 KB (1,024 bytes)
  Uploaded   2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-bucket-1a2b3c4 (eu-west-1)

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-bucket-1a2b3c4\
?region=eu-west-1&prefix=red%20flower%2B1.jpg

You get this because rule "every file" matches every file.
"""
    )


def test_an_empty_file_in_china():
    event = a_file(region="cn-north-1", size=0, by="", version_id="")

    assert mail(event, INVOICES, partition="aws-cn") == (
        """\
Subject: invoice-0423.pdf arrived in invoices/2026 (0 bytes)

invoice-0423.pdf arrived in invoices/2026.

  File       invoices/2026/invoice-0423.pdf
  Size       0 bytes
  Uploaded   2026-11-23 08:41:07 UTC
  Bucket     file-notifications-uploads-1a2b3c4 (cn-north-1)

  Console    https://cn-north-1.console.amazonaws.cn/s3/object/file-notifications-uploads-1a2b3c4?region=cn-north-1\
&prefix=invoices%2F2026%2Finvoice-0423.pdf

You get this because rule "invoices" matches invoices/*.pdf.
"""
    )


def test_a_file_that_a_delete_marker_hides():
    assert mail(first("s3_delete_marker"), REPORTS) == (
        """\
Subject: summary.pdf was removed from reports

summary.pdf was removed from reports.

  File       reports/summary.pdf
  Removed    2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-bucket-1a2b3c4 (eu-west-1)
  Version    bDELv8wzPpdpKyPtEXAMPLEmarker
  Kept       the earlier versions are still in the bucket

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-bucket-1a2b3c4\
?region=eu-west-1&prefix=reports%2Fsummary.pdf&versionId=bDELv8wzPpdpKyPtEXAMPLEmarker

You get this because rule "reports" matches reports/*.
"""
    )


def test_a_file_that_is_deleted_permanently():
    assert mail(first("s3_delete"), REPORTS) == (
        """\
Subject: summary.pdf: a version was permanently deleted from reports

summary.pdf: a version was permanently deleted from reports.

  File       reports/summary.pdf
  Removed    2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-bucket-1a2b3c4 (eu-west-1)
  Version    096fKKXTRTtl3on89fVO.nfljtsv6qko

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-bucket-1a2b3c4\
?region=eu-west-1&prefix=reports%2Fsummary.pdf&versionId=096fKKXTRTtl3on89fVO.nfljtsv6qko

You get this because rule "reports" matches reports/*.
"""
    )


def test_a_file_that_is_restored_from_an_archive():
    assert mail(first("s3_restore_completed"), ARCHIVE, a_rule(events=("restored",))) == (
        """\
Subject: ledger.zip was restored in archive/2019 (50 MB)

ledger.zip was restored in archive/2019.

  File       archive/2019/ledger.zip
  Size       50 MB (52,428,800 bytes)
  Restored   2026-11-23 08:41:07 UTC by A3NL1KOZZKExample
  Bucket     file-notifications-uploads-bucket-1a2b3c4 (eu-west-1)
  Version    096fKKXTRTtl3on89fVO.nfljtsv6qko
  Until      2026-11-30 00:00:00 UTC

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-bucket-1a2b3c4\
?region=eu-west-1&prefix=archive%2F2019%2Fledger.zip&versionId=096fKKXTRTtl3on89fVO.nfljtsv6qko

You get this because rule "archive" matches archive/* and rule "every file" matches every file.
"""
    )


def test_a_file_whose_name_would_deceive():
    event = a_file(key="invoices/fdp.\u202eexe\nBcc: everybody@example.com", size=1, by="eve\r\nFile       safe.pdf")

    assert mail(event, a_rule()) == (
        """\
Subject: fdp.\\u202eexe\\u000aBcc: everybody@example.com arrived in invoices (1 byte)

fdp.\\u202eexe\\u000aBcc: everybody@example.com arrived in invoices.

  File       invoices/fdp.\\u202eexe\\u000aBcc: everybody@example.com
  Size       1 byte
  Uploaded   2026-11-23 08:41:07 UTC by eve\\u000d\\u000aFile       safe.pdf
  Bucket     file-notifications-uploads-1a2b3c4 (eu-west-1)
  Version    3sL4kqtJlcpXroDTDmJ

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-1a2b3c4?region=eu-west-1\
&prefix=invoices%2Ffdp.%E2%80%AEexe%0ABcc%3A%20everybody%40example.com&versionId=3sL4kqtJlcpXroDTDmJ

You get this because rule "every file" matches every file.
"""
    )


READY = a_rule(name="photos", prefix="photos/", content_type="image/*", events=("processed", "clean"))
WRONG = a_rule(name="wrong", events=("broken", "infected"))
PHOTO = {"key": "photos/summer.jpg", "size": 2_202_010}
CUT_OFF = Problem(code="broken", message="The archive is cut off: its end is missing.")
A_ZIP = a_finding(kind="broken", content_type="application/zip", facts=(), problem=CUT_OFF)
NOT_A_PDF = a_finding(
    kind="broken",
    content_type="image/png",
    facts=(("Extension", "says .pdf, content is a PNG image"),),
    problem=Problem(code="mismatch", message="The name says .pdf, the content is a PNG image."),
)


def test_a_file_that_is_ready():
    assert mail(a_file(**PHOTO, finding=a_finding()), READY, page="https://d111abc.cloudfront.net") == (
        f"""\
Subject: ready: summer.jpg in photos (2.1 MB)

summer.jpg in photos is ready.

It was read to its end, and its name does not contradict its content.

  File       photos/summer.jpg
  Size       2.1 MB (2,202,010 bytes)
  Uploaded   2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-1a2b3c4 (eu-west-1)
  Version    3sL4kqtJlcpXroDTDmJ
  Inspected  2026-11-23 08:41:12 UTC
  Type       image/jpeg
  Camera     Acme 12
  Taken      2026-11-22 16:03:11
  SHA-256    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

  See it     https://d111abc.cloudfront.net/files/{file_id_of(a_file().bucket, PHOTO["key"])}
  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-1a2b3c4?region=eu-west-1\
&prefix=photos%2Fsummer.jpg&versionId=3sL4kqtJlcpXroDTDmJ

You get this because rule "photos" matches photos/* of type image/*.
"""
    )


def test_a_long_name_of_a_fact_keeps_all_values_in_one_column():
    text = mail(
        a_file(**PHOTO, finding=a_finding(facts=(("Longest line", "219 characters"),))), READY, page="https://p"
    )

    rows = [line for line in text.splitlines() if line.startswith("  ")]

    assert "  Longest line 219 characters" in rows
    assert [line for line in rows if line[14] != " " or line[15] == " "] == []


def test_a_file_that_is_broken():
    assert mail(a_file(key="in/orders.zip", finding=A_ZIP), WRONG) == (
        """\
Subject: broken: orders.zip in in (182 KB)

orders.zip in in is broken.

The archive is cut off: its end is missing.

The file stays in the bucket as it was uploaded. Programs will fail to read it: ask for it again.

  File       in/orders.zip
  Size       182 KB (186,368 bytes)
  Uploaded   2026-11-23 08:41:07 UTC by maria
  Bucket     file-notifications-uploads-1a2b3c4 (eu-west-1)
  Version    3sL4kqtJlcpXroDTDmJ
  Inspected  2026-11-23 08:41:12 UTC
  Type       application/zip
  SHA-256    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

  Console    https://eu-west-1.console.aws.amazon.com/s3/object/file-notifications-uploads-1a2b3c4?region=eu-west-1\
&prefix=in%2Forders.zip&versionId=3sL4kqtJlcpXroDTDmJ

You get this because rule "wrong" matches every file.
"""
    )


def test_a_file_that_is_not_what_its_name_says():
    text = mail(a_file(finding=NOT_A_PDF), WRONG)

    assert text.startswith(
        """\
Subject: broken: invoice-0423.pdf in invoices/2026 (182 KB)

invoice-0423.pdf in invoices/2026 is broken.

The name says .pdf, the content is a PNG image.

The file stays in the bucket as it was uploaded. Programs that go by its name will fail to read it, and people may \
open what they do not expect.

  File       invoices/2026/invoice-0423.pdf
"""
    )
    assert "\n  Extension  says .pdf, content is a PNG image\n" in text


def test_a_file_that_is_infected():
    finding = a_finding(kind="infected", threats=("EICAR-Test-File", "b", "c", "d"))

    assert mail(a_file(**PHOTO, finding=finding), WRONG).startswith(
        """\
Subject: infected: summer.jpg in photos (2.1 MB)

summer.jpg in photos is infected.

The malware scan found EICAR-Test-File, b, c and 1 more.

"""
    )


def test_a_clean_file_that_is_broken_is_not_called_just_clean():
    assert mail(a_file(key="in/orders.zip", finding=replace(A_ZIP, kind="clean")), WRONG).startswith(
        """\
Subject: clean, but broken: orders.zip in in (182 KB)

orders.zip in in is clean, but broken.

The archive is cut off: its end is missing.

The malware scan found nothing in it. The file stays in the bucket as it was uploaded. Programs will fail to read it: \
ask for it again.

"""
    )


def test_an_infected_file_that_is_broken_stays_infected():
    assert mail(a_file(finding=replace(NOT_A_PDF, kind="infected", threats=("EICAR",))), WRONG).startswith(
        """\
Subject: infected: invoice-0423.pdf in invoices/2026 (182 KB)

invoice-0423.pdf in invoices/2026 is infected.

The malware scan found EICAR. The name says .pdf, the content is a PNG image.

Page and API refuse to hand it out; anyone who may read the bucket directly still can. It stays there until it is \
deleted: do not open it.

"""
    )


def test_a_clean_file_that_could_not_be_inspected_says_so():
    text = mail(a_file(finding=Finding(kind="clean", time="2026-11-23T08:41:12Z")), WRONG)

    assert "The malware scan found nothing in it. It could not be inspected; its page says why.\n" in text


def test_a_finding_is_named_first_where_its_file_lies_at_the_top():
    assert mail(a_file(key="a.zip", finding=A_ZIP), WRONG).startswith(
        "Subject: broken: a.zip (182 KB)\n\na.zip is broken.\n\nThe archive is cut off"
    )


@pytest.mark.parametrize(
    ("finding", "sms"),
    [
        (a_finding(), "ready: invoice-0423.pdf (182 KB)"),
        (A_ZIP, "broken: invoice-0423.pdf (182 KB): The archive is cut off: its end is…"),
        (a_finding(kind="clean"), "clean: invoice-0423.pdf (182 KB)"),
        (replace(A_ZIP, kind="clean"), "clean, but broken: invoice-0423.pdf (182 KB): The archive is cut off:…"),
        (
            a_finding(kind="infected", threats=("EICAR",)),
            "infected: invoice-0423.pdf (182 KB): The malware scan found EICAR.",
        ),
    ],
)
def test_an_sms_of_a_finding_says_it_first(finding, sms):
    assert upload_notification(a_file(finding=finding), [], Routing(), partition="aws").sms == sms


def test_a_digest_of_findings():
    events = [
        a_file(key="in/1.pdf", size=1024, time="2026-11-23T08:39:00.000Z"),
        a_file(key="in/2.zip", size=2048, finding=A_ZIP),
        a_file(key="in/3.zip", size=4096, finding=A_ZIP),
        a_file(key="in/4.jpg", size=8192, finding=a_finding()),
    ]

    assert as_read(digest_notification(events, a_rule())) == (
        """\
Subject: 2 files are broken (6.0 KB), 1 arrived (1.0 KB), 1 is ready (8.0 KB), 08:39–08:41 UTC

2 files are broken (6.0 KB), 1 arrived (1.0 KB), 1 is ready (8.0 KB), 08:39–08:41 UTC.

  in/    4 files      15 KB

  in/1.pdf     1.0 KB
  in/2.zip     2.0 KB  broken: The archive is cut off: its end is missing.
  in/3.zip     4.0 KB  broken: The archive is cut off: its end is missing.
  in/4.jpg     8.0 KB      ready

You get this because rule "every file" matches every file.
"""
    )


def test_a_digest_counts_a_file_once_in_its_folder_whatever_was_found_in_it():
    infected = a_finding(kind="infected", threats=("EICAR",))
    events = [
        a_file(key="in/1.zip", size=1024),
        a_file(key="in/1.zip", size=1024, finding=A_ZIP),
        a_file(key="in/2.zip", size=2048, finding=A_ZIP),
        a_file(key="in/2.zip", size=2048, finding=infected),
    ]

    digest = digest_notification(events, WRONG)

    assert "\n  in/    2 files     3.0 KB\n" in digest.text
    assert digest.payload is not None
    assert digest.payload["files"] == 2


def test_an_sms_is_the_short_of_it():
    notification = upload_notification(a_file(), [INVOICES], Routing(deliver=("invoices",)), partition="aws")

    assert notification.sms == "invoice-0423.pdf arrived (182 KB)"


def test_a_digest_of_many_files():
    events = [
        a_file(key="invoices/2026/0001.pdf", size=186_368, time="2026-11-23T08:41:07.123Z"),
        a_file(key="invoices/2026/0002.pdf", size=1_048_576, time="2026-11-23T08:44:59.000Z"),
        a_file(action="removed", key="old.txt", size=None, time="2026-11-23T08:41:00.000Z"),
    ]

    digest = digest_notification(events, a_rule())

    assert digest.sms == "2 files arrived (1.2 MB), 1 was removed"
    assert as_read(digest) == (
        """\
Subject: 2 files arrived (1.2 MB), 1 was removed, 08:41–08:44 UTC

2 files arrived (1.2 MB), 1 was removed, 08:41–08:44 UTC.

  invoices/2026/         2 files     1.2 MB
  (top of the bucket)     1 file    0 bytes

  old.txt                              removed
  invoices/2026/0001.pdf     182 KB
  invoices/2026/0002.pdf     1.0 MB

You get this because rule "every file" matches every file.
"""
    )
