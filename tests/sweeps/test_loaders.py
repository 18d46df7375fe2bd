"""Does each loader give the things of its member's course alone, whatever else a view asks before and after it?"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from forum.boards import queries as boards
from forum.boards.models import Board
from forum.core.db import db, transaction
from forum.core.errors import NotHere
from forum.core.files import File
from forum.courses import queries as courses
from forum.courses.policy import Member
from forum.lessons import queries as lessons
from forum.lessons.models import LessonFile
from forum.participation import queries as participation
from forum.posts import commands as commands_of_posts
from forum.posts import queries as posts
from tests.conftest import Site
from tests.sweeps.ground import Ids
from tests.world import WORLD_AT

Loader = Callable[[Any, Member, str], object]


def _extension(session: Any, member: Member, public_id: str) -> object:
    """Through each board of the member's course."""
    for board in session.scalars(select(Board).where(Board.course_id == member.course_id)).all():
        try:
            return boards.extension_for(session, board, public_id)
        except NotHere:
            continue
    raise NotHere


LOADERS: dict[str, Loader] = {
    "board": lambda session, member, key: boards.board_for(session, member, key, WORLD_AT),
    "thread": lambda session, member, key: posts.thread_view(session, member, key, WORLD_AT),
    "post": lambda session, member, key: posts.post_view(session, member, key, WORLD_AT),
    "module": boards.module_for,
    "extension": _extension,
    "accommodation": boards.accommodation_for,
    "lesson": lambda session, member, key: lessons.lesson_for(session, member, key, WORLD_AT),
    "account": lambda session, member, key: participation.student_for(session, member, key, WORLD_AT),
    "enrollment": lambda session, member, key: courses.enrollment_for(session, member, key, WORLD_AT),
    "section": courses.section_for,
    "course_group": courses.group_for,
}


def found(site: Site, load: Loader, short: str, course_id: int, keys: list[str]) -> list[str]:
    """Those of the ids that the loader gives to a member."""
    given = []
    with site.app.app_context():
        member = courses.member_of(db.session(), site.world.people[short], course_id, WORLD_AT)
        assert member is not None
        for key in keys:
            try:
                load(db.session(), member, key)
            except NotHere:
                continue
            given.append(key)
        db.session.rollback()
    return given


@pytest.mark.sqlite_only
@pytest.mark.parametrize("table", LOADERS)
def test_a_loader_gives_what_is_of_its_course_and_nothing_else(grown: Site, ids: Ids, table: str) -> None:
    world, load = grown.world, LOADERS[table]
    ours, theirs = ids.ours[table], ids.theirs[table]
    assert found(grown, load, "ines", world.course_id, ours), "a loader that gives nothing proves nothing"
    assert found(grown, load, "ian", world.other_course_id, theirs)
    assert found(grown, load, "ines", world.course_id, theirs) == []
    assert found(grown, load, "ian", world.other_course_id, ours) == []


@pytest.mark.sqlite_only
def test_an_extension_is_found_through_its_own_board_alone(grown: Site, ids: Ids) -> None:
    with grown.app.app_context():
        extension = ids.ours["extension"][0]
        through = []
        for board in db.session.scalars(select(Board).where(Board.course_id == grown.world.course_id)).all():
            try:
                boards.extension_for(db.session(), board, extension)
            except NotHere:
                continue
            through.append(board.public_id)
        db.session.rollback()
    assert through == [grown.world.boards["floods"]]


@pytest.mark.sqlite_only
def test_a_file_is_found_through_its_own_lesson_alone(grown: Site, ids: Ids) -> None:
    through: dict[str, list[str]] = {}
    with grown.app.app_context():
        of_lessons = set(
            db.session.scalars(select(File.public_id).join(LessonFile, LessonFile.file_id == File.id))
        )
    assert of_lessons
    for file in of_lessons & set(ids.ours["file"]):
        through[file] = found(
            grown,
            lambda session, member, key, file=file: lessons.file_for(session, member, key, file, WORLD_AT),  # type: ignore[misc]
            "ines", grown.world.course_id, ids.ours["lesson"],
        )  # fmt: skip
    assert {len(lessons_of) for lessons_of in through.values()} == {1}


@pytest.mark.sqlite_only
def test_an_answer_goes_to_the_thread_of_what_it_answers(grown: Site) -> None:
    world = grown.world
    with grown.app.app_context(), transaction() as session:
        ana = courses.member_of(session, world.people["ana"], world.course_id, WORLD_AT)
        assert ana is not None
        written = commands_of_posts.write("To whom?", "key-of-no-thread")
        with pytest.raises(NotHere):
            commands_of_posts.post_reply(
                session, ana, world.threads["questions"], written, at=WORLD_AT, parent_id=world.posts["ben"]
            )
