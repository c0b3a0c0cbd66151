"""Refusals of the gateway itself have the API's one shape."""

import pytest

from tests.api.people import refusal


@pytest.mark.parametrize("path", ["/nothing", "/", "/files/a/b/c", "/filesx", "/uploads/x", "/v1/files"])
def test_an_unknown_path_is_not_found(maria, path):
    refusal(maria.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/files"), ("DELETE", "/files"), ("PATCH", "/stats"), ("GET", "/uploads"), ("POST", f"/files/{'0' * 32}")],
)
def test_a_wrong_method_is_not_found(maria, method, path):
    refusal(maria.call(method, path), 404)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "{}", "5", "[" * 5000, "\x00"])
def test_a_wrong_body_is_refused(maria, body):
    answer = maria.call("POST", "/uploads", content=body, headers={"Content-Type": "application/json"})
    refusal(answer, 400)


def test_an_unknown_path_is_not_found_without_a_token_either(nobody):
    refusal(nobody.get("/nothing"), 404)


def test_the_program_deployed_again_with_the_same_settings_changes_nothing(stack):
    lines = stack.set(maxUploadMegabytes=10).splitlines()
    # The code of functions is read from this folder, where it may be edited meanwhile.
    changes = [line for line in lines if line and not line.endswith("(code)") and not line.startswith("warning: ")]
    assert changes in ([], ["nothing to change"])
