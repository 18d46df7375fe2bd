"""Which source is refused before it is rendered, because rendering it could cost too much."""

from __future__ import annotations

import re

# Each bound is far above what people write and keeps the worst source of its kind under a second.
MOST_IN_A_BLOCK = {
    "too_many_brackets": ("[", 200),
    "too_many_markers": ("*", 1_000),
    "too_many_code_marks": ("`", 1_000),
    "too_many_escapes": ("\\", 2_000),
    "too_many_tags": ("<", 1_000),
}
MOST_IN_ALL = {
    "too_many_brackets": ("[", 4_000),
    "too_many_markers": ("*", 12_000),
    "too_many_code_marks": ("`", 12_000),
    "too_many_tags": ("<", 12_000),
}
MOST_QUOTES_DEEP = 12
MOST_MARKERS_ON_A_LINE = 6
MOST_INDENT = 64
MOST_CELLS = 6_000
MOST_FOOTNOTES = 300
MOST_DEFINITIONS = 600
MOST_FENCES = 1_000

_START = re.compile(r"[ \t>]*")
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+){%d}" % (MOST_MARKERS_ON_A_LINE + 1))
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]\n]*\]:", re.MULTILINE)
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)


def why_not_render(source: str, limit: int) -> str | None:
    """The code of the reason for which `source` is not rendered, or None; in linear time.

    Codes: too_long (over `limit` characters), too_nested, and too_many_ brackets, markers, code_marks,
    escapes, tags, cells, footnotes, definitions, fences, lines.
    """
    if len(source) > limit:
        return "too_long"
    return _too_many(source) or _too_nested(source)


def _too_many(source: str) -> str | None:
    for code, (mark, most) in MOST_IN_ALL.items():
        if source.count(mark) > most:
            return code
    if source.count("[^") > MOST_FOOTNOTES:
        return "too_many_footnotes"
    if source.count("|") > MOST_CELLS:
        return "too_many_cells"
    if len(_DEFINITION.findall(source)) > MOST_DEFINITIONS:
        return "too_many_definitions"
    if len(_FENCE.findall(source)) > MOST_FENCES:
        return "too_many_fences"
    for block in source.split("\n\n"):
        for code, (mark, most) in MOST_IN_A_BLOCK.items():
            if block.count(mark) > most:
                return code
        if block.count("_") > 1_000 or block.count("~") > 1_000 or block.count("$") > 1_000:
            return "too_many_markers"
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
