"""Which stack a command works on, and what it says when there is none."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops import choice
from ops.choice import READY_FILE, choose
from ops.command import with_ready_file
from ops.errors import OpsError
from tests.ops.parts import BASIC, ops, told


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """pulumi("shell script") is what the Pulumi CLI does; until it is called there is none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(choice, "READY_FILE", tmp_path / "none.json")

    def install(script: str):
        (tmp_path / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "pulumi").chmod(0o755)
        return tmp_path

    return install


@pytest.fixture
def mailbox():
    """A local stack's mailbox, which answers as long as the stack runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def ready(path, mailbox_url, **changes):
    described = {"endpoint": "http://127.0.0.1:4566", "region": "eu-west-1", "outputs": BASIC, "mailbox": mailbox_url}
    path.write_text(json.dumps({**described, **changes}))
    return path


def refused(match, **chosen):
    with pytest.raises(OpsError, match=match) as error:
        choose(**{"stack": None, "outputs": None, "ready_file": None, **chosen})
    return error.value


def test_a_deployed_stack_is_known_by_its_outputs(pulumi):
    pulumi(f"echo '{json.dumps(BASIC)}'")

    assert choose(stack=None, outputs=None, ready_file=None)["bucketName"] == BASIC["bucketName"]


def test_a_stack_is_asked_for_by_its_name(pulumi):
    folder = pulumi(f'echo "$@" > "${{0%/*}}/asked"; echo \'{json.dumps(BASIC)}\'')

    chosen = choose(stack="prod", outputs=None, ready_file=None)

    assert "stack output --json" in (folder / "asked").read_text()
    assert "--stack prod" in (folder / "asked").read_text()
    assert chosen.ops_command("status") == "python -m ops status --stack prod"
    assert chosen.repair_command == "pulumi up --refresh --stack prod"


def test_a_stack_that_pulumi_does_not_know_is_refused_with_what_pulumi_says(pulumi):
    pulumi("echo \"error: no stack named 'x' found\" >&2; exit 255")

    error = refused("no stack named 'x' found", stack="x")

    assert error.fix == "pulumi stack ls"


def test_a_stopped_stack_says_so_in_one_line(pulumi):
    pulumi("echo '{}'")

    error = refused("stack prod is stopped", stack="prod")

    assert "\n" not in error.message
    assert error.message.endswith("→ pulumi up --stack prod")


def test_without_any_stack_one_line_says_what_there_could_be(pulumi):
    error = refused("no local stack is running, and the selected stack cannot be looked up without the Pulumi CLI")

    assert "\n" not in error.message
    assert error.fix == "python -m local up"


def test_who_names_a_stack_is_told_nothing_of_a_local_one_that_was_not_looked_for(pulumi):
    error = refused("^stack prod cannot be looked up without the Pulumi CLI", stack="prod")

    assert "no local stack is running" not in error.message


def test_outputs_in_a_file_need_no_pulumi(pulumi, tmp_path):
    (tmp_path / "outputs.json").write_text(json.dumps(BASIC))

    chosen = choose(stack=None, outputs=tmp_path / "outputs.json", ready_file=None)

    assert chosen["topicArn"] == BASIC["topicArn"]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "does not export mode, region, bucketName"),
        (json.dumps({**BASIC, "topicArn": ""}), "does not export topicArn"),
        (json.dumps({"endpoint": "http://127.0.0.1:1", "outputs": {}}), "describes a local stack"),
    ],
)
def test_a_file_that_holds_no_outputs_is_refused(tmp_path, content, match):
    if content is not None:
        (tmp_path / "outputs.json").write_text(content)

    assert refused(match, outputs=tmp_path / "outputs.json").fix


def test_two_choices_are_refused(tmp_path):
    refused("name three different stacks; give one of them", stack="dev", outputs=tmp_path / "x.json")


def test_a_running_local_stack_is_known_by_its_ready_file(tmp_path, mailbox):
    chosen = choose(stack=None, outputs=None, ready_file=ready(tmp_path / "stack.json", mailbox))

    assert chosen.is_local
    assert chosen.aws.endpoint == "http://127.0.0.1:4566"


def test_a_running_local_stack_is_used_without_being_asked_for(pulumi, tmp_path, mailbox):
    ready(tmp_path / "none.json", mailbox)

    assert choose(stack=None, outputs=None, ready_file=None).is_local


def test_a_stopped_local_stack_is_not_used_without_being_asked_for(pulumi, tmp_path, mailbox):
    ready(tmp_path / "none.json", "http://127.0.0.1:9/")
    pulumi(f"echo '{json.dumps(BASIC)}'")

    assert not choose(stack=None, outputs=None, ready_file=None).is_local


def test_a_stopped_local_stack_says_so_in_one_line(tmp_path):
    gone = refused("the local stack is stopped: there is no", ready_file=tmp_path / "stack.json")
    silent = refused("nothing answers", ready_file=ready(tmp_path / "stack.json", "http://127.0.0.1:9/"))

    for error in (gone, silent):
        assert "\n" not in error.message
        assert error.message.endswith("→ python -m local up")


@pytest.mark.parametrize(
    "changes", [{"endpoint": "https://sns.eu-west-1.amazonaws.com"}, {"mailbox": "file:///etc/"}, {"outputs": None}]
)
def test_a_ready_file_that_leads_away_from_this_machine_is_refused(tmp_path, mailbox, changes):
    refused("is no ready file", ready_file=ready(tmp_path / "stack.json", mailbox, **changes))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--local"], [f"--local={READY_FILE}"]),
        (["--local", "second.json"], ["--local=second.json"]),
        (["--local", "a1b2c3"], [f"--local={READY_FILE}", "a1b2c3"]),
        (["--local", "--json"], [f"--local={READY_FILE}", "--json"]),
        (["--local=x", "--", "--local"], ["--local=x", "--", "--local"]),
    ],
)
def test_local_takes_a_ready_file_and_leaves_arguments_alone(words, expected):
    assert with_ready_file(words) == expected


def test_which_stack_is_used_is_said_if_nobody_chose(pulumi):
    pulumi("echo '{}'")

    answer = ops("status")

    assert answer.exit_code == 2
    assert answer.stderr == (
        "Error: the selected stack is stopped: it has no outputs, so nothing is deployed → pulumi up\n"
    )


def test_an_error_is_a_document_for_programs(tmp_path):
    answer = ops("status", "--json", "--outputs", str(tmp_path / "none.json"))

    assert answer.exit_code == 2
    assert set(told(answer)["error"]) == {"what", "fix"}


def test_a_missing_output_is_told_with_the_command_that_adds_it(tmp_path):
    (tmp_path / "o.json").write_text(json.dumps({key: BASIC[key] for key in BASIC if key != "notifyFunctionName"}))

    answer = ops("status", "--outputs", str(tmp_path / "o.json"))

    assert answer.exit_code == 2
    assert "does not export notifyFunctionName" in answer.stderr
    assert "pulumi up" in answer.stderr
