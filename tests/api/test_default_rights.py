"""A reader, an editor and an admin, where the settings grant nothing of their own."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, seed, settings

from local.people import Client
from tests.api.people import Api, add_person, claims, refusal, sign_in
from tests.api.test_contract import contract, not_to_be_expected

UPLOAD = {"name": "a.txt", "size": 1, "contentType": "text/plain"}
PARTS = {"key": "people/rita/a.txt", "uploadId": "u", "size": 1, "firstPart": 1}
CHANGES = {
    "deleteFile": ("DELETE", "/files/{id}", None),
    "reprocessFile": ("POST", "/files/{id}/reprocess", None),
    "createUpload": ("POST", "/uploads", UPLOAD),
    "createMultipartUpload": ("POST", "/multipart-uploads", UPLOAD),
    "signMultipartUpload": ("POST", "/multipart-uploads/links", PARTS),
}


@pytest.fixture(scope="session")
def signed_in(http, stack):
    """signed_in("rita", "readers") is a new user of these groups who has signed in with every scope."""

    def person(name: str, *groups: str) -> Api:
        add_person(stack, name, *groups)
        return Api(http, stack, sign_in(http, Client.of_page(stack.outputs), name).access, name)

    return person


@pytest.fixture(scope="session")
def reader(signed_in) -> Api:
    return signed_in("rita", "readers")


@pytest.fixture(scope="session")
def editor(signed_in) -> Api:
    return signed_in("edith", "editors")


@pytest.fixture(scope="session")
def file_id(stack, maria) -> str:
    """A file that stays."""
    found = maria.upload("stays.txt")
    maria.wait_for(found)
    return found


@pytest.mark.parametrize(
    ("name", "groups", "can"),
    [
        ("nora", [], ["read"]),
        ("ulf", ["unknown-to-the-settings"], ["read"]),
        ("rita", ["readers"], ["read"]),
        ("edith", ["editors"], ["read", "upload", "reprocess"]),
        ("maria", ["admins"], ["read", "upload", "delete", "reprocess"]),
    ],
)
def test_everyone_reads_editors_add_and_admins_delete(stack, signed_in, name, groups, can):
    if groups == ["unknown-to-the-settings"]:
        stack.aws.cognito.create_group(UserPoolId=stack.outputs["userPoolId"], GroupName=groups[0])

    own = {"uploadFolder": f"people/{name}/"} if "upload" in can else {}
    assert signed_in(name, *groups).found("/me") == {"name": name, "groups": groups, "can": can, **own}


def test_several_groups_arrive_and_their_rights_add_up(signed_in):
    me = signed_in("sam", "readers", "admins", "editors").found("/me")

    assert me["groups"] == ["admins", "editors", "readers"]
    assert me["can"] == ["read", "upload", "delete", "reprocess"]


@contract.parametrize()
@seed(20261129)
@settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_a_reader_keeps_to_the_contract_and_changes_nothing(case, reader, stack, file_id):
    """As it was thought of, and of a file that is there."""
    operation = case.operation.definition.raw["operationId"]
    for real in (False, True):
        if real and "{id}" not in case.path:
            return
        if real:
            case.path_parameters["id"] = file_id
        answer = case.call(base_url=stack.outputs["apiUrl"], headers={"Authorization": f"Bearer {reader.token}"})
        case.validate_response(answer, excluded_checks=list(not_to_be_expected(case)))
        if operation in CHANGES and case.method != "OPTIONS":  # which asks what another page may do
            assert answer.status_code >= 400


@pytest.mark.parametrize("operation", CHANGES)
def test_each_change_is_refused_to_a_reader_with_the_groups_that_may(reader, file_id, operation):
    method, path, body = CHANGES[operation]

    message = refusal(reader.call(method, path.replace("{id}", file_id), json=body), 403)

    assert "admins" in message
    assert "python -m ops users groups rita --group" in message


def test_after_the_refusals_the_file_is_as_it_was(reader, file_id):
    details = reader.found(f"/files/{file_id}")

    assert (details["status"], details["can"]) == ("processed", [])
    assert reader.found(f"/files/{file_id}/download")["url"]


def test_an_editor_uploads_and_inspects_again_and_does_not_delete(editor, unique):
    own = editor.upload(f"{unique}.txt")

    assert editor.wait_for(own)["can"] == ["reprocess"]
    assert editor.call("POST", f"/files/{own}/reprocess").status_code == 202
    assert "not delete it" in refusal(editor.call("DELETE", f"/files/{own}"), 403)
    assert editor.wait_for(own)


def test_who_is_taken_out_of_a_group_loses_its_rights_with_the_next_token(http, stack, file_id):
    add_person(stack, "otto", "editors")
    client = Client.of_page(stack.outputs)
    tokens = sign_in(http, client, "otto")
    pool = stack.outputs["userPoolId"]

    stack.aws.cognito.admin_remove_user_from_group(UserPoolId=pool, Username="otto", GroupName="editors")
    renewed = http.post(
        f"{client.sign_in}/oauth2/token",
        data={"grant_type": "refresh_token", "client_id": client.id, "refresh_token": tokens.refresh},
    ).json()["access_token"]

    assert Api(http, stack, tokens.access).call("POST", f"/files/{file_id}/reprocess").status_code == 202
    refusal(Api(http, stack, renewed).call("POST", f"/files/{file_id}/reprocess"), 403)
    assert claims(tokens.access)["exp"] - claims(tokens.access)["iat"] == 3600
