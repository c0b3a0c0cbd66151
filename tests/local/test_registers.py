"""A resource type is entered once, as a kind; the places that have to agree with the kinds are compared with them."""

from __future__ import annotations

import re
from pathlib import Path

import boto3
import pytest
import yaml
from botocore import xform_name

from local.emulator.patches import WRITTEN_FOR
from local.emulator.resources import TABLE
from local.emulator.resources.declared import Declared
from local.settings import PROJECT

ROOT = Path(__file__).parents[2]
EMULATOR = sorted((ROOT / "local" / "emulator").rglob("*.py"))
PATCHES = [path for path in EMULATOR if path.parent.name == "patches" and path.stem != "__init__"]

CALLED_BY_THE_PROVIDER = {"s3control", "sts"}
"""The tags of buckets, and the caller's account, which the provider asks for whatever the program declares."""

DECLARED = [kind for kind in TABLE.values() if isinstance(kind, Declared)]


def services() -> set[str]:
    return {kind.service for kind in TABLE.values()}


def test_every_kind_names_a_service_of_boto3():
    assert services() <= set(boto3.Session().get_available_services())


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.pulumi_type)
def test_every_call_of_a_declared_kind_is_an_operation_of_its_service(kind):
    model = boto3.client(kind.service, region_name="us-east-1").meta.service_model
    operations = {xform_name(name) for name in model.operation_names}

    calls = (kind.creating, kind.changing, kind.removing)

    assert {call.operation for call in calls if call is not None} <= operations


def test_the_real_provider_is_sent_to_the_emulator_for_every_service_of_a_kind():
    (endpoints,) = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())["config"]["aws:endpoints"]

    assert set(endpoints) == {service.replace("-", "") for service in services()} | CALLED_BY_THE_PROVIDER
    assert len(set(endpoints.values())) == 1


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_every_patch_says_what_it_works_around_and_what_would_make_it_unnecessary(path):
    docstring = path.read_text().split('"""')[1]
    parts = re.findall(r"^(AWS|ministack|Unnecessary when|Private names)\b.*?: ", docstring, re.MULTILINE)

    assert parts == ["AWS", "ministack", "Unnecessary when", "Private names"]
    assert WRITTEN_FOR in docstring


@pytest.mark.parametrize("path", EMULATOR, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_emulator_knows_neither_the_project_nor_its_commands(path):
    text = path.read_text()

    assert [word for word in (PROJECT, "python -m local ", "python -m ops", "file notification") if word in text] == []


def test_no_page_lets_pulumi_write_into_the_committed_settings_of_the_emulator():
    """`stack init` adds a salt to the stack's file, and any change rewrites it."""
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    commands = re.compile(r"pulumi .*(stack init local|--stack local\b)")

    assert [page.name for page in pages if commands.search(page.read_text())] == []
    assert "Pulumi.emulator.yaml" in (ROOT / ".gitignore").read_text().splitlines()
