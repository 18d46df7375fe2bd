"""The headings of a text that is being written, as the renderer would make them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .markup.excerpts import excerpt
from .words import own_lines

# As the renderer reads them: signs at the very beginning of a line, or a paragraph's first line that is underlined.
_SIGNS = re.compile(r"(#{1,6})(.*?)#*\Z")
_UNDERLINE = re.compile(r"(=+|-+) *\Z")
_LENGTH = 80


@dataclass(frozen=True)
class Heading:
    """`line` is its number in the source, from 0; `depth` is 0 for the first level that was used."""

    line: int
    depth: int
    text: str


def outline_of(source: str) -> list[Heading]:
    """The headings of Markdown `source`, from two on: of a single one there is no outline.

    Depths have no gaps, whatever levels were typed, as on the page.
    """
    lines = own_lines(source)
    found: list[Heading] = []
    levels: list[int] = []
    for place, (number, line) in enumerate(lines):
        level, title = _heading_at(lines, place, line)
        if not title:
            continue
        while levels and levels[-1] >= level:
            levels.pop()
        levels.append(level)
        found.append(Heading(number, len(levels) - 1, excerpt(title, _LENGTH)))
    return found if len(found) > 1 else []


def _heading_at(lines: list[tuple[int, str]], place: int, line: str) -> tuple[int, str]:
    if signs := _SIGNS.match(line):
        return len(signs[1]), signs[2].strip()
    begins = place == 0 or not lines[place - 1][1].strip()
    if begins and line.strip() and place + 1 < len(lines) and (rule := _UNDERLINE.match(lines[place + 1][1])):
        return (1 if rule[1][0] == "=" else 2), line.strip()
    return 0, ""
