"""Files of every sort land in the bucket; the right words come out."""

import json

import pytest
from boto3.s3.transfer import TransferConfig

from tests.e2e.stack import EVERYONE, wait_until

MEGABYTE = 1024 * 1024


def test_an_upload_becomes_a_mail(stack, unique, tmp_path):
    file = tmp_path / "résumé+1 (final).pdf"
    file.write_bytes(b"x" * 186_368)

    stack.aws.s3.upload_file(str(file), stack.bucket, f"invoices/{unique}/{file.name}")

    (mail,) = stack.wait_for_mails(unique)
    assert mail.subject == f"résumé+1 (final).pdf arrived in invoices/{unique} (182 KB)"
    assert f"invoices/{unique}/résumé+1 (final).pdf\n" in mail.body
    assert "182 KB (186,368 bytes)" in mail.body
    assert stack.bucket in mail.body


@pytest.mark.parametrize(
    "name",
    [
        "with spaces  and two",
        "a+b%2Bc%20d 100%",
        "résumé/日本語 🚀👩‍👩‍👧.pdf",
        "line\nbreak\ttab",
        "<img src=x onerror=alert(1)>\"&'.png",
        "question?hash#semicolon;=&",
        "../up/./and//down",
        "ends with a slash/x/",
    ],
)
def test_an_awkward_key_arrives_as_it_was(stack, unique, name):
    key = f"systems/{unique}/{name}"

    stack.upload(key)

    (message,) = stack.messages(stack.queue, unique)
    assert json.loads(message)["file"]["key"] == key


def test_the_longest_key_arrives_whole_and_under_a_legal_subject(stack, unique):
    key = f"systems/{unique}/".ljust(1021, "x") + "é" + "!"
    assert len(key.encode()) == 1024

    stack.upload(key)

    (message,) = stack.messages(stack.queue, unique)
    (mail,) = stack.wait_for_mails(unique)
    assert json.loads(message)["file"]["key"] == key
    assert key in mail.body
    assert len(mail.subject) < 100


def test_a_line_break_in_a_key_breaks_no_line_of_the_mail(stack, unique):
    stack.upload(f"{unique}\nBcc: evil@example.com")

    (mail,) = stack.wait_for_mails(unique)
    assert mail.subject.startswith(f"{unique}\\u000aBcc: evil@example.com arrived")
    assert "\nBcc:" not in mail.body


def test_markup_in_a_key_is_text_on_the_mailbox_page(stack, unique):
    stack.upload(f"{unique}<img src=x onerror=alert(1)>")
    stack.wait_for_mails(unique)

    page = stack.page()

    assert f"{unique}&lt;img src=x" in page
    assert "<img" not in page


def test_a_file_and_a_folder_of_one_name_are_two_files(stack, unique):
    stack.upload(unique)
    stack.upload(f"{unique}/inside")

    stack.wait_for_mails(unique, count=2)
    assert stack.aws.s3.get_object(Bucket=stack.bucket, Key=unique)["Body"].read() == b"hello"


def test_a_folder_marker_notifies_nobody(stack, unique):
    stack.upload(f"{unique}/", b"")

    stack.settle(f"{unique}/")
    assert stack.mails(unique) == []


def test_an_upload_in_parts_is_one_mail_with_the_whole_size(stack, unique, tmp_path):
    file = tmp_path / "large.bin"
    file.write_bytes(b"x" * (11 * MEGABYTE))

    stack.aws.s3.upload_file(
        str(file),
        stack.bucket,
        unique,
        Config=TransferConfig(multipart_threshold=MEGABYTE, multipart_chunksize=5 * MEGABYTE),
    )

    stack.wait_for_mails(unique)
    stack.settle(unique)
    (mail,) = stack.mails(unique, to=EVERYONE)
    assert "11 MB (11,534,336 bytes)" in mail.body


def test_a_copy_is_an_upload_under_its_new_key(stack, unique):
    stack.upload(f"from/{unique}")
    stack.aws.s3.copy_object(
        Bucket=stack.bucket, Key=f"to/{unique}", CopySource={"Bucket": stack.bucket, "Key": f"from/{unique}"}
    )

    subjects = {mail.subject for mail in stack.wait_for_mails(unique, count=2)}
    assert subjects == {f"{unique} arrived in from (5 bytes)", f"{unique} arrived in to (5 bytes)"}


def test_each_version_is_notified_with_its_own_version_and_size(stack, unique):
    first, second = stack.upload(unique, b"1"), stack.upload(unique, b"22")

    mails = stack.wait_for_mails(unique, count=2)
    assert first != second
    assert {(mail.subject, first in mail.body, second in mail.body) for mail in mails} == {
        (f"{unique} arrived (1 byte)", True, False),
        (f"{unique} arrived (2 bytes)", False, True),
    }


def test_hiding_a_file_and_deleting_a_version_are_distinguished(stack, unique):
    version = stack.upload(unique)

    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=unique)
    (hidden,) = stack.wait_for_mails(unique, to="changes@example.com")
    stack.aws.s3.delete_object(Bucket=stack.bucket, Key=unique, VersionId=version)

    hidden, deleted = stack.wait_for_mails(unique, to="changes@example.com", count=2)
    assert hidden.subject.startswith(f"{unique} was removed")
    assert deleted.subject.startswith(f"{unique}: a version was permanently deleted")
    assert version in deleted.body


def test_a_restored_file_is_notified(stack, unique):
    stack.upload(unique, StorageClass="GLACIER")

    stack.aws.s3.restore_object(Bucket=stack.bucket, Key=unique, RestoreRequest={"Days": 1})

    (mail,) = stack.wait_for_mails(unique, to="changes@example.com")
    assert mail.subject.startswith(f"{unique} was restored")


def test_what_is_uploaded_can_be_downloaded(stack, unique):
    stack.upload(unique, b"content")

    found = wait_until(lambda: stack.aws.s3.get_object(Bucket=stack.bucket, Key=unique))
    assert found["Body"].read() == b"content"
    assert found["ServerSideEncryption"] == "AES256"
