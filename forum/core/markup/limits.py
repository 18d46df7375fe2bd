"""Which source is refused before it is rendered, because rendering it could cost too much."""

from __future__ import annotations

import re
from functools import lru_cache

# Each bound is far above what people write and keeps the worst source of its kind under a second.
# In one block, where the converter's cost grows with the square:
MOST_IN_A_BLOCK = {
    "[": (200, "too_many_brackets"),
    "*": (1_000, "too_many_markers"),
    "_": (1_000, "too_many_markers"),
    "~": (1_000, "too_many_markers"),
    "$": (1_000, "too_many_markers"),
    "`": (1_000, "too_many_code_marks"),
    "\\": (2_000, "too_many_escapes"),
    "<": (1_000, "too_many_tags"),
    "@": (300, "too_many_addresses"),
}
# In a whole text of BASE characters; a longer limit allows as many times more.
BASE = 20_000
MOST_IN_ALL = {
    "[": (4_000, "too_many_brackets"),
    "[^": (300, "too_many_footnotes"),
    "|": (2_500, "too_many_cells"),
    "\n": (2_000, "too_many_lines"),
    "@": (600, "too_many_addresses"),
    "&": (4_000, "too_many_references"),
}
MOST_LINES_OF = {
    "too_many_definitions": (600, re.compile(r"^ {0,3}\[[^\[\]\n]*\]:", re.MULTILINE)),
    "too_many_fences": (300, re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)),
    "too_many_headings": (300, re.compile(r"^[ \t>]*(?:#|[-=]+[ \t]*$)", re.MULTILINE)),
    "too_many_items": (800, re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)),
    "too_many_quotes": (600, re.compile(r"^[ \t]*>", re.MULTILINE)),
}
MOST_QUOTES_DEEP = 12  # and at most six markers of lists on a line
MOST_INDENT = 64

_START = re.compile(r"[ \t>]*")
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t>]+){7,}")


@lru_cache(maxsize=16)  # a form asks before it takes a text, and the renderer once more
def why_not_render(source: str, limit: int) -> str | None:
    """The code of the reason for which `source` is not rendered, or None; in linear time.

    Codes: too_long (over `limit` characters), too_nested, and too_many_ brackets, markers, code_marks,
    escapes, tags, addresses, footnotes, cells, lines, references, definitions, fences, headings, items,
    quotes.
    """
    if len(source) > limit:
        return "too_long"
    return _too_many(source, max(1, limit // BASE)) or _too_nested(source)


def _too_many(source: str, times: int) -> str | None:
    for mark, (most, code) in MOST_IN_ALL.items():
        if source.count(mark) > most * times:
            return code
    for code, (most, kind) in MOST_LINES_OF.items():
        if sum(1 for _ in kind.finditer(source)) > most * times:
            return code
    for block in source.split("\n\n"):
        for mark, (most, code) in MOST_IN_A_BLOCK.items():
            if block.count(mark) > most:
                return code
    return None


def _too_nested(source: str) -> str | None:
    for line in source.split("\n"):
        start = _START.match(line)
        head = start.group() if start else ""
        if head.count(">") > MOST_QUOTES_DEEP or _MARKERS.match(line):
            return "too_nested"
        if len(head.expandtabs(4)) > MOST_INDENT and not line.isspace() and len(head) < len(line):
            return "too_nested"
    return None
