"""What a chat service shows of a posted document: its checks of the form, and how it reads text.

Written from the services' documentation, apart from the code that makes the documents.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from domain.channels import ServiceName

SLACK_TEXT, DISCORD_CONTENT, TEAMS_BYTES, GOOGLE_BYTES = 40_000, 2000, 28_672, 32_000

_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_DISCORD_LINK = re.compile(r"\n\[([^\[\]\\]+)\]\(<(https?://[^\s<>]+)>\)$")
_GOOGLE_TAG = re.compile(r"<(/?)(b|br)>")


class WrongFormError(ValueError):
    """A document that the service would not take, or would show otherwise than it was meant."""


def shown(service: ServiceName, document: Any) -> tuple[str, str]:
    """Title and text as people see them, links as `label: URL`. Raises WrongFormError."""
    try:
        lines = _READERS[service](document)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise WrongFormError(f"{service}: {error!r}") from error
    return lines[0], "\n".join(lines[1:])


def slack(document: Mapping[str, Any]) -> list[str]:
    """A fallback text without control characters that are not escaped, and blocks of rich text."""
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", document["text"]) or not 0 < len(document["text"]) <= SLACK_TEXT:
        raise WrongFormError("no_text")
    text = ""
    for block in document["blocks"]:
        _expect(block, "type", "rich_text")
        for section in block["elements"]:
            _expect(section, "type", "rich_text_section")
            for element in section["elements"]:
                text += _slack_element(element)
    return text.split("\n")


def _slack_element(element: Mapping[str, Any]) -> str:
    if element["type"] == "link":
        return f"{element['text']}: {element['url']}"
    _expect(element, "type", "text")
    if not isinstance(element["text"], str) or not element["text"]:
        raise WrongFormError("invalid_blocks")
    return str(element["text"])


def teams(document: Mapping[str, Any]) -> list[str]:
    """A message whose attachments are Adaptive Cards, in all no larger than 28 KB."""
    _expect(document, "type", "message")
    if len(str(document).encode()) > TEAMS_BYTES:
        raise WrongFormError("the message is larger than 28 KB")
    (attachment,) = document["attachments"]
    _expect(attachment, "contentType", "application/vnd.microsoft.card.adaptive")
    card = attachment["content"]
    _expect(card, "type", "AdaptiveCard")
    lines = []
    for block in card["body"]:
        _expect(block, "type", "RichTextBlock")  # a TextBlock would have Markdown
        for run in block["inlines"]:
            _expect(run, "type", "TextRun")
            if re.search(r"\{\{(DATE|TIME)\(", run["text"]):
                raise WrongFormError("the card would show a date in place of text")
        lines.append("".join(run["text"] for run in block["inlines"]))
    for action in card.get("actions", []):
        _expect(action, "type", "Action.OpenUrl")
        lines.append(f"{action['title']}: {action['url']}")
    return lines


def discord(document: Mapping[str, Any]) -> list[str]:
    """Markdown: bold title, then lines; a mark that is not escaped would format, link or mention."""
    content = document["content"]
    if not 0 < len(content.encode("utf-16-le")) // 2 <= DISCORD_CONTENT:
        raise WrongFormError("content is empty or longer than 2000 characters")
    if document["allowed_mentions"] != {"parse": []}:
        raise WrongFormError("names could mention people")
    link = _DISCORD_LINK.search(content)
    text = content[: link.start()] if link else content
    bold = re.match(r"\*\*((?:\\.|[^\\*\n])+)\*\*", text)
    if not bold:
        raise WrongFormError("the title is not bold")
    lines = [bold[1], *text[bold.end() :].split("\n")[1:]]
    for line in lines:
        if re.search(r"[\\*_~`|<>#\[\]@]|://|^[-+]\s|^\d+\.", _ESCAPED.sub("", line)):
            raise WrongFormError(f"marks that are not escaped: {line!r}")
    shown_lines = [_ESCAPED.sub(r"\1", line) for line in lines]
    return [*shown_lines, f"{link[1]}: {link[2]}"] if link else shown_lines


def google_chat(document: Mapping[str, Any]) -> list[str]:
    """A card whose text is HTML with few tags. A `text` beside it would be read as Google's own marks."""
    if "text" in document or len(str(document).encode()) > GOOGLE_BYTES:
        raise WrongFormError("a text, or more than 32,000 bytes")
    lines: list[str] = []
    for card in document["cardsV2"]:
        for section in card["card"]["sections"]:
            for widget in section["widgets"]:
                lines += _google_widget(widget)
    return lines


def _google_widget(widget: Mapping[str, Any]) -> list[str]:
    if "buttonList" in widget:
        return [
            f"{button['text']}: {button['onClick']['openLink']['url']}" for button in widget["buttonList"]["buttons"]
        ]
    text = _GOOGLE_TAG.sub(lambda tag: "\n" if tag[2] == "br" else "", widget["textParagraph"]["text"])
    if re.search(r"[<>]|&(?!(amp|lt|gt|quot|#x27);)", text):
        raise WrongFormError("names are read as HTML")
    return html.unescape(text).split("\n")


def _expect(value: Mapping[str, Any], name: str, wanted: str) -> None:
    if value[name] != wanted:
        raise WrongFormError(f"{name} is {value[name]!r}, not {wanted!r}")


_READERS: Mapping[ServiceName, Callable[[Mapping[str, Any]], list[str]]] = {
    "slack": slack,
    "teams": teams,
    "discord": discord,
    "googlechat": google_chat,
}
