"""The program itself needs no credentials, no AWS client and no network. Only the provider does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3.session
import botocore.client
import pytest

from tests.program.conftest import CONFIGS, run


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """No credentials anywhere, and any call to AWS or the network fails at once."""

    def refuse(*_args, **_kwargs):
        pytest.fail("the program used the network")

    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(boto3.session.Session, "client", refuse)
    monkeypatch.setattr(boto3.session.Session, "resource", refuse)
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)
    for call in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, call, refuse)
    for call in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, call, refuse)


@pytest.mark.parametrize("preview", [True, False])
def test_the_program_needs_neither_network_nor_credentials(no_network, preview):
    deployment = run(**CONFIGS["advanced"], preview=preview)

    assert deployment.of("BucketNotification")


ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = """
import os, runpy, signal, sys, types

class Refused:
    def __init__(self, name, settings):
        os.kill(os.getpid(), signal.SIGINT)

class Settings:
    from_config = staticmethod(lambda config: None)

sys.modules["components.file_notifications"] = types.SimpleNamespace(FileNotifications=Refused)
sys.modules["components.settings"] = types.SimpleNamespace(Settings=Settings)
runpy.run_path("__main__.py", run_name="__main__")
"""


def test_a_program_that_the_engine_interrupts_after_a_refusal_adds_no_traceback_to_the_reason():
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")
