"""The zone of a course changes (rule 5): the past stays, what lies ahead is the later of promise and rule."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from forum.boards.commands import grant_extension
from forum.boards.models import Board, DueRule, Extension
from forum.boards.queries import students_of
from forum.boards.schedule import dates_of_everyone
from forum.boards.specs import CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.commands import edit_course
from forum.courses.models import Course
from forum.courses.queries import member_of
from forum.ledger.models import NewsItem
from tests.conftest import Site
from tests.slices.board_steps import board_row, dues, opened, path_of
from tests.world import WORLD_AT, World

Dates = dict[str, list[datetime | None]]
HOUR = timedelta(hours=1)


def move(site: Site, zone: str, at: datetime = WORLD_AT) -> None:
    """The course goes to another zone; its last day is late enough for any."""
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, site.world.course_id)
        edit_course(session, course, title=course.title, zone=zone, starts_on=course.starts_on,
                    ends_on=max(course.ends_on, date(2026, 12, 30)) + timedelta(days=1), at=at, author_id=None)  # fmt: skip


@pytest.fixture
def held_to(site: Site, world: World) -> Callable[[str], Dates]:
    """Every due instant of a board, by student."""

    def ask(name: str) -> Dates:
        with site.app.app_context():
            session = db.session()
            board = session.scalars(select(Board).where(Board.public_id == world.boards[name])).one()
            course = session.get_one(Course, world.course_id)
            people = students_of(session, course.id, WORLD_AT)
            found = dates_of_everyone(session, board, course, people, WORLD_AT)
            shorts = {account_id: short for short, account_id in world.people.items()}
            return {shorts[one]: [due.due for due in dates.dates] for one, dates in found.items()}

    return ask


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_rule_5_a_course_moved_west_leaves_what_is_past_where_it_was(
    site: Site, held_to: Callable[[str], Dates]
) -> None:
    before = held_to("closed")
    assert set(before["ana"]) == {at("2026-11-13T23:00Z")}
    move(site, "America/Chicago")
    assert held_to("closed") == before


def test_rule_5_what_lies_ahead_follows_a_course_to_the_west_and_stays_when_it_goes_east(
    site: Site, held_to: Callable[[str], Dates]
) -> None:
    move(site, "America/Chicago")
    west = [at("2026-11-27T06:00Z"), at("2026-11-29T06:00Z")]
    assert set(map(tuple, held_to("floods").values())) == {tuple(west)}
    move(site, "Asia/Tokyo")
    assert held_to("floods")["ben"] == west


def test_rule_5_past_and_ahead_part_at_the_instant_of_the_change(
    site: Site, world: World, held_to: Callable[[str], Dates]
) -> None:
    due = at("2026-11-26T23:00Z")
    move(site, "America/Chicago", at=due)
    assert held_to("floods")["ana"] == [due, at("2026-11-29T06:00Z")]


def test_rule_5_one_microsecond_before_it_still_follows(site: Site, held_to: Callable[[str], Dates]) -> None:
    move(site, "America/Chicago", at=at("2026-11-26T23:00Z") - timedelta(microseconds=1))
    assert held_to("floods")["ana"][0] == at("2026-11-27T06:00Z")


def test_rule_5_more_time_that_was_given_is_kept_alike(
    site: Site, world: World, held_to: Callable[[str], Dates]
) -> None:
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        assert ines is not None
        for name, on in (("closed", date(2026, 11, 20)), ("floods", date(2026, 12, 2))):
            board = session.scalars(select(Board).where(Board.public_id == world.boards[name])).one()
            grant_extension(session, ines, board, at=WORLD_AT - timedelta(days=10), account_id=world.people["ana"],
                            due=Wall(on), reason="ill")  # fmt: skip
    assert held_to("closed")["ana"] == [at("2026-11-20T23:00Z")]
    move(site, "America/Chicago")
    assert held_to("closed")["ana"] == [at("2026-11-20T23:00Z")], "past"
    assert held_to("floods")["ana"][0] == at("2026-12-03T06:00Z")
    move(site, "Asia/Tokyo")
    assert held_to("floods")["ana"][0] == at("2026-12-03T06:00Z")
    with site.app.app_context():
        assert set(db.session.scalars(select(Extension.zone))) == {"Europe/Madrid", "America/Chicago"}


def test_rule_5_who_has_no_zone_is_held_to_the_courses_of_the_time_on_own_zone_boards(
    site: Site, world: World, held_to: Callable[[str], Dates]
) -> None:
    due = at("2026-11-25T23:00Z")
    assert held_to("own_zone")["dana"] == [due]
    move(site, "America/Chicago", at=due)
    assert held_to("own_zone")["dana"] == [due], "past"
    assert held_to("own_zone")["ben"] == [due], "Ben lives in Madrid"


def test_rule_5_who_has_no_zone_follows_the_course_while_it_lies_ahead(
    site: Site, held_to: Callable[[str], Dates]
) -> None:
    move(site, "America/Chicago")
    assert held_to("own_zone")["dana"] == [at("2026-11-26T06:00Z")]
    assert held_to("own_zone")["ben"] == [at("2026-11-25T23:00Z")]
    move(site, "Asia/Tokyo")
    assert held_to("own_zone")["dana"] == [at("2026-11-26T06:00Z")]


def test_people_are_told_and_the_history_has_a_version_for_what_moved(site: Site, world: World) -> None:
    def counts() -> tuple[int | None, int | None]:
        with site.app.app_context():
            board = db.session.scalars(
                select(Board.id).where(Board.public_id == world.boards["floods"])
            ).one()
            return (
                db.session.scalar(select(func.count()).where(DueRule.board_id == board)),
                db.session.scalar(select(func.count()).where(NewsItem.board_id == board, NewsItem.kind == "dates_changed")),
            )  # fmt: skip

    versions, news = counts()
    assert versions is not None
    assert news is not None
    move(site, "America/Chicago")
    assert counts() == (versions + 3, news + 1), "two due dates and the cut-off"
    move(site, "Asia/Tokyo")
    assert counts() == (versions + 3, news + 1), "nothing moved"
    why = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "The time zone of the course changed to Chicago time." in why
    history = site.client("ines").get(f"{path_of(world, 'floods')}/history").text
    assert "the forum, or an import" in history


def test_a_date_that_stands_says_so(site: Site, world: World) -> None:
    move(site, "Asia/Tokyo")
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "The course's rule: end of Thursday 26 November 2026, Madrid time." in page.replace("&#39;", "'")
    assert "Thursday, 16:59" in page


def test_after_the_move_a_board_can_be_saved_and_only_what_is_changed_changes(
    site: Site, world: World
) -> None:
    move(site, "Asia/Tokyo")
    ines, path = site.client("ines"), path_of(world, "floods")
    before, version = dues(site, world.boards["floods"]), board_row(site, world.boards["floods"]).version
    assert ines.send(path, {**opened(ines, path), "deed": "save"}).status_code == 303
    assert board_row(site, world.boards["floods"]).version == version
    answer = ines.send(path, {**opened(ines, path), "title": "Floods", "grace": "10", "deed": "save"})
    assert answer.status_code == 303, "no date is written anew, so none gets shorter"
    assert dues(site, world.boards["floods"]) == before


def test_a_version_that_followed_the_zone_is_no_entry_to_take_back(site: Site, world: World) -> None:
    move(site, "America/Chicago")
    ines, path = site.client("ines"), path_of(world, "floods")
    fields = {**opened(ines, path), "c1-due-on": "2026-11-27", "reason": "so", "deed": "save"}
    assert ines.send(path, fields).status_code == 422, "48 hours are for who corrects what was just written"


def test_boards_closed_by_hand_are_not_dated_again_by_a_zone(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    ines.send(f"{path}/closing", {"deed": "close"})
    move(site, "America/Chicago", at=WORLD_AT + HOUR)
    assert "stays excused from it" in ines.get(f"{path}/closing").text


def test_what_followed_a_zone_before_the_closing_was_cut_short_too(site: Site, world: World) -> None:
    move(site, "America/Chicago")
    ines, path = site.client("ines"), path_of(world, "floods")
    site.at(at("2026-11-27T02:00Z"))
    ines.send(f"{path}/closing", {"deed": "close"})
    site.at(at("2026-11-27T03:00Z"))
    fields = {**opened(ines, path), "c1-due-on": "2026-12-04", "cut-off-on": "2026-12-11", "deed": "save"}
    assert ines.send(path, fields).status_code == 303
    assert "stays excused from it" in ines.get(f"{path}/closing").text, (
        "the first post's date was not given again"
    )


def test_rule_5_who_looks_as_a_student_without_a_zone_sees_what_they_see(site: Site, world: World) -> None:
    due = at("2026-11-25T23:00Z")
    move(site, "America/Chicago", at=due)
    ines = site.client("ines")
    ines.send(f"{world.course}/as-student", {"section": "", "group": "", "zone": ""})
    page = ines.get(f"{world.course}/boards/{world.boards['own_zone']}").text
    assert 'datetime="2026-11-25T23:00:00' in page or 'datetime="2026-11-25T17:00:00-06:00' in page


def test_what_students_could_not_see_follows_wholly(site: Site, world: World) -> None:
    from forum.boards.commands import save_board
    from forum.boards.queries import spec_of

    with site.app.app_context(), transaction() as session:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        assert ines is not None
        board = session.scalars(select(Board).where(Board.public_id == world.boards["hidden"])).one()
        spec = spec_of(session, board)
        checkpoint = CheckpointSpec("first_post", due=Wall(date(2026, 12, 2), time(12)))
        save_board(
            session, ines, board, type(spec)(**{**spec.__dict__, "checkpoints": (checkpoint,)}), at=WORLD_AT
        )
    move(site, "Asia/Tokyo")
    assert dues(site, world.boards["hidden"]) == [at("2026-12-02T03:01Z")]
