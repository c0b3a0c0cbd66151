"""Two regions on one emulator: each notifies about its own files, and one page shows them all."""

from __future__ import annotations

import httpx
import pytest

from domain.events import file_id_of
from local.emulator.aws import Aws
from local.people import Client
from tests.api.people import Api, add_person, refusal, sign_in
from tests.e2e.stack import EVERYONE, Stack, running, wait_until

pytestmark = pytest.mark.xdist_group("regions")

HOME, FAR, PASSING = "us-east-1", "ap-southeast-1", "eu-west-1"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The stack, with `far`: the AWS and the outputs of its additional region."""
    settings = {"emails": [EVERYONE], "replicaRegions": [FAR]}
    with running(Stack(tmp_path_factory.mktemp("regions"), "--mode", "advanced", **settings)) as started:
        yield started


@pytest.fixture(scope="module")
def far(both) -> tuple[Aws, dict[str, str]]:
    return both.aws.at(FAR), both.outputs["regions"][FAR]


@pytest.fixture(scope="module")
def lena(both, http) -> Api:
    add_person(both, "lena", "admins")
    return Api(http, both, sign_in(http, Client.of_page(both.outputs), "lena").access, "lena")


@pytest.fixture(scope="module")
def files(both, far, lena) -> dict[str, str]:
    """One file of each region, under the same key; by region the id. Both are processed."""
    buckets = {HOME: (both.aws, both.bucket), FAR: (far[0], far[1]["bucketName"])}
    for region, (aws, bucket) in buckets.items():
        aws.s3.put_object(Bucket=bucket, Key="report.txt", Body=f"from {region}\n".encode())
    ids = {region: file_id_of(bucket, "report.txt") for region, (_, bucket) in buckets.items()}
    for file_id in ids.values():
        lena.wait_for(file_id)
    return ids


def test_one_list_shows_the_files_of_both_regions(lena, files):
    shown = {file["id"]: file["region"] for file in lena.listed()}

    assert {shown[files[HOME]], shown[files[FAR]]} == {HOME, FAR}


def test_a_prefix_lists_region_by_region_the_stacks_own_first(lena, files):
    assert [file["id"] for file in lena.listed(prefix="report")] == [files[HOME], files[FAR]]


def test_no_file_of_any_region_is_lost_between_pages(lena, files):
    assert [file["id"] for file in lena.listed(prefix="report", limit=1)] == [files[HOME], files[FAR]]


def test_every_region_mails_about_its_own_files(both, files):
    assert files
    for region in (HOME, FAR):
        (mail,) = wait_until(
            lambda region=region: [mail for mail in both.mails(f"({region})") if mail.subject.startswith("report.txt")],
            f"no mail about the file in {region}",
        )
        assert mail.subject.startswith("report.txt arrived")


@pytest.mark.parametrize("region", [HOME, FAR])
def test_a_file_is_downloaded_from_its_own_region(lena, files, region):
    url = lena.found(f"/files/{files[region]}/download")["url"]

    assert httpx.get(url).text == f"from {region}\n"
    assert f"%2F{region}%2Fs3%2F" in url


@pytest.mark.parametrize("region", [HOME, FAR])
def test_the_page_may_read_a_preview_from_the_files_own_region(both, lena, files, region):
    preview, origin = lena.found(f"/files/{files[region]}/preview"), both.outputs["webUrl"].rstrip("/")

    answer = httpx.get(preview["url"], headers={"Range": preview["range"], "Origin": origin})

    assert (answer.text, answer.headers["access-control-allow-origin"]) == (f"from {region}\n", origin)
    assert f"%2F{region}%2Fs3%2F" in preview["url"]


@pytest.mark.parametrize("region", [HOME, FAR])
def test_a_file_is_looked_into_again_in_its_own_region(both, lena, files, region):
    before = lena.found(f"/files/{files[region]}")
    both.aws.at(region).dynamodb.update_item(
        TableName=both.outputs["tableName"],
        Key={"id": {"S": files[region]}},
        UpdateExpression="SET #status = :received REMOVE sha256, facts, processedAt",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":received": {"S": "received"}},
    )

    answer = lena.call("POST", f"/files/{files[region]}/reprocess")

    assert (answer.status_code, answer.json()) == (202, {"id": files[region]})
    assert lena.wait_for(files[region])["sha256"] == before["sha256"]


def test_a_file_that_nobody_knows_is_not_put_into_any_queue(lena):
    refusal(lena.call("POST", f"/files/{'0' * 32}/reprocess"), 404)


def test_an_upload_through_the_page_goes_to_the_stacks_own_region(lena, both):
    assert both.bucket in lena.ask_to_upload("note.txt")["url"]


def test_a_deletion_reaches_the_region_of_the_file(far, lena):
    aws, outputs = far
    aws.s3.put_object(Bucket=outputs["bucketName"], Key="gone.txt", Body=b"x")
    file_id = file_id_of(outputs["bucketName"], "gone.txt")
    lena.wait_for(file_id)

    assert lena.call("DELETE", f"/files/{file_id}").status_code == 204

    lena.wait_for(file_id, "removed")
    assert "Contents" not in aws.s3.list_objects_v2(Bucket=outputs["bucketName"], Prefix="gone")


def test_each_region_counts_its_own_notifications_and_both_know_the_others_items(both, far, files):
    items = far[0].dynamodb.scan(TableName=both.outputs["tableName"])["Items"]
    found = {item["id"]["S"] for item in items}

    assert set(files.values()) <= found
    assert {one.split("#")[1] for one in found if one.startswith("counters#")} >= {HOME, FAR}


def test_a_region_that_is_protected_cannot_go(both):
    answer = both.local("set", "replicaRegions", "[]")

    assert answer.returncode != 0
    assert f"file-notifications-{FAR}-uploads-bucket" in answer.stderr
    assert f"file-notifications-{FAR}-catalogue-replica" in answer.stderr
    assert both.outputs["regions"].keys() >= {FAR}


def test_a_region_comes_and_goes_and_takes_nothing_of_the_others_with_it(both, lena, files):
    both.set(replicaRegions=[FAR, PASSING], protectData="false")
    aws, outputs = both.aws.at(PASSING), both.outputs["regions"][PASSING]
    aws.s3.put_object(Bucket=outputs["bucketName"], Key="report.txt", Body=b"passing by")
    passing = file_id_of(outputs["bucketName"], "report.txt")
    lena.wait_for(passing)
    assert passing in {file["id"] for file in lena.listed()}

    both.set(replicaRegions=[FAR], protectData="true")

    assert both.outputs["regions"].keys() == {FAR}
    assert [file["id"] for file in lena.listed(prefix="report")] == [files[HOME], files[FAR]]
    assert passing not in {file["id"] for file in lena.listed()}
    refusal(lena.get(f"/files/{passing}"), 404)
    assert outputs["bucketName"] not in {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}
    assert aws.lambda_.list_functions()["Functions"] == []
    assert aws.dynamodb.list_tables()["TableNames"] == []
