"""The naive handlers do what they are said to do: no more and no less, or the comparison would not be fair."""

from __future__ import annotations

import importlib
import json

import boto3
import pytest
from botocore.exceptions import ClientError

from bench.uploads import BUCKET, uploaded

REFUSED = ClientError({"Error": {"Code": "Throttling", "Message": "slow down"}}, "Any")


class Service:
    """Notes what it is asked for; refuses everything once `refuses` is set."""

    def __init__(self):
        self.asked, self.refuses = [], False

    def Table(self, _name):  # noqa: N802 - boto3's name
        return self

    def __getattr__(self, name):
        def call(**request):
            if self.refuses:
                raise REFUSED
            self.asked.append((name, request))

        return call


@pytest.fixture
def service(monkeypatch):
    made = Service()
    for name in ("TOPIC_ARN", "TABLE_NAME", "QUEUE_URL"):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setattr(boto3, "client", lambda _name: made)
    monkeypatch.setattr(boto3, "resource", lambda _name: made)
    return made


@pytest.fixture
def load(service):
    """load("basic") imports the handler afresh, with the service in place of its clients."""
    return lambda mode: importlib.reload(importlib.import_module(f"bench.naive.{mode}")).handler


def two_records(key):
    event = uploaded(1)
    event["Records"][0]["s3"]["object"]["key"] = key
    return {"Records": event["Records"] * 2}


def test_the_basic_one_publishes_once_for_each_record_and_leaves_the_key_encoded(load, service):
    load("basic")(two_records("red+flower%2B1.jpg"), None)

    assert [name for name, _ in service.asked] == ["publish", "publish"]
    assert f"red+flower%2B1.jpg was uploaded to the bucket {BUCKET}" in service.asked[0][1]["Message"]


def test_the_advanced_one_writes_a_new_row_and_a_message_for_every_delivery(load, service):
    load("advanced")(two_records("a.csv"), None)

    assert [name for name, _ in service.asked] == ["put_item", "send_message", "publish"] * 2
    one, two = (request["Item"]["id"] for name, request in service.asked if name == "put_item")
    assert one != two


@pytest.mark.parametrize("mode", ["basic", "advanced"])
def test_what_fails_is_swallowed(load, service, mode, capsys):
    handler = load(mode)
    service.refuses = True

    assert handler(uploaded(1), None)["statusCode"] == 200
    assert "rror: " in capsys.readouterr().out


def test_uploads_look_as_s3_reports_them():
    (record,) = uploaded(7, at=1_795_000_200.5)["Records"]

    assert record["eventTime"] == "2026-11-18T11:10:00.500Z"
    assert json.dumps(record).count("sequencer") == 1
    assert uploaded(8)["Records"][0]["s3"]["object"]["sequencer"] > record["s3"]["object"]["sequencer"]
