"""The texts of a copied course, with their links leading into the new one. Made before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...boards.commands import PROMPT_LIMIT
from ...boards.models import Board
from ...core import markup
from ...core.db import new_public_id
from ...lessons.commands import LessonText, write_text
from ...lessons.models import Lesson
from .sources import Source


@dataclass(frozen=True)
class Prompt:
    """A board's prompt with what was made of it."""

    source: str
    html: str
    renderer_version: int


@dataclass(frozen=True)
class LessonCopy:
    """A lesson's text and the version of the renderer that made its HTML."""

    text: LessonText
    renderer_version: int


@dataclass
class Texts:
    """All texts for the course at `/c/<slug>`, by row ids of the source; `ids` are new public ids by old ones.

    `left` are titles of lessons and boards with links into the old course that lead to nothing of the new one.
    """

    slug: str
    ids: Mapping[str, str]
    lessons: dict[int, LessonCopy] = field(default_factory=dict)
    prompts: dict[int, Prompt] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def write_texts(source: Source, slug: str) -> Texts:
    """Every text; only one whose links change is rendered anew."""
    rows = source.rows
    named = [*rows.lessons, *rows.boards, *(file for _use, file in source.files)]
    texts = Texts(slug, {each.public_id: new_public_id() for each in named})
    mending = _Mending(source.course.slug, texts)
    for lesson in rows.lessons:
        texts.lessons[lesson.id] = _lesson(lesson, mending.mended(lesson.source, lesson.title))
    for board in rows.boards:
        texts.prompts[board.id] = _prompt(board, mending.mended(board.prompt_source, board.title))
    return texts


def _lesson(lesson: Lesson, source: str) -> LessonCopy:
    if source == lesson.source:
        return LessonCopy(LessonText(source, lesson.html, lesson.words), lesson.renderer_version)
    return LessonCopy(write_text(source), markup.RENDERER_VERSION)


def _prompt(board: Board, source: str) -> Prompt:
    if source == board.prompt_source:
        return Prompt(source, board.prompt_html, board.renderer_version)
    return Prompt(source, markup.render(source, limit=PROMPT_LIMIT).html, markup.RENDERER_VERSION)


class _Mending:
    def __init__(self, old_slug: str, texts: Texts) -> None:
        self.texts = texts
        self.address = re.compile(
            rf"/c/{re.escape(old_slug)}(?![\w-])((?:/(?:lessons|boards|files)/[a-z0-9]+)*)(/?)"
        )

    def mended(self, source: str, title: str) -> str:
        """The text with each address of the old course that the new one has too; others stay as they are."""

        def new_address(found: re.Match[str]) -> str:
            ids = re.findall(r"/(?:lessons|boards|files)/([a-z0-9]+)", found[1])
            leads_on = found[2] and found.string[found.end() : found.end() + 1].isalnum()
            if leads_on or any(each not in self.texts.ids for each in ids):
                if title not in self.texts.left:
                    self.texts.left.append(title)
                return found[0]
            path = re.sub(
                r"(?<=/)[a-z0-9]{10,16}(?=/|$)", lambda one: self.texts.ids.get(one[0], one[0]), found[1]
            )
            return f"/c/{self.texts.slug}{path}{found[2]}"

        return self.address.sub(new_address, source)
