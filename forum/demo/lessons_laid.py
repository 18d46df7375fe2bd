"""Laying the demo's lessons: text, video with captions, links, attachments."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ..core.files import store
from ..courses.policy import Member
from ..lessons.commands import add_file, add_link, make_lesson
from ..lessons.models import Lesson
from .values import DemoLesson


def lay_lesson(
    session: Session, member: Member, told: DemoLesson, module_id: int, position: int, *, at: datetime
) -> None:
    """One published lesson with everything that belongs to it."""
    lesson = make_lesson(
        session, member, title=told.title, source=told.text, module_id=module_id, position=position,
        published_at=at, at=at,
    )  # fmt: skip
    for link in told.links:
        add_link(session, lesson, title=link.title, url=link.address, author_id=member.account_id, at=at)
    if told.video is not None:
        _add(session, member, lesson, told.video.path, "recording", at)
        for captions in told.video.captions:
            _add(session, member, lesson, captions.path, "captions", at, captions.language, captions.label)
    for attachment in told.attachments:
        _add(session, member, lesson, attachment.path, "attachment", at, label=attachment.title)


def _add(
    session: Session, member: Member, lesson: Lesson, path: Path, use: str, at: datetime,
    language: str | None = None, label: str | None = None,
) -> None:  # fmt: skip
    with path.open("rb") as stream:
        stored = store(stream, path.name)
    add_file(
        session, lesson, stored, use=use, language=language, label=label, author_id=member.account_id, at=at
    )
