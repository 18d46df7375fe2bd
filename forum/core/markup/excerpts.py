"""The beginning of a text in plain words, for lists, mail and titles."""

from __future__ import annotations

import html
import re

_STORED = re.compile(r"\s*<(?:p|div|h[1-6]|ul|ol|dl|blockquote|pre|table|hr|figure)[ >]")
FORMULA = re.compile(r'<math\b[^>]*?\balttext="([^"]*)"[^>]*>.*?</math>', re.DOTALL)
NOTES = re.compile(r'<div class="footnote">.*\Z|<sup id="[^"]*"><a[^>]*>\d+</a></sup>', re.DOTALL)
BREAKING = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|pre|table|tr|td|th|hr|br|figure)\b[^>]*>"
)
TAG = re.compile(r"<[^<>]*>")
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,}).*$", re.MULTILINE)
_LINE_MARKS = re.compile(
    r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)?", re.MULTILINE
)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,500}\)")
_NOTE_MARK = re.compile(r"\[\^[^\[\]\n]{0,60}\]:?")
_QUOTE_MARK = re.compile(r"\[quote [a-z0-9.-]{1,40}\]")
_STARS = re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")


def excerpt(html_or_source: str, length: int) -> str:
    """The first `length` characters of a text, in plain words on one line; not escaped, not Markup.

    Takes HTML that `render` made (recognized by the block element that it begins with) or Markdown source.
    A text that is cut ends at a word, with an ellipsis, within `length`.
    """
    begun = html_or_source[: 4_000 + 20 * length]
    plain = _from_html(begun) if _STORED.match(begun) else _from_source(begun)
    line = " ".join(_QUOTE_MARK.sub(" ", plain).split())
    if len(line) <= length:
        return line
    cut = line[: max(0, length - 1)]
    space = cut.rfind(" ")
    return (cut[:space] if space > length // 2 else cut).rstrip(" ,;:.") + "…"


def _from_html(text: str) -> str:
    text = FORMULA.sub(r"$\1$", text)
    text = NOTES.sub("", text)
    text = TAG.sub("", BREAKING.sub(" ", text))
    # An element that the cut left open.
    return html.unescape(re.sub(r"<[^<>]*\Z", "", text))


def _from_source(text: str) -> str:
    text = _LINE_MARKS.sub("", _FENCE.sub("", text))
    text = _NOTE_MARK.sub("", _LINK.sub(r"\1", text))
    return _STARS.sub("", text)
