"""Delivery of SNS emails and text messages, into a Maildir, and SNS's checks of what is published.

AWS: SNS sends the mail or the SMS, and refuses subjects with control characters or of 100 characters and more, empty
messages, and JSON messages without a default.
ministack 1.5.33: logs that it would have delivered, stores no text, and accepts any subject.
Unnecessary when: ministack stores sent emails and SMS with subject and text, and validates Publish.
Private names: sns._fanout, _publish, _topic_by_arn_any_scope, _resolve_message_for_protocol, _matches_filter_policy,
_p, _error.
"""

# ruff: noqa: SLF001 - a patch relies on private names, and `require` checks them

from __future__ import annotations

import json
import mailbox
import threading
import unicodedata
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ministack.services import sns  # type: ignore[import-untyped]

from local.emulator.patches import require

SENDER = "no-reply@sns.amazonaws.com"
NO_SUBJECT = "AWS Notification Message"
NO_DISPLAY_NAME = "AWS Notifications"
SUBJECT_LIMIT = 100
_NOT_IN_A_SUBJECT = ("Cc", "Zl", "Zp")  # control characters, line and paragraph separators
FOOTER = """

--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
{link}

Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact \
us at https://aws.amazon.com/support
"""


class PostOffice:
    """Delivers to subscriptions of protocol email and sms."""

    def __init__(self, maildir: Path, endpoint: str) -> None:
        self._box = mailbox.Maildir(maildir, create=True)
        self._endpoint = endpoint
        self._turn = threading.Lock()  # Maildir counts its messages in a class attribute
        self._fanout = sns._fanout

    def fanout(  # noqa: PLR0917 - the signature of what it replaces
        self,
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        message_structure: str = "",
        message_attributes: Mapping[str, Any] | None = None,
        message_group_id: str = "",
        message_dedup_id: str = "",
    ) -> None:
        """Replaces ministack's: first everything that it delivers, then emails and text messages."""
        attributes = message_attributes or {}
        self._fanout(
            topic_arn, msg_id, message, subject, message_structure, attributes, message_group_id, message_dedup_id
        )
        topic = sns._topic_by_arn_any_scope(topic_arn)
        for subscription in list(topic["subscriptions"]) if topic else []:
            protocol = subscription["protocol"]
            if protocol not in ("email", "sms") or not subscription.get("confirmed"):
                continue
            text = sns._resolve_message_for_protocol(message, message_structure, protocol)
            if sns._matches_filter_policy(subscription, attributes, text):
                mail = EmailMessage()
                mail["From"] = Address(topic["attributes"].get("DisplayName") or NO_DISPLAY_NAME, addr_spec=SENDER)
                mail["To"] = subscription["endpoint"]
                mail["Date"] = localtime()
                if protocol == "email":
                    mail["Subject"] = subject or NO_SUBJECT
                    text += FOOTER.format(link=self._unsubscribe(subscription["arn"]))
                mail.set_content(text)
                self._deliver(mail)

    def _unsubscribe(self, arn: str) -> str:
        """The unsubscribe link: as in a real mail, a GET is enough."""
        return f"{self._endpoint}/?{urlencode({'Action': 'Unsubscribe', 'SubscriptionArn': arn})}"

    def _deliver(self, mail: EmailMessage) -> None:
        with self._turn:
            self._box.add(mail)


def refusal(subject: str, message: str, structure: str) -> str | None:
    """Why SNS would not publish this; None if it would.

    A subject has no line breaks or control characters and fewer than 100 characters; a text for several protocols is
    a JSON object with a `default`.
    """
    if len(subject) >= SUBJECT_LIMIT or any(
        unicodedata.category(character) in _NOT_IN_A_SUBJECT for character in subject
    ):
        return "Invalid parameter: Subject"
    if not message:
        return "Invalid parameter: Empty message"
    if structure != "json":
        return None
    try:
        texts = json.loads(message)
    except json.JSONDecodeError:
        return "Invalid parameter: Message Structure - JSON message body failed to parse"
    if not isinstance(texts, dict) or not isinstance(texts.get("default"), str):
        return "Invalid parameter: Message Structure - No default entry in JSON message body"
    return None


def apply(*, maildir: Path, endpoint: str) -> None:
    """Patch the running process. Raises MovedError."""
    require(
        sns,
        _fanout="topic_arn msg_id message subject message_structure message_attributes "
        "message_group_id message_dedup_id",
        _topic_by_arn_any_scope="topic_arn",
        _resolve_message_for_protocol="message message_structure protocol",
        _matches_filter_policy="sub message_attributes message",
        _publish="params",
        _p="params key default",
        _error="code message status",
    )
    sns._fanout = PostOffice(maildir, endpoint).fanout
    sns._publish = _strictly(sns._publish)


def _strictly(publish: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def strict(params: Any) -> Any:
        reason = refusal(*(sns._p(params, name) for name in ("Subject", "Message", "MessageStructure")))
        return sns._error("InvalidParameter", reason, 400) if reason else publish(params)

    return strict
