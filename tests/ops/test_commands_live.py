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
    """A webhook that only notes the tokens it is asked to confirm with."""
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


def test_status_says_what_a_healthy_stack_does(healthy):
    key = f"status/{unique()}.txt"
    healthy.upload(key)
    healthy.processed(key, 1)

    answer = healthy.ops("status")

    assert answer.exit_code == 0, answer.stdout
    assert "file-notifications/local  advanced  us-east-1   last event " in answer.stdout
    assert f"✔ newest file {key}, " in answer.stdout
    assert "✔ people      2 confirmed" in answer.stdout
    assert "from the log: the embedded AWS keeps no metrics" in answer.stdout


def test_status_is_a_document_for_programs(healthy):
    told = healthy.told("status")

    assert told["schema"] == "file-notifications/status/1"
    assert told["needsAttention"] is False
    assert told["today"]["source"] == "logs"
    assert told["today"]["unaccounted"] == 0
    assert {one["address"]: one["state"] for one in told["people"]} == {EVERYONE: "confirmed", CHANGES: "confirmed"}
    assert set(told["queues"]["kept"]) == {"failed-events", "undelivered", "work-dead-letters", "digest-dead-letters"}


def test_status_asks_for_attention_when_somebody_is_gone(healthy):
    (broken,) = [one for one in BREAKAGES if one.id == "subscription-gone"]
    with broken.on(healthy):
        answer = healthy.ops("status")

    assert answer.exit_code == 1
    assert f"⚠ people      1 confirmed   1 gone: {EVERYONE}" in answer.stdout
    assert "→ python -m ops doctor --local" in answer.stdout


def test_status_goes_on_where_the_topic_is_missing(healthy):
    (broken,) = [one for one in BREAKAGES if one.id == "topic-missing"]
    with broken.on(healthy):
        answer = healthy.ops("status")

    assert answer.exit_code == 1
    assert "✘ people      the topic is missing: nobody is told anything" in answer.stdout


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
        found = healthy.aws.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        (arn,) = [one["SubscriptionArn"] for one in found if one["Endpoint"] == url]
        healthy.aws.sns.unsubscribe(SubscriptionArn=arn)

    assert answer.exit_code == 0, answer.output
    assert f"{url} is subscribed, and only its owner can end that" in answer.stdout
    assert again.exit_code == 2


def test_people_are_added_listed_and_removed(healthy):
    name = f"maria{unique()}"
    email = f"{name}@example.com"

    added = healthy.told("users", "add", email)
    listed = healthy.told("users", "list")
    again = healthy.ops("users", "add", email)
    removed = healthy.ops("users", "remove", email, "--yes")

    assert (added["user"], added["mailed"]) == (name, True)
    assert {one["email"]: one["status"] for one in listed["users"]}[email] == "FORCE_CHANGE_PASSWORD"
    assert again.exit_code == 2
    assert removed.exit_code == 0
    assert email not in {one["email"] for one in healthy.told("users", "list")["users"]}


def test_a_person_with_a_permanent_password_may_sign_in_at_once(healthy):
    name = f"script{unique()}"

    healthy.ops("users", "add", f"{name}@example.com", "--permanent-password-stdin", input="Correct-horse-7\n")

    listed = {one["user"]: one["status"] for one in healthy.told("users", "list")["users"]}
    assert listed[name] == "CONFIRMED"
    healthy.ops("users", "remove", name, "--yes")


def test_cost_is_computed_for_this_stack(healthy):
    told = healthy.told("cost", "--uploads-per-month", "1000000", "--digests", "0")

    assert 20 < told["perMillionUploads"] < 30
    assert told["lines"][0]["name"] == "mails"
    assert {line["name"] for line in told["lines"]} >= {"alarms", "logs", "catalogue, writes"}
    assert all(line["source"] and line["read"] for line in told["lines"])


def test_cost_is_shown_with_its_sources_and_assumptions(healthy):
    answer = healthy.ops("cost")

    assert answer.exit_code == 0
    assert "1,000,000 uploads a month (assumed)" in answer.stdout
    assert "together" in answer.stdout
    assert "(1) https://" in answer.stdout
    assert "no free tier" in answer.stdout


def test_a_stack_that_ends_in_the_middle_is_one_message(healthy, tmp_path):
    gone = {**json.loads(healthy.ready_file.read_text()), "endpoint": "http://127.0.0.1:9"}
    (tmp_path / "gone.json").write_text(json.dumps(gone))
    from tests.ops.parts import ops

    answer = ops("status", "--local", str(tmp_path / "gone.json"))

    assert answer.exit_code == 2
    assert "does not answer any more; start it again:\n  python -m local up\n" in answer.stderr
