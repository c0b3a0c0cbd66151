"""Files are listed, described, downloaded and deleted; a request for what is not there reveals nothing else."""

import base64
import hashlib
from datetime import datetime

import pytest

from tests.api.people import refusal
from tests.examples import as_cursor


def test_the_list_is_newest_first(maria, put_all, unique):
    put_all(f"{unique}/a", f"{unique}/b", f"{unique}/c")

    times = [datetime.fromisoformat(file["uploadedAt"]) for file in maria.listed()]

    assert times == sorted(times, reverse=True)


def test_a_page_holds_no_more_than_its_limit(maria, put_all, unique):
    put_all(*(f"{unique}/{name}" for name in "abc"))

    page = maria.found("/files", limit=2)

    assert len(page["files"]) == 2
    assert page["cursor"]


def test_pages_are_stable_while_uploads_go_on(maria, put_all, unique):
    before = put_all(*(f"{unique}/{number}" for number in range(5)))
    page = maria.found("/files", limit=2)
    seen = [file["id"] for file in page["files"]]

    while "cursor" in page and not set(before) <= set(seen):
        later = put_all(f"{unique}/later-{len(seen)}")
        page = maria.found("/files", limit=2, cursor=page["cursor"])
        assert not set(later) & {file["id"] for file in page["files"]}
        seen += [file["id"] for file in page["files"]]

    assert [file_id for file_id in seen if file_id in before] == before[::-1]
    assert len(set(seen)) == len(seen)


def test_the_last_page_has_no_cursor(maria, put_all, unique):
    put_all(f"{unique}/only")
    assert "cursor" not in maria.found("/files", prefix=f"{unique}/")


def test_a_new_upload_is_on_the_first_page(maria, put_all, unique):
    (newest,) = put_all(f"{unique}/newest")
    assert maria.found("/files", limit=1)["files"][0]["id"] == newest


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "1e1", "", "99999999999", "٣"])
def test_a_limit_out_of_range_is_refused(maria, limit):
    assert "limit" in refusal(maria.get("/files", limit=limit), 400)


@pytest.mark.parametrize("limit", [1, 100])
def test_the_limits_ends_are_accepted(maria, limit):
    assert maria.get("/files", limit=limit).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        "x",
        "é",
        "!!!!",
        "bm90IGpzb24",
        as_cursor({}),
        as_cursor({"arrived": "2026-13", "id": ""}),
        as_cursor({"arrived": "2026-11"}),
        as_cursor({"arrived": "2026-11", "id": "0" * 32, "month": "2026-11"}),
        as_cursor({"arrived": "2026-11-01T00:00:00Z", "id": "day#2026-11-01"}),
        as_cursor({"arrived": 5, "id": "0" * 32}),
        as_cursor({"arrived": "2026-11-01T00:00:00Z", "id": []}),
        as_cursor({"prefix": "a", "after": "a"}),
        base64.urlsafe_b64encode(b"[" * 1500).decode(),
    ],
)
def test_a_forged_cursor_is_refused(maria, forged):
    assert "cursor" in refusal(maria.get("/files", cursor=forged), 400)


def test_a_cursor_longer_than_any_is_refused(maria):
    assert "cursor" in refusal(maria.get("/files", cursor="a" * 2049), 400)


def test_a_cursor_of_another_prefix_is_refused(maria, put_all, unique):
    put_all(f"{unique}/a/1", f"{unique}/a/2")
    handed_out = maria.found("/files", prefix=f"{unique}/a/", limit=1)["cursor"]

    assert "prefix" in refusal(maria.get("/files", prefix=f"{unique}/b/", cursor=handed_out), 400)
    refusal(maria.get("/files", cursor=handed_out), 400)


def test_a_cursor_that_points_behind_its_prefix_is_refused(maria):
    refusal(maria.get("/files", prefix="a/", cursor=as_cursor({"prefix": "a/", "after": "b/secret"})), 400)


def test_a_misspelled_parameter_does_not_list_everything(maria):
    assert "prefx" in refusal(maria.get("/files", prefx="a/"), 400)


def test_a_prefix_lists_what_lies_under_it_in_the_order_of_keys(maria, put_all, unique):
    put_all(f"{unique}/b.txt", f"{unique}/a.txt", f"{unique}-not/c.txt")
    assert [file["key"] for file in maria.listed(prefix=f"{unique}/")] == [f"{unique}/a.txt", f"{unique}/b.txt"]


def test_a_prefix_is_listed_page_by_page(maria, put_all, unique):
    keys = [f"{unique}/{name}" for name in ("a b", "a+c", "ä", "文件")]
    put_all(*keys)
    assert [file["key"] for file in maria.listed(prefix=f"{unique}/", limit=1)] == sorted(keys)


def test_a_prefix_under_which_nothing_lies_is_an_empty_list(maria, unique):
    assert maria.found("/files", prefix=f"{unique}/nothing/") == {"files": []}


def test_a_prefix_longer_than_any_key_is_refused(maria):
    assert "prefix" in refusal(maria.get("/files", prefix="ä" * 513), 400)


def test_details_are_there_after_processing(maria, put, unique):
    body = f"hello {unique}\n".encode()

    details = maria.wait_for(put(f"{unique}/folder/note.txt", body))

    assert details["key"] == f"{unique}/folder/note.txt"
    assert (details["folder"], details["name"]) == (f"{unique}/folder", "note.txt")
    assert details["size"] == len(body)
    assert details["sha256"] == hashlib.sha256(body).hexdigest()
    assert details["contentType"] == "text/plain"
    assert {"label": "Lines", "value": "1"} in details["facts"]
    assert details["processedAt"] >= details["uploadedAt"][:19]


def test_a_download_is_the_file_byte_by_byte(maria, http, put, unique):
    body = bytes(range(256)) * 4099
    file_id = put(f"{unique}/any.bin", body)
    maria.wait_for(file_id)

    link = maria.found(f"/files/{file_id}/download")

    assert http.get(link["url"]).content == body
    assert 0 < link["expiresInSeconds"] <= 900


def test_a_download_is_saved_under_its_name_and_never_shown(maria, http, put, unique):
    file_id = put(f'{unique}/é "quoted"; <b>.html', b"<script>alert(1)</script>", ContentType="text/html")
    maria.wait_for(file_id)

    answer = http.get(maria.found(f"/files/{file_id}/download")["url"])

    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%C3%A9%20%22quoted%22%3B%20%3Cb%3E.html"
    )


def test_a_download_link_does_not_work_for_another_file(maria, http, put_all, unique):
    mine, _ = put_all(f"{unique}/mine", f"{unique}/other")
    url = maria.found(f"/files/{mine}/download")["url"]

    assert http.get(url.replace(f"{unique}/mine", f"{unique}/other")).status_code in (403, 404)


def test_deleting_removes_the_object_and_then_the_row(maria, put_all, unique):
    (file_id,) = put_all(f"{unique}/gone.txt")

    answer = maria.call("DELETE", f"/files/{file_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert maria.wait_for(file_id, "removed")["removedAt"]
    assert file_id not in {file["id"] for file in maria.listed()}
    assert maria.found("/files", prefix=f"{unique}/") == {"files": []}


def test_a_deleted_file_cannot_be_downloaded(maria, put_all, unique):
    (file_id,) = put_all(f"{unique}/gone.txt")
    maria.call("DELETE", f"/files/{file_id}")
    maria.wait_for(file_id, "removed")

    refusal(maria.get(f"/files/{file_id}/download"), 410)


def test_deleting_twice_succeeds(maria, put_all, unique):
    (file_id,) = put_all(f"{unique}/gone.txt")
    maria.call("DELETE", f"/files/{file_id}")
    maria.wait_for(file_id, "removed")

    assert maria.call("DELETE", f"/files/{file_id}").status_code == 204


def test_an_older_version_stays_after_a_delete(maria, put_all, unique, stack):
    (file_id,) = put_all(f"{unique}/kept.txt")

    maria.call("DELETE", f"/files/{file_id}")

    maria.wait_for(file_id, "removed")
    versions = stack.aws.s3.list_object_versions(Bucket=stack.bucket, Prefix=f"{unique}/")
    assert len(versions["Versions"]) == len(versions["DeleteMarkers"]) == 1


IDS_OF_NOTHING = {
    "upper case": "A" * 32,
    "too short": "0" * 31,
    "too long": "0" * 33,
    "a word": "nothing",
    "spaces": "%20",
    "markup": "%3Cscript%3E",
}
ON_A_FILE = [("GET", ""), ("GET", "/download"), ("DELETE", "")]


@pytest.mark.parametrize("malformed", IDS_OF_NOTHING.values(), ids=IDS_OF_NOTHING)
@pytest.mark.parametrize(("method", "after"), ON_A_FILE)
def test_a_malformed_id_is_as_unknown_as_any_other(maria, method, after, malformed):
    unknown = maria.call(method, f"/files/{'f' * 32}{after}")
    answer = maria.call(method, f"/files/{malformed}{after}")

    refusal(answer, 404)
    assert answer.content == unknown.content


@pytest.mark.parametrize(("method", "after"), ON_A_FILE)
def test_no_id_reveals_what_else_is_in_the_table(maria, stack, method, after):
    today = maria.found("/stats")["days"][-1]["date"]  # from now on the table has an item for each day
    table, key = stack.outputs["tableName"], {"id": {"S": f"day#{today}"}}
    assert "Item" in stack.aws.dynamodb.get_item(TableName=table, Key=key)

    there = maria.call(method, f"/files/day%23{today}{after}")
    not_there = maria.call(method, f"/files/day%231999-01-01{after}")

    refusal(there, 404)
    assert there.content == not_there.content


@pytest.mark.parametrize("path", ["%2e%2e", "%2e%2e%2fstats", "%5C", "%00"])
def test_an_id_cannot_lead_to_another_path(maria, path):
    refusal(maria.get(f"/files/{path}"), 404, 400)


def test_a_file_that_was_removed_before_it_was_ever_listed_is_unknown(maria, stack):
    tombstone = {"id": "e" * 32, "status": "removed", "bucket": stack.bucket, "key": "k", "region": "r", "order": "1"}
    item = {name: {"S": value} for name, value in tombstone.items()}
    stack.aws.dynamodb.put_item(TableName=stack.outputs["tableName"], Item=item)

    refusal(maria.get(f"/files/{'e' * 32}"), 404)
