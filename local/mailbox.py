"""Delivered mail, text messages and chat messages, as a page and as JSON, and the endpoint for `set`."""

from __future__ import annotations

import hmac
import html
import json
import mailbox
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs, urlsplit

from local import chat_services
from local.chat_services import ChatServices

HOST = "127.0.0.1"
TOKEN_HEADER = "X-Stack-Token"  # noqa: S105 - the name of the header, not a token
MAX_REQUEST_BYTES = 1_000_000

_PAGE = Path(__file__).with_name("page")
_FILES = {"/mailbox.css": "text/css; charset=utf-8", "/mailbox.js": "text/javascript; charset=utf-8"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Change = Callable[[Mapping[str, str | None]], Mapping[str, Any]]
"""Applies settings to the running stack. The result is what `set` prints."""


@dataclass(frozen=True)
class Message:
    """A delivered mail, text message or chat message. `at` is ISO 8601; a text message has an empty subject.

    `via` is the chat service that a channel belongs to.
    """

    to: str
    subject: str
    body: str
    at: str
    via: str = ""


class Mailbox:
    """The Maildir that the emulator's SNS and the stand-ins of chat services write to."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)
        self._read: dict[str, Message] = {}
        self._reading = threading.Lock()

    def messages(self) -> list[Message]:
        """Everything delivered so far, in the order of delivery."""
        with self._reading:
            for key in sorted(set(self._box.iterkeys()) - self._read.keys(), key=_delivery_order):
                self._read[key] = _message(self._box.get_bytes(key))
            return list(self._read.values())


class Server:
    """Serves the mailbox on a free port of the loopback interface, from its own threads, until closed."""

    def __init__(self, box: Mailbox, change: Change, token: str, chat: ChatServices) -> None:
        self._server = _HttpServer(box, change, token, chat)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop, silently: requests that are still being answered fail without a traceback."""
        self._server.closing = True
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, box: Mailbox, change: Change, token: str, chat: ChatServices) -> None:
        super().__init__((HOST, 0), _Handler)
        self.box = box
        self.chat = chat
        self.change = change
        self.token = token
        self.closing = False
        self.names = (f"{HOST}:{self.server_port}", f"localhost:{self.server_port}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of a fault, but not of a client that hung up, nor while the stack is stopping."""
        if not self.closing and not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _HttpServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._names_this_host():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, f"this is {' or '.join(self.server.names)}")
        elif address.path == "/":
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", render(self.server.box.messages()).encode())
        elif address.path == "/messages":
            after = parse_qs(address.query).get("after", ["0"])[-1]
            first = int(after) if re.fullmatch(r"[0-9]{1,9}", after) else 0
            self._json(HTTPStatus.OK, [asdict(message) for message in self.server.box.messages()[first:]])
        elif address.path in _FILES:
            content = (_PAGE / address.path[1:]).read_bytes()
            self._answer(HTTPStatus.OK, _FILES[address.path], content)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "use / in a browser, /messages in programs")

    def do_POST(self) -> None:
        """Change settings, or take what the chat function posts.

        The token for settings is in a header, which pages of other origins cannot send; webhooks have a secret path.
        """
        self.close_connection = True  # a body that is refused stays unread
        length = self.headers.get("Content-Length", "")
        if not self._names_this_host():
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, f"this is {' or '.join(self.server.names)}")
        elif self.path.startswith(chat_services.PATH):
            sized = re.fullmatch(r"[0-9]{1,7}", length) and int(length) <= MAX_REQUEST_BYTES
            answer = self.server.chat.receive(self.path, self.rfile.read(int(length)) if sized else b"")
            self._answer(HTTPStatus(answer.status), answer.kind, answer.content.encode(), **answer.headers)
        elif self.path != "/settings":
            self._refuse(HTTPStatus.NOT_FOUND, "settings are changed at /settings")
        elif not hmac.compare_digest(self.headers.get(TOKEN_HEADER, "").encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, f"{TOKEN_HEADER} has to be the token of the ready file")
        elif not re.fullmatch(r"[0-9]{1,7}", length) or int(length) > MAX_REQUEST_BYTES:
            self._refuse(HTTPStatus.LENGTH_REQUIRED, f"send a Content-Length of at most {MAX_REQUEST_BYTES}")
        else:
            self._change(self.rfile.read(int(length)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's names
        """Requests are not logged: the terminal belongs to the user who watches the stack."""

    def _change(self, body: bytes) -> None:
        try:
            settings = json.loads(body)
        except ValueError:
            settings = None
        if not isinstance(settings, dict) or not all(isinstance(value, str | None) for value in settings.values()):
            self._refuse(
                HTTPStatus.BAD_REQUEST, 'send {"key": "value", …}; every value is text, or null for the default'
            )
            return
        answer = self.server.change(settings)
        self._json(HTTPStatus.CONFLICT if "error" in answer else HTTPStatus.OK, answer)

    def _names_this_host(self) -> bool:
        """Whether the request names this host: a page whose name points here (DNS rebinding) must not read mail."""
        return self.headers.get("Host", "") in self.server.names

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self._json(status, {"error": reason})

    def _json(self, status: HTTPStatus, value: Any) -> None:
        self._answer(status, "application/json", json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))

    def _answer(self, status: HTTPStatus, kind: str, content: bytes, **more: str) -> None:
        self.send_response(status)
        headers = {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(content)), **more}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def render(messages: list[Message]) -> str:
    """The page, newest first. The content of messages is text, never markup."""
    count = {0: "", 1: "1 message."}.get(len(messages), f"{len(messages)} messages.")
    return Template((_PAGE / "mailbox.html").read_text("utf-8")).substitute(
        count=count,
        hidden=" hidden" if messages else "",
        messages="".join(_details(message) for message in reversed(messages)),
    )


def _details(message: Message) -> str:
    safe = {name: html.escape(value) for name, value in asdict(message).items()}
    via = f" · {safe['via']}" if safe["via"] else ""
    return (
        f'<details>\n<summary><strong class="subject">{safe["subject"] or "(text message)"}</strong> '
        f'<span class="to">{safe["to"]}{via}</span> <time datetime="{safe["at"]}">{safe["at"]}</time></summary>\n'
        f"<pre>{safe['body']}</pre>\n</details>\n"
    )


def _message(raw: bytes) -> Message:
    parsed = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    return Message(
        to=str(parsed[chat_services.CHANNEL_HEADER] or parsed["To"]),
        subject=str(parsed["Subject"] or ""),
        body=parsed.get_content().removesuffix("\n"),
        at=parsed["Date"].datetime.isoformat(),
        via=str(parsed[chat_services.SERVICE_HEADER] or ""),
    )


def _delivery_order(key: str) -> tuple[int, ...]:
    """A Maildir name starts with seconds.MmicrosecondsPprocessQcount, all without leading zeros."""
    return tuple(int(number) for number in re.findall(r"\d+", key.partition("_")[0])[:4])
