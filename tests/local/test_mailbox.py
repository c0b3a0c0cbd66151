"""The mailbox: JSON for programs, a page for people, and a door that only the owner can open."""

import http.client
import json
import mailbox as maildir
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from local.mailbox import TOKEN_HEADER, Mailbox, Server

HOSTILE = "<img src=x onerror=alert(1)>\"'&.pdf"


class World:
    """A served mailbox, and what was asked of its control door."""

    def __init__(self, folder):
        self.folder = folder
        self.asked: list[dict[str, str]] = []
        self.answer: dict[str, object] = {"changes": []}
        self.server = Server(Mailbox(folder), self._change, "right")
        self.server.start()

    def deliver(self, subject="s", to="a@example.com", body="b"):
        mail = EmailMessage()
        mail["To"], mail["Subject"], mail["Date"] = to, subject, "Mon, 23 Nov 2026 08:41:07 +0000"
        mail.set_content(body)
        maildir.Maildir(self.folder).add(mail)

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=5)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer, content

    def _change(self, settings):
        self.asked.append(dict(settings))
        return self.answer


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "mail")
    yield world
    world.server.close()


def test_programs_get_everything_in_the_order_of_delivery(world):
    world.deliver("first", "a@example.com", "Grüße\nan alle 🚀")
    world.deliver("second")

    answer, content = world.request("GET", "/messages")

    assert answer.headers["Content-Type"] == "application/json"
    first, second = json.loads(content)
    assert first == {
        "to": "a@example.com",
        "subject": "first",
        "body": "Grüße\nan alle 🚀",
        "at": "2026-11-23T08:41:07+00:00",
    }
    assert second["subject"] == "second"


def test_a_hundred_messages_keep_their_order(world):
    for number in range(100):
        world.deliver(str(number))

    _, content = world.request("GET", "/messages")

    assert [message["subject"] for message in json.loads(content)] == [str(number) for number in range(100)]


def test_programs_can_ask_for_what_is_new(world):
    world.deliver("old")
    world.deliver("new")

    _, content = world.request("GET", "/messages?after=1")

    assert [message["subject"] for message in json.loads(content)] == ["new"]


def test_an_empty_mailbox_says_what_to_do(world):
    _, page = world.request("GET", "/")

    assert '<p id="empty">No mail yet.' in page
    assert world.request("GET", "/messages")[1] == "[]"


def test_people_get_the_newest_first(world):
    world.deliver("older")
    world.deliver("newer")

    _, page = world.request("GET", "/")

    assert page.index("newer") < page.index("older")
    assert "2 messages." in page


def test_what_a_mail_says_is_never_markup(world):
    world.deliver(HOSTILE, to="a@example.com", body=HOSTILE)

    _, page = world.request("GET", "/")

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;.pdf") == 2


def test_a_mail_with_template_characters_is_shown_as_it_is(world):
    world.deliver("$count ${messages} %s {x}")

    assert "$count ${messages} %s {x}" in world.request("GET", "/")[1]


def test_the_page_may_load_only_its_own_script_and_style(world):
    answer, _ = world.request("GET", "/")

    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'"
    )
    assert "inline" not in answer.headers["Content-Security-Policy"]
    for path, kind in (("/mailbox.js", "text/javascript"), ("/mailbox.css", "text/css")):
        answer, _ = world.request("GET", path)
        assert answer.headers["Content-Type"].startswith(kind)


def test_the_script_writes_text_and_never_markup(world):
    _, script = world.request("GET", "/mailbox.js")

    assert "textContent" in script
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write") if word in script]


def test_other_paths_are_not_found(world):
    assert world.request("GET", "/../mailbox.py")[0].status == 404


def test_a_page_under_another_name_cannot_read_mails(world):
    for path in ("/", "/messages"):
        assert world.request("GET", path, Host="evil.example.com")[0].status == 421


def test_settings_are_changed_with_the_token(world):
    answer, content = world.request("POST", "/settings", '{"mode": "advanced"}', **{TOKEN_HEADER: "right"})

    assert (answer.status, json.loads(content)) == (200, {"changes": []})
    assert world.asked == [{"mode": "advanced"}]


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: "wrong"}, {TOKEN_HEADER: ""}], ids=["none", "wrong", "empty"])
def test_nobody_changes_settings_without_the_token(world, headers):
    assert world.request("POST", "/settings", '{"mode": "advanced"}', **headers)[0].status == 403
    assert world.asked == []


def test_a_page_under_another_name_cannot_change_settings(world):
    headers = {TOKEN_HEADER: "right", "Host": "evil.example.com"}

    assert world.request("POST", "/settings", "{}", **headers)[0].status == 421
    assert world.asked == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"a": 1}', '"x"'])
def test_what_is_not_a_mapping_of_texts_is_a_bad_request(world, body):
    assert world.request("POST", "/settings", body, **{TOKEN_HEADER: "right"})[0].status == 400
    assert world.asked == []


def test_refused_settings_are_a_conflict_with_the_reason(world):
    world.answer = {"error": "mode is 'x'"}

    answer, content = world.request("POST", "/settings", '{"mode": "x"}', **{TOKEN_HEADER: "right"})

    assert (answer.status, json.loads(content)["error"]) == (409, "mode is 'x'")


def test_a_body_that_is_too_large_is_refused_unread(world):
    headers = {TOKEN_HEADER: "right", "Content-Length": "99999999"}

    assert world.request("POST", "/settings", "{}", **headers)[0].status == 411
