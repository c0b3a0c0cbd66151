"""`confirm`: confirms a subscription so that ending it takes AWS credentials."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import click

from ops.command import on_a_stack
from ops.errors import OpsError
from ops.screen import Screen
from ops.stack import Stack

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")
_REFUSED = ("InvalidParameter", "InvalidParameterException", "NotFound", "NotFoundException")


@on_a_stack()
@click.argument("link", metavar="LINK")
def confirm(stack: Stack, screen: Screen, link: str) -> int:
    """Confirm a subscription so that only its owner can end it.

    LINK is the "Confirm subscription" link of the mail from AWS Notifications (copy it without opening it, and quote
    it), or the token in it. Opening the link also confirms, but lets anyone who opens a mail's unsubscribe link (for
    example a mail scanner) end the subscription. After this command, ending it takes AWS credentials.
    """
    token, topics = _token(link, stack)
    for topic in topics:
        part = stack.parts[topic.split(":")[3]]
        arn = _confirmed(part, topic, token)
        if arn is not None:
            attributes = part.aws.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
            screen.mark(
                "fine", (attributes["Endpoint"], "bold"), " is subscribed; only its owner can end the subscription"
            )
            screen.result("confirm", {"subscriptionArn": arn, "endpoint": attributes["Endpoint"], "topicArn": topic})
            return 0
    again = stack.aws_command(
        "sns", "subscribe", "--topic-arn", topics[0], "--protocol", "email", "--notification-endpoint", "ADDRESS"
    )
    raise OpsError(
        "SNS does not accept this token: it was used before, is older than 48 hours, or belongs to another stack than "
        f"{stack.where}. `{stack.ops_command('status')}` shows who has confirmed; to send the mail again:",
        again,
    )


def _token(link: str, stack: Stack) -> tuple[str, list[str]]:
    """The token, and the topics it may belong to. Raises OpsError."""
    own_topics = [
        topic
        for part in stack.parts.values()
        for output in ("topicArn", "alarmTopicArn")
        if (topic := part.get(output)) is not None
    ]
    if "://" not in link:
        if not _TOKEN.fullmatch(link):
            raise OpsError(f"{link!r} is neither a link nor a token; copy the link from the mail, and quote it")
        return link, own_topics
    query = parse_qs(urlsplit(link).query)
    tokens, topics = query.get("Token", []), query.get("TopicArn", [])
    if not tokens:
        raise OpsError(
            f"{link!r} contains no Token; copy the whole “Confirm subscription” link from the mail, and quote it: "
            "an unquoted & ends a shell command"
        )
    if topics and topics[0] not in own_topics:
        raise OpsError(
            f"the link is for the topic {topics[0].rpartition(':')[2]}; {stack.where} has "
            f"{', '.join(topic.rpartition(':')[2] for topic in own_topics)}; choose the stack with --stack"
        )
    return tokens[0], topics or own_topics


def _confirmed(stack: Stack, topic: str, token: str) -> str | None:
    """The subscription's ARN; None if SNS does not accept the token for this topic."""
    from botocore.exceptions import ClientError

    try:
        return stack.aws.sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")[
            "SubscriptionArn"
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return None
        raise
