"""A board is set to show all posts together: its date, what is refused beside it, and every place that knows it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.boards.models import Board, DueRule
from forum.boards.queries import spec_of
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.commands import edit_course, make_term
from forum.courses.models import Course
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import board_row, fields_of, made, opened, tables_now
from tests.slices.dates_steps import dates_page, looked_at, row_in
from tests.slices.outage_steps import away
from tests.slices.test_calendars import address, events
from tests.slices.together_steps import (
    FIRST,
    LIMIT,
    REPLIES,
    SHOWN_AT,
    sealed,
    sees,
    together_board,
)
from tests.slices.writing_steps import board_of, started_by
from tests.world import WORLD_AT, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SET = {"shown": "together", "together-on": "2026-12-05", "together-minute": "09:00"}


def moments_of(site: Site, board: str) -> list[tuple[datetime | None, str, bool]]:
    """Every version of a board's moment: what it comes to, its reason, whether students were shown it."""
    with site.app.app_context():
        rows = db.session.scalars(
            select(DueRule)
            .join(Board, Board.id == DueRule.board_id)
            .where(Board.public_id == board, DueRule.what == "together")
            .order_by(DueRule.version)
        ).all()
        return [(row.instant, row.reason, row.shown_at is not None) for row in rows]


def form_of(site: Site, board: str) -> tuple[CheckingClient, str, dict[str, str]]:
    """Who sets boards up, where this one is changed, and what its form sends."""
    ines, path = site.client("ines"), f"{site.world.course}/manage/boards/{board}"
    return ines, path, {**opened(ines, path), "deed": "save"}


# --- its own date -----------------------------------------------------------------------------------------------------


def test_a_board_is_made_with_its_moment_and_saving_it_unchanged_changes_nothing(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    path = made(ines, world, **SET)
    fields = opened(ines, path)
    assert {name: fields[name] for name in SET} == SET
    assert "That is Saturday 5 December 2026, 09:00, Madrid time." in ines.get(path).text
    before = tables_now(site)
    assert ines.send(path, {**fields, "deed": "save"}).status_code == 303
    assert tables_now(site) == before
    board = path.rsplit("/", 1)[1]
    assert moments_of(site, board) == [(datetime(2026, 12, 5, 8, 1, tzinfo=UTC), "", False)]
    assert board_row(site, board).shown == "together"
    end_of_day = made(ines, world, **{**SET, "title": "Another", "together-minute": ""})
    assert moments_of(site, end_of_day.rsplit("/", 1)[1])[0][0] == datetime(2026, 12, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"together-on": ""}, "Please give the date of this time, too"),
        ({"together-on": "", "together-minute": ""}, "Please give the date until which nobody sees"),
        ({"together-on": "2026-12-03", "together-minute": ""}, "The earliest is Friday 4 December 2026, 00:04, Madrid time"),
        ({"together-on": "2026-12-04", "together-minute": "00:03"}, "The earliest is"),
        ({"grace": "1440", "together-on": "2026-12-04"}, "The earliest is end of Friday 4 December 2026"),
        ({"c0-whose": "own", "together-on": "2026-12-04", "together-minute": "13:03"}, "The earliest is Friday 4 December 2026, 13:04"),
        ({"c0-kind": "", "c0-due-on": "", "c0-min_words": "0"}, "only where a first post is asked"),
        ({"shown": "at_once"}, "Choose that above, or leave this empty"),
        ({"shown": "after_own"}, "Choose that above, or leave this empty"),
        ({"together-on": "2201-01-01"}, "between the years 2000 and 2200"),
        ({"together-on": "soon"}, "This is no date"),
        ({"together-minute": "00:00"}, "00:00 stands between two days"),
        ({"c1-kind": "replies", "c1-replies": "1", "c1-due-on": "2026-12-04"}, "Nobody can reply before others' posts are shown"),
    ],
)  # fmt: skip
def test_a_moment_that_cannot_stand_is_refused_beside_its_field(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    from tests.slices.board_steps import NEW

    before = tables_now(site)
    answer = site.client("ines").send(f"{world.course}/manage/boards", {**NEW, **SET, **fields})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert tables_now(site) == before


def test_the_earliest_moment_that_is_named_is_taken(site: Site, world: World) -> None:
    ines = site.client("ines")
    made(ines, world, **{**SET, "together-on": "2026-12-04", "together-minute": "00:04"})
    own = {"c0-whose": "own", "together-on": "2026-12-04", "together-minute": "13:04", "title": "Own"}
    made(ines, world, **{**SET, **own})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"together-on": "2026-11-27", "together-minute": "07:59"}, "It can only become later: Friday 27 November 2026, 08:00"),
        ({"shown": "at_once", "together-on": "", "together-minute": ""}, "shown here at one moment, and it stays so"),
        ({"shown": "after_own", "together-on": "", "together-minute": ""}, "shown here at one moment, and it stays so"),
        ({"together-on": "", "together-minute": ""}, "Please give the date until which"),
        ({"c0-due-on": "2026-11-28"}, "The earliest is Sunday 29 November 2026, 00:04"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hidden", [False, True])
def test_once_students_could_see_it_the_moment_only_becomes_later(
    site: Site, world: World, fields: dict[str, str], words: str, hidden: bool
) -> None:
    board = together_board(site)
    ines, path, stands = form_of(site, board)
    if hidden:
        assert ines.send(f"{path}/publication", {"deed": "hide"}).status_code == 303
        stands["version"] = opened(ines, path)["version"]
    before = tables_now(site)
    answer = ines.send(path, {**stands, **fields, "reason": "because"})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert tables_now(site) == before


def test_moved_later_it_is_a_version_with_its_reason_and_everybody_is_held_to_it(
    site: Site, world: World
) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    ines, path, stands = form_of(site, board)
    later = {**stands, "together-on": "2026-11-28", "reason": "the map room was closed"}
    assert ines.send(path, later).status_code == 303
    assert moments_of(site, board) == [
        (SHOWN_AT, "", True),
        (SHOWN_AT + DAY, "the map room was closed", True),
    ]
    history = ines.get(f"{path}/history").text
    assert "the map room was closed" in history
    assert "All posts are shown after" in history
    site.at(SHOWN_AT + DAY - HOUR)
    assert not sees(site, "ana", board, thread)
    site.at(SHOWN_AT + DAY)
    assert sees(site, "ana", board, thread)


def test_a_moment_that_has_passed_stays_and_the_first_post_can_still_be_due_later(
    site: Site, world: World
) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    site.at(SHOWN_AT + HOUR)
    assert sees(site, "ana", board, thread)
    ines, path, stands = form_of(site, board)
    answer = ines.send(path, {**stands, "together-on": "2026-12-10"})
    assert answer.status_code == 422
    assert "What was opened stays open." in answer.text
    assert ines.send(path, {**stands, "c0-due-on": "2026-12-04"}).status_code == 303
    assert sees(site, "ana", board, thread)


@pytest.mark.parametrize("shown", ["at_once", "after_own"])
def test_a_board_that_shows_posts_otherwise_does_not_come_to_hide_them(
    site: Site, world: World, shown: str
) -> None:
    name = {"at_once": "floods", "after_own": "sources"}[shown]
    ines, path, stands = form_of(site, world.boards[name])
    answer = ines.send(path, {**stands, **SET})
    assert answer.status_code == 422
    assert "What was opened stays open" in answer.text


def test_a_student_cannot_set_it(site: Site, world: World) -> None:
    board = together_board(site)
    _ines, path, stands = form_of(site, board)
    del stands["csrf_token"]
    assert site.client("ana").send(path, {**stands, "together-on": "2026-11-29"}).status_code == 403
    assert moments_of(site, board) == [(SHOWN_AT, "", True)]


# --- every place that tells it ----------------------------------------------------------------------------------------


def text_of(site: Site, short: str, path: str) -> str:
    page = re.sub(r"<[^>]+>", "", unescape(site.client(short).get(path).text))
    return re.sub(r"\s+", " ", page)


def test_the_page_says_before_posting_when_others_are_shown_and_what_is_judged(
    site: Site, world: World
) -> None:
    board = together_board(site, FIRST, REPLIES)
    url = f"{world.course}/boards/{board}"
    told = (
        "Nobody sees other students' posts here yet. All are shown together, after: "
        "Friday 27 November 2026, 01:00, Chicago time (Friday 27 November 2026, 08:00 Madrid time)."
    )
    judged = "Your first post is judged as it stands when others' posts are shown to you, or when its time is over, if that is earlier."
    assert told in text_of(site, "ana", url)
    assert told in text_of(site, "ana", f"{url}/new")
    assert judged in text_of(site, "ana", f"{url}/new")
    assert "after: Friday 27 November 2026, 08:00, Madrid time." in text_of(site, "ben", url)
    assert "Students know nothing of each other's posts yet." in text_of(site, "tariq", url)
    assert '<time datetime="2026-11-27T08:01:00+01:00">' in site.client("ben").get(url).text
    site.at(SHOWN_AT)
    for short in ("ana", "ben", "tariq"):
        assert "together, after" not in text_of(site, short, url)
    assert judged not in text_of(site, "ana", f"{url}/new")


def test_it_stands_on_this_week_the_course_and_in_the_calendar(site: Site, world: World) -> None:
    board = together_board(site)
    told = "ll posts are shown together after: Friday 27 November 2026, 08:00, Madrid time"
    assert told in text_of(site, "ben", "/")
    assert "all posts are shown after Friday 27 November 2026, 08:00" in text_of(site, "ben", world.course)
    shown = [each for each in events(site, address(site)) if "All posts are shown" in each["summary"]]
    assert [each["dtend"].dt for each in shown] == [SHOWN_AT - timedelta(minutes=1)]
    away(site, LIMIT - 2 * HOUR, LIMIT)
    site.at(LIMIT)
    told = "All are shown together, after: Friday 27 November 2026, 20:00"
    assert told in text_of(site, "ben", f"{world.course}/boards/{board}")


def test_all_dates_of_the_course_have_it_and_shift_it_by_the_same_rules(site: Site, world: World) -> None:
    board = together_board(site)
    ines, key = site.client("ines"), f"t-{board}"
    assert dates_page(ines, world)[f"{key}-was"] == "2026-11-27T08:00"
    for value, words in (
        ("2026-11-26", "The earliest is"),
        ("", "Please give the date"),
        ("2026-11-27", "only become later"),
    ):
        minute = {"2026-11-27": "07:00"}.get(value, "")
        page, _form = looked_at(ines, world, **{f"{key}-on": value, f"{key}-minute": minute})
        assert words in unescape(row_in(page, key)), value
    first = next(name for name in dates_page(ines, world) if name.startswith("d-") and name.endswith("-was")
                 and f"d-{first_key(site, board)}" in name)[:-4]  # fmt: skip
    page, _form = looked_at(ines, world, **{f"{first}-on": "2026-11-29"})
    assert "could not stay" in row_in(page, first)
    _page, form = looked_at(ines, world, **{f"{first}-on": "2026-11-29", f"{key}-on": "2026-11-30"})
    answer = ines.send(f"{world.course}/dates/changes", {**form, "deed": "change", "reason": "a holiday"})
    assert answer.status_code == 303
    assert moments_of(site, board)[-1] == (SHOWN_AT + 3 * DAY, "a holiday", True)
    shifted = ines.send(
        f"{world.course}/dates/shift", {"from_on": "2026-11-25", "days": "7", "kinds": ["together"]}
    )
    assert 'value="2026-12-07"' in row_in(shifted.text, key)


def first_key(site: Site, board: str) -> str:
    from forum.boards.models import Checkpoint

    with site.app.app_context():
        return str(db.session.scalar(
            select(Checkpoint.public_id).join(Board, Board.id == Checkpoint.board_id).where(Board.public_id == board)
        ))  # fmt: skip


def test_another_zone_of_the_course_moves_it_only_later(site: Site, world: World) -> None:
    board = together_board(site)
    for zone, moved in (("Asia/Tokyo", SHOWN_AT), ("America/Chicago", SHOWN_AT + 7 * HOUR)):
        with site.app.app_context(), transaction() as session:
            course = session.get_one(Course, world.course_id)
            edit_course(session, course, title=course.title, zone=zone, starts_on=course.starts_on,
                        ends_on=course.ends_on + DAY, at=WORLD_AT, author_id=None)  # fmt: skip
        assert moments_of(site, board)[-1][0] == moved


def test_a_copy_of_the_course_moves_it_and_cannot_be_without(site: Site, world: World) -> None:
    together_board(site)
    with site.app.app_context():
        session = db.session()
        course = session.get_one(Course, world.course_id)
        with transaction() as writing:
            term = make_term(writing, code="2027-spring", title="Spring 2027", starts_on=date(2027, 2, 1),
                             ends_on=date(2027, 5, 20), at=WORLD_AT, author_id=None)  # fmt: skip
            term_id = term.public_id
        course_id = course.public_id
    ada = site.client("ada")
    path = f"/admin/courses/{course_id}/copy"
    sent = {
        **fields_of(ada.get(path).text, "/copy"),
        "term": term_id,
        "first_on": "2027-02-02",
        "code": "HIST-204",
    }
    page = ada.send(path, {**sent, "deed": "look"})
    fields = fields_of(page.text, "/copy")
    key = next(name for name in fields if name.startswith("t-") and name.endswith("-on"))[:-3]
    assert (fields[f"{key}-on"], fields[f"{key}-minute"]) == ("2027-04-30", "08:00")
    answer = ada.send(path, {**fields, f"{key}-on": "", f"{key}-minute": "", "deed": "make"})
    assert answer.status_code == 422
    assert "Please give the date" in answer.text
    assert ada.send(path, {**fields, "deed": "make"}).status_code == 303
    with site.app.app_context():
        copy = db.session.scalars(
            select(Board).where(Board.title == "All at once").order_by(Board.id.desc())
        ).first()
        assert copy is not None
        spec = spec_of(db.session(), copy)
        assert (spec.shown, spec.together) == ("together", Wall(date(2027, 4, 30), time(8)))


def test_a_thread_neither_leaves_such_a_board_nor_comes_to_it(site: Site, world: World) -> None:
    """Who read it on a board that shows posts at once would lose it here until the moment."""
    board = together_board(site)
    sealed_thread, _post = sealed(site, board)
    plain, _none = board_of(site, BoardSpec("Plain", form="threads"))
    open_thread, _post = started_by(site, "ana", plain, "Read by all", WORLD_AT)
    ines = site.client("ines")
    for thread, to in ((open_thread, board), (sealed_thread, plain)):
        assert ines.send(f"{world.course}/threads/{thread}/move", {"to": to}).status_code == 409
    assert not sees(site, "dana", board, sealed_thread)
