"""Hostile values, for where the system expects events, messages or requests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

HALF_A_PAIR = "\ud800"
DEEP = "[" * 100_000
LONG = "x" * 5_000
LONGEST_KEYS = ("k" * 1024, "ế" * 341, "🚀" * 256, "/" * 1024, "a/" * 512, "\x01" * 1024, "." * 1024, "%00" * 341)

unpleasant = st.sampled_from(
    [
        *(
            "",
            " ",
            ".",
            "..",
            "../../x",
            "null",
            "0",
            "-1",
            "\0",
            "\x7f",
            HALF_A_PAIR,
            f"a{HALF_A_PAIR}",
            "\u202e",
            "🚀",
        ),
        *("%", "%ff", "%00", "%ed%a0%80", "+", "<script>", "'\"\\", "\r\nBcc: all@example.com", "${x}", "*", LONG),
        *(
            "s3:TestEvent",
            "aws.s3",
            "aws:sqs",
            "ObjectCreated:",
            "ObjectRemoved:Delete",
            "2.1",
            "3.0",
            "created",
            "late",
        ),
        *LONGEST_KEYS,
    ]
)
any_text = st.text(st.characters(exclude_categories=()), max_size=30) | unpleasant
any_number = (
    st.integers() | st.floats() | st.sampled_from([-1, 2**53, 2**63, 2**64, 10**40, 10**400, -(10**400), 1e308])
)
any_leaf = st.none() | st.booleans() | any_number | any_text
any_json = st.recursive(
    any_leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3), max_leaves=6
)
any_body = (
    any_json.map(json.dumps)
    | any_text
    | st.sampled_from(
        [DEEP, '{"a":' * 50_000, "9" * 5000, "NaN", "1e999", '"\\ud800"', "\ufeff{}", "{}{}", "[" * 500 + "]" * 500]
    )
)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a JSON value, itself included."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*path, name))


@st.composite
def meddled(draw: st.DrawFn, originals: st.SearchStrategy[Any]) -> Any:
    """A valid value in which one to three places hold another value, are missing, or are there twice."""
    value = copy.deepcopy(draw(originals))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(value))))
        if not path:
            continue
        parent = value
        for name in path[:-1]:
            parent = parent[name]
        what = draw(st.sampled_from(["other", "other", "other", "missing", "more", "wrapped"]))
        if what == "missing":
            del parent[path[-1]]
        elif what == "more" and isinstance(parent, dict):
            parent[draw(any_text)] = parent[path[-1]]
        elif what == "more":
            parent.append(copy.deepcopy(parent[path[-1]]))
        elif what == "wrapped":
            parent[path[-1]] = [parent[path[-1]]]
        else:
            parent[path[-1]] = draw(any_json)
    return value
