"""What counts as a word of a student's own writing; composer and judge both ask here."""

from __future__ import annotations

import regex

WORDS_A_MINUTE = 230  # silent reading of prose: Brysbaert 2019, doi:10.1016/j.jml.2019.104047, gives 238

# docs/time.md, rule 17: by Unicode word boundaries, an ideograph is one; without quotations, code, addresses.
_WORD = regex.compile(r"\b\X.*?\b", regex.WORD | regex.V1 | regex.DOTALL)
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_FENCE = regex.compile(r"(?:[>\s]|[-*+][ \t]|\d{1,9}[.)][ \t])*+(?P<fence>`{3,}|~{3,})(?P<rest>.*)")
_QUOTE = regex.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?>")
# A passage of another post, which `markup.quotes` gives room.
_QUOTE_MARK = regex.compile(r"[ \t]*\[quote [a-z0-9.-]{1,40}\][ \t]*")
_INDENTED = regex.compile(r"(?: {4}|\t)")
_LISTED = regex.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)]|\[\^[^\]]*\]:)(?:\s|$)")
_DEFINITION = regex.compile(r" {0,3}\[(?!\^)[^\[\]]*\]:[ \t]*\S")
_NOTE = regex.compile(r"\[\^[^\]\n]{0,60}\]:?")
_TARGET = regex.compile(r"\]\([^()\n]*\)?")
# An address ends at a space, and where a script begins that writes none between words.
_URL = regex.compile(
    r"(?<![A-Za-z0-9])(?:(?:https?|ftp)://|mailto:|www\.)"
    r"[^\s<>\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\u3000-\u303f\uff00-\uffef]+",
    regex.IGNORECASE | regex.V1,
)
_EMAIL = regex.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_TICKS = regex.compile(r"`+")


def count_words(source: str) -> int:
    """How many words of the author's own Markdown `source` holds; in linear time.

    Words are segments between Unicode word boundaries (UAX #29, default rules) that hold a letter or a
    digit, so scripts without spaces (Han, Hiragana, Thai) count sign by sign, which favors the writer.
    Quotations (lines that begin with ">", passages of other posts), code (fenced, indented, inline) and addresses count nothing.
    """
    lines = (line for _number, line in own_lines(source) if not is_quote_mark(line))
    text = _without_code_spans("\n".join(lines))
    text = _NOTE.sub(" ", text)
    text = _TARGET.sub("] ", text)
    text = _URL.sub(" ", text)
    text = _EMAIL.sub(" ", text)
    return sum(1 for segment in _WORD.findall(text) if _LETTER.search(segment))


def minutes_to_read(words: int) -> int:
    """How many whole minutes a text of so many words takes to read, rounded; 0 for less than half a minute."""
    return round(words / WORDS_A_MINUTE)


def is_quote_mark(line: str) -> bool:
    """Whether a line stands for a passage of another post, and for nothing else."""
    return "[quote " in line and _QUOTE_MARK.fullmatch(line) is not None


def own_lines(source: str) -> list[tuple[int, str]]:
    """The lines of `source`, with their numbers from 0, that are neither quoted nor block code nor link definitions."""
    kept: list[tuple[int, str]] = []
    fence = ""
    after_blank, in_list = True, False
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # Where each fence stands alone for the last time: one that never closes is plain text.
    last_alone = {
        line.strip("> \t"): index for index, line in enumerate(lines) if "```" in line or "~~~" in line
    }
    for index, line in enumerate(lines):
        if fence:
            if line.strip("> \t") == fence:
                fence = ""
            continue
        if not line.strip():
            after_blank = True
            kept.append((index, ""))
            continue
        opened = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if opened and "`" not in opened["rest"] and last_alone.get(opened["fence"], 0) > index:
            fence = opened["fence"]
            continue
        indented = bool(_INDENTED.match(line))
        if _LISTED.match(line):
            in_list = True
        elif after_blank and not indented:
            in_list = False
        code = indented and after_blank and not in_list
        # A run of indented lines stays code: after_blank is left as it was.
        if code:
            continue
        after_blank = False
        if not _QUOTE.match(line) and not _DEFINITION.match(line):
            kept.append((index, line))
    return kept


def _without_code_spans(text: str) -> str:
    """`text` with each `code span` replaced by a space; backticks that never close stay."""
    runs = list(_TICKS.finditer(text))
    if not runs:
        return text
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(len(runs[index].group()), []).append(index)
    parts: list[str] = []
    at, index = 0, 0
    while index < len(runs):
        same = later[len(runs[index].group())]
        while same and same[-1] <= index:
            same.pop()
        close = same[-1] if same else None
        if (
            close is None
            or "\n\n" in text[runs[index].end() : min(runs[close].start(), runs[index].end() + 20_000)]
        ):
            index += 1
            continue
        parts.append(text[at : runs[index].start()] + " ")
        at = runs[close].end()
        index = close + 1
    return "".join(parts) + text[at:]
