"""Chat messages in the form of each service. Names are data: none becomes a mention, a link or formatting.

Where a service has structured text that it does not interpret (Slack, Teams), names go there as they are; elsewhere
what the service would interpret is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.channels import ServiceName
from domain.wording import length
from handlers.logic.chat_messages import ChatMessage

DISCORD_LIMIT = 2000
"""Characters of `content`. https://docs.discord.com/developers/resources/webhook#execute-webhook"""
SUPPRESS_EMBEDS = 1 << 2

_DISCORD_MARKS = re.compile(r"([\\*_~`|><#\[\]().:@!+=-])")
_BETWEEN_BRACES = re.compile(r"(?<=\{)(?=\{)")

Form = Mapping[str, Any]


def form(service: ServiceName, message: ChatMessage) -> Form:
    """The JSON document that the service's webhook takes."""
    return _FORMS[service](message)


def slack(message: ChatMessage) -> Form:
    """One block of rich text, whose elements Slack does not interpret; `text` is what notifications show.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/
    https://docs.slack.dev/messaging/formatting-message-text/#escaping
    """
    elements: list[Form] = [{"type": "text", "text": message.title, "style": {"bold": True}}]
    elements += [{"type": "text", "text": f"\n{line}"} for line in message.lines]
    if message.link:
        label, url = message.link
        elements += [{"type": "text", "text": "\n"}, {"type": "link", "text": label, "url": url}]
    section = {"type": "rich_text_section", "elements": elements}
    return {
        "text": html.escape(message.title, quote=False),
        "blocks": [{"type": "rich_text", "elements": [section]}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def teams(message: ChatMessage) -> Form:
    """An Adaptive Card of RichTextBlocks, which have no Markdown, in the envelope that Workflows take.

    https://learn.microsoft.com/adaptive-cards/create/textfeatures
    https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    """
    body = [_paragraph(message.title, weight="Bolder"), *map(_paragraph, message.lines)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if message.link:
        label, url = message.link
        card["actions"] = [{"type": "Action.OpenUrl", "title": label, "url": url}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _paragraph(text: str, **style: str) -> Form:
    """Cards replace {{DATE(…)}} by a date: no run of text has two braces together."""
    runs = [{"type": "TextRun", "text": run, **style} for run in _BETWEEN_BRACES.split(text)]
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "Default" if style else "None"}


def discord(message: ChatMessage) -> Form:
    """Markdown with every mark escaped; no mention notifies anyone, and no link gets a preview.

    https://docs.discord.com/developers/resources/message#allowed-mentions-object
    """
    link = f"\n[{message.link[0]}](<{message.link[1]}>)" if message.link else ""
    room = DISCORD_LIMIT - length(link)
    content = f"**{_for_discord(message.title)}**"
    for line in message.lines:
        text = f"\n{_for_discord(line)}"
        if length(content) + length(text) > room:
            break
        content += text
    return {"content": content + link, "allowed_mentions": {"parse": []}, "flags": SUPPRESS_EMBEDS}


def _for_discord(text: str) -> str:
    return _DISCORD_MARKS.sub(r"\\\1", text)


def google_chat(message: ChatMessage) -> Form:
    """A card, whose text is a little HTML; a text message could mention everyone.

    https://developers.google.com/workspace/chat/format-messages#card-formatting
    """
    text = "<br>".join([f"<b>{html.escape(message.title)}</b>", *map(html.escape, message.lines)])
    widgets: list[Form] = [{"textParagraph": {"text": text}}]
    if message.link:
        label, url = message.link
        widgets.append({"buttonList": {"buttons": [{"text": label, "onClick": {"openLink": {"url": url}}}]}})
    card = {"cardId": "notification", "card": {"sections": [{"widgets": widgets}]}}
    return {"cardsV2": [card], "fallbackText": message.title}


_FORMS: Mapping[ServiceName, Callable[[ChatMessage], Form]] = {
    "slack": slack,
    "teams": teams,
    "discord": discord,
    "googlechat": google_chat,
}
