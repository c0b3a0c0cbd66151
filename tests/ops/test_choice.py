"""Which stack a command works on, and the message when there is none."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops import choice
from ops.choice import choose
from ops.errors import OpsError
from tests.ops.parts import ADVANCED, BASIC, a_stack, document, ops


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


def test_a_local_stack_is_repaired_in_the_mode_and_at_the_file_that_it_has():
    stack = a_stack(ADVANCED, endpoint="http://127.0.0.1:4566", options=("--ready-file", "second.json"))

    assert stack.deploy_command == "python -m local up --mode advanced --ready-file second.json"
    assert stack.repair_command.startswith(f"{stack.deploy_command}   (after stopping")


def test_a_stack_unknown_to_pulumi_is_refused_with_the_message_of_pulumi(pulumi):
    pulumi("echo \"error: no stack named 'x' found\" >&2; exit 255")

    error = refused("no stack named 'x' found", stack="x")

    assert error.fix == "pulumi stack ls"


def test_a_stack_without_outputs_is_reported_in_one_line(pulumi):
    pulumi("echo '{}'")

    error = refused("stack prod has no outputs", stack="prod")

    assert "\n" not in error.message
    assert error.message.endswith("→ pulumi up --stack prod")


def test_without_a_stack_one_line_names_the_choices(pulumi):
    error = refused("no local stack is running, and the selected stack cannot be read without the Pulumi CLI")

    assert "\n" not in error.message
    assert error.fix == "python -m local up"


def test_a_named_stack_is_reported_without_mention_of_a_local_one(pulumi):
    error = refused("^stack prod cannot be read without the Pulumi CLI", stack="prod")

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
        ("[]", "is not a JSON object"),
        ("{}", "does not export mode, region, topicArn"),
        (json.dumps({**BASIC, "topicArn": ""}), "does not export topicArn"),
        (json.dumps({"endpoint": "http://127.0.0.1:1", "outputs": {}}), "describes a local stack"),
    ],
)
def test_a_file_without_outputs_is_refused(tmp_path, content, match):
    if content is not None:
        (tmp_path / "outputs.json").write_text(content)

    assert refused(match, outputs=tmp_path / "outputs.json").fix


def test_two_choices_are_refused(tmp_path):
    refused("each name a stack; use one of them", stack="dev", outputs=tmp_path / "x.json")


def test_a_running_local_stack_is_known_by_its_ready_file(tmp_path, mailbox):
    chosen = choose(stack=None, outputs=None, ready_file=ready(tmp_path / "stack.json", mailbox))

    assert chosen.is_local
    assert chosen.aws.endpoint == "http://127.0.0.1:4566"


def test_a_running_local_stack_is_the_default(pulumi, tmp_path, mailbox):
    ready(tmp_path / "none.json", mailbox)

    assert choose(stack=None, outputs=None, ready_file=None).is_local


def test_a_stopped_local_stack_is_not_the_default(pulumi, tmp_path, mailbox):
    ready(tmp_path / "none.json", "http://127.0.0.1:9/")
    pulumi(f"echo '{json.dumps(BASIC)}'")

    assert not choose(stack=None, outputs=None, ready_file=None).is_local


def test_a_stopped_local_stack_is_reported_in_one_line(tmp_path):
    gone = refused("the local stack is stopped: .* does not exist", ready_file=tmp_path / "stack.json")
    silent = refused("nothing answers", ready_file=ready(tmp_path / "stack.json", "http://127.0.0.1:9/"))

    for error in (gone, silent):
        assert "\n" not in error.message
        assert error.message.endswith("→ python -m local up")


@pytest.mark.parametrize(
    "changes", [{"endpoint": "https://sns.eu-west-1.amazonaws.com"}, {"mailbox": "file:///etc/"}, {"outputs": None}]
)
def test_a_ready_file_with_addresses_of_other_machines_is_refused(tmp_path, mailbox, changes):
    refused("is not the ready file", ready_file=ready(tmp_path / "stack.json", mailbox, **changes))


def test_a_fix_names_a_ready_file_other_than_the_default(tmp_path, mailbox):
    path = ready(tmp_path / "second.json", mailbox)
    chosen = choose(stack=None, outputs=None, ready_file=path)

    assert chosen.ops_command("doctor") == f"python -m ops doctor --ready-file {path}"
    assert chosen.setting_command("mode", "basic") == f"python -m local set --ready-file {path} mode basic"


def test_a_fix_leaves_out_the_default_ready_file(pulumi, tmp_path, mailbox):
    ready(tmp_path / "none.json", mailbox)

    assert choose(stack=None, outputs=None, ready_file=None).ops_command("doctor") == "python -m ops doctor"


def test_the_default_stack_is_named(pulumi):
    pulumi("echo '{}'")

    answer = ops("status")

    assert answer.exit_code == 2
    assert answer.stderr == (
        "Error: the selected stack has no outputs: nothing is deployed, or the first update did not end → pulumi up\n"
    )


def test_an_error_is_a_document_for_programs(tmp_path):
    answer = ops("status", "--json", "--outputs", str(tmp_path / "none.json"))

    assert answer.exit_code == 2
    assert set(document(answer)["error"]) == {"what", "fix"}


def test_a_missing_output_is_reported_with_the_command_that_adds_it(tmp_path):
    (tmp_path / "o.json").write_text(json.dumps({key: BASIC[key] for key in BASIC if key != "notifyFunctionName"}))

    answer = ops("status", "--outputs", str(tmp_path / "o.json"))

    assert answer.exit_code == 2
    assert "does not export notifyFunctionName" in answer.stderr
    assert "pulumi up" in answer.stderr
