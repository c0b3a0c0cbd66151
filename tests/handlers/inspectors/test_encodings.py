"""UTF-16 that no mark announces: text is found, and nothing else is taken for text."""

# ruff: noqa: RUF001 - letters of other alphabets

from __future__ import annotations

import random
import struct

import pytest

from handlers.inspectors.encodings import encoding_of
from tests.handlers.inspectors.files import EVERY_KIND

NUMBERS = random.Random(3).choices(range(65_536), k=500)  # noqa: S311 - the same each time
LANGUAGES = {
    "German": "Nr;Kunde\r\n1;Müller & Söhne\r\n",
    "Vietnamese": "Xin chào thế giới 🚀\n",
    "Russian": "Привет, мир!\n",
    "Greek": "Γειά σου Κόσμε\n",
    "Arabic": "مرحبا بالعالم\n",
    "Hindi": "नमस्ते दुनिया\n",
    "Thai": "สวัสดีชาวโลก\n",
    "Chinese": "你好，世界。今天天气很好。\n",
    "Japanese": "こんにちは、世界。\n",
    "Korean": "안녕하세요 세계\n",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("times", [1, 3_000])
def test_utf_16_without_a_mark_is_text_in_every_language(language, encoding, times):
    content = (LANGUAGES[language] * times).encode(encoding)

    assert encoding_of(content[:65_536]) == encoding
    assert encoding_of(content[:65_535]) == encoding, "cut within a character"


@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
def test_no_other_file_is_taken_for_utf_16(kind):
    assert encoding_of(EVERY_KIND[kind]) not in {"utf-16-le", "utf-16-be"}


@pytest.mark.parametrize(
    "content",
    [
        bytes(1_000),
        struct.pack("<500H", *range(500)),
        struct.pack("<500h", *(number - 32_768 for number in NUMBERS)),
        struct.pack("<500h", *(number % 400 - 200 for number in NUMBERS)),
        struct.pack("<500H", *(300 + number % 300 for number in NUMBERS)),
        struct.pack("<500H", *NUMBERS),
        struct.pack("<250L", *range(250)),
        "no end of a word".encode("utf-16-le").replace(b" \0", b""),
        ("b " + "a" * 5_000).encode("utf-16-le"),
        "a\0b c".encode("utf-16-le"),
        "\ue000 \ue001".encode("utf-16-le"),
    ],
)
def test_numbers_of_16_bits_are_no_text(content):
    assert encoding_of(content) == ""


def test_noise_is_no_text():
    noise = random.Random(7)  # noqa: S311 - the same each time

    assert all(encoding_of(b"\0" + noise.randbytes(99)) == "" for _ in range(2_000))
