"""S3 events as AWS documents them, changed for a test and decoded."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import strategies as st

from domain.envelopes import raw_records
from domain.events import FileEvent
from domain.s3_events import file_event
from tests.examples import golden

BUCKET = "file-notifications-uploads-bucket-1a2b3c4"

# From what a put says in tests/events: the rest of each expectation is what makes the event special.
PUT = {
    "action": "created",
    "name": "ObjectCreated:Put",
    "bucket": BUCKET,
    "key": "reports/summary.pdf",
    "region": "eu-west-1",
    "time": "2026-11-23T08:41:07.123Z",
    "size": 186_368,
    "etag": "d41d8cd98f00b204e9800998ecf8427e",
    "version_id": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
    "sequencer": "0055AED6DCD90281E5",
    "by": "maria",
}
FROM_EVENTBRIDGE = {"time": "2026-11-23T08:41:07Z", "by": "", "etag": "b1946ac92492d2347c6235b4d2611184"}


def put(**special):
    return FileEvent(**{**PUT, **special})


keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
hexadecimal = st.text("0123456789abcdefABCDEF", min_size=1, max_size=64)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def decoded(event):
    return [file_event(raw) for raw in raw_records(event)]


def form_encoded(key):
    """As S3 writes keys into events: like a form, but with slashes left alone (Java's URLEncoder, which quotes ~)."""
    return quote_plus(key, safe="/*-._").replace("~", "%7E")


def with_key(key):
    event = golden("s3_put")
    event["Records"][0]["s3"]["object"]["key"] = key
    return event


def changed(path, value):
    """A put in which one thing is different; without a value it is missing."""
    event = golden("s3_put")
    *way, last = path.split(".")
    inside = event["Records"][0]
    for step in way:
        inside = inside[step]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return event
