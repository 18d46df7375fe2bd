"""Lessons for tests: made through the commands, in the world's course."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.core.db import db, transaction
from forum.core.files import File, store
from forum.courses.models import Module
from forum.courses.policy import Member
from forum.courses.queries import member_of
from forum.lessons import commands
from tests.client import CheckingClient
from tests.conftest import Site
from tests.world import BEGAN_AT, WORLD_AT

TINY = Path(__file__).parent.parent / "files" / "tiny.mp4"
SRT = "1\n00:00:01,000 --> 00:00:03,500\nThe river rose < a meter & a half.\n\n2\n00:00:09,000 --> 00:00:11,000\n<i>Then</i> it fell.\n"


@dataclass(frozen=True)
class Made:
    """A lesson's and a file's public ids, and the addresses made of them."""

    course: str
    lesson: str
    file: str = ""

    @property
    def page(self) -> str:
        return f"{self.course}/lessons/{self.lesson}"

    @property
    def manage(self) -> str:
        return f"{self.course}/manage/lessons/{self.lesson}"

    @property
    def address(self) -> str:
        return f"{self.page}/files/{self.file}"


def member(site: Site, short: str = "ines", course_id: int = 0) -> Member:
    found = member_of(db.session(), site.world.people[short], course_id or site.world.course_id, WORLD_AT)
    assert found is not None
    return found


def make(
    site: Site,
    title: str = "What the water took",
    *,
    source: str = "Read *this*.",
    published: datetime | None = BEGAN_AT,
    content: bytes | None = None,
    name: str = "film.mp4",
    use: str = "attachment",
    other: bool = False,
    module: int | None = None,
    **more: Any,
) -> Made:
    """A lesson with at most one file; in the other course if asked. `module` is an integer key."""
    world = site.world
    with site.app.app_context():
        who = member(site, "ian", world.other_course_id) if other else member(site)
        stored = store(io.BytesIO(content), name) if content is not None else None
        with transaction() as session:
            lesson = commands.make_lesson(
                session,
                who,
                title=title,
                source=source,
                module_id=module,
                published_at=published,
                at=BEGAN_AT,
            )
            file = None
            if stored is not None:
                file = commands.add_file(
                    session, lesson, stored, use=use, author_id=who.account_id, at=BEGAN_AT, **more
                )
            return Made(
                world.other if other else world.course, lesson.public_id, file.public_id if file else ""
            )


def first_module(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalars(select(Module.id).where(Module.course_id == site.world.course_id)).one()


def change_module(site: Site, module_id: int, **values: Any) -> None:
    with site.app.app_context(), transaction() as session:
        module = session.get_one(Module, module_id)
        for name, value in values.items():
            setattr(module, name, value)


def rows(site: Site, table: type) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def on_disk(site: Site) -> set[str]:
    return {path.name for path in (Path(site.app.instance_path) / "uploads").glob("*/*")}


def owned(site: Site) -> set[str]:
    with site.app.app_context():
        return set(db.session.scalars(select(File.stored_as)))


def upload(
    client: CheckingClient, made: Made, use: str, name: str, content: bytes, **more: str
) -> TestResponse:
    return client.send(f"{made.manage}/{use}", {use: (io.BytesIO(content), name), **more})
