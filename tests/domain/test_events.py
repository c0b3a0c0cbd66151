"""S3 events that come straight, through SNS, SQS or EventBridge, and malformed ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import FileEvent, OtherEvent, UnreadableEventError
from tests.domain.s3_events import BUCKET, changed, decoded, form_encoded, json_values, keys, with_key
from tests.examples import a_file, golden


@given(keys)
def test_every_key_survives_s3s_encoding(key):
    (event,) = decoded(with_key(form_encoded(key)))

    assert event.key == key


@given(keys)
def test_every_key_passes_eventbridge_unchanged(key):
    bridge = golden("eventbridge_created")
    bridge["detail"]["object"]["key"] = key

    (event,) = decoded(bridge)

    assert event.key == key


@pytest.mark.parametrize("wrap", ["{}", '{{"Records": [{{"eventSource": "aws:sqs", "body": {0}}}]}}'])
@given(key=keys)
def test_every_key_survives_envelopes(wrap, key):
    text = json.dumps(with_key(form_encoded(key)))
    event = json.loads(wrap.format(json.dumps(text))) if wrap != "{}" else json.loads(text)

    assert [one.key for one in decoded(event)] == [key]


@given(json_values)
def test_whatever_arrives_is_read_or_refused_as_unreadable(value):
    try:
        read = decoded(value)
    except UnreadableEventError:
        read = []

    assert all(isinstance(event, (FileEvent, OtherEvent)) for event in read)


@given(
    st.dictionaries(
        st.sampled_from(["Event", "source", "Type", "Message", "Records", "eventSource", "EventSource", "body", "Sns"]),
        st.sampled_from(["s3:TestEvent", "aws.s3", "Notification", "aws:sqs", "aws:sns", "{}", '{"Records": [1]}'])
        | json_values
        | st.lists(st.fixed_dictionaries({"eventSource": st.just("aws:sqs"), "body": json_values}), max_size=2),
        max_size=3,
    )
)
def test_whatever_arrives_in_an_envelope_is_read_or_refused_as_unreadable(event):
    try:
        read = decoded(event)
    except UnreadableEventError:
        read = []

    assert all(isinstance(one, (FileEvent, OtherEvent)) for one in read)


@given(
    st.sampled_from(
        [
            "eventVersion",
            "eventName",
            "awsRegion",
            "eventTime",
            "userIdentity",
            "userIdentity.principalId",
            "glacierEventData",
            "s3",
            "s3.bucket",
            "s3.bucket.name",
            "s3.object",
            "s3.object.key",
            "s3.object.size",
            "s3.object.eTag",
            "s3.object.versionId",
            "s3.object.sequencer",
        ]
    ),
    json_values,
)
def test_whatever_stands_in_a_field_the_record_is_read_or_refused_as_unreadable(path, value):
    try:
        read = decoded(changed(path, value))
    except UnreadableEventError:
        read = []

    assert all(isinstance(one, (FileEvent, OtherEvent)) for one in read)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("userIdentity.principalId", "by"),
        ("s3.object.size", "size"),
        ("s3.object.eTag", "etag"),
        ("s3.object.sequencer", "sequencer"),
    ],
)
def test_null_says_as_little_as_a_missing_field(path, field):
    (read,) = decoded(changed(path, None))

    assert getattr(read, field) in ("", None)


@pytest.mark.parametrize(
    "path", ["eventVersion", "eventName", "awsRegion", "eventTime", "s3", "s3.bucket.name", "s3.object.key"]
)
def test_a_record_without_what_every_event_has_is_refused(path):
    with pytest.raises(UnreadableEventError):
        decoded(changed(path, ...))


@pytest.mark.parametrize(
    "path", ["userIdentity", "requestParameters", "responseElements", "s3.object.versionId", "s3.object.eTag"]
)
def test_a_record_without_what_some_events_lack_is_read(path):
    event = golden("s3_put_versioned")
    *way, last = path.split(".")
    inside = event["Records"][0]
    for step in way:
        inside = inside[step]
    del inside[last]

    (read,) = decoded(event)

    assert read.key == "reports/summary.pdf"


@pytest.mark.parametrize("key", ["", "%ED%A0%80", "%FF", 7, None])
def test_a_key_that_s3_cannot_have_written_is_refused(key):
    with pytest.raises(UnreadableEventError):
        decoded(with_key(key))


@pytest.mark.parametrize("size", [-1, "7", 1.5, True, [], {}])
def test_a_size_that_is_no_number_of_bytes_is_refused(size):
    with pytest.raises(UnreadableEventError):
        decoded(changed("s3.object.size", size))


@pytest.mark.parametrize(
    "time",
    [
        "",
        "yesterday",
        "2026-11-23",
        "2026-11-23T08:41:07",
        "2026-11-23T08:41:07+01:00",
        "2026-13-01T00:00:00Z",
        "2026-W48-1T08:41:07Z",
        "20261123T084107Z",
    ],
)
def test_a_time_that_is_not_in_utc_and_in_the_order_of_text_is_refused(time):
    with pytest.raises(UnreadableEventError, match="ISO 8601"):
        decoded(changed("eventTime", time))


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "2.99", "2"])
def test_every_minor_version_of_the_structure_is_read(version):
    (event,) = decoded(changed("eventVersion", version))

    assert event.key == "reports/summary.pdf"


@pytest.mark.parametrize("version", ["1.0", "3.0", "", "x"])
def test_another_major_version_is_refused_because_it_may_mean_something_else(version):
    with pytest.raises(UnreadableEventError, match=r"this system reads 2\.x"):
        decoded(changed("eventVersion", version))


@pytest.mark.parametrize("prefix", ["s3:", ""])
def test_an_event_name_is_the_same_with_and_without_its_prefix(prefix):
    (event,) = decoded(changed("eventName", f"{prefix}ObjectCreated:Put"))

    assert event.name == "ObjectCreated:Put"


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        7,
        {},
        {"Records": None},
        {"Records": "text"},
        {"Records": [None]},
        {"Records": [{}]},
        {"Records": [{"eventSource": "aws:sqs", "body": ""}]},
        {"Records": [{"eventSource": "aws:sqs", "body": "{"}]},
        {"Records": [{"eventSource": "aws:sqs", "body": '{"hello": "world"}'}]},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "no JSON"}}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": None}]},
        {"Type": "Notification"},
        {"source": "aws.s3"},
        {"source": "aws.s3", "detail-type": "Object Created", "detail": []},
    ],
    ids=str,
)
def test_an_event_that_is_not_of_s3_is_refused(event):
    with pytest.raises(UnreadableEventError):
        decoded(event)


@pytest.mark.usefixtures("no_finalizers_at_depth")
@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000], ids=["a number too long to read", "nested without end"])
def test_a_message_that_python_cannot_hold_is_refused(text):
    with pytest.raises(UnreadableEventError):
        decoded({"Records": [{"eventSource": "aws:sqs", "body": text}]})


def test_no_records_are_no_events():
    assert decoded({"Records": []}) == []


def test_every_record_of_an_event_is_read_not_only_the_first():
    assert [event.bucket for event in decoded(golden("s3_three_records"))] == [
        BUCKET,
        "another-bucket",
        "a-third-bucket",
    ]


@pytest.mark.parametrize("name", ["s3_delete", "s3_delete_marker", "s3_lifecycle_expiration", "eventbridge_deleted"])
def test_a_removed_file_has_no_size(name):
    (event,) = decoded(golden(name))

    assert event.size is None


def test_a_size_that_comes_with_a_removal_is_not_the_files():
    event = golden("s3_delete")
    event["Records"][0]["s3"]["object"]["size"] = 0

    assert decoded(event)[0].size is None


@pytest.mark.parametrize(
    ("name", "marker"),
    [("s3_delete", False), ("s3_delete_marker", True), ("s3_lifecycle_expiration", True), ("s3_put", False)],
)
def test_hiding_a_file_is_distinguished_from_deleting_it(name, marker):
    (event,) = decoded(golden(name))

    assert event.is_delete_marker is marker


@pytest.mark.parametrize(
    ("name", "detail", "action"),
    [
        ("eventbridge_created", {"reason": "RenameObject"}, "created"),
        ("eventbridge_created", {"reason": ""}, "created"),
        ("eventbridge_created", {"reason": ...}, "created"),
        ("eventbridge_deleted", {"deletion-type": "Evaporated"}, "removed"),
        ("eventbridge_deleted", {"deletion-type": ...}, "removed"),
        ("eventbridge_deleted", {"deletion-type": ..., "reason": ...}, "removed"),
        ("eventbridge_restored", {"reason": "Whatever"}, "restored"),
    ],
    ids=str,
)
def test_a_reason_that_eventbridge_adds_later_or_leaves_out_does_not_hide_what_happened(name, detail, action):
    bridge = golden(name)
    bridge["detail"] = {k: v for k, v in {**bridge["detail"], **detail}.items() if v is not ...}

    (event,) = decoded(bridge)

    assert event.action == action


@pytest.mark.parametrize(
    ("key", "size", "marker"),
    [("photos/", 0, True), ("photos/", None, True), ("photos/", 1, False), ("photos", 0, False), ("a/b/", 0, True)],
)
def test_a_folder_marker_is_an_empty_object_whose_key_ends_in_a_slash(key, size, marker):
    assert a_file(key=key, size=size).is_folder_marker is marker


@pytest.mark.parametrize(
    ("principal", "person"),
    [
        ("AWS:AROAJDPLRKLG7UEXAMPLE:maria", "maria"),
        ("AWS:AIDAJDPLRKLG7UEXAMPLE", "AIDAJDPLRKLG7UEXAMPLE"),
        ("AmazonCustomer:A3NL1KOZZKExample", "A3NL1KOZZKExample"),
        ("A3NL1KOZZKExample", "A3NL1KOZZKExample"),
        ("s3.amazonaws.com", "s3.amazonaws.com"),
        ("Anonymous", "Anonymous"),
        ("", ""),
    ],
)
def test_the_uploader_is_the_part_that_people_know(principal, person):
    (event,) = decoded(changed("userIdentity.principalId", principal))

    assert event.by == person
