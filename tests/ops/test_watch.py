"""`watch`: what is set on another program's bucket, and the one switch."""

from __future__ import annotations

import pytest

from ops.errors import OpsError
from ops.watch import Configuration, read_configuration, watch
from tests.ops.parts import BASIC, a_stack

XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
END = b"</NotificationConfiguration>"
QUEUE = (
    b"<QueueConfiguration><Id>theirs</Id><Queue>arn:aws:sqs:eu-west-1:111122223333:theirs</Queue>"
    b"<Event>s3:ObjectCreated:*</Event><Unknown a='1'/></QueueConfiguration>"
)
ON = b"<EventBridgeConfiguration/>"


@pytest.fixture
def written():
    """The requests that write, in order."""
    return []


@pytest.fixture
def stack(monkeypatch, written):
    """stack(answer...) is a stack whose S3 answers so, one read after the other; the last one again and again."""
    from botocore.awsrequest import AWSResponse

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")

    def make(*answers, **outputs):
        made = a_stack({**BASIC, **outputs})
        bodies = list(answers)

        def answer(request, **_):
            if request.method == "PUT":
                written.append(request)
                return AWSResponse(request.url, 200, {}, Raw(b""))
            body = bodies.pop(0) if len(bodies) > 1 else bodies[0]
            return AWSResponse(request.url, 200, {}, Raw(body))

        made.aws.s3.meta.events.register("before-send", answer)
        return made

    return make


class Raw:
    def __init__(self, body):
        self._body = body

    def stream(self, **_):
        yield self._body


class Quiet:
    """A screen that keeps its result."""

    def __init__(self):
        self.lines, self.document = [], {}

    def say(self, *parts):
        self.lines.append("".join(part if isinstance(part, str) else part[0] for part in parts))

    def mark(self, _mark, *parts):
        self.say(*parts)

    def result(self, _schema, document):
        self.document = document


def run(stack, *, yes=False):
    screen = Quiet()
    code = watch.callback.__wrapped__(stack, screen, "their-bucket", yes)
    return code, screen


@pytest.mark.parametrize("entries", [b"", QUEUE])
def test_the_switch_is_added_and_every_other_byte_stays(entries):
    before = Configuration(xml=XML + entries + END, parsed={})

    assert before.switched_on() == XML + entries + ON + END


def test_the_switch_is_added_to_a_configuration_with_nothing_in_it():
    before = Configuration(xml=XML.removesuffix(b">") + b"/>", parsed={})

    assert before.switched_on() == XML + ON + END


def test_xml_of_an_unknown_form_is_not_written():
    with pytest.raises(OpsError, match="another form"):
        Configuration(xml=b"<Other/>", parsed={}).switched_on()


def test_without_yes_it_shows_what_would_be_written_and_writes_nothing(stack, written):
    one = stack(XML + QUEUE + END)

    code, screen = run(one)

    assert (code, written) == (1, [])
    assert any(
        "Queue theirs → arn:aws:sqs:eu-west-1:111122223333:theirs: s3:ObjectCreated:*" in x for x in screen.lines
    )
    assert screen.lines[-1].strip().endswith("python -m ops watch their-bucket --yes --stack dev")


def test_with_yes_exactly_the_switch_is_written(stack, written):
    one = stack(XML + QUEUE + END, XML + QUEUE + END, XML + QUEUE + ON + END)

    code, screen = run(one, yes=True)

    (request,) = written
    assert (code, request.body) == (0, XML + QUEUE + ON + END)
    assert request.headers["x-amz-skip-destination-validation"] == b"true"
    assert request.headers["x-amz-expected-bucket-owner"] == b"111122223333"
    assert screen.document["written"] is True


def test_a_declaration_that_is_not_written_back_is_no_other_configuration(stack, written):
    empty = b'<?xml version="1.0" encoding="UTF-8"?>\n<NotificationConfiguration xmlns="http://x" />'
    on = b'<NotificationConfiguration xmlns="http://x">' + ON + END

    code, _ = run(stack(empty, empty, on), yes=True)

    assert (code, len(written)) == (0, 1)


def test_a_bucket_that_sends_its_events_already_is_left_alone(stack, written):
    one = stack(XML + QUEUE + ON + END)

    code, screen = run(one, yes=True)

    assert (code, written) == (0, [])
    assert screen.lines[-1].strip() == (
        "→ pulumi config set --stack dev --path 'existingBuckets[0]' their-bucket && pulumi up --stack dev"
    )


@pytest.mark.parametrize(
    "since", [XML + END, XML + QUEUE.replace(b"theirs", b"another") + END], ids=["an entry gone", "another entry"]
)
def test_a_configuration_that_changed_in_between_is_not_written(stack, written, since):
    one = stack(XML + QUEUE + END, since)

    with pytest.raises(OpsError, match="changed in between: nothing was written"):
        run(one, yes=True)
    assert written == []


def test_a_configuration_that_is_another_afterwards_is_reported_with_what_it_was(stack):
    one = stack(XML + QUEUE + END, XML + QUEUE + END, XML + ON + END)

    with pytest.raises(OpsError, match=r"someone else wrote it at the same time(?s:.*)<Id>theirs</Id>"):
        run(one, yes=True)


def test_a_watched_bucket_needs_no_setting(stack):
    watched = [{"name": "their-bucket", "prefixes": [], "ruleName": "r"}]
    one = stack(XML + ON + END, existingBuckets=watched)

    code, screen = run(one)

    assert (code, screen.document["watched"]) == (0, True)
    assert not any("existingBuckets" in line for line in screen.lines)


def test_what_s3_wrote_is_read_byte_for_byte(stack):
    assert read_configuration(stack(XML + QUEUE + END), "their-bucket").xml == XML + QUEUE + END
