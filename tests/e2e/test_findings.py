"""What is found in files reaches the recipients of the rules that ask for it, once, on the whole program."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.events import file_id_of
from tests.e2e.stack import EVERYONE, Stack, running, wait_until
from tests.handlers.inspectors.files import A_PDF, a_png

CLIENTS = 8
BROKEN_PEOPLE, READY_PEOPLE = "broken@example.com", "ready@example.com"
A_CUT_OFF_ZIP = b"PK\x03\x04" + bytes(60)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """An advanced stack with rules on findings; `queue` receives what is ready, `notes` images."""
    folder = tmp_path_factory.mktemp("findings")
    # Nobody is mailed about the many files: the mails of the others would wait for a digest.
    few = {"name": "few", "prefix": "few/", "to": [EVERYONE]}
    settings = {"rules": [few], "alarmEmails": ["ops@example.com"], "mailsPerMinute": 300}
    with running(Stack(folder, mode="advanced", **settings)) as stack:
        for attribute, name in (("queue", "jobs"), ("notes", "images")):
            setattr(stack, attribute, stack.aws.sqs.create_queue(QueueName=name)["QueueUrl"])
        stack.set(
            rules=[
                few,
                {"name": "ready", "events": ["processed"], "to": [stack.aws.arn("sqs", "jobs")]},
                {"name": "ready files", "prefix": "few/", "events": ["processed"], "to": [READY_PEOPLE]},
                {"name": "broken", "events": ["broken"], "to": [BROKEN_PEOPLE]},
                {
                    "name": "images",
                    "events": ["processed", "broken"],
                    "contentType": "image/*",
                    "to": [stack.aws.arn("sqs", "images")],
                },
            ]
        )
        yield stack


def test_a_healthy_file_a_cut_off_archive_and_an_image_called_pdf(found, unique):
    found.upload(f"few/{unique}.pdf", A_PDF)
    found.upload(f"few/{unique}.zip", A_CUT_OFF_ZIP)
    found.upload(f"few/{unique}-scan.pdf", a_png())

    (ready,) = found.wait_for_mails(unique, to=READY_PEOPLE)
    assert ready.subject == f"ready: {unique}.pdf in few ({len(A_PDF)} bytes)"
    broken = {mail.subject.split()[1]: mail for mail in found.wait_for_mails(unique, to=BROKEN_PEOPLE, count=2)}
    assert set(broken) == {f"{unique}.zip", f"{unique}-scan.pdf"}
    assert "The archive is cut off" in broken[f"{unique}.zip"].body
    assert "The name says .pdf, the content is a PNG image." in broken[f"{unique}-scan.pdf"].body

    (job,) = [json.loads(body) for body in found.messages(found.queue, unique)]
    assert (job["schema"], job["event"]) == ("file-notifications/upload/2", "processed")
    assert (job["file"]["key"], job["content"]["type"]) == (f"few/{unique}.pdf", "application/pdf")
    (image,) = [json.loads(body) for body in found.messages(found.notes, unique)]
    assert (image["event"], image["problem"]["code"]) == ("broken", "mismatch")


def test_messages_that_come_again_announce_nothing_again(found, unique):
    key = f"few/{unique}.zip"
    version = found.upload(key, A_CUT_OFF_ZIP)
    (first,) = found.wait_for_mails(unique, to=BROKEN_PEOPLE)
    (arrived,) = found.wait_for_mails(unique)
    again = {"schema": "file-notifications/reprocess/1", "id": file_id_of(found.bucket, key), "requestedBy": "maria"}
    for _ in range(3):
        found.aws.sqs.send_message(QueueUrl=found.outputs["workQueueUrl"], MessageBody=json.dumps(again))
    marker = f"few/{unique}-marker.zip"
    found.upload(marker, A_CUT_OFF_ZIP)
    found.wait_for_mails(marker, to=BROKEN_PEOPLE)
    wait_until(lambda: not found.waiting_in(found.outputs["workQueueUrl"]), "work is not done")

    assert version in first.body
    assert sorted(mail.subject for mail in found.mails(key)) == sorted([first.subject, arrived.subject])


def test_every_upload_of_a_storm_is_announced_once(found, unique, size):
    """500 files at full size."""
    keys = [f"many/{unique}/{number:03}.pdf" for number in range(size(500))]
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda key: found.upload(key, A_PDF), keys))

    bodies = found.messages(found.queue, unique, count=len(keys), seconds=300)
    wait_until(lambda: not found.waiting_in(found.outputs["workQueueUrl"]), "work is not done")
    announced = Counter(json.loads(body)["file"]["key"] for body in bodies)
    assert announced == Counter(keys)
    assert found.waiting_in(found.queue) == 0
    assert found.waiting_in(found.outputs["workDeadLettersUrl"]) == 0
