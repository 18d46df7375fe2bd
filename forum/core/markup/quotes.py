"""Passages of other posts in a text: a mark of their own line in its source, and where its HTML has room for them.

A mark names a post, which of its texts, and which signs of that text in plain words. The passage itself is never part of
the text that quotes it: whoever shows the HTML puts in what its reader may see.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from ..words import is_quote_mark, own_lines
from .excerpts import BREAKING, FORMULA, NOTES, TAG

QUOTE_LIMIT = 1_000  # signs of a passage

_MARK = re.compile(r"\[quote ([a-z0-9]{1,16})\.([1-9][0-9]{0,5})\.([0-9]{1,6})-([0-9]{1,6})\]")
_ROOM = re.compile(rf"<p>({_MARK.pattern})</p>")


@dataclass(frozen=True, slots=True)
class QuoteMark:
    """The place of a passage: the public id of a post, the number of its text, and signs from `start` until before `end`."""

    public_id: str
    revision: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"[quote {self.public_id}.{self.revision}.{self.start}-{self.end}]"


def _mark(found: re.Match[str], first: int = 1) -> QuoteMark:
    public_id, *numbers = found.groups()[first - 1 :]
    return QuoteMark(public_id, *(int(each) for each in numbers))


def quote_marks_in(html: str) -> list[QuoteMark]:
    """The marks in HTML that `render` made, each once, in their order."""
    return list(dict.fromkeys(_mark(found, 2) for found in _ROOM.finditer(html)))


def with_quotes(html: str, shown: Callable[[QuoteMark], str]) -> str:
    """HTML that `render` made, with what is shown of each passage (safe HTML) in its place."""
    if "<p>[quote " not in html:
        return html
    return _ROOM.sub(lambda found: shown(_mark(found, 2)), html)


def marks_in_words(source: str, words: str) -> str:
    """Source with these words in place of each mark: for texts that are compared or told in short."""
    return _MARK.sub(lambda _found: words, source)


def set_apart(source: str) -> str:
    """Source with each mark that has a line to itself as a paragraph of its own."""
    if "[quote " not in source:
        return source
    lines = source.split("\n")
    for number, line in own_lines(source):
        if is_quote_mark(line):
            lines[number] = f"\n{line.rstrip()}\n"
    return "\n".join(lines)


def plain_words(stored: str) -> str:
    """HTML that `render` made in plain words, a line for each of its blocks; without what it quotes by a mark."""
    text = FORMULA.sub(r"$\1$", _ROOM.sub("\n", stored))
    text = html.unescape(TAG.sub("", BREAKING.sub("\n", NOTES.sub("", text))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def passage_in(plain: str, first: str = "", last: str = "") -> tuple[int, int] | None:
    """Where a passage stands in plain words: from `first` to the end of `last`, or to its own; all of them without either.

    At most `QUOTE_LIMIT` signs. Spaces and line ends count as equal. None if it does not stand there.
    """
    if not first.strip():
        return (0, min(len(plain), QUOTE_LIMIT)) if plain else None
    begin = _words(first).search(plain)
    if begin is None:
        return None
    end = begin.end()
    if last.strip():
        found = _words(last).search(plain, begin.start())
        if found is None:
            return None
        end = max(end, found.end())
    return begin.start(), min(end, begin.start() + QUOTE_LIMIT)


def _words(text: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))
