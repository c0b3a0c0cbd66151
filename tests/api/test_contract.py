"""The running API keeps its contract, whatever it is asked: schemathesis thinks of the questions."""

import pytest
import schemathesis
from hypothesis import seed, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from components.contract import written_contract
from domain.events import file_id_of

contract = schemathesis.openapi.from_dict(written_contract())


def not_to_be_expected(case):
    """What an OpenAPI document makes schemathesis expect, and this API does not promise."""
    # API Gateway takes a method that a path does not have for a path that it does not have: 404 instead of 405.
    yield unsupported_method
    operation = case.operation.definition.raw["operationId"]
    if operation == "listFiles" and "cursor" in (case.query or {}):
        yield positive_data_acceptance  # of all texts, only those that a list has handed out are cursors
    if operation in {"createUpload", "createMultipartUpload", "signMultipartUpload"}:
        yield positive_data_acceptance  # no pattern of draft 4 says which names hide, or which keys are one's own


@contract.parametrize()
@seed(20261123)
@settings(max_examples=25, deadline=None, database=None)
def test_the_api_keeps_its_contract(case, maria, stack):
    case.call_and_validate(
        base_url=stack.outputs["apiUrl"],
        headers={"Authorization": f"Bearer {maria.token}"},
        excluded_checks=list(not_to_be_expected(case)),
    )


@pytest.fixture
def processed(stack, maria, unique) -> str:
    """The id of a file that has been inspected: no generator comes upon one."""
    stack.upload(f"{unique}/Übersicht <1>.txt", b"one line\n")
    file_id = file_id_of(stack.bucket, f"{unique}/Übersicht <1>.txt")
    maria.wait_for(file_id)
    return file_id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/files", 200),
        ("GET", "/files?limit=1", 200),
        ("GET", "/files?prefix=t", 200),
        ("GET", "/files/{id}", 200),
        ("GET", "/files/{id}/download", 200),
        ("POST", "/files/{id}/reprocess", 202),
        ("GET", "/stats", 200),
        ("DELETE", "/files/{id}", 204),
    ],
)
def test_what_is_said_of_a_file_that_is_there_is_as_described(maria, processed, method, path, status):
    answer = maria.call(method, path.replace("{id}", processed))

    assert answer.status_code == status
    contract[path.partition("?")[0]][method].validate_response(answer)


def test_what_is_said_of_a_removed_file_is_as_described(maria, processed):
    maria.call("DELETE", f"/files/{processed}")
    maria.wait_for(processed, "removed")

    contract["/files/{id}"]["GET"].validate_response(maria.get(f"/files/{processed}"))
    contract["/files/{id}/download"]["GET"].validate_response(maria.get(f"/files/{processed}/download"))


def test_what_is_said_of_a_file_that_could_not_be_inspected_is_as_described(maria, stack, unique):
    broken = b"PK\x03\x04" + bytes(60)
    stack.upload(f"{unique}/broken.zip", broken)
    file_id = file_id_of(stack.bucket, f"{unique}/broken.zip")

    assert maria.wait_for(file_id, "failed")["failure"]["message"]
    contract["/files/{id}"]["GET"].validate_response(maria.get(f"/files/{file_id}"))


def test_a_form_is_as_described(maria, unique):
    wanted = {"name": f"{unique}.txt", "size": 1, "contentType": "text/plain"}
    contract["/uploads"]["POST"].validate_response(maria.call("POST", "/uploads", json=wanted))
