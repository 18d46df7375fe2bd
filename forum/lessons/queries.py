"""What can be known of lessons: one clause decides for pages, lists, files and counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..core.caches import Cache
from ..core.errors import NotHere
from ..core.files import File, path_of
from ..courses.models import Module
from ..courses.policy import Member
from ..courses.queries import may_see_unpublished, only_open_modules
from .captions import BrokenCaptionsError, Track, read_track
from .models import Lesson, LessonDone, LessonFile, LessonLink, LessonRevision


def visible_lessons(statement: Select[Any], member: Member, at: datetime) -> Select[Any]:
    """The lesson part of the visibility clause; `statement` has Lesson in its FROM.

    Of this course, there, and for who is not staff published, and in no module or in one that is published
    and has opened.
    """
    statement = statement.where(Lesson.course_id == member.course_id, Lesson.removed_at.is_(None))
    if may_see_unpublished(member):
        return statement
    opened = only_open_modules(select(Module.id).where(Module.course_id == member.course_id), member, at)
    return statement.where(
        Lesson.published_at.is_not(None),
        Lesson.published_at <= at,
        or_(Lesson.module_id.is_(None), Lesson.module_id.in_(opened)),
    )


def lesson_for(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False
) -> Lesson:
    """The lesson by its public id, if this member may know of it; else NotHere."""
    statement = visible_lessons(select(Lesson).where(Lesson.public_id == public_id), member, at)
    if lock:
        statement = statement.with_for_update(of=Lesson)
    lesson = session.scalars(statement).first()
    if lesson is None:
        raise NotHere
    return lesson


def lessons_in(session: Session, member: Member, at: datetime) -> Sequence[Lesson]:
    """All lessons of the course that a member may know of: by module, those in none last, and position."""
    return session.scalars(_in_order(visible_lessons(select(Lesson), member, at))).all()


def lessons_with_done(session: Session, member: Member, at: datetime) -> tuple[list[Lesson], frozenset[int]]:
    """The same, and the ids of those that the member said they are done with; one statement."""
    own = and_(LessonDone.lesson_id == Lesson.id, LessonDone.account_id == member.account_id)
    statement: Any = select(Lesson, LessonDone.at).outerjoin(LessonDone, own)
    rows = session.execute(_in_order(visible_lessons(statement, member, at))).all()
    return [row.Lesson for row in rows], frozenset(row.Lesson.id for row in rows if row.at is not None)


def _in_order(statement: Select[Any]) -> Select[Any]:
    place = (
        select(Module.position)
        .where(Module.id == Lesson.module_id, Module.removed_at.is_(None))
        .correlate(Lesson)
        .scalar_subquery()
    )
    return statement.order_by(place.is_(None), place, Lesson.module_id, Lesson.position, Lesson.id)


@dataclass(frozen=True)
class Neighbor:
    public_id: str
    title: str


def neighbors_of(
    session: Session, member: Member, lesson: Lesson, at: datetime
) -> tuple[Neighbor | None, Neighbor | None]:
    """The lessons before and after this one, as far as the member may know of them."""
    known: Any = select(Lesson.id, Lesson.public_id, Lesson.title)
    rows = session.execute(_in_order(visible_lessons(known, member, at))).all()
    here = next((index for index, row in enumerate(rows) if row.id == lesson.id), None)
    if here is None:
        return None, None
    before = Neighbor(rows[here - 1].public_id, rows[here - 1].title) if here > 0 else None
    after = Neighbor(rows[here + 1].public_id, rows[here + 1].title) if here + 1 < len(rows) else None
    return before, after


def links_of(session: Session, lesson_id: int) -> Sequence[LessonLink]:
    return session.scalars(
        select(LessonLink)
        .where(LessonLink.lesson_id == lesson_id, LessonLink.removed_at.is_(None))
        .order_by(LessonLink.position, LessonLink.id)
    ).all()


@dataclass(frozen=True)
class Material:
    """A file of a lesson and what it is there: `use` is recording, captions or attachment."""

    file: File
    use: str
    language: str
    label: str


def files_of(session: Session, lesson_id: int) -> list[Material]:
    """The files of a lesson that were not removed, in the order in which they came."""
    rows = session.execute(_materials().where(LessonFile.lesson_id == lesson_id))
    return [Material(file, use, language or "", label or "") for file, use, language, label in rows]


def file_for(session: Session, member: Member, lesson: str, file: str, at: datetime) -> Material:
    """A file by its public id and its lesson's, as visible as the lesson; else NotHere."""
    row = session.execute(
        _materials().where(
            LessonFile.lesson_id == lesson_for(session, member, lesson, at).id,
            File.public_id == file,
            File.course_id == member.course_id,
        )
    ).first()
    if row is None:
        raise NotHere
    return Material(row[0], row[1], row[2] or "", row[3] or "")


def _materials() -> Select[Any]:
    statement: Any = (
        select(File, LessonFile.use, LessonFile.language, LessonFile.label)
        .join(LessonFile, LessonFile.file_id == File.id)
        .where(File.removed_at.is_(None))
        .order_by(LessonFile.position, LessonFile.id)
    )
    return statement


def done_of_all(session: Session, lesson_ids: Sequence[int]) -> dict[int, set[int]]:
    """Which of these lessons people said they are done with, by account id; one statement."""
    found: dict[int, set[int]] = {}
    for account_id, lesson_id in session.execute(
        select(LessonDone.account_id, LessonDone.lesson_id).where(LessonDone.lesson_id.in_(lesson_ids))
    ):
        found.setdefault(account_id, set()).add(lesson_id)
    return found


def done_at(session: Session, member: Member, lesson_id: int) -> datetime | None:
    return session.scalar(
        select(LessonDone.at).where(
            LessonDone.lesson_id == lesson_id, LessonDone.account_id == member.account_id
        )
    )


_tracks: Cache[Track] = Cache(16 * 1024 * 1024)


def track_of(file: File) -> Track | None:
    """What a file of captions says, or None if it can't be read; `file` was loaded through its lesson."""
    track = _tracks.get(file.sha256)
    if track is None:
        try:
            track = read_track(path_of(file.stored_as).read_bytes())
        except (BrokenCaptionsError, OSError):
            return None
        _tracks.put(file.sha256, track, weight=2 * len(track.vtt))
    return track


@dataclass(frozen=True)
class RevisionLine:
    """A text that a lesson had; `author` is empty for one that came from a file without a person."""

    number: int
    title: str
    source: str
    author: str
    at: datetime


def revisions_of(session: Session, lesson_id: int) -> list[RevisionLine]:
    """Every text of a lesson, newest first."""
    rows = session.execute(
        select(
            LessonRevision.number,
            LessonRevision.title,
            LessonRevision.source,
            Account.name,
            LessonRevision.at,
        )
        .outerjoin(Account, Account.id == LessonRevision.author_id)
        .where(LessonRevision.lesson_id == lesson_id)
        .order_by(LessonRevision.number.desc())
    )
    return [RevisionLine(row[0], row[1], row[2], row[3] or "", row[4]) for row in rows]


def next_position(session: Session, course_id: int) -> int:
    """The place after every lesson and board of the course: the two are in one order within a module."""
    board = Lesson.metadata.tables["board"]
    lesson = Lesson.metadata.tables["lesson"]
    last = [
        session.scalar(select(func.max(table.c.position)).where(table.c.course_id == course_id)) or 0
        for table in (lesson, board)
    ]
    return max(last) + 1
