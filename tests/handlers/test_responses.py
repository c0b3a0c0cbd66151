"""The responses of the API have the properties that the contract gives them."""

from __future__ import annotations

from typing import NotRequired, get_origin, get_type_hints, is_typeddict

import pytest

from components.contract import written_contract
from domain.access import EVERYTHING
from handlers.logic import responses
from tests.handlers.processing import an_item

CONTRACT = written_contract()
SCHEMAS = CONTRACT["components"]["schemas"]
TYPES = {name: value for name, value in vars(responses).items() if is_typeddict(value)}


def required_and_all(schema):
    """The names of a schema's properties, those that are always there first."""
    required, names = set(schema.get("required", ())), set(schema.get("properties", ()))
    for part in schema.get("allOf", ()):
        part_required, part_names = required_and_all(SCHEMAS[part["$ref"].split("/")[-1]] if "$ref" in part else part)
        required, names = required | part_required, names | part_names
    return required, names


@pytest.mark.parametrize("name", TYPES)
def test_a_response_has_the_properties_of_its_schema(name):
    hints = get_type_hints(TYPES[name], include_extras=True)
    required = {property_ for property_, hint in hints.items() if get_origin(hint) is not NotRequired}

    assert (required, set(hints)) == required_and_all(SCHEMAS[name])


def test_every_schema_of_a_response_is_typed():
    of_requests = {"UploadRequest", "MultipartUploadRequest", "MultipartLinksRequest"}
    assert set(TYPES) == set(SCHEMAS) - {"Error", "Status"} - of_requests


KNOWN = an_item(
    status="processed",
    time="2026-11-23T08:41:07.123Z",
    by="maria",
    etag="d41d8cd9",
    sha256="ab" * 32,
    content_type="image/png",
    facts=(("Width", "640"),),
    failure=("broken", "The file ends early."),
    processed_at="2026-11-23T08:41:09Z",
    removed_at="2026-11-24T08:41:09Z",
    removed_by="jonas",
    notified="none",
)


def test_the_details_of_a_file_have_everything_that_is_known():
    details = responses.details_of(KNOWN, EVERYTHING, scan={"state": "clean"})

    assert set(details) == required_and_all(SCHEMAS["FileDetails"])[1] - {"readOnly"}
    assert responses.details_of(KNOWN, EVERYTHING, read_only=True)["readOnly"] is True
    assert (details["notified"], details["facts"]) == ({"how": "none"}, [{"label": "Width", "value": "640"}])
    assert details["failure"] == {"code": "broken", "message": "The file ends early."}


def test_what_is_not_known_of_a_file_is_left_out():
    details = responses.details_of(an_item(size=None, version_id="", order=""), EVERYTHING)

    assert set(details) == required_and_all(SCHEMAS["FileDetails"])[0]
    assert details["size"] == 0
