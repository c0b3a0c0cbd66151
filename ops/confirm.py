"""`confirm`: a subscription that only its owner can end."""

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

    LINK is the link "Confirm subscription" in the mail from AWS Notifications (copy it, do not follow it; quote it), or
    the token in it. Whoever follows that link confirms as well, but then everybody who follows the link at the end of
    any mail, a mail server's virus scanner for one, ends the subscription again. Confirmed by this command, ending it
    takes AWS credentials.
    """
    token, topics = _token(link, stack)
    for topic in topics:
        part = stack.parts[topic.split(":")[3]]
        arn = _confirmed(part, topic, token)
        if arn is not None:
            who = part.aws.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
            screen.mark("fine", (who["Endpoint"], "bold"), " is subscribed, and only its owner can end that")
            screen.result("confirm", {"subscriptionArn": arn, "endpoint": who["Endpoint"], "topicArn": topic})
            return 0
    again = stack.aws_command(
        "sns", "subscribe", "--topic-arn", topics[0], "--protocol", "email", "--notification-endpoint", "ADDRESS"
    )
    raise OpsError(
        "SNS does not accept this token: it was used already, it is older than 48 hours, or it is not one of "
        f"{stack.where}. `{stack.ops_command('status')}` says who is confirmed; a new mail is sent by",
        again,
    )


def _token(link: str, stack: Stack) -> tuple[str, list[str]]:
    """The token, and the topics that it may be for. Raises OpsError."""
    ours = [
        topic
        for part in stack.parts.values()
        for output in ("topicArn", "alarmTopicArn")
        if (topic := part.get(output)) is not None
    ]
    if "://" not in link:
        if not _TOKEN.fullmatch(link):
            raise OpsError(f"{link!r} is neither a link nor a token; copy the link from the mail, and quote it")
        return link, ours
    query = parse_qs(urlsplit(link).query)
    tokens, topics = query.get("Token", []), query.get("TopicArn", [])
    if not tokens:
        raise OpsError(
            f"{link!r} has no Token in it; copy the whole link “Confirm subscription” from the mail, and quote it: "
            "a shell takes an & for its own"
        )
    if topics and topics[0] not in ours:
        raise OpsError(
            f"the link is for the topic {topics[0].rpartition(':')[2]}, and {stack.where} has "
            f"{', '.join(topic.rpartition(':')[2] for topic in ours)}; choose the stack with --stack"
        )
    return tokens[0], topics or ours


def _confirmed(stack: Stack, topic: str, token: str) -> str | None:
    """The subscription's ARN; None if the token is none of this topic."""
    from botocore.exceptions import ClientError

    try:
        return stack.aws.sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")[
            "SubscriptionArn"
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] in _REFUSED:
            return None
        raise
