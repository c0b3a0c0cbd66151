"""Posting over HTTP and TLS, to a server on loopback that answers as chat services may."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from handlers.data import web
from handlers.data.web import UNSAID_SECONDS, NoAnswerError, Web
from local.emulator import certificate

SECRET = "/services/T0/B0/secret"


class Server(ThreadingHTTPServer):
    """Answers with `status`, `headers` and `content`, after `hang` is set if that is there."""

    daemon_threads = True
    status, content = 200, b"ok"
    hang: threading.Event | None = None

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, bytes, str]] = []
        self.callers: set[tuple[str, int]] = set()

    @property
    def url(self) -> str:
        scheme = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return f"{scheme}://127.0.0.1:{self.server_port}{SECRET}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.callers.add(self.client_address)
        self.server.requests.append((self.path, body, self.headers["Content-Type"]))
        if self.server.hang:
            self.server.hang.wait(10)
        self.send_response(self.server.status)
        for name, value in {"Content-Length": str(len(self.server.content)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's names
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def tls(server, tmp_path):
    """The server with a certificate of its own, trusted by its file alone. Returns that file."""
    file, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.make("127.0.0.1", certificate=file, key=key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return file


def test_a_document_is_posted_as_json_in_utf_8(server):
    assert Web().post(server.url, {"text": "ü"}).status == 200
    assert server.requests == [(SECRET, '{"text":"ü"}'.encode(), "application/json; charset=utf-8")]


def test_connections_are_kept(server):
    posting = Web()
    for _ in range(3):
        posting.post(server.url, {})

    (pool,) = [posting.pool.pools[key] for key in posting.pool.pools.keys()]  # noqa: SIM118 - no mapping
    assert pool.num_connections == 1


def test_connections_that_were_closed_are_opened_again(server):
    posting = Web()
    for _ in range(2):
        posting.post(server.url, {})
        posting.post(server.url, {})
        posting.close()

    assert len(server.requests) == 4
    assert len(server.callers) == 2


def test_a_certificate_that_is_not_trusted_is_refused_without_sending_anything(server, tls):
    with pytest.raises(NoAnswerError):
        Web().post(server.url, {})

    assert server.requests == []


def test_a_certificate_that_is_trusted_is_accepted(server, tls):
    pool = urllib3.PoolManager(ssl_context=ssl.create_default_context(cafile=tls))

    assert Web(pool).post(server.url, {}).status == 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    server.status, server.headers = status, {"Location": server.url.replace("secret", "elsewhere")}

    assert Web().post(server.url, {}).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("30", 30.0),
        ("1.5", 1.5),
        ("-1", 0.0),
        ("soon", UNSAID_SECONDS),
        ("inf", UNSAID_SECONDS),
        ("nan", UNSAID_SECONDS),
        (None, UNSAID_SECONDS),
    ],
)
def test_the_wait_is_what_the_service_says(server, said, waits):
    server.status, server.headers = 429, {"Retry-After": said} if said else {}

    assert Web().post(server.url, {}).wait == waits


def test_the_wait_may_be_a_date(server):
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60)
    server.status, server.headers = 429, {"Retry-After": format_datetime(at, usegmt=True)}

    waits = Web().post(server.url, {}).wait

    assert (at - datetime.now(UTC)).total_seconds() <= waits <= 60


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no_service", "no_service"),
        (b'{"error": {"code": "TriggerConditionNotMet", "message": "https://secret"}}', "TriggerConditionNotMet"),
        (b'{"message": "Unknown Webhook", "code": 10015}', "Unknown Webhook"),
        (b'{"error": {"code": 404, "message": "x"}}', ""),
        (b"<html>https://hooks.slack.com/services/T0/B0/secret</html>", ""),
        (b"", ""),
        (b"[" * 50_000, ""),
    ],
)
def test_of_an_answer_only_an_error_code_is_repeated(server, content, reason):
    server.status, server.content = 404, content

    assert Web().post(server.url, {}).reason == reason


def test_an_endless_answer_is_not_read_to_its_end(server):
    server.status, server.content = 500, b"x" * 5_000_000

    assert Web().post(server.url, {}).reason == ""


def test_no_answer_in_time_is_an_error_without_the_url(server, monkeypatch):
    server.hang = threading.Event()
    monkeypatch.setattr(web, "READ_SECONDS", 0.2)

    with pytest.raises(NoAnswerError) as raised:
        Web(web._pool()).post(server.url, {})
    server.hang.set()

    assert str(raised.value) == "ReadTimeoutError"
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/secret", "https://no-such-host.invalid/secret", "https://[/secret"]
)
def test_a_service_that_cannot_be_reached_is_an_error_without_the_url(url):
    with pytest.raises(NoAnswerError) as raised:
        Web().post(url, {})

    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__
