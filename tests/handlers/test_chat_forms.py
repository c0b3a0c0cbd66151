"""What each chat service shows of a message, by its documentation: names stay names."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.channels import ServiceName
from handlers.logic.chat_forms import DISCORD_LIMIT, form
from handlers.logic.chat_messages import LONGEST_LINE, MOST_LINES, ChatMessage
from local.chat_forms import shown

SERVICES = get_args(ServiceName)
LINK = ("See it", "https://d111abc.cloudfront.net/files/6f1c")
HOSTILE = (
    "@everyone @here <!channel> <!here> <@U012AB3CD> <#C012AB3CD> <users/all> <@&1>.pdf",
    "<https://evil.example|invoice>.pdf &lt;!channel&gt; &amp;",
    "[invoice](https://evil.example) ![x](https://evil.example/x.png) https://evil.example",
    "*bold* _it_ ~no~ `code` ```block``` ||hidden|| **x** # heading > quote - item 1. item",
    "{{DATE(2017-02-14T06:00:00Z, SHORT)}} {{{TIME(2017-02-14T06:00:00Z)}} ${name} <at>you</at> :bomb:",
    "<b>bold</b><br><a href='https://evil.example'>x</a>\\",
    "\\*\\@everyone\\\\<",
)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=LONGEST_LINE)
titles = lines | st.sampled_from(HOSTILE)


@pytest.mark.parametrize("service", SERVICES)
@given(title=titles, body=st.lists(titles, max_size=3))
def test_what_people_read_is_what_was_posted_whatever_a_file_is_called(service, title, body):
    message = ChatMessage(title=title, lines=tuple(body), link=LINK)

    seen, text = shown(service, json.loads(json.dumps(form(service, message))))

    assert (seen, text.split("\n")) == (title, [*body, f"See it: {LINK[1]}"])


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_mentions_links_or_formats(service, name):
    assert shown(service, form(service, ChatMessage(title=name, lines=(name,)))) == (name, name)


@given(title=lines, body=st.lists(lines, max_size=MOST_LINES, min_size=MOST_LINES))
@example(title="*" * LONGEST_LINE, body=["*" * LONGEST_LINE] * MOST_LINES)
def test_a_message_for_discord_keeps_to_its_limit_and_has_its_link(title, body):
    content = form("discord", ChatMessage(title=title, lines=tuple(body), link=LINK))["content"]

    assert len(content.encode("utf-16-le")) // 2 <= DISCORD_LIMIT
    assert content.endswith(f"({f'<{LINK[1]}>'})")


@pytest.mark.parametrize("service", SERVICES)
def test_the_longest_message_is_within_each_services_limit(service):
    line = "😀" * (LONGEST_LINE // 2)

    title, _ = shown(service, form(service, ChatMessage(title=line, lines=(line,) * MOST_LINES, link=LINK)))

    assert title == line
