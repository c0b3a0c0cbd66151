"""The mailbox: JSON for programs, a page for browsers, and an endpoint for the owner only."""

import contextlib
import http.client
import json
import mailbox as maildir
import socket
import struct
import threading
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from local.chat_services import ChatServices
from local.mailbox import MAX_REQUEST_BYTES, TOKEN_HEADER, Mailbox, Server

HOSTILE = "<img src=x onerror=alert(1)>\"'&.pdf"


class Served:
    """A mailbox that is served, and the settings that were sent to it."""

    def __init__(self, folder):
        self.folder = folder
        self.asked: list[dict[str, str]] = []
        self.answer: dict[str, object] = {"changes": []}
        self.change = self._change
        self.chat = ChatServices(folder)
        changing = lambda settings: self.change(settings)  # noqa: E731, PLW0108 - tests exchange it
        self.server = Server(Mailbox(folder), changing, "right", self.chat)
        self.server.start()

    def deliver(self, subject="s", to="a@example.com", body="b"):
        mail = EmailMessage()
        mail["To"], mail["Subject"], mail["Date"] = to, subject, "Mon, 23 Nov 2026 08:41:07 +0000"
        mail.set_content(body)
        maildir.Maildir(self.folder).add(mail)

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer, content

    def try_to_set(self):
        """Send settings; whether there is an answer does not matter."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.request("POST", "/settings", "{}", **{TOKEN_HEADER: "right"})

    def _change(self, settings):
        self.asked.append(dict(settings))
        return self.answer


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path / "mail")
    yield served
    served.server.close()


def test_programs_get_everything_in_the_order_of_delivery(served):
    served.deliver("first", "a@example.com", "Grüße\nan alle 🚀")
    served.deliver("second")

    answer, content = served.request("GET", "/messages")

    assert answer.headers["Content-Type"] == "application/json"
    first, second = json.loads(content)
    assert first == {
        "to": "a@example.com",
        "subject": "first",
        "body": "Grüße\nan alle 🚀",
        "at": "2026-11-23T08:41:07+00:00",
        "via": "",
    }
    assert second["subject"] == "second"


def test_a_hundred_messages_keep_their_order(served):
    for number in range(100):
        served.deliver(str(number))

    _, content = served.request("GET", "/messages")

    assert [message["subject"] for message in json.loads(content)] == [str(number) for number in range(100)]


def test_programs_can_request_new_messages_only(served):
    served.deliver("old")
    served.deliver("new")

    _, content = served.request("GET", "/messages?after=1")

    assert [message["subject"] for message in json.loads(content)] == ["new"]


def test_an_empty_mailbox_says_what_to_do(served):
    _, page = served.request("GET", "/")

    assert '<p id="empty">No messages yet.' in page
    assert served.request("GET", "/messages")[1] == "[]"


def test_the_page_shows_the_newest_message_first(served):
    served.deliver("older")
    served.deliver("newer")

    _, page = served.request("GET", "/")

    assert page.index("newer") < page.index("older")
    assert "2 messages." in page


def test_the_content_of_a_mail_is_never_markup(served):
    served.deliver(HOSTILE, to="a@example.com", body=HOSTILE)

    _, page = served.request("GET", "/")

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;.pdf") == 2


def test_a_mail_with_template_characters_is_shown_as_it_is(served):
    served.deliver("$count ${messages} %s {x}")

    assert "$count ${messages} %s {x}" in served.request("GET", "/")[1]


def test_the_page_may_load_only_its_own_script_and_style(served):
    answer, _ = served.request("GET", "/")

    assert answer.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'"
    )
    assert "inline" not in answer.headers["Content-Security-Policy"]
    for path, kind in (("/mailbox.js", "text/javascript"), ("/mailbox.css", "text/css")):
        answer, _ = served.request("GET", path)
        assert answer.headers["Content-Type"].startswith(kind)


def test_the_script_writes_text_and_never_markup(served):
    _, script = served.request("GET", "/mailbox.js")

    assert "textContent" in script
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write") if word in script]


def test_other_paths_are_not_found(served):
    assert served.request("GET", "/../mailbox.py")[0].status == 404


def test_a_page_under_another_name_cannot_read_mails(served):
    for path in ("/", "/messages"):
        assert served.request("GET", path, Host="evil.example.com")[0].status == 421


def test_settings_are_changed_with_the_token(served):
    answer, content = served.request("POST", "/settings", '{"mode": "advanced"}', **{TOKEN_HEADER: "right"})

    assert (answer.status, json.loads(content)) == (200, {"changes": []})
    assert served.asked == [{"mode": "advanced"}]


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: "wrong"}, {TOKEN_HEADER: ""}], ids=["none", "wrong", "empty"])
def test_settings_cannot_be_changed_without_the_token(served, headers):
    assert served.request("POST", "/settings", '{"mode": "advanced"}', **headers)[0].status == 403
    assert served.asked == []


def test_a_page_under_another_name_cannot_change_settings(served):
    headers = {TOKEN_HEADER: "right", "Host": "evil.example.com"}

    assert served.request("POST", "/settings", "{}", **headers)[0].status == 421
    assert served.asked == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"a": 1}', '"x"'])
def test_what_is_not_a_mapping_of_texts_is_a_bad_request(served, body):
    assert served.request("POST", "/settings", body, **{TOKEN_HEADER: "right"})[0].status == 400
    assert served.asked == []


def test_refused_settings_are_a_conflict_with_the_reason(served):
    served.answer = {"error": "mode is 'x'"}

    answer, content = served.request("POST", "/settings", '{"mode": "x"}', **{TOKEN_HEADER: "right"})

    assert (answer.status, json.loads(content)["error"]) == (409, "mode is 'x'")


@pytest.mark.parametrize("length", [MAX_REQUEST_BYTES + 1, 99_999_999])
def test_a_body_that_is_too_large_is_refused_unread(served, length):
    headers = {TOKEN_HEADER: "right", "Content-Length": str(length)}

    assert served.request("POST", "/settings", "{}", **headers)[0].status == 411


def test_a_client_that_hangs_up_leaves_no_traceback(served, capfd):
    for number in range(200):
        served.deliver(str(number), body="x" * 10_000)
    with socket.create_connection(("127.0.0.1", urlsplit(served.server.url).port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets it
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {urlsplit(served.server.url).netloc}\r\n\r\n".encode())

    served.request("GET", "/messages")

    assert capfd.readouterr().err == ""


def test_a_request_that_the_end_of_the_stack_breaks_leaves_no_traceback(served, capfd):
    began, may_go_on = threading.Event(), threading.Event()

    def change(_):
        began.set()
        may_go_on.wait(10)
        raise FileNotFoundError("the maildir is deleted")

    served.change = change
    request = threading.Thread(target=served.try_to_set)
    request.start()
    began.wait(10)
    served.server.close()
    may_go_on.set()
    request.join()

    assert capfd.readouterr().err == ""


def test_a_fault_of_the_mailbox_leaves_a_traceback(served, capfd):
    served.change = lambda _: 1 / 0

    served.try_to_set()

    assert "ZeroDivisionError" in capfd.readouterr().err
