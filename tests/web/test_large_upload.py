"""A large file through the page: a line that breaks, a reload, and still the same bytes and one notification."""

from __future__ import annotations

from hashlib import file_digest, sha256

import pytest

from tests.e2e.stack import wait_until

MEGABYTES = 300
PARTS = 6  # of 52 MB
CHUNK = 4 * 1024 * 1024


@pytest.fixture
def recording(tmp_path):
    """Every part has bytes of its own: one that is sent twice, or in another's place, changes the checksum."""
    path = tmp_path / "recording.bin"
    with path.open("wb") as file:
        for number in range(MEGABYTES * 1024 * 1024 // CHUNK):
            file.write(number.to_bytes(4, "big") * (CHUNK // 4))
    return path


@pytest.fixture
def line(signed_in):
    """line(None) cuts the page's connection, line(20) lets it send 20 MB a second, line(-1) as much as it can."""
    session = signed_in.context.new_cdp_session(signed_in)
    session.send("Network.enable")

    def conditions(megabytes: int | None) -> None:
        limit = (megabytes or 0) * 1024 * 1024 if megabytes != -1 else -1
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": megabytes is None, "latency": 0, "downloadThroughput": -1, "uploadThroughput": limit},
        )

    return conditions


def arrived_parts(stack, file: str) -> int | None:
    """How many parts of the file's unfinished upload S3 has; None without one."""
    s3, bucket = stack.aws.s3, stack.bucket
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        if upload["Key"].endswith(f"/{file}"):
            parts = s3.list_parts(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            return len(parts.get("Parts", []))
    return None


def test_300_mb_survive_two_cuts_of_the_line_and_a_reload(signed_in, stack, recording, line):
    line(20)  # a part in more than two seconds: each cut comes in the middle, on a slow machine too
    signed_in.get_by_role("button", name="Upload", exact=True).click()
    signed_in.locator("input[type=file]").set_input_files(recording)

    def has_arrived(parts: int) -> bool:
        # A part that was on its way is lost, and the page asks whether to go on; between parts it waits for the line.
        again = signed_in.get_by_role("button", name=f"Try {recording.name} again")
        if again.is_visible():
            again.click()
        return (arrived_parts(stack, recording.name) or 0) >= parts

    for cut in (1, 2):
        wait_until(lambda cut=cut: has_arrived(cut), f"part {cut} did not arrive")
        line(None)
        signed_in.get_by_text("You are offline").first.wait_for()
        line(20)
    wait_until(lambda: has_arrived(3), "the upload did not go on")
    signed_in.reload()
    signed_in.get_by_text("Interrupted. Choose the file again to continue").wait_for()
    before = arrived_parts(stack, recording.name)
    line(-1)
    signed_in.locator("input[type=file]").set_input_files(recording)
    signed_in.get_by_role("heading", name="1 file uploaded").wait_for(timeout=180_000)

    assert before in range(3, PARTS)
    (stored,) = stack.aws.s3.list_objects_v2(Bucket=stack.bucket, Prefix="people/maria/recording")["Contents"]
    body = stack.aws.s3.get_object(Bucket=stack.bucket, Key=stored["Key"])["Body"]
    received = sha256()
    for chunk in body.iter_chunks(CHUNK):
        received.update(chunk)
    with recording.open("rb") as file:
        assert received.hexdigest() == file_digest(file, "sha256").hexdigest()
    signed_in.get_by_role("link", name=f"See it: {recording.name}").click()
    signed_in.get_by_text("Processed").first.wait_for()
    wait_until(lambda: stack.decisions(stored["Key"]), "notify has not decided")
    assert len(stack.wait_for_mails(recording.name, to="you@example.com")) == 1
    assert arrived_parts(stack, recording.name) is None
