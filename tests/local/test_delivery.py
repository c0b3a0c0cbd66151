"""Mails and text messages that SNS delivers are in the Maildir, as real messages."""

import json
import mailbox
import re
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.e2e.stack import wait_until

TEXTS = json.dumps({"default": "for everyone", "email": "for mail", "sms": "for telephones"})


@pytest.fixture
def topic(aws, unique):
    """topic(display_name="…") → its ARN."""

    def make(**attributes: str) -> str:
        return aws.sns.create_topic(Name=unique, Attributes=attributes)["TopicArn"]

    return make


@pytest.fixture
def subscribe(aws, unique):
    """subscribe(topic, …attributes) → an address of its own."""

    def make(topic: str, name: str = "ann", protocol: str = "email", **attributes: str) -> str:
        address = f"{name}-{unique}@example.com" if protocol == "email" else f"+849{int(unique[1:], 16) % 10**8:08}"
        aws.sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=address, Attributes=attributes)
        return address

    return make


def test_a_published_message_arrives_as_a_mail(aws, topic, subscribe, mails_to):
    arn = topic(DisplayName="File notifications")
    address = subscribe(arn)

    aws.sns.publish(TopicArn=arn, Subject="résumé.pdf arrived", Message="It is in invoices/ø.\n\nBye 🚀")

    (mail,) = wait_until(lambda: mails_to(address))
    assert mail.subject == "résumé.pdf arrived"
    assert mail.body.startswith("It is in invoices/ø.\n\nBye 🚀\n")


def test_the_mail_is_one_that_any_mail_program_reads(aws, emulator, topic, subscribe, mails_to):
    arn = topic(DisplayName="File notifications")
    address = subscribe(arn)
    aws.sns.publish(TopicArn=arn, Subject="one", Message="text")
    wait_until(lambda: mails_to(address))

    (mail,) = [mail for mail in mailbox.Maildir(emulator.maildir) if mail["To"] == address]

    assert mail["From"] == "File notifications <no-reply@sns.amazonaws.com>"
    assert mail["Date"]
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"


def test_a_mail_without_subject_and_sender_gets_those_of_sns(aws, topic, subscribe, mails_to):
    arn = topic()
    address = subscribe(arn)

    aws.sns.publish(TopicArn=arn, Message="text")

    (mail,) = wait_until(lambda: mails_to(address))
    assert mail.subject == "AWS Notification Message"


def test_the_footer_has_an_unsubscribe_link_that_works(aws, topic, subscribe, mails_to):
    arn = topic()
    address, other = subscribe(arn), subscribe(arn, "bob")
    aws.sns.publish(TopicArn=arn, Message="one")
    (mail,) = wait_until(lambda: mails_to(address))
    link = re.search(r"unsubscribe:\n(http://127\.0\.0\.1:\d+/\S+)", mail.body)[1]

    urllib.request.urlopen(link).close()  # noqa: S310
    aws.sns.publish(TopicArn=arn, Message="two")

    wait_until(lambda: len(mails_to(other)) == 2)
    assert len(mails_to(address)) == 1


def test_every_subscriber_gets_the_text_for_its_protocol(aws, topic, subscribe, mails_to):
    arn = topic()
    mail, telephone = subscribe(arn), subscribe(arn, protocol="sms")

    aws.sns.publish(TopicArn=arn, Message=TEXTS, MessageStructure="json", Subject="s")

    assert wait_until(lambda: mails_to(mail))[0].body.startswith("for mail\n")
    (text,) = wait_until(lambda: mails_to(telephone))
    assert (text.subject, text.body) == ("", "for telephones")


def test_a_protocol_without_a_text_of_its_own_gets_the_default(aws, topic, subscribe, mails_to):
    arn = topic()
    address = subscribe(arn)

    aws.sns.publish(TopicArn=arn, Message='{"default": "for everyone"}', MessageStructure="json")

    assert wait_until(lambda: mails_to(address))[0].body.startswith("for everyone\n")


def test_a_filter_policy_excludes_other_messages(aws, topic, subscribe, mails_to):
    arn = topic()
    asks = subscribe(arn, "asks", FilterPolicy='{"deliver": ["invoices"]}')
    gets = subscribe(arn, "gets")

    for rules in ('["photos"]', '["photos", "invoices"]'):
        attribute = {"DataType": "String.Array", "StringValue": rules}
        aws.sns.publish(TopicArn=arn, Message=rules, MessageAttributes={"deliver": attribute})

    wait_until(lambda: len(mails_to(gets)) == 2)
    (mail,) = mails_to(asks)
    assert mail.body.startswith('["photos", "invoices"]')


def test_a_batch_of_messages_is_delivered_message_by_message(aws, topic, subscribe, mails_to):
    arn = topic()
    address = subscribe(arn)

    entries = [{"Id": str(number), "Message": f"number {number}"} for number in range(3)]
    aws.sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)

    wait_until(lambda: len(mails_to(address)) == 3)
    assert [mail.body[:8] for mail in mails_to(address)] == ["number 0", "number 1", "number 2"]


def test_an_alarm_is_delivered_as_a_mail(aws, topic, subscribe, mails_to, unique):
    arn = topic()
    address = subscribe(arn)
    aws.cloudwatch.put_metric_alarm(
        AlarmName=unique,
        Namespace="test",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[arn],
    )

    aws.cloudwatch.set_alarm_state(AlarmName=unique, StateValue="ALARM", StateReason="because")

    assert unique in wait_until(lambda: mails_to(address))[0].body


def test_queues_still_receive_their_notifications(aws, topic, subscribe, unique):
    arn = topic()
    subscribe(arn)
    queue = aws.sqs.create_queue(QueueName=unique)["QueueUrl"]
    aws.sns.subscribe(
        TopicArn=arn, Protocol="sqs", Endpoint=aws.arn("sqs", unique), Attributes={"RawMessageDelivery": "true"}
    )

    aws.sns.publish(TopicArn=arn, Message="hello")

    (message,) = wait_until(lambda: aws.sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert message["Body"] == "hello"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"Subject": "x" * 100, "Message": "m"}, "Invalid parameter: Subject"),
        ({"Subject": "two\nlines", "Message": "m"}, "Invalid parameter: Subject"),
        ({"Subject": "bell\a", "Message": "m"}, "Invalid parameter: Subject"),
        ({"Subject": "s", "Message": "{", "MessageStructure": "json"}, "failed to parse"),
        ({"Subject": "s", "Message": '{"email": "m"}', "MessageStructure": "json"}, "No default entry"),
    ],
    ids=["long subject", "line break", "control character", "broken json", "no default"],
)
def test_what_sns_would_refuse_is_refused(aws, topic, request_, reason):
    with pytest.raises(ClientError, match=reason):
        aws.sns.publish(TopicArn=topic(), **request_)


def test_a_subject_of_99_characters_outside_ascii_is_accepted(aws, topic, subscribe, mails_to):
    arn = topic()
    address = subscribe(arn)

    aws.sns.publish(TopicArn=arn, Subject="é" * 99, Message="m")

    assert wait_until(lambda: mails_to(address))[0].subject == "é" * 99
