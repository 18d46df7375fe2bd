"""Writing an imported course: read and rendered before, its files on disk before, then one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.commands import close_board, publish_board, save_board
from ..boards.models import Board
from ..boards.specs import BoardSpec, CheckpointSpec
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.files import Stored, is_media, shelf
from ..courses.commands import make_course, make_module, slug_of
from ..courses.models import Course, Module, Term
from ..courses.module_commands import set_module_opens
from ..courses.policy import Member, Role
from ..ledger.commands import record
from ..lessons.commands import add_file, add_link, is_web_address, make_lesson
from ..lessons.models import Lesson
from .archives import open_archive
from .cartridge_plans import BoardPlan, CoursePlan, LessonPlan, ModulePlan
from .cartridge_texts import Texts, title_of, write_texts
from .identities import keep_names


@dataclass(frozen=True, slots=True)
class Imported:
    """The course that was made."""

    course_id: int
    slug: str
    texts: Texts


def why_not_code(session: Session, term: Term, code: str) -> str | None:
    """`code_taken` if another course of the term has the code."""
    taken = session.scalar(select(Course.id).where(Course.term_id == term.id, Course.code == code))
    return "course_code_taken" if taken is not None else None


def free_slug(session: Session, term: Term, code: str) -> str:
    """The address that a course of this code would get now."""
    slug, number = slug_of(code, term.code), 2
    taken = set(session.scalars(select(Course.slug).where(Course.slug.startswith(slug, autoescape=True))))
    unique = slug
    while unique in taken:
        unique, number = f"{slug}-{number}", number + 1
    return unique


def import_course(
    file: Path, plan: CoursePlan, *, term_public_id: str, ends_on: date | None, account_id: int, at: datetime
) -> Imported:
    """Make the course of a plan, in preparation, from the cartridge at `file`.

    Opens its own transaction. Refused `course_code_taken`. If anything fails, nothing is left, neither rows nor files.
    """
    session = db.session()
    term = session.scalars(select(Term).where(Term.public_id == term_public_id)).one()
    if code := why_not_code(session, term, plan.choices.code):
        raise Refused(code, {"code": plan.choices.code})
    texts = write_texts(plan, free_slug(session, term, plan.choices.code))
    session.rollback()
    with shelf() as put, open_archive(file) as archive:
        stored = {
            path: put(archive.pieces(path), each.name)
            for each in plan.cartridge.files
            if (path := each.path) in plan.homes
        }
        with transaction() as writing:
            term = writing.scalars(select(Term).where(Term.public_id == term_public_id)).one()
            course = _make(writing, plan, texts, term, ends_on, account_id, at)
            member = setting_up(writing, account_id, course)
            _Writing(writing, member, plan, texts, stored, at).write()
            record(
                writing, "imported_course", "course", course.id, actor_id=account_id, at=at, course_id=course.id,
                **plan.counts,
            )  # fmt: skip
            return Imported(course.id, course.slug, texts)


def setting_up(session: Session, account_id: int, course: Course) -> Member:
    """An administrator as who asks in a course that they set up without being in it."""
    account = session.get_one(Account, account_id)
    return Member(
        account_id=account.id, name=account.name, role=Role.ADMINISTRATOR, course_id=course.id,
        course_slug=course.slug, course_code=course.code, course_title=course.title, course_zone_name=course.zone,
        course_state=course.state, roster_version=course.roster_version, account_version=account.version,
        own_zone_name=None,
    )  # fmt: skip


def _make(
    session: Session,
    plan: CoursePlan,
    texts: Texts,
    term: Term,
    ends_on: date | None,
    account_id: int,
    at: datetime,
) -> Course:
    choices = plan.choices
    if code := why_not_code(session, term, choices.code):
        raise Refused(code, {"code": choices.code})
    starts_on = choices.days[1] if choices.days else term.starts_on
    last = max(ends_on or term.ends_on, starts_on)
    course = make_course(
        session, term, code=choices.code, title=choices.title, zone=choices.zone, starts_on=starts_on, ends_on=last,
        at=at, author_id=account_id,
    )  # fmt: skip
    # Links were mended to this address; another course can't have taken it but in the last seconds.
    if course.slug != texts.slug:
        raise Refused("course_code_taken", {"code": choices.code})
    return course


class _Writing:
    """One course while it is written."""

    def __init__(
        self,
        session: Session,
        member: Member,
        plan: CoursePlan,
        texts: Texts,
        stored: Mapping[str, Stored],
        at: datetime,
    ) -> None:
        self.session, self.member, self.plan, self.texts, self.stored, self.at = (
            session,
            member,
            plan,
            texts,
            stored,
            at,
        )
        self.position = 0
        self.names: dict[str, dict[str, int]] = {"lesson": {}, "board": {}}

    def write(self) -> None:
        for module in self.plan.modules:
            row = self._module(module) if module.title else None
            for entry in module.entries:
                self.position += 1
                if isinstance(entry, BoardPlan):
                    self._board(entry, row)
                else:
                    self._lesson(entry, row)
        source = f"cartridge:{self.member.course_id}"
        for kind, names in self.names.items():
            keep_names(self.session, source, kind, names)

    def _module(self, module: ModulePlan) -> Module:
        row = make_module(
            self.session, self.member.course_id, module.title, at=self.at, author_id=self.member.account_id
        )
        if not module.published:
            row.published_at = None
        if module.opens is not None:
            set_module_opens(self.session, row, module.opens, at=self.at, author_id=self.member.account_id)
        self.session.flush()
        return row

    def _lesson(self, entry: LessonPlan, module: Module | None) -> Lesson:
        lesson = make_lesson(
            self.session, self.member, title=title_of(entry), source=self.texts.lessons[entry.public_id],
            module_id=module.id if module else None, position=self.position, at=self.at,
        )  # fmt: skip
        lesson.public_id = entry.public_id
        # Nobody sees it before the course is opened, so it is no news.
        lesson.published_at = self.at if entry.published else None
        for link in entry.links:
            if is_web_address(link.url):
                title = " ".join(link.title.split())[:300] or link.url[:300]
                add_link(
                    self.session,
                    lesson,
                    title=title,
                    url=link.url,
                    author_id=self.member.account_id,
                    at=self.at,
                )
        for file in entry.files:
            stored = self.stored[file.path]
            plays = entry.kind == "recording" and is_media(stored.media_type)
            row = add_file(
                self.session, lesson, stored, use="recording" if plays else "attachment",
                author_id=self.member.account_id, at=self.at,
            )  # fmt: skip
            row.public_id = self.plan.file_ids[file.path]
        self.session.flush()
        self.names["lesson"][entry.key or entry.kind] = lesson.id
        return lesson

    def _board(self, entry: BoardPlan, module: Module | None) -> Board:
        topic, dates = entry.topic, entry.dates
        checkpoints = []
        if entry.form != "announcement":
            if dates.first_post or topic.assignment or topic.points or topic.steps or topic.replies_required:
                checkpoints.append(CheckpointSpec("first_post", due=dates.first_post))
            if topic.replies_required:
                asked = min(topic.replies_required, 100)
                checkpoints.append(CheckpointSpec("replies", replies=asked, people=1, due=dates.replies))
        spec = BoardSpec(
            title=" ".join(topic.title.split())[:300] or title_of(LessonPlan("", "", "", True)), form=entry.form,
            shown="after_own" if topic.after_own else "at_once", prompt=self.texts.prompts[entry.public_id],
            module_id=module.id if module else None, opens=dates.opens, cut_off=dates.cut_off,
            checkpoints=tuple(checkpoints), pinned=topic.pinned,
        )  # fmt: skip
        board = save_board(self.session, self.member, None, spec, at=self.at)
        board.public_id, board.position = entry.public_id, self.position
        if entry.published:
            publish_board(self.session, self.member, board, at=self.at)
        if topic.closed:
            close_board(self.session, self.member, board, at=self.at)
        self.session.flush()
        self.names["board"][topic.identifier] = board.id
        return board
