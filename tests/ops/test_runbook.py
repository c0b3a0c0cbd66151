"""Every heading of the runbook says what to do, and every command in it exists.

That its headings are the alarms is tested in tests/program, where the alarms are known.
"""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import botocore.session
import click
import pytest
from botocore import xform_name

from ops.__main__ import cli
from ops.reading.queues import KEPT
from tests.ops.parts import ops

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
PARTS = ("**Means.**", "**Look.**", "**Repair.**", "**Repaired when**")
OF_THE_CLI_ALONE = {("logs", "tail")}


def headings():
    return re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)


def commands(start):
    """Every command that begins like this, in blocks and in sentences."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)).splitlines()
    sentences = re.sub(r"```.*?```", "", RUNBOOK, flags=re.DOTALL)
    inline = [found.replace("\n", " ") for found in re.findall(r"`([^`]+)`", sentences)]
    return sorted({line for line in [*blocks, *inline] if line.startswith(start)})


def test_every_queue_that_keeps_failures_has_a_heading():
    assert {kept.alarm for kept in KEPT} <= set(headings())


@pytest.mark.parametrize("heading", [heading for heading in headings() if re.fullmatch(r"[a-z-]+", heading)])
def test_every_heading_of_an_alarm_says_what_to_look_at_and_what_to_do(heading):
    section = RUNBOOK.split(f"\n## {heading}\n")[1].split("\n## ")[0]

    assert [part for part in PARTS if part not in section] == []
    assert "python -m ops" in section


@pytest.mark.parametrize("line", commands("python -m ops"))
def test_every_command_of_ours_exists_with_its_options(line):
    words = shlex.split(line)[3:]
    group, path = cli, []
    while isinstance(group, click.Group):
        path.append(words.pop(0))
        group = group.commands[path[-1]]

    answer = ops(*path, "--help")

    assert answer.exit_code == 0
    known = {option for parameter in group.params for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word.partition("=")[0] not in known] == []
    queues = [value for word, value in pairwise(words) if word == "--queue"]
    assert [name for name in queues if name not in {kept.name for kept in KEPT}] == []


@pytest.mark.parametrize("line", commands("aws "))
def test_every_command_of_the_aws_cli_exists_with_its_options(line):
    words = shlex.split(re.sub(r"\"\$\(.*\)\"", "X", line))
    service, operation = words[1], words[2]
    if (service, operation) in OF_THE_CLI_ALONE:
        return
    model = botocore.session.get_session().get_service_model({"s3api": "s3"}.get(service, service))
    known = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in known
    shape = model.operation_model(known[operation]).input_shape
    options = {f"--{xform_name(member, '-')}" for member in shape.members} | {"--query", "--output", "--region"}
    assert [word for word in words[3:] if word.startswith("--") and word not in options] == []


def test_every_link_within_the_runbook_leads_somewhere():
    links = re.findall(r"\]\(#([a-z-]+)\)", RUNBOOK)

    assert links
    assert set(links) <= set(headings())
