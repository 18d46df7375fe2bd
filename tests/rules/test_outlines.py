"""The outline of a draft names the headings that the page will have."""

import re
from html import unescape

import pytest

from forum.core import markup
from forum.core.outlines import outline_of
from forum.core.words import minutes_to_read

TEXTS = [
    "# One\n\ntext\n\n# Two\n",
    "## One\n### Below\ntext\n## Two ##\n",
    "#### Deep first\n\n## Then higher\n\n#### Deep again",
    "One\n===\n\ntext\n\nTwo\n---\n\ntext",
    "# One\n\n```\n# code is none\n```\n\n# Two",
    "# One\n\n> # quoted is another's\n\n# Two",
    "# One\n\n    # indented is code\n\n# Two",
    "# With *stress* and `code`\n\n# With [a link](https://example.org/)",
    "text\n# right below it\n\nmore\n\n#No space",
    "# R&D <b>\n\n# Señor Núñez: ¿qué?",
]


@pytest.mark.parametrize("source", TEXTS)
def test_the_outline_is_that_of_the_page(source: str) -> None:
    html = re.sub(r"<blockquote>.*?</blockquote>", "", markup.render(source).html, flags=re.S)
    shown = [
        (int(level) - 3, unescape(re.sub(r"<[^>]+>", "", text)))
        for level, text in re.findall(r"<h([1-6])[^>]*>(.*?)</h\1>", html)
    ]
    found = outline_of(source)
    assert len(shown) > 1
    assert [(heading.depth, heading.text) for heading in found] == shown
    lines = source.split("\n")
    for heading in found:
        assert heading.text.split()[-1].strip("`*") in lines[heading.line]


def test_one_heading_is_no_outline() -> None:
    assert outline_of("# Only one\n\ntext") == []
    assert outline_of("") == []


def test_minutes_are_whole_and_none_for_a_few_words() -> None:
    assert [minutes_to_read(words) for words in (0, 114, 116, 230, 460, 2300)] == [0, 0, 1, 1, 2, 10]
