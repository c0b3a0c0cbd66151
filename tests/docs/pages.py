"""The pages, and every command that is written in them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INNERMOST = re.compile(r"\$\(([^()]*)\)")
_ENDS = {"&&", "||", ";", "|"}
_ASSIGNMENT = re.compile(r"[A-Z_]+=")


@dataclass(frozen=True)
class Command:
    """One command of a page. `comment` is what its line says after a #, `line` where it is in the page."""

    page: str
    line: int
    words: tuple[str, ...]
    comment: str = ""
    folder: str = "."

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {shlex.join(self.words)}"


@dataclass(frozen=True)
class Block:
    """A fenced block, by the language that it names."""

    page: str
    line: int
    language: str
    text: str

    @property
    def commands(self) -> list[Command]:
        """Those of a block of shell, in order. A `cd` holds until the block ends."""
        found, folder = [], "."
        for number, line in enumerate(self.text.splitlines(), self.line + 1):
            for words in commands_of(line):
                comment = line.partition(" #")[2].strip()
                found.append(Command(self.page, number, words, comment, folder))
                folder = words[1] if words[0] == "cd" else folder
        return found


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(language: str, pages: list[Path] = PAGES) -> list[Block]:
    """Every fenced block of a language."""
    found = []
    for page in pages:
        text = page.read_text()
        found += [
            Block(name_of(page), text.count("\n", 0, match.start()) + 1, language, match[2])
            for match in _FENCED.finditer(text)
            if match[1] == language
        ]
    return found


def inline_commands(programs: tuple[str, ...]) -> list[Command]:
    """What sentences quote that begins like one of these programs. Dots stand for what the reader fills in."""
    found = []
    for page in PAGES:
        text = _FENCED.sub(lambda match: "\n" * match[0].count("\n"), page.read_text())
        for match in re.finditer(r"`([^`]+)`", text):
            quoted = match[1].replace("\n", " ").replace("…", "")
            if quoted.startswith(programs):
                line = text.count("\n", 0, match.start()) + 1
                found += [Command(name_of(page), line, words) for words in commands_of(quoted)]
    return found


def commands_of(line: str) -> list[tuple[str, ...]]:
    """The commands of a line of shell: those that others take the output of come first, as a shell runs them."""
    found = []
    while inner := _INNERMOST.search(line):
        found += commands_of(inner[1])
        line = f"{line[: inner.start()]}OUTPUT{line[inner.end() :]}"
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word in _ENDS:
            found += [plain] if (plain := _plain(words)) else []
            words = []
        else:
            words.append(word)
    return found


def _plain(words: list[str]) -> tuple[str, ...]:
    """Without the variables before it, and without where its output goes."""
    while words and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    if ">" in words:
        words = words[: words.index(">")] + words[words.index(">") + 2 :]
    return tuple(words)
