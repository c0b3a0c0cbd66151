"""Which pages may call the API and send files to the bucket: the stack's own, and those in the settings."""

import pytest

from tests.api.conftest import ELSEWHERE
from tests.api.people import refusal

UNKNOWN = "https://evil.example.com"


def allowed(answer) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.fixture
def preflight(nobody):
    """The preflight request of a browser before a page of `origin` calls the API."""

    def ask(origin: str, path: str = "/uploads", method: str = "POST"):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        return nobody.call("OPTIONS", path, headers=headers)

    return ask


@pytest.fixture
def bucket_preflight(http, stack):
    def ask(origin: str, method: str = "POST"):
        headers = {"Origin": origin, "Access-Control-Request-Method": method}
        return http.request("OPTIONS", f"{stack.ready.endpoint}/{stack.bucket}", headers=headers)

    return ask


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/files", "GET"),
        ("/uploads", "POST"),
        ("/stats", "GET"),
        (f"/files/{'0' * 32}", "DELETE"),
        (f"/files/{'0' * 32}/download", "GET"),
        (f"/files/{'0' * 32}/preview", "GET"),
        (f"/files/{'0' * 32}/reprocess", "POST"),
    ],
)
def test_a_page_in_the_settings_may_call_every_operation(preflight, path, method):
    answer = preflight(ELSEWHERE, path, method)

    assert answer.status_code < 300
    assert allowed(answer) == ELSEWHERE
    assert method in answer.headers["access-control-allow-methods"]
    wanted = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= wanted


def test_a_browser_asks_the_api_once_an_hour(preflight):
    assert preflight(ELSEWHERE).headers["access-control-max-age"] == "3600"


@pytest.mark.parametrize("origin", [UNKNOWN, "null", f"{ELSEWHERE}.evil.example.com", "http://intranet.example.com"])
def test_another_page_may_not(preflight, origin):
    assert allowed(preflight(origin)) is None


@pytest.mark.parametrize(("origin", "expected"), [(ELSEWHERE, ELSEWHERE), (UNKNOWN, None)])
def test_answers_can_be_read_by_pages_in_the_settings_only(maria, origin, expected):
    assert allowed(maria.call("GET", "/files", headers={"Origin": origin})) == expected


def test_a_page_in_the_settings_can_read_the_answer_to_reprocess(maria):
    answer = maria.call("POST", f"/files/{'0' * 32}/reprocess", headers={"Origin": ELSEWHERE})
    assert allowed(answer) == ELSEWHERE


def test_a_page_in_the_settings_can_read_why_it_is_refused(nobody):
    answer = nobody.call("GET", "/files", headers={"Origin": ELSEWHERE})

    refusal(answer, 401)
    assert allowed(answer) == ELSEWHERE


def test_no_other_origin_may_send_cookies(preflight):
    assert "access-control-allow-credentials" not in preflight(ELSEWHERE).headers


def test_the_own_page_calls_its_own_origin(page, tokens):
    headers = {"Origin": page.origin, "Authorization": f"Bearer {tokens.access}"}
    wanted = {"name": "a.txt", "size": 1, "contentType": "text/plain"}
    assert page.call("POST", "/v1/uploads", headers=headers, json=wanted).status_code == 201


def test_the_own_page_may_send_files_to_the_bucket(page, bucket_preflight):
    answer = bucket_preflight(page.origin)
    assert (answer.status_code, allowed(answer)) == (200, page.origin)


def test_a_page_in_the_settings_may_send_files_to_the_bucket(bucket_preflight):
    assert allowed(bucket_preflight(ELSEWHERE)) == ELSEWHERE


def test_a_browser_asks_the_bucket_once_an_hour(bucket_preflight):
    assert bucket_preflight(ELSEWHERE).headers["access-control-max-age"] == "3600"


@pytest.mark.parametrize(
    ("origin", "method"), [(UNKNOWN, "POST"), ("null", "POST"), (UNKNOWN, "GET"), (ELSEWHERE, "HEAD")]
)
def test_the_bucket_refuses_another_page_and_another_way(bucket_preflight, origin, method):
    answer = bucket_preflight(origin, method)
    assert (answer.status_code, allowed(answer)) == (403, None)


def test_the_own_page_can_read_the_buckets_answer(maria, page, http, unique):
    form = maria.ask_to_upload(f"{unique}.txt")
    file = {"file": ("file", b"hello", "text/plain")}

    answer = http.post(form["url"], data=form["fields"], files=file, headers={"Origin": page.origin})

    assert (answer.status_code, allowed(answer)) == (204, page.origin)
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
    maria.wait_for(form["id"])
