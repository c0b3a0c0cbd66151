"""S3's events, as they come straight, through SNS, SQS or EventBridge, and as they should never come."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import FileEvent, OtherEvent, UnreadableEventError, file_event, raw_records
from tests.handlers.conftest import EVENTS, a_file, golden

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
FROM_EVENTBRIDGE = {"time": "2026-11-23T08:41:07Z", "by": "111122223333", "etag": "b1946ac92492d2347c6235b4d2611184"}


def put(**special):
    return FileEvent(**{**PUT, **special})


RED_FLOWER = put(key="red flower+1.jpg", size=1024, version_id="", sequencer="0055AED6DCD90281E6")

EXPECTED = {
    "s3_put": [put(version_id="")],
    "s3_put_versioned": [put()],
    "s3_put_plus_and_space": [RED_FLOWER],
    "s3_put_unicode": [put(key="résumé/日本語 🚀.pdf", sequencer="0055AED6DCD90281E7")],
    "s3_put_china": [
        put(
            key="invoices/0423.pdf",
            region="cn-north-1",
            version_id="",
            sequencer="0055AED6DCD9028204",
            by="AIDAJDPLRKLG7UEXAMPLE",
        )
    ],
    "s3_put_newest_version_of_the_structure": [put(sequencer="0055AED6DCD90281F0")],
    "s3_multipart_complete": [
        put(
            name="ObjectCreated:CompleteMultipartUpload",
            key="videos/talk.mp4",
            size=7_516_192_768,
            etag="3858f62230ac3c915f300c664312c11f-9",
            sequencer="0055AED6DCD90281E8",
        )
    ],
    "s3_copy": [put(name="ObjectCreated:Copy", key="archive/2026/summary.pdf", sequencer="0055AED6DCD90281E9")],
    "s3_post": [
        put(
            name="ObjectCreated:Post",
            key="incoming/form upload.csv",
            size=512,
            sequencer="0055AED6DCD90281EA",
            by="Anonymous",
        )
    ],
    "s3_folder_marker": [put(key="photos/", size=0, sequencer="0055AED6DCD90281EB")],
    "s3_delete": [
        put(action="removed", name="ObjectRemoved:Delete", size=None, etag="", sequencer="0055AED6DCD90281EC")
    ],
    "s3_delete_marker": [
        put(
            action="removed",
            name="ObjectRemoved:DeleteMarkerCreated",
            size=None,
            version_id="bDELv8wzPpdpKyPtEXAMPLEmarker",
            sequencer="0055AED6DCD90281ED",
        )
    ],
    "s3_lifecycle_expiration": [
        put(
            action="removed",
            name="LifecycleExpiration:DeleteMarkerCreated",
            key="logs/2025/old.log",
            size=None,
            etag="",
            version_id="LCYzPpdpKyPtEXAMPLEmarker0000000",
            sequencer="0055AED6DCD90281EE",
            by="s3.amazonaws.com",
        )
    ],
    "s3_restore_completed": [
        put(
            action="restored",
            name="ObjectRestore:Completed",
            key="archive/2019/ledger.zip",
            size=52_428_800,
            sequencer="",
            by="A3NL1KOZZKExample",
            available_until="2026-11-30T00:00:00.000Z",
        )
    ],
    "s3_restore_requested": [OtherEvent("ObjectRestore:Post")],
    "s3_tagging": [OtherEvent("ObjectTagging:Put")],
    "s3_unknown_event": [OtherEvent("ObjectAnnotation:Put")],
    "s3_test_event": [OtherEvent("s3:TestEvent")],
    "s3_three_records": [
        put(key="a.txt", size=1, version_id="", sequencer="0055AED6DCD9028201"),
        put(
            bucket="another-bucket",
            region="us-east-1",
            key="b b.txt",
            size=2,
            version_id="",
            sequencer="0055AED6DCD9028202",
        ),
        put(
            action="removed",
            name="ObjectRemoved:Delete",
            bucket="a-third-bucket",
            key="c+c.txt",
            size=None,
            etag="",
            version_id="",
            sequencer="0055AED6DCD9028203",
        ),
    ],
    "eventbridge_created": [
        put(
            **FROM_EVENTBRIDGE,
            key="a+b.txt",
            size=5,
            version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            sequencer="617f08299329d189",
        )
    ],
    "eventbridge_deleted": [
        put(
            **{**FROM_EVENTBRIDGE, "etag": PUT["etag"]},
            action="removed",
            name="ObjectRemoved:DeleteMarkerCreated",
            key="100%25 done.txt",
            size=None,
            version_id="1QW9g1Z99LUNbvaaYVpW9xDlOLU.qxgF",
            sequencer="617f0837b476e463",
        )
    ],
    "eventbridge_restored": [
        put(
            **{**FROM_EVENTBRIDGE, "by": "s3.amazonaws.com"},
            action="restored",
            name="ObjectRestore:Completed",
            key="archive/2019/ledger.zip",
            size=52_428_800,
            version_id="KKsjUC1.6gIjqtvhfg5AdMI0eCePIiT3",
            sequencer="",
            available_until="2026-11-30T00:00:00Z",
        )
    ],
    "eventbridge_tags_added": [OtherEvent("Object Tags Added")],
    "sns_s3_put": [RED_FLOWER],
    "sns_s3_test_event": [OtherEvent("s3:TestEvent")],
    "sqs_s3_put": [RED_FLOWER],
    "sqs_s3_test_event": [OtherEvent("s3:TestEvent")],
    "sqs_sns_s3_put": [RED_FLOWER],
    "sqs_sns_raw_s3_put": [RED_FLOWER],
    "sqs_eventbridge_created": [
        put(
            **FROM_EVENTBRIDGE,
            key="a+b.txt",
            size=5,
            version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            sequencer="617f08299329d189",
        )
    ],
}

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


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_every_event_that_aws_documents_is_read_as_it_is_meant(name):
    assert decoded(golden(name)) == EXPECTED[name]


def test_every_expectation_has_its_event():
    assert {path.stem for path in EVENTS.glob("*.json")} == set(EXPECTED)


@given(keys)
def test_every_key_survives_the_way_through_s3(key):
    (event,) = decoded(with_key(form_encoded(key)))

    assert event.key == key


@given(keys)
def test_every_key_comes_through_eventbridge_as_it_is(key):
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
def test_what_is_no_event_of_s3_is_refused(event):
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
def test_hiding_a_file_is_told_from_deleting_it(name, marker):
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


@given(hexadecimal, hexadecimal)
def test_sequencers_compare_as_numbers_padded_on_the_right(one, other):
    def number(sequencer):
        return int(sequencer.ljust(64, "0"), 16)

    a, b = a_file(sequencer=one).order, a_file(sequencer=other).order

    assert (a < b, a == b) == (number(one) < number(other), number(one) == number(other))


@given(hexadecimal)
def test_capitals_and_zeros_at_the_end_do_not_change_a_sequencers_order(sequencer):
    same = {a_file(sequencer=form).order for form in (sequencer.lower(), sequencer.upper(), f"{sequencer}00")}

    assert len(same) == 1


def test_two_deliveries_of_one_event_have_one_identity():
    assert decoded(golden("s3_put_versioned"))[0].identity == decoded(golden("s3_put_versioned"))[0].identity


@pytest.mark.parametrize("change", [{"sequencer": "0055AED6DCD90281E6"}, {"key": "other"}, {"bucket": "other"}])
def test_two_events_have_two_identities(change):
    assert a_file().identity != a_file(**change).identity


def test_the_same_content_uploaded_twice_is_two_events():
    first, second = (put(sequencer=sequencer) for sequencer in ("0055AED6DCD90281E5", "0055AED6DCD90281E6"))

    assert first.etag == second.etag
    assert first.identity != second.identity


@pytest.mark.parametrize("version_id", ["", "096fKKXTRTtl3on89fVO"])
def test_a_file_restored_again_later_is_another_event(version_id):
    first, second = (
        put(action="restored", name="ObjectRestore:Completed", sequencer="", version_id=version_id, time=time)
        for time in ("2026-11-23T08:41:07.123Z", "2027-11-23T08:41:07.123Z")
    )

    assert first.identity != second.identity


@given(keys, keys)
def test_parts_of_an_identity_cannot_run_into_each_other(one, other):
    a, b = a_file(bucket="b", key=one), a_file(bucket="b", key=other)

    assert (a.identity == b.identity) == (one == other)


@given(keys)
def test_a_files_id_is_safe_in_urls_and_the_same_for_every_version(key):
    ids = {a_file(key=key, version_id=version, sequencer=version).file_id for version in ("1", "2")}

    assert len(ids) == 1
    assert all(len(one) == 32 and one.isalnum() and one.isascii() for one in ids)
