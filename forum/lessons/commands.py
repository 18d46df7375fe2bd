"""What can be done with lessons. All run inside transaction()."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ..core import markup
from ..core.db import upsert
from ..core.errors import NotAllowed, NotHere, Refused
from ..core.files import File, Stored, is_media, row_of
from ..core.words import count_words
from ..courses.models import Module
from ..courses.policy import Member, Role
from ..ledger.commands import forget, record, tell
from . import queries
from .models import Lesson, LessonDone, LessonFile, LessonLink, LessonRevision

SOURCE_LIMIT = 200_000  # characters
USES = ("recording", "captions", "attachment")


@dataclass(frozen=True)
class LessonText:
    """A lesson's text with what was made of it."""

    source: str
    html: str
    words: int


def write_text(source: str) -> LessonText:
    """Render a lesson's text, outside of any transaction: it may take a second. Line ends become plain."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    rendered = markup.render(source, limit=SOURCE_LIMIT, first_heading=2)
    return LessonText(source, rendered.html, count_words(source))


def make_lesson(
    session: Session,
    member: Member,
    *,
    title: str,
    source: str | LessonText,
    module_id: int | None,
    position: int | None = None,
    published_at: datetime | None = None,
    at: datetime,
) -> Lesson:
    """A lesson with its first revision; at the end of the course unless `position` is given, hidden unless
    `published_at` is (which may lie ahead). A module of another course is NotHere."""
    text = source if isinstance(source, LessonText) else write_text(source)
    _check_module(session, member, module_id)
    lesson = Lesson(
        course_id=member.course_id, module_id=module_id, title=title, source=text.source, html=text.html,
        renderer_version=markup.RENDERER_VERSION, words=text.words, revision=1, published_at=published_at,
        position=position if position is not None else queries.next_position(session, member.course_id),
    )  # fmt: skip
    session.add(lesson)
    session.flush()
    _keep_revision(session, member, lesson, at)
    _record(session, member.account_id, "made", lesson, at)
    if published_at is not None:
        _tell(session, member, lesson, published_at)
    return lesson


def edit_lesson(
    session: Session,
    member: Member,
    public_id: str,
    *,
    title: str,
    source: str | LessonText,
    module_id: int | None,
    revision: int,
    at: datetime,
) -> Lesson:
    """Save a lesson against the number of the revision that the editor saw.

    Refused `lesson_changed` if somebody saved meanwhile. The same title and text make no new revision. In
    another module the lesson goes to the end.
    """
    text = source if isinstance(source, LessonText) else write_text(source)
    lesson = queries.lesson_for(session, member, public_id, at, lock=True)
    if lesson.revision != revision:
        raise Refused("lesson_changed", {"revision": lesson.revision})
    if module_id != lesson.module_id:
        _check_module(session, member, module_id)
        lesson.position = queries.next_position(session, member.course_id)
        lesson.module_id = module_id
        _record(session, member.account_id, "moved", lesson, at, module_id=module_id)
    if (title, text.source) != (lesson.title, lesson.source):
        lesson.title, lesson.source, lesson.html, lesson.words = title, text.source, text.html, text.words
        lesson.renderer_version = markup.RENDERER_VERSION
        lesson.revision += 1
        _keep_revision(session, member, lesson, at)
        _record(session, member.account_id, "edited", lesson, at, revision=lesson.revision)
    session.flush()
    return lesson


def publish_lesson(session: Session, member: Member, lesson: Lesson, *, at: datetime) -> None:
    """Show it from now on; one that is shown stays as it is."""
    if lesson.published_at is not None and lesson.published_at <= at:
        return
    lesson.published_at = at
    session.flush()
    _record(session, member.account_id, "published", lesson, at)
    _tell(session, member, lesson, at)


def set_appears(
    session: Session, member: Member, lesson: Lesson, appears_at: datetime | None, *, at: datetime
) -> None:
    """From which instant students see a lesson that they don't see yet; None: not until it is published by hand.

    Refused: `lesson_shown` (they see it already), `appears_past`.
    """
    if lesson.published_at is not None and lesson.published_at <= at:
        raise Refused("lesson_shown")
    if appears_at is not None and appears_at <= at:
        raise Refused("appears_past")
    if lesson.published_at == appears_at:
        return
    forget(session, "lesson_published", after=at, lesson_id=lesson.id)
    lesson.published_at = appears_at
    session.flush()
    _record(session, member.account_id, "dated", lesson, at)
    if appears_at is not None:
        _tell(session, member, lesson, appears_at)


def hide_lesson(session: Session, member: Member, lesson: Lesson, *, at: datetime) -> None:
    if lesson.published_at is None:
        return
    lesson.published_at = None
    session.flush()
    _record(session, member.account_id, "hidden", lesson, at)


def remove_lesson(session: Session, member: Member, lesson: Lesson, *, at: datetime) -> None:
    """Take it out of the course with its files; rows and bytes stay until they are pruned."""
    lesson.removed_at = at
    session.execute(
        update(File)
        .where(File.place_kind == "lesson", File.place_id == lesson.id, File.removed_at.is_(None))
        .values(removed_at=at)
    )
    session.flush()
    _record(session, member.account_id, "removed", lesson, at)


def move_lesson(session: Session, member: Member, lesson: Lesson, *, up: bool, at: datetime) -> None:
    """One place up or down among the lessons of its module; at the end it stays where it is."""
    same = Lesson.module_id.is_not_distinct_from(lesson.module_id)
    lessons = list(
        session.scalars(
            select(Lesson)
            .where(Lesson.course_id == lesson.course_id, same, Lesson.removed_at.is_(None))
            .order_by(Lesson.position, Lesson.id)
        )
    )
    here = lessons.index(lesson)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(lessons):
        return
    places = [each.position for each in lessons]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + 1)
    lessons[here], lessons[there] = lessons[there], lessons[here]
    for each, place in zip(lessons, places, strict=True):
        each.position = place
    session.flush()
    _record(session, member.account_id, "moved", lesson, at, position=lesson.position)


def add_link(
    session: Session, lesson: Lesson, *, title: str, url: str, author_id: int | None, at: datetime
) -> LessonLink:
    """A link to a page or video elsewhere; `url` is http or https, else ValueError."""
    if not is_web_address(url):
        raise ValueError("not an address of the web")
    last = session.scalar(select(func.max(LessonLink.position)).where(LessonLink.lesson_id == lesson.id)) or 0
    link = LessonLink(lesson_id=lesson.id, position=last + 1, title=title, url=url)
    session.add(link)
    session.flush()
    _record(session, author_id, "linked", lesson, at, link_id=link.id)
    return link


def is_web_address(url: str) -> bool:
    """Whether it is http or https with a host, without blanks and control characters."""
    if any(char.isspace() or ord(char) < 33 for char in url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def remove_link(
    session: Session, member: Member, lesson: Lesson, link_public_id: str, *, at: datetime
) -> None:
    link = session.scalars(
        select(LessonLink).where(
            LessonLink.lesson_id == lesson.id,
            LessonLink.public_id == link_public_id,
            LessonLink.removed_at.is_(None),
        )
    ).first()
    if link is None:
        raise NotHere
    link.removed_at = at
    session.flush()
    _record(session, member.account_id, "unlinked", lesson, at, link_id=link.id)


def add_file(
    session: Session,
    lesson: Lesson,
    stored: Stored,
    *,
    use: str,
    language: str | None = None,
    label: str | None = None,
    author_id: int | None,
    at: datetime,
) -> File:
    """Stored bytes become a lesson's file: `use` is recording, captions or attachment.

    A lesson has one recording: a new one takes the place of the old. Refused `not_media` for a recording that
    browsers don't play. Captions were read with `captions.read_track` before.
    """
    if use not in USES:
        raise ValueError(f"no such use: {use}")
    if use == "recording":
        if not is_media(stored.media_type):
            raise Refused("not_media")
        for old in _files(session, lesson, "recording"):
            old.removed_at = at
    file = row_of(
        stored, course_id=lesson.course_id, place_kind="lesson", place_id=lesson.id,
        author_id=author_id, at=at,
    )  # fmt: skip
    session.add(file)
    session.flush()
    last = session.scalar(select(func.max(LessonFile.position)).where(LessonFile.lesson_id == lesson.id)) or 0
    session.add(
        LessonFile(
            lesson_id=lesson.id, file_id=file.id, use=use, language=language, label=label, position=last + 1
        )
    )
    session.flush()
    _record(session, author_id, "attached", lesson, at, file_id=file.id, use=use)
    return file


def remove_file(
    session: Session, member: Member, lesson: Lesson, file_public_id: str, *, at: datetime
) -> None:
    for file in _files(session, lesson):
        if file.public_id == file_public_id:
            file.removed_at = at
            session.flush()
            _record(session, member.account_id, "detached", lesson, at, file_id=file.id)
            return
    raise NotHere


def _files(session: Session, lesson: Lesson, use: str | None = None) -> list[File]:
    statement = (
        select(File)
        .join(LessonFile, LessonFile.file_id == File.id)
        .where(LessonFile.lesson_id == lesson.id, File.removed_at.is_(None))
    )
    return list(session.scalars(statement.where(LessonFile.use == use) if use else statement))


# --- done ---------------------------------------------------------------------------------------------------


def why_not_mark_done(member: Member) -> str | None:
    """The code of why a member can't say done here: who learns says so, and while the course runs."""
    if member.account_id == 0 or member.role not in (Role.STUDENT, Role.OBSERVER):
        return "not_a_learner"
    return None if member.course_state == "open" else "lesson_not_marked"


def mark_done(session: Session, member: Member, public_id: str, *, at: datetime) -> None:
    """Done by the student's own word; said twice it stays the first time's."""
    lesson = _lesson_to_mark(session, member, public_id, at)
    values = {"lesson_id": lesson.id, "account_id": member.account_id, "at": at}
    upsert(session, LessonDone.__table__, values, keys=["lesson_id", "account_id"], update=[])


def take_back_done(session: Session, member: Member, public_id: str, *, at: datetime) -> None:
    lesson = _lesson_to_mark(session, member, public_id, at)
    session.execute(
        delete(LessonDone).where(
            LessonDone.lesson_id == lesson.id, LessonDone.account_id == member.account_id
        )
    )


def _lesson_to_mark(session: Session, member: Member, public_id: str, at: datetime) -> Lesson:
    lesson = queries.lesson_for(session, member, public_id, at)
    why = why_not_mark_done(member)
    if why == "not_a_learner":
        raise NotAllowed
    if why is not None:
        raise Refused(why)
    return lesson


# --- the ledger ---------------------------------------------------------------------------------------------


def _check_module(session: Session, member: Member, module_id: int | None) -> None:
    if module_id is None:
        return
    known = session.scalar(
        select(Module.id).where(
            Module.id == module_id, Module.course_id == member.course_id, Module.removed_at.is_(None)
        )
    )
    if known is None:
        raise NotHere


def _keep_revision(session: Session, member: Member, lesson: Lesson, at: datetime) -> None:
    session.add(
        LessonRevision(
            lesson_id=lesson.id,
            number=lesson.revision,
            title=lesson.title,
            source=lesson.source,
            author_id=member.account_id or None,
            at=at,
        )
    )
    session.flush()


def _record(
    session: Session, actor_id: int | None, deed: str, lesson: Lesson, at: datetime, **facts: int | str | None
) -> None:
    record(
        session, deed, "lesson", lesson.id, actor_id=actor_id or None, at=at, course_id=lesson.course_id,
        **facts,
    )  # fmt: skip


def _tell(session: Session, member: Member, lesson: Lesson, visible_at: datetime) -> None:
    tell(
        session, "lesson_published", course_id=lesson.course_id, visible_at=visible_at, lesson_id=lesson.id,
        actor_id=member.account_id or None,
    )  # fmt: skip
