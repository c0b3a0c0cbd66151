"""Whole mails, as a reader sees them."""

from __future__ import annotations

from domain.digests import digest_notification
from domain.envelopes import raw_records
from domain.events import file_event
from domain.notifications import Routing, upload_notification
from domain.rules import matching
from tests.examples import a_file, a_rule, golden

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


def test_an_sms_is_the_short_of_it():
    notification = upload_notification(a_file(), [INVOICES], Routing(deliver=("invoices",)), partition="aws")

    assert notification.sms == "invoice-0423.pdf arrived (182 KB)"


def test_a_digest_of_many_files():
    events = [
        a_file(key="invoices/2026/0001.pdf", size=186_368, time="2026-11-23T08:41:07.123Z"),
        a_file(key="invoices/2026/0002.pdf", size=1_048_576, time="2026-11-23T08:44:59.000Z"),
        a_file(action="removed", key="old.txt", size=None, time="2026-11-23T08:42:00.000Z"),
    ]

    assert as_read(digest_notification(events, a_rule())) == (
        """\
Subject: 2 files arrived (1.2 MB), 1 was removed, 08:41–08:44 UTC

2 files arrived (1.2 MB), 1 was removed, 08:41–08:44 UTC.

  invoices/2026/         2 files     1.2 MB
  (top of the bucket)     1 file    0 bytes

  invoices/2026/0001.pdf     182 KB
  old.txt                              removed
  invoices/2026/0002.pdf     1.0 MB

You get this because rule "every file" matches every file.
"""
    )
