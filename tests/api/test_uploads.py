"""People upload under their own prefix, exactly what they declared, or are refused with the reason."""

import pytest

from local.people import Client
from tests.api.people import Api, add_person, refusal, sign_in


def error_of(answer) -> str:
    """The code in the bucket's own answer."""
    return answer.text.partition("<Code>")[2].partition("</Code>")[0]


def test_the_server_chooses_the_key_under_the_persons_own_prefix(maria, unique):
    form = maria.ask_to_upload(f"{unique}.txt", folder="reports/2026")
    assert form["key"] == form["fields"]["key"] == f"people/maria/reports/2026/{unique}.txt"


def test_a_user_name_cannot_lead_to_another_prefix(http, stack, unique):
    name = f"maria.{unique}+a=b,c"
    add_person(stack, name, "editors")
    other = Api(http, stack, sign_in(http, Client.of_page(stack.outputs), name).access)

    assert other.ask_to_upload("a.txt")["key"] == f"people/{name}/a.txt"


def test_an_uploaded_file_is_catalogued_under_the_promised_id(maria, unique):
    body = b"what was uploaded"

    details = maria.wait_for(maria.upload(f"{unique}.txt", body))

    assert details["key"] == f"people/maria/{unique}.txt"
    assert details["size"] == len(body)


def test_the_file_is_said_to_be_uploaded_by_the_person_and_not_by_the_function(maria, unique):
    assert maria.wait_for(maria.upload(f"{unique}.txt"))["uploadedBy"] == "maria"


def test_a_name_of_any_script_arrives_as_it_was(maria, unique):
    name = f"é ü+plus & 100%=文件 ({unique}) <img src=x>.txt"
    assert maria.wait_for(maria.upload(name))["name"] == name


def test_an_empty_file_can_be_uploaded(maria, unique):
    assert maria.wait_for(maria.upload(f"{unique}.txt", b""))["size"] == 0


def test_the_bucket_refuses_more_bytes_than_declared(maria, unique):
    sent = maria.send(maria.ask_to_upload(f"{unique}.txt", b"12345"), b"123456")
    assert (sent.status_code, error_of(sent)) == (400, "EntityTooLarge")


def test_the_bucket_refuses_another_type(maria, unique):
    sent = maria.send(maria.ask_to_upload(f"{unique}.txt"), b"hello", **{"Content-Type": "text/html"})
    assert (sent.status_code, error_of(sent)) == (403, "AccessDenied")


@pytest.mark.parametrize("key", ["people/maria/another.txt", "people/somebody-else/a.txt", "top.txt", "${filename}"])
def test_the_bucket_refuses_another_key(maria, unique, key):
    sent = maria.send(maria.ask_to_upload(f"{unique}.txt"), b"hello", key=key)
    assert (sent.status_code, error_of(sent)) == (403, "AccessDenied")


def test_the_bucket_refuses_fields_that_were_not_agreed(maria, unique):
    sent = maria.send(maria.ask_to_upload(f"{unique}.txt"), b"hello", acl="public-read")
    assert sent.status_code == 403


def test_the_bucket_refuses_a_form_without_its_policy(maria, unique):
    form = maria.ask_to_upload(f"{unique}.txt")
    del form["fields"]["policy"]
    assert maria.send(form, b"hello").status_code >= 400


def test_the_form_ends_within_minutes(maria, unique):
    assert 0 < maria.ask_to_upload(f"{unique}.txt")["expiresInSeconds"] <= 900


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"name": "../../etc/passwd"}, "would leave the folder"),
        ({"name": ".."}, "would leave the folder"),
        ({"name": "a/b.txt"}, "would leave the folder"),
        ({"name": "a\\b.txt"}, "would leave the folder"),
        ({"folder": "a/../../somebody-else"}, "would leave the folder"),
        ({"folder": "a/./b"}, "would leave the folder"),
        ({"name": "bell\x07.txt"}, "cannot be seen"),
        ({"name": "line\nbreak.txt"}, "cannot be seen"),
        ({"name": "zero\x00.txt"}, "cannot be seen"),
        ({"name": "invoice\u202egpj.exe"}, "cannot be seen"),
        ({"name": "   "}, "name is empty"),
        ({"name": "ä" * 128}, "256 bytes; use at most 255"),
        ({"folder": "/".join("ab" for _ in range(17))}, "17 deep; use at most 16"),
        ({"folder": "/".join("ä" * 60 for _ in range(8)), "name": "ä" * 100}, "too long together"),
        ({"size": 10 * 1024 * 1024 + 1}, "at most 10,485,760 can be uploaded"),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(maria, request_, reason):
    wanted = {"name": "a.txt", "size": 5, "contentType": "text/plain", **request_}
    assert reason in refusal(maria.call("POST", "/uploads", json=wanted), 400)


def test_half_a_character_is_refused(maria):
    body = b'{"name": "half\\ud800.txt", "size": 5, "contentType": "text/plain"}'
    answer = maria.call("POST", "/uploads", content=body, headers={"Content-Type": "application/json"})
    assert "cannot be seen" in refusal(answer, 400)


@pytest.mark.parametrize(
    "request_",
    [
        {"name": ""},
        {"name": "a" * 256},
        {"name": None},
        {"size": -1},
        {"size": "5"},
        {"size": 1.5},
        {"contentType": "text/plain; charset=utf-8"},
        {"contentType": "nonsense"},
        {"contentType": "text/\nplain"},
        {"folder": 5},
        {"key": "people/somebody-else/a.txt"},
    ],
)
def test_what_the_contract_forbids_is_refused(maria, request_):
    wanted = {"name": "a.txt", "size": 5, "contentType": "text/plain", **request_}
    refusal(maria.call("POST", "/uploads", json=wanted), 400)


@pytest.mark.parametrize("missing", ["name", "size", "contentType"])
def test_what_the_contract_requires_cannot_be_left_out(maria, missing):
    wanted = {"name": "a.txt", "size": 5, "contentType": "text/plain"}
    del wanted[missing]
    refusal(maria.call("POST", "/uploads", json=wanted), 400)
