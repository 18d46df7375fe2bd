"""Making a copy of a course: read, rendered and linked before; then one transaction, as many statements for any size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ...boards.models import Board, Checkpoint, DueRule, PromptVersion
from ...core.db import db, new_public_id, transaction
from ...core.errors import NotHere, Refused
from ...core.file_copies import store_again
from ...core.files import File, Shelf, Stored, shelf
from ...core.moments import ZONE_DATABASE, Wall
from ...courses.commands import make_course
from ...courses.models import Course, Module, Section, Term
from ...courses.queries import course_by_public_id, term_by_public_id
from ...desk.dates.slots import Slot, instant_of
from ...ledger.commands import record
from ...lessons.models import Lesson, LessonFile, LessonLink, LessonRevision
from ...participation.models import Criterion, Level, Scale
from ...posts.models import Thread
from ..cartridge_commands import free_slug, why_not_code
from .plans import COURSE_ENDS, Choices, Walls, troubles_in
from .sources import Source, source_of, without_sections
from .texts import Texts, write_texts


@dataclass(frozen=True)
class Copied:
    """The course that was made, and titles of what has links into the old one or lost a file."""

    public_id: str
    slug: str
    links_left: Sequence[str]
    files_lost: Sequence[str]


def copy_course(
    public_id: str, choices: Choices, walls: Walls, *, term_public_id: str, account_id: int, at: datetime
) -> Copied:
    """Make the copy, in preparation, with the dates of `walls`; a date that is not in them is none.

    Opens its own transaction. Refused: course_code_taken, dates_cannot_stand, source_changed (by somebody meanwhile).
    If anything fails, nothing is left, neither rows nor files.
    """
    session = db.session()
    source = _source(session, public_id, choices, at)
    if troubles_in(source.dates, walls, choices):
        raise Refused("dates_cannot_stand")
    slug = free_slug(session, term_by_public_id(session, term_public_id), choices.code)
    texts, seen = write_texts(source, slug), source.fingerprint
    with shelf() as put:
        stored, lost = _stored_again(put, source)
        with transaction() as writing:
            source = _source(writing, public_id, choices, at)
            if source.fingerprint != seen:
                raise Refused("source_changed")
            term = term_by_public_id(writing, term_public_id)
            course = _make(writing, source, term, choices, walls, texts, account_id, at)
            _Copying(writing, source, course, choices, walls, texts, stored, account_id, at).write()
            record(
                writing, "copied_course", "course", course.id, actor_id=account_id, at=at, course_id=course.id,
                source_id=source.course.id, modules=len(source.rows.modules), lessons=len(source.rows.lessons),
                boards=len(source.rows.boards), files=len(stored),
            )  # fmt: skip
            return Copied(course.public_id, course.slug, texts.left, lost)


def _source(session: Session, public_id: str, choices: Choices, at: datetime) -> Source:
    source = source_of(session, course_by_public_id(session, public_id), at)
    return source if choices.with_sections else without_sections(source)


def _stored_again(put: Shelf, source: Source) -> tuple[dict[int, Stored], list[str]]:
    """The bytes of each file once more; a file whose bytes are gone is told and left out."""
    found, lost = {}, []
    for _use, file in source.files:
        try:
            found[file.id] = store_again(file, put)
        except NotHere:
            lost.append(file.name)
    return found, lost


def _make(
    session: Session, source: Source, term: Term, choices: Choices, walls: Walls, texts: Texts, account_id: int,
    at: datetime,
) -> Course:  # fmt: skip
    if code := why_not_code(session, term, choices.code):
        raise Refused(code, {"code": choices.code})
    end = walls[COURSE_ENDS]
    assert end is not None  # troubles_in has asked
    course = make_course(
        session, term, code=choices.code, title=choices.title, zone=choices.zone, starts_on=choices.first_on,
        ends_on=end.on, at=at, author_id=account_id,
    )  # fmt: skip
    if course.slug != texts.slug:  # links were mended to that address
        raise Refused("course_code_taken", {"code": choices.code})
    course.assistants_release = source.course.assistants_release
    course.assistants_manage = source.course.assistants_manage
    session.flush()
    return course


class _Copying:
    """One copy while it is written: each table in one statement, whatever the size of the course."""

    def __init__(
        self, session: Session, source: Source, course: Course, choices: Choices, walls: Walls, texts: Texts,
        stored: Mapping[int, Stored], account_id: int, at: datetime,
    ) -> None:  # fmt: skip
        self.session, self.source, self.course, self.choices = session, source, course, choices
        self.walls, self.texts, self.stored, self.account_id, self.at = walls, texts, stored, account_id, at

    def write(self) -> None:
        rows = self.source.rows
        by_module = {slot.module.id: slot for slot in self.source.dates.slots if slot.module is not None}
        self.sections = self._add(Section, rows.sections, lambda one: {
            "course_id": self.course.id, "title": one.title, "ends_on": self._section_end(one),
        })  # fmt: skip
        self.modules = self._add(Module, rows.modules, lambda one: {
            "course_id": self.course.id, "position": one.position, "title": one.title,
            "published_at": self.at if one.published_at else None, **self._module_opens(by_module[one.id]),
        })  # fmt: skip
        self._lessons()
        self._boards()
        self._rubrics()

    def _add(self, table: Any, old: Sequence[Any], values: Any) -> dict[int, int]:
        """Insert a row for each of `old`, and find it again by its public id; new ids by old ones. Two statements."""
        rows = [{"public_id": new_public_id(), **values(one)} for one in old]
        self._put(table, rows)
        if not rows:
            return {}
        names = [row["public_id"] for row in rows]
        wanted = select(table.public_id, table.id).where(table.public_id.in_(names))
        found = {row.public_id: row.id for row in self.session.execute(wanted)}
        return {one.id: found[name] for one, name in zip(old, names, strict=True)}

    def _put(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(insert(table.__table__), rows)

    # --- dates ---------------------------------------------------------------------------------------------------

    def _wall(self, slot: Slot) -> Wall | None:
        return self.walls.get(slot.key)

    def _module_opens(self, slot: Slot) -> dict[str, Any]:
        wall = self._wall(slot)
        return {
            "opens_on": wall.on if wall else None,
            "opens_minute": _text(wall.minute) if wall else None,
            "opens_at": instant_of(wall, self.choices.course_zone, is_opening=True),
        }

    def _section_end(self, section: Section) -> Any:
        wall = self.walls.get(f"s-{section.public_id}")
        return wall.on if wall is not None else None

    def _rule(self, slot: Slot, wall: Wall, checkpoints: Mapping[int, int], board_id: int) -> dict[str, Any]:
        return {
            "board_id": board_id,
            "checkpoint_id": checkpoints[slot.checkpoint.id] if slot.checkpoint else None,
            "section_id": self.sections[slot.part.id] if slot.part is not None else None,
            "what": "due" if slot.checkpoint else slot.kind,
            "version": 1,
            "wall_on": wall.on,
            "wall_minute": _text(wall.minute),
            "whose_zone": slot.whose_zone,
            "zone": self.choices.zone,
            "instant": instant_of(wall, self.choices.course_zone, is_opening=slot.is_opening),
            "zone_database": ZONE_DATABASE,
            "author_id": self.account_id,
            "created_at": self.at,
        }

    # --- lessons -------------------------------------------------------------------------------------------------

    def _lessons(self) -> None:
        lessons, ids = self.source.rows.lessons, self.texts.ids
        slots = {slot.lesson.id: slot for slot in self.source.dates.slots if slot.lesson is not None}
        made = self._add(Lesson, lessons, lambda one: {
            "public_id": ids[one.public_id], "course_id": self.course.id,
            "module_id": self.modules.get(one.module_id), "position": one.position, "title": one.title,
            **self._text_of(one), "revision": 1, "published_at": self._appears(one, slots[one.id]),
        })  # fmt: skip
        self._put(LessonRevision, [
            {"lesson_id": made[one.id], "number": 1, "title": one.title,
             "source": self.texts.lessons[one.id].text.source, "author_id": self.account_id, "at": self.at}
            for one in lessons
        ])  # fmt: skip
        self._put(LessonLink, [
            {"lesson_id": made[link.lesson_id], "position": link.position, "title": link.title, "url": link.url}
            for link in self.source.links
        ])  # fmt: skip
        self._files(made)

    def _text_of(self, lesson: Lesson) -> dict[str, Any]:
        copy = self.texts.lessons[lesson.id]
        return {
            "source": copy.text.source, "html": copy.text.html, "words": copy.text.words,
            "renderer_version": copy.renderer_version,
        }  # fmt: skip

    def _appears(self, lesson: Lesson, slot: Slot) -> datetime | None:
        """Who opens the course shows with it what was shown before; what was to appear later has a date of its own."""
        if not slot.fixed:
            return instant_of(self._wall(slot), self.choices.course_zone, is_opening=True)
        return self.at if lesson.published_at is not None else None

    def _files(self, lessons: Mapping[int, int]) -> None:
        taken = [(use, file) for use, file in self.source.files if file.id in self.stored]
        files = self._add(File, [file for _use, file in taken], lambda file: {
            "public_id": self.texts.ids[file.public_id], "course_id": self.course.id, "place_kind": "lesson",
            "place_id": lessons[file.place_id], "name": file.name, "media_type": file.media_type, "size": file.size,
            "sha256": file.sha256, "stored_as": self.stored[file.id].stored_as, "author_id": self.account_id,
            "created_at": self.at,
        })  # fmt: skip
        self._put(LessonFile, [
            {"lesson_id": lessons[use.lesson_id], "file_id": files[file.id], "use": use.use, "language": use.language,
             "label": use.label, "position": use.position}
            for use, file in taken
        ])  # fmt: skip

    # --- boards --------------------------------------------------------------------------------------------------

    def _boards(self) -> None:
        boards = self.source.rows.boards
        self.boards = self._add(Board, boards, lambda one: {
            "public_id": self.texts.ids[one.public_id], "course_id": self.course.id,
            "module_id": self.modules.get(one.module_id), "position": one.position, "title": one.title,
            "form": one.form, "shown": one.shown, "groups": one.groups, "anonymity": one.anonymity,
            "prompt_source": self.texts.prompts[one.id].source, "prompt_html": self.texts.prompts[one.id].html,
            "renderer_version": self.texts.prompts[one.id].renderer_version, "pinned": one.pinned,
            "students_start": one.students_start, "classmates_only": one.classmates_only,
            "announcements_answered": one.announcements_answered, "staff_questions": one.staff_questions,
            "template": one.template, "template_source": one.template_source,
            "grace_minutes": one.grace_minutes, "published_at": self.at if one.published_at else None,
            "created_at": self.at,
        })  # fmt: skip
        self._put(PromptVersion, [
            {"board_id": self.boards[one.id], "number": 1, "title": one.title,
             "source": self.texts.prompts[one.id].source, "author_id": self.account_id, "at": self.at}
            for one in boards
        ])  # fmt: skip
        # What rooms above do when a board is saved, of all at once: a board of one discussion has its thread.
        self._put(Thread, [
            {"course_id": self.course.id, "board_id": self.boards[one.id], "is_prompt": True, "title": one.title,
             "created_at": self.at, "last_post_at": self.at}
            for one in boards if one.form == "single" and one.groups == "none"
        ])  # fmt: skip
        asked = [one for board in boards for one in self.source.rows.checkpoints[board.id]]
        checkpoints = self._add(Checkpoint, asked, lambda one: {
            "board_id": self.boards[one.board_id], "position": one.position, "kind": one.kind, "replies": one.replies,
            "people": one.people, "min_words": one.min_words, "created_at": self.at,
        })  # fmt: skip
        self._put(DueRule, [
            self._rule(slot, wall, checkpoints, self.boards[slot.board.id])
            for slot in self.source.dates.slots
            if slot.board is not None and (wall := self._wall(slot)) is not None
        ])  # fmt: skip

    def _rubrics(self) -> None:
        rubrics = self.source.rubrics
        lines = [(board_id, place, one) for board_id, rubric in rubrics.items() for place, one in enumerate(rubric.criteria)]  # fmt: skip
        board_of = {one.id: (board_id, place) for board_id, place, one in lines}
        criteria = self._add(Criterion, [one for _board, _place, one in lines], lambda one: {
            "board_id": self.boards[board_of[one.id][0]], "position": board_of[one.id][1], "title": one.title,
            "description": one.description,
        })  # fmt: skip
        self._put(Level, [
            {"criterion_id": criteria[one.id], "position": place, "title": level.title,
             "description": level.description, "points": level.points}
            for _board, _place, one in lines for place, level in enumerate(one.levels)
        ])  # fmt: skip
        self._put(Scale, [
            {"board_id": self.boards[board_id], "most": rubric.scale}
            for board_id, rubric in rubrics.items() if rubric.scale is not None
        ])  # fmt: skip


def _text(minute: time | None) -> str | None:
    return f"{minute:%H:%M}" if minute is not None else None
