"""What helps while somebody writes: how long a text is, what its headings are, the language that it is checked in."""

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import ngettext

from ...core.asking import reader_language
from ...core.outlines import Heading, outline_of
from ...core.words import minutes_to_read
from ..drafts import Written


@dataclass(frozen=True)
class WritingHelp:
    """`reading` is empty for a text of less than half a minute; `language` is that of the browser's spelling."""

    reading: str
    outline: list[Heading]
    language: str


def help_for(source: str, words: int) -> WritingHelp:
    return WritingHelp(reading_words(words), outline_of(source), reader_language())


def reading_words(words: int) -> str:
    minutes = minutes_to_read(words)
    return ngettext("%(num)d minute to read", "%(num)d minutes to read", minutes) if minutes else ""


def told_of(written: Written) -> dict[str, Any]:
    """The same of a text that was saved, for the page's scripts: each count is made here and nowhere else."""
    return {
        "reading": reading_words(written.words),
        "outline": [asdict(heading) for heading in outline_of(written.source)],
    }
