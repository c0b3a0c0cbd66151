"""The other commands on a running stack."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.e2e.stack import EVERYONE, wait_until
from tests.ops.breakages import BREAKAGES
from tests.ops.live import CHANGES, unique


@pytest.fixture
def webhook():
    """A webhook that records the confirmation tokens it receives."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tokens.append(body["Token"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", tokens
    server.shutdown()
    thread.join()
    server.server_close()


def test_status_of_a_healthy_stack(healthy):
    key = f"status/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)

    answer = healthy.ops("status")

    assert answer.exit_code == 0, answer.stdout
    assert "file-notifications/local  advanced  us-east-1   last event " in answer.stdout
    assert f"✔ newest file {key}, " in answer.stdout
    assert "✔ people      2 confirmed" in answer.stdout
    assert "from the log: the emulator has no metrics" in answer.stdout


def test_status_is_a_document_for_programs(healthy):
    result = healthy.document("status")

    assert result["schema"] == "file-notifications/status/1"
    assert result["needsAttention"] is False
    assert result["today"]["source"] == "logs"
    assert result["today"]["unaccounted"] == 0
    assert {person["address"]: person["state"] for person in result["people"]} == {
        EVERYONE: "confirmed",
        CHANGES: "confirmed",
    }
    assert set(result["queues"]["failed"]) == {
        "failed-events",
        "undelivered",
        "work-dead-letters",
        "digest-dead-letters",
    }


def test_status_needs_attention_when_a_recipient_is_gone(healthy):
    (broken,) = [breakage for breakage in BREAKAGES if breakage.id == "subscription-gone"]
    with broken.on(healthy):
        answer = healthy.ops("status")

    assert answer.exit_code == 1
    assert f"⚠ people      1 confirmed   1 gone: {EVERYONE}" in answer.stdout
    assert "→ python -m ops doctor --ready-file" in answer.stdout


def test_status_continues_without_the_topic(healthy):
    (broken,) = [breakage for breakage in BREAKAGES if breakage.id == "topic-missing"]
    with broken.on(healthy):
        answer = healthy.ops("status")

    assert answer.exit_code == 1
    assert "✘ people      the topic does not exist: nobody is notified" in answer.stdout


def test_a_subscription_is_confirmed_with_the_token_of_its_request(healthy, webhook):
    url, tokens = webhook
    topic = healthy.outputs["topicArn"]
    healthy.aws.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    wait_until(lambda: tokens, "no request to confirm")
    try:
        link = (
            f"https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn={topic}&Token={tokens[0]}&Endpoint={url}"
        )
        answer = healthy.ops("confirm", link)
        again = healthy.ops("confirm", link)
    finally:
        listed = healthy.aws.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        (arn,) = [entry["SubscriptionArn"] for entry in listed if entry["Endpoint"] == url]
        healthy.aws.sns.unsubscribe(SubscriptionArn=arn)

    assert answer.exit_code == 0, answer.output
    assert f"{url} is subscribed; only its owner can end the subscription" in answer.stdout
    assert again.exit_code == 2


def test_users_are_added_listed_and_removed(healthy):
    name = f"maria{unique()}"
    email = f"{name}@example.com"

    added = healthy.document("users", "add", email, "--group", "readers")
    grouped = healthy.document("users", "groups", email, "--group", "editors", "--remove", "readers")
    listed = healthy.document("users", "list")
    again = healthy.ops("users", "add", email)
    removed = healthy.ops("users", "remove", email, "--yes")

    assert (added["user"], added["mailed"]) == (name, True)
    assert {user["email"]: user["status"] for user in listed["users"]}[email] == "FORCE_CHANGE_PASSWORD"
    assert (added["groups"], grouped["groups"]) == (["readers"], ["editors"])
    assert {user["email"]: user["groups"] for user in listed["users"]}[email] == ["editors"]
    assert again.exit_code == 2
    assert removed.exit_code == 0
    assert email not in {user["email"] for user in healthy.document("users", "list")["users"]}


def test_a_user_with_a_permanent_password_may_sign_in_at_once(healthy):
    name = f"script{unique()}"

    healthy.ops("users", "add", f"{name}@example.com", "--permanent-password-stdin", input="Correct-horse-7\n")

    listed = {user["user"]: user["status"] for user in healthy.document("users", "list")["users"]}
    assert listed[name] == "CONFIRMED"
    healthy.ops("users", "remove", name, "--yes")


def test_cost_is_computed_for_this_stack(healthy):
    result = healthy.document("cost", "--uploads-per-month", "1000000", "--digests", "0")

    assert 20 < result["perMillionUploads"] < 30
    assert result["lines"][0]["name"] == "mails"
    assert {line["name"] for line in result["lines"]} >= {"alarms", "logs", "catalogue, writes"}
    assert all(line["source"] and line["day"] for line in result["lines"])


def test_cost_is_shown_with_its_sources_and_assumptions(healthy):
    answer = healthy.ops("cost")

    assert answer.exit_code == 0
    assert "1,000,000 uploads a month (assumed)" in answer.stdout
    assert "after the free tier" in answer.stdout
    assert "Free per month and account: 1,000 mails, " in answer.stdout
    assert "(1) https://aws.amazon.com/" in answer.stdout


def test_a_stack_that_stops_during_a_command_is_one_message(healthy, tmp_path):
    gone = {**json.loads(healthy.ready_file.read_text()), "endpoint": "http://127.0.0.1:9"}
    (tmp_path / "gone.json").write_text(json.dumps(gone))
    from tests.ops.parts import ops

    answer = ops("status", "--ready-file", str(tmp_path / "gone.json"))

    assert answer.exit_code == 2
    assert "no longer answers; start it again:\n  python -m local up --mode advanced" in answer.stderr
