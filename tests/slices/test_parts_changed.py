"""Who is put into another section or group keeps the latest date that they had: docs/time.md, rule 8."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board, set_audience_dates
from forum.boards.models import Board
from forum.boards.promises import checkpoints_on
from forum.boards.student_dates import dates_for
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses import commands as courses
from forum.courses.models import Course, Group, Section
from forum.courses.policy import Role
from forum.courses.queries import member_of
from forum.courses.roster_commands import change_memberships
from tests.conftest import Site
from tests.slices.people_steps import place_of
from tests.world import WORLD_AT, World

WED, THU, FRI, NEXT_THU = date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 4), date(2026, 12, 10)
MOVED_AT = WORLD_AT + timedelta(hours=1)
Deed = Callable[[Session, Course, int, int], Any]


def end(on: date) -> datetime:
    """The end of a date in Madrid, in winter."""
    return datetime(on.year, on.month, on.day, 23, tzinfo=UTC)


def do(site: Site, deed: Callable[[Session], Any]) -> Any:
    with site.app.app_context(), transaction() as session:
        return deed(session)


def due_of(site: Site, short: str, at: datetime, name: str = "levees") -> datetime | None:
    """When a board is due for one of the cast, as their pages say it."""
    with site.app.app_context():
        member = member_of(db.session(), site.world.people[short], site.world.course_id, at)
        board = db.session.scalars(select(Board).where(Board.public_id == site.world.boards[name])).one()
        assert member is not None
        found = dates_for(db.session(), member, board.id, board.version, at).dates[0].due
        db.session.remove()
    return found


def section(session: Session, title: str) -> int:
    return session.scalars(select(Section.id).where(Section.title == title)).one()


def date_of_part(
    site: Site, on: date | None, *, at: datetime = WORLD_AT, reason: str = "", **part: int
) -> None:
    """A section's or group's own date on the board of this page."""

    def deed(session: Session) -> None:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        board = session.scalars(select(Board).where(Board.public_id == site.world.boards["levees"])).one()
        due = {checkpoints_on(session, board.id)[0].id: Wall(on) if on else None}
        assert ines is not None
        set_audience_dates(session, ines, board, at=at, due=due, reason=reason, **part)  # type: ignore[arg-type]

    do(site, deed)


@pytest.fixture
def levees(site: Site, world: World) -> dict[str, int]:
    """A board due next Thursday, in the South on Wednesday; shown to everyone. Ana is in the North, Dana in the South."""

    def make(session: Session) -> Board:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        assert ines is not None
        spec = BoardSpec(
            "Levees",
            form="single",
            prompt="Who pays?",
            checkpoints=(CheckpointSpec("first_post", due=Wall(THU)),),
        )
        return save_board(session, ines, None, spec, at=WORLD_AT - timedelta(days=1))

    def show(session: Session) -> dict[str, int]:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        board = session.scalars(select(Board).where(Board.public_id == world.boards["levees"])).one()
        publish_board(session, ines, board, at=WORLD_AT)  # type: ignore[arg-type]
        return {title: section(session, title) for title in ("North", "South")}

    world.boards["levees"] = do(site, lambda session: make(session).public_id)
    date_of_part(
        site,
        WED,
        at=WORLD_AT - timedelta(hours=1),
        section_id=do(site, lambda session: section(session, "South")),
    )
    return do(site, show)


def put(site: Site, short: str, section_id: int | None, at: datetime = MOVED_AT) -> None:
    def deed(session: Session) -> None:
        course = session.get_one(Course, site.world.course_id)
        courses.put_in_section(session, course, site.world.people[short], section_id, at=at)

    do(site, deed)


def test_scenario_moved_from_the_thursday_to_the_wednesday_section_after_both_were_shown_is_thursday(
    site: Site, world: World, levees: dict[str, int]
) -> None:
    assert (due_of(site, "ana", MOVED_AT), due_of(site, "dana", MOVED_AT)) == (end(THU), end(WED))
    place = f"{world.course}/people/{place_of(site, world, 'ana')}"
    site.at(MOVED_AT)
    south = world.sections["South"]
    assert site.client("ines").send(place, {"role": "student", "section": south}).status_code == 303
    site.at(MOVED_AT + timedelta(minutes=1))
    assert due_of(site, "ana", MOVED_AT + timedelta(minutes=1)) == end(THU)
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['levees']}").text
    assert (
        "In the section or group that you were in before it was due later, and you keep that: Thursday 3 December 2026, 16:59."
        in page
    )
    assert due_of(site, "dana", MOVED_AT + timedelta(minutes=1)) == end(WED), "nobody else gains by it"


def test_rule_8_a_roster_that_moves_people_shortens_nothing(
    site: Site, world: World, levees: dict[str, int]
) -> None:
    def deed(session: Session) -> None:
        change_memberships(
            session, session.get_one(Course, world.course_id), at=MOVED_AT,
            into_sections=[(world.people["ana"], levees["South"])], out_of_sections=[(world.people["ana"], levees["North"])],
        )  # fmt: skip

    do(site, deed)
    assert due_of(site, "ana", MOVED_AT) == end(THU)


def test_rule_8_who_comes_into_the_later_section_has_its_date_and_keeps_it(
    site: Site, levees: dict[str, int]
) -> None:
    put(site, "dana", levees["North"])
    assert due_of(site, "dana", MOVED_AT) == end(THU)
    put(site, "dana", levees["South"], MOVED_AT + timedelta(hours=1))
    assert due_of(site, "dana", MOVED_AT + timedelta(hours=1)) == end(THU)


def test_rule_8_who_was_moved_before_the_board_was_shown_has_the_date_of_where_they_are(
    site: Site, levees: dict[str, int]
) -> None:
    put(
        site, "ana", levees["South"], WORLD_AT
    )  # at the instant of its showing: never shown to her in the North
    assert due_of(site, "ana", MOVED_AT) == end(WED)


def test_rule_8_who_was_moved_one_microsecond_after_it_was_shown_keeps_it(
    site: Site, levees: dict[str, int]
) -> None:
    put(site, "ana", levees["South"], WORLD_AT + timedelta(microseconds=1))
    assert due_of(site, "ana", MOVED_AT) == end(THU)


def test_rule_8_what_a_section_gets_after_one_left_it_is_not_ones_own(
    site: Site, levees: dict[str, int]
) -> None:
    put(site, "ana", levees["South"])
    date_of_part(site, NEXT_THU, at=MOVED_AT + timedelta(minutes=1), section_id=levees["North"])
    assert due_of(site, "ben", MOVED_AT + timedelta(hours=1)) == end(NEXT_THU)
    assert due_of(site, "ana", MOVED_AT + timedelta(hours=1)) == end(THU)


def test_rule_8_what_is_taken_back_in_a_section_is_taken_back_for_who_left_it(
    site: Site, levees: dict[str, int]
) -> None:
    date_of_part(site, date(2026, 12, 15), at=WORLD_AT + timedelta(minutes=1), section_id=levees["North"])
    put(site, "ana", levees["South"])
    assert due_of(site, "ana", MOVED_AT) == end(date(2026, 12, 15))
    date_of_part(
        site,
        NEXT_THU,
        at=MOVED_AT + timedelta(minutes=1),
        section_id=levees["North"],
        reason="A slip of the pen",
    )
    assert due_of(site, "ana", MOVED_AT + timedelta(hours=1)) == end(NEXT_THU)


def test_rule_8_a_group_left_and_more_time_of_a_group_are_kept_alike(
    site: Site, world: World, levees: dict[str, int]
) -> None:
    def group(session: Session) -> int:
        found = session.get_one(
            Group, courses.group_called(session, session.get_one(Course, world.course_id), "Dikes").id
        )
        courses.put_in_group(
            session, session.get_one(Course, world.course_id), world.people["dana"], found.id, at=WORLD_AT
        )
        return found.id

    group_id = do(site, group)
    date_of_part(site, FRI, at=WORLD_AT + timedelta(minutes=1), group_id=group_id)
    assert due_of(site, "dana", MOVED_AT) == end(FRI)

    def leave(session: Session) -> None:
        courses.set_groups(
            session, session.get_one(Course, world.course_id), world.people["dana"], [], at=MOVED_AT
        )

    do(site, leave)
    assert due_of(site, "dana", MOVED_AT + timedelta(hours=1)) == end(FRI)


def test_rule_8_staff_see_the_same_date_in_the_table_of_a_board(
    site: Site, world: World, levees: dict[str, int]
) -> None:
    put(site, "ana", levees["South"])
    site.at(MOVED_AT + timedelta(minutes=1))
    with site.app.app_context():
        from forum.boards.queries import students_of
        from forum.boards.schedule import dates_of_everyone

        board = db.session.scalars(select(Board).where(Board.public_id == world.boards["levees"])).one()
        course = db.session.get_one(Course, world.course_id)
        people = students_of(db.session(), course.id, MOVED_AT)
        found = dates_of_everyone(db.session(), board, course, people, MOVED_AT)
        dues = {short: found[world.people[short]].dates[0].due for short in ("ana", "ben", "chidi", "dana")}
        db.session.remove()
    assert dues == {"ana": end(THU), "ben": end(THU), "chidi": end(WED), "dana": end(WED)}


# --- what is kept of pages ------------------------------------------------------------------------------------------------


def pages(site: Site, short: str, paths: list[str], marks: list[str | None]) -> list[tuple[str, str]]:
    """The text and the mark of pages, asked for with the marks of how they were seen before."""
    client = site.client(short)
    found = []
    for path, mark in zip(paths, marks, strict=True):
        page = client.get(path, headers={"If-None-Match": mark} if mark else {})
        assert page.status_code == 200, path
        found.append((page.text, page.headers.get("ETag")))
    return found


def paths_of(site: Site) -> list[str]:
    course, world = site.world.course, site.world
    return [
        f"{course}/threads/{world.threads['floods']}",
        f"{course}/boards/{world.boards['floods']}",
        course,
        "/",
    ]


def test_another_section_renews_every_kept_page_of_who_was_moved(site: Site, world: World) -> None:
    on = date(2026, 11, 27)
    world.boards["levees"] = world.boards["floods"]
    date_of_part(site, on, section_id=do(site, lambda session: section(session, "South")))
    site.at(MOVED_AT)
    before = pages(site, "ana", paths_of(site), [None] * 4)
    assert not any("27 November" in text for text, _mark in before)
    put(site, "ana", do(site, lambda session: section(session, "South")))
    after = pages(site, "ana", paths_of(site), [mark for _text, mark in before])
    for path, (text, _mark) in zip(paths_of(site), after, strict=True):
        assert "27 November" in text, path
    assert not any("27 November" in text for text, _mark in pages(site, "ben", paths_of(site), [None] * 4))


def test_another_role_renews_every_kept_page(site: Site, world: World) -> None:
    before = pages(site, "ana", paths_of(site), [None] * 4)

    def promote(session: Session) -> None:
        course = session.get_one(Course, world.course_id)
        courses.enroll(
            session, course, world.people["ana"], Role.ASSISTANT, at=MOVED_AT, author_id=world.people["ines"]
        )

    do(site, promote)
    site.at(MOVED_AT)
    after = pages(site, "ana", paths_of(site), [mark for _text, mark in before])
    thread, _board, home, _week = after
    assert "as staff" in thread[0]
    assert "as staff" not in before[0][0]
    assert all(seen[0] != page[0] for seen, page in zip(before, after, strict=True))
    assert "HIDDEN-BOARD-TITLE" in home[0]
    assert "HIDDEN-BOARD-TITLE" not in before[2][0]
