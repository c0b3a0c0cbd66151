"""Recipients are recognized by their shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import SHAPES, RecipientError, parse_recipient
from domain.recipients import PROTOCOLS, Recipient, recipient_of

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:file-events"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:index-files"


@pytest.mark.parametrize(
    ("address", "protocol"),
    [
        ("ann@example.com", "email"),
        ("ann.lee+files@mail.example.co.uk", "email"),
        ("o'brien@example.com", "email"),
        ("+84901234567", "sms"),
        ("+12025550123", "sms"),
        ("https://hooks.example.com", "https"),
        ("https://hooks.example.com/files?token=a%20b", "https"),
        ("https://hooks.example.com:8443/files", "https"),
        (QUEUE, "sqs"),
        (QUEUE.replace("aws", "aws-cn").replace("eu-west-1", "cn-north-1"), "sqs"),
        (QUEUE.replace("aws", "aws-us-gov").replace("eu-west-1", "us-gov-west-1"), "sqs"),
        (FUNCTION, "lambda"),
        (f"{FUNCTION}:live", "lambda"),
    ],
)
def test_the_shape_of_a_recipient_gives_its_protocol(address, protocol):
    assert parse_recipient(address) == Recipient(address, protocol)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@Example.COM", "ann@example.com"),
        ("+84 901 234 567", "+84901234567"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("https://Hooks.Example.com:443", "https://hooks.example.com/"),
        ("https://hooks.example.com/?a=B", "https://HOOKS.example.com?a=B"),
    ],
)
def test_two_spellings_of_an_address_are_one_recipient(one, other):
    assert parse_recipient(one) == parse_recipient(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@example.com", "ann@example.com"),
        ("https://hooks.example.com/Files", "https://hooks.example.com/files"),
        ("https://hooks.example.com/files/", "https://hooks.example.com/files"),
        ("https://hooks.example.com:8443", "https://hooks.example.com"),
    ],
)
def test_what_may_be_two_addresses_stays_two(one, other):
    assert parse_recipient(one) != parse_recipient(other)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.com",
        "ann@",
        "ann@localhost",
        "ann@example",
        "ann@-example.com",
        "ann@example..com",
        "ann lee@example.com",
        "ann@example.com\n",
        " ann@example.com",
        "ann@example.com, bob@example.com",
        "Ann <ann@example.com>",
        "x" * 65 + "@example.com",
        "84901234567",
        "+0901234567",
        "+1234567890123456",
        "http://hooks.example.com",
        "https://",
        "https://hooks.example.com/#part",
        "https://hooks example.com",
        "https://user@hooks.example.com",
        "ftp://hooks.example.com",
        "arn:aws:sns:eu-west-1:111122223333:topic",
        "arn:aws:sqs:eu-west-1:1111:files",
        "arn:aws:sqs:eu-west-1:111122223333:",
        "arn:aws:lambda:eu-west-1:111122223333:index-files",
    ],
)
def test_an_address_of_no_known_shape_is_refused_with_what_is_accepted(address):
    with pytest.raises(RecipientError, match="use an email address, a phone number such as"):
        parse_recipient(address)


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_fifo_queue_is_refused_because_a_standard_topic_cannot_reach_it(service):
    with pytest.raises(RecipientError, match="use a standard queue"):
        parse_recipient(f"arn:aws:{service}:eu-west-1:111122223333:files.fifo")


def test_the_latest_version_is_refused_because_lambda_gives_no_permission_on_it():
    with pytest.raises(RecipientError, match=r"the ARN without :\$LATEST is the same function"):
        parse_recipient(f"{FUNCTION}:$LATEST")


def test_the_error_of_a_phone_number_that_became_a_number_says_how_to_keep_it_text():
    with pytest.raises(RecipientError, match=r"in YAML write '\+84901234567', with the CLI add --type string"):
        parse_recipient(84901234567)


@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, b"ann@example.com"])
def test_a_recipient_that_is_not_text_is_refused(value):
    with pytest.raises(RecipientError, match="is not text"):
        parse_recipient(value)


@given(st.text() | st.integers() | st.none() | st.floats())
def test_whatever_is_written_is_a_recipient_or_refused_in_words(value):
    try:
        address = parse_recipient(value).address
    except RecipientError:
        address = value

    assert address is value


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(data=st.data())
def test_what_was_checked_is_read_back_as_the_recipient_it_was_checked_to_be(protocol, data):
    written = data.draw(st.from_regex(SHAPES[protocol].pattern, fullmatch=True))

    checked = parse_recipient(written)
    assert recipient_of(checked.address) == checked


@pytest.mark.parametrize(
    ("address", "person"),
    [("a@b.co", True), ("+84901234567", True), ("https://b.co/", False), (QUEUE, False), (FUNCTION, False)],
)
def test_mails_and_messages_end_at_a_person(address, person):
    assert parse_recipient(address).is_person is person


@pytest.mark.parametrize(("address", "region"), [(QUEUE, "eu-west-1"), (FUNCTION, "eu-west-1"), ("a@b.co", "")])
def test_a_recipients_region_is_the_one_in_its_arn(address, region):
    assert parse_recipient(address).region == region
