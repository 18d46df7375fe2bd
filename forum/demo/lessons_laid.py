"""Laying the demo's lessons: text, video with captions, links, attachments."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ..core import markup
from ..core.files import File, store
from ..courses.policy import Member
from ..lessons.models import Lesson, LessonFile, LessonLink, LessonRevision
from .values import DemoLesson

LESSON_LIMIT = 200_000


def lay_lesson(
    session: Session, member: Member, told: DemoLesson, module_id: int, position: int, *, at: datetime
) -> None:
    """One published lesson with everything that belongs to it."""
    rendered = markup.render(told.text, limit=LESSON_LIMIT, first_heading=2)
    lesson = Lesson(
        course_id=member.course_id, module_id=module_id, position=position, title=told.title, source=told.text,
        html=rendered.html, renderer_version=markup.RENDERER_VERSION, words=rendered.words, published_at=at,
    )  # fmt: skip
    session.add(lesson)
    session.flush()
    session.add(
        LessonRevision(lesson_id=lesson.id, number=1, title=told.title, source=told.text,
                       author_id=member.account_id, at=at)
    )  # fmt: skip
    for number, link in enumerate(told.links, start=1):
        session.add(LessonLink(lesson_id=lesson.id, position=number, title=link.title, url=link.address))
    if told.video is not None:
        _add_file(session, member, lesson, told.video.path, "recording", at)
        for captions in told.video.captions:
            _add_file(session, member, lesson, captions.path, "captions", at, captions.language, captions.label)
    for attachment in told.attachments:
        _add_file(session, member, lesson, attachment.path, "attachment", at, label=attachment.title)


def _add_file(
    session: Session, member: Member, lesson: Lesson, path: Path, use: str, at: datetime,
    language: str | None = None, label: str | None = None,
) -> None:  # fmt: skip
    with path.open("rb") as stream:
        stored = store(stream, path.name)
    file = File(
        course_id=member.course_id, place_kind="lesson", place_id=lesson.id, name=stored.name,
        media_type=stored.media_type, size=stored.size, sha256=stored.sha256, stored_as=stored.stored_as,
        author_id=member.account_id, created_at=at,
    )  # fmt: skip
    session.add(file)
    session.flush()
    session.add(LessonFile(lesson_id=lesson.id, file_id=file.id, use=use, language=language, label=label))
