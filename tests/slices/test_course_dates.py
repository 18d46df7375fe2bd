"""The dates of a course on one page: read by everyone, changed by who makes boards, before and after first."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.models import Course, Enrollment, Module
from forum.ledger.models import NewsItem
from forum.lessons.commands import make_lesson
from forum.lessons.models import Lesson
from tests.conftest import Site
from tests.slices.board_steps import dues, fields_of, tables_now
from tests.slices.dates_steps import (
    BoardSpec,
    dates_page,
    give_section,
    key_of,
    looked_at,
    member_of,
    more_boards,
    row_in,
    standing,
    versions,
)
from tests.slices.imports import words_of
from tests.sweeps.test_queries import statements
from tests.world import BEGAN_AT, WORLD_AT, World

WHY = "The library was closed on Thursday."


# --- reading -----------------------------------------------------------------------------------------------------------


def test_a_student_reads_their_own_instants_with_the_reasons_one_step_away(site: Site, world: World) -> None:
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    ana, chidi = (words_of(site.client(who).get(f"{world.course}/dates").text) for who in ("ana", "chidi"))
    assert "Friday, 13:00 Friday 27 November 2026 , Chicago time" in ana
    ana = ana.replace("&#39;", "'")
    assert "The date of your section or group: Friday 27 November 2026, 20:00, Madrid time. For you: Friday 27 November 2026, 13:00, Chicago time." in ana  # fmt: skip
    assert "27 November" not in chidi, "another section's date is nobody else's to read"
    assert "The course's rule: end of Thursday 26 November 2026, Madrid time." in chidi.replace("&#39;", "'")


def test_dates_of_what_students_do_not_see_are_not_on_their_page(site: Site, world: World) -> None:
    hidden = BoardSpec("UNSEEN-TITLE", opens=Wall(date(2027, 1, 7)), checkpoints=(CheckpointSpec("first_post", due=Wall(date(2027, 1, 9))),))  # fmt: skip
    more_boards(site, 1, hidden)
    for who in ("ana", "dana", "olga"):
        page = site.client(who).get(f"{world.course}/dates").text
        assert "UNSEEN-TITLE" not in page
        assert "January 2027" not in page
        assert "name=" not in page.partition("<main")[2], "nothing can be changed here"
    for who in ("ines", "tariq"):
        page = site.client(who).get(f"{world.course}/dates").text
        assert "UNSEEN-TITLE" in page
        assert "end of Saturday 9 January 2027" in page


def test_an_assistant_of_one_section_reads_that_section_and_changes_nothing(site: Site, world: World) -> None:
    for title, day in (("North", 27), ("South", 28)):
        give_section(site, "sources", title, wall=Wall(date(2026, 11, day)))
    with site.app.app_context(), transaction() as session:
        found = session.scalars(
            select(Enrollment).where(Enrollment.account_id == world.people["tariq"])
        ).one()
        found.all_sections = False
        session.get_one(Course, world.course_id).roster_version += 1
        from forum.courses.commands import put_in_section, section_called

        course = session.get_one(Course, world.course_id)
        north = section_called(session, course, "North")
        put_in_section(session, course, world.people["tariq"], north.id, at=BEGAN_AT)
    tariq = site.client("tariq")
    words = words_of(tariq.get(f"{world.course}/dates").text)
    assert "for North end of Friday 27 November 2026" in words
    assert "South" not in words
    assert tariq.send(f"{world.course}/dates", {}).status_code == 403
    assert tariq.get(f"{world.course}/dates/export").status_code == 403


def test_the_page_leads_from_the_course_and_from_manage(site: Site, world: World) -> None:
    ines, ana = site.client("ines"), site.client("ana")
    assert f'href="{world.course}/dates"' in ana.get(world.course).text
    assert f'href="{world.course}/manage/dates"' in ines.get(f"{world.course}/manage").text
    assert ines.get(f"{world.course}/manage/dates").status_code == 200
    assert ana.get(f"{world.course}/manage/dates").status_code == 403


# --- changing ----------------------------------------------------------------------------------------------------------


def test_opening_and_saving_the_page_unchanged_changes_nothing(site: Site, world: World) -> None:
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    ines = site.client("ines")
    for part in ("", world.sections["South"]):
        before = tables_now(site)
        answer = ines.send(f"{world.course}/dates", dates_page(ines, world, part))
        assert answer.status_code == 303
        assert tables_now(site) == before
    assert "Nothing was changed." in ines.get(answer.location).text


def test_many_dates_change_at_once_with_one_reason_in_new_versions(site: Site, world: World) -> None:
    ines = site.client("ines")
    floods, sources, until = (
        key_of(site, "floods"),
        key_of(site, "sources"),
        key_of(site, "sources", "cut_off"),
    )
    before = tables_now(site)
    page, form = looked_at(ines, world, **{
        f"{floods}-on": "2026-11-27", f"{sources}-on": "2026-11-29", f"{sources}-minute": "17:00", f"{until}-on": "2026-12-01",
    })  # fmt: skip
    assert tables_now(site) == before, "before and after is only looked at"
    row = words_of("<main" + row_in(page, sources))
    assert "end of Thursday 26 November 2026, Madrid time Sunday 29 November 2026, 17:00, Madrid time" in row
    answer = ines.send(f"{world.course}/dates/changes", {**form, "reason": WHY, "deed": "change"})
    assert answer.status_code == 303, answer.text
    assert "3 dates were changed." in ines.get(answer.location).text
    assert dues(site, world.boards["floods"])[0] == datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert versions(site, "sources")[-2:] == [
        ("cut_off", datetime(2026, 12, 1, 17, 1, tzinfo=UTC), WHY, None),
        ("due", datetime(2026, 11, 29, 16, 1, tzinfo=UTC), WHY, None),
    ]
    assert WHY in site.client("chidi").get(f"{world.course}/dates").text, "students read the reason"


def test_what_rule_6_forbids_stands_beside_its_row_and_nothing_is_changed(site: Site, world: World) -> None:
    ines = site.client("ines")
    good, bad = key_of(site, "sources"), key_of(site, "floods")
    changes = {f"{good}-on": "2026-11-28", f"{bad}-on": "2026-11-25"}
    page, form = looked_at(ines, world, **changes)
    assert "Students have seen a later date, and it stays: end of Thursday 26 November 2026" in row_in(
        page, bad
    )
    assert 'aria-invalid="true"' in row_in(page, bad)
    assert 'class="error"' not in row_in(page, good)
    before = tables_now(site)
    answer = ines.send(f"{world.course}/dates/changes", {**form, "reason": WHY, "deed": "change"})
    assert answer.status_code == 422
    assert tables_now(site) == before
    assert "Nothing was changed, and nothing that you wrote is lost." in answer.text
    assert fields_of(answer.text, "/dates/changes")[f"{bad}-on"] == "2026-11-25", "what was typed is there"
    assert WHY in answer.text
    answer = ines.send(
        f"{world.course}/dates/changes", {**form, "reason": WHY, "deed": "change", "leave_out": "y"}
    )
    assert answer.status_code == 303
    words = ines.get(answer.location).text
    assert "1 date was changed." in words
    assert "1 row was left out and stays as it was." in words
    assert (standing(site, good), standing(site, bad)) == ("2026-11-28", "2026-11-26")


def test_a_row_left_out_takes_those_with_it_that_cannot_stand_without_it(site: Site, world: World) -> None:
    """The cut-off can't move before the replies; with the replies refused, it would lie before them."""
    ines = site.client("ines")
    replies, until = key_of(site, "floods", "replies"), key_of(site, "floods", "cut_off")
    first = key_of(site, "sources")
    _page, form = looked_at(
        ines,
        world,
        **{f"{replies}-on": "2026-12-15", f"{until}-on": "2026-12-10", f"{first}-on": "2026-11-27"},
    )
    answer = ines.send(f"{world.course}/dates/changes", {**form, "deed": "change", "leave_out": "y"})
    assert answer.status_code == 303
    assert standing(site, replies) == "2026-11-28"
    assert standing(site, until) == "2026-12-10T18:00", (
        "alone it can stand: later than before, after the replies"
    )
    assert standing(site, first) == "2026-11-27"


def test_a_fault_in_a_row_that_is_not_to_change_is_told_beside_the_one_that_is(
    site: Site, world: World
) -> None:
    until = key_of(site, "floods", "cut_off")
    page, _form = looked_at(site.client("ines"), world, **{f"{until}-on": "2026-11-27"})
    assert "With this, “Due: 2 replies to 2 different people” could not stay: This is after the cut-off" in row_in(page, until)  # fmt: skip


def test_a_mistake_taken_back_needs_its_reason_and_is_never_left_out_silently(
    site: Site, world: World
) -> None:
    ines, key = site.client("ines"), key_of(site, "later")
    page, form = looked_at(ines, world, **{f"{key}-on": "2026-12-03"})
    assert "please write the reason below" in row_in(page, key)
    for fields in ({}, {"leave_out": "y"}):
        answer = ines.send(f"{world.course}/dates/changes", {**form, **fields, "deed": "change"})
        assert answer.status_code == 422
        assert "Please write why; they read it." in answer.text
    assert standing(site, key) == "2026-12-05"
    answer = ines.send(f"{world.course}/dates/changes", {**form, "reason": WHY, "deed": "change"})
    assert answer.status_code == 303
    assert standing(site, key) == "2026-12-03"


def test_midnight_asks_which_night_in_its_row(site: Site, world: World) -> None:
    ines, key = site.client("ines"), key_of(site, "sources")
    fields = {**dates_page(ines, world), f"{key}-on": "2026-11-28", f"{key}-minute": "00:00"}
    answer = ines.send(f"{world.course}/dates", fields)
    assert answer.status_code == 422
    assert "the night from Friday to Saturday: until the end of Friday 27 November 2026" in answer.text
    answer = ines.send(f"{world.course}/dates", {**fields, f"{key}-night": "before"})
    assert answer.status_code == 200
    form = fields_of(answer.text, "/dates/changes")
    assert ines.send(f"{world.course}/dates/changes", {**form, f"{key}-night": "before", "deed": "change"}).status_code == 303  # fmt: skip
    assert standing(site, key) == "2026-11-27"


@pytest.mark.parametrize(("on", "minute", "words"), [
    ("1999-11-28", "", "between the years 2000 and 2200"), ("2026-13-01", "", "This is no date"),
    ("2026-11-28", "25:00", "This is no time"), ("", "17:00", "Please give the date of this time, too."),
])  # fmt: skip
def test_what_is_no_date_is_said_beside_its_field(
    site: Site, world: World, on: str, minute: str, words: str
) -> None:
    ines, key = site.client("ines"), key_of(site, "sources")
    before = tables_now(site)
    answer = ines.send(
        f"{world.course}/dates", {**dates_page(ines, world), f"{key}-on": on, f"{key}-minute": minute}
    )
    assert answer.status_code == 422
    assert words in answer.text.partition(f'id="{key}-why"')[2][:400]
    assert tables_now(site) == before


def test_a_date_that_somebody_changed_meanwhile_is_not_overwritten(site: Site, world: World) -> None:
    ines, key = site.client("ines"), key_of(site, "sources")
    _page, mine = looked_at(ines, world, **{f"{key}-on": "2026-11-28"})
    _page, theirs = looked_at(ines, world, **{f"{key}-on": "2026-11-29", f"{key}-minute": "12:00"})
    assert ines.send(f"{world.course}/dates/changes", {**theirs, "deed": "change"}).status_code == 303
    answer = ines.send(f"{world.course}/dates/changes", {**mine, "reason": WHY, "deed": "change"})
    assert answer.status_code == 422
    assert "Somebody changed this date meanwhile." in row_in(answer.text, key)
    assert "Sunday 29 November 2026, 12:00" in row_in(answer.text, key)
    assert standing(site, key) == "2026-11-29T12:00"


def test_another_courses_dates_are_no_rows_here(site: Site, world: World) -> None:
    """Ids of another course in the form are as if they were not there."""
    with site.app.app_context(), transaction() as session:
        theirs = Module(course_id=world.other_course_id, position=1, title="Theirs", published_at=BEGAN_AT)
        session.add(theirs)
        session.flush()
        key = f"m-{theirs.public_id}"
    fields = {f"{key}-was": "", f"{key}-on": "2026-12-24"}
    before = tables_now(site)
    for address in (f"{world.course}/dates", f"{world.course}/dates/changes"):
        answer = site.client("ines").send(address, {**fields, "deed": "change"})
        assert answer.status_code == 303
    assert tables_now(site) == before
    with site.app.app_context():
        assert db.session.scalar(select(Module.opens_on).where(Module.title == "Theirs")) is None
        db.session.remove()


# --- modules, lessons, sections ----------------------------------------------------------------------------------------


def test_modules_lessons_and_sections_have_their_dates_here_too(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        module = session.scalars(select(Module).where(Module.course_id == world.course_id)).one()
        made = {}
        for title, shown in (("Hidden", None), ("Shown", BEGAN_AT), ("Ahead", WORLD_AT + timedelta(days=3))):
            lesson = make_lesson(
                session, ines, title=title, source="x", module_id=module.id, published_at=shown, at=BEGAN_AT,  # type: ignore[arg-type]
            )  # fmt: skip
            made[title] = f"l-{lesson.public_id}"
        shown_module = f"m-{module.public_id}"
    south = f"s-{world.sections['South']}"
    ines_client = site.client("ines")
    fields = dates_page(ines_client, world)
    assert f"{made['Shown']}-on" not in fields, "students see it already"
    assert fields[f"{made['Ahead']}-was"] == "2026-11-27T13:00"
    forged = {f"{made['Shown']}-was": "2026-09-01T10:00", f"{made['Shown']}-on": "2026-12-24"}
    assert ines_client.send(f"{world.course}/dates/changes", {**forged, "deed": "change"}).status_code == 303
    page, form = looked_at(ines_client, world, **{
        f"{made['Hidden']}-on": "2026-12-01", f"{made['Ahead']}-on": "2026-11-30", f"{south}-on": "2026-12-24",
        f"{shown_module}-on": "2026-12-20",
    })  # fmt: skip
    assert "Students could see the boards of this module already" in row_in(page, shown_module)
    answer = ines_client.send(f"{world.course}/dates/changes", {**form, "deed": "change", "leave_out": "y"})
    assert answer.status_code == 303
    assert (standing(site, made["Hidden"]), standing(site, south)) == ("2026-12-01", "2026-12-24")
    with site.app.app_context():
        lesson_id, appears_at = db.session.execute(
            select(Lesson.id, Lesson.published_at).where(Lesson.title == "Ahead")
        ).one()
        assert appears_at == datetime(2026, 11, 30, 12, tzinfo=UTC)
        news = db.session.scalars(select(NewsItem.visible_at).where(NewsItem.lesson_id == lesson_id)).all()
        assert news == [appears_at], "its news moves with it"
        db.session.remove()


def test_a_lesson_is_not_dated_into_the_past_and_a_section_not_before_its_course(
    site: Site, world: World
) -> None:
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        lesson = make_lesson(session, ines, title="Hidden", source="x", module_id=None, at=BEGAN_AT)  # type: ignore[arg-type]
        key = f"l-{lesson.public_id}"
    south = f"s-{world.sections['South']}"
    page, _form = looked_at(
        site.client("ines"), world, **{f"{key}-on": "2026-11-01", f"{south}-on": "2026-12-01"}
    )
    assert "This lies in the past." in row_in(page, key)
    assert "A section&#39;s own last day is later than the course&#39;s" in row_in(page, south)


# --- size --------------------------------------------------------------------------------------------------------------


def test_before_and_after_asks_as_often_for_thirty_boards_as_for_three(site: Site, world: World) -> None:
    give_section(site, "sources", "North", wall=Wall(date(2026, 11, 27)))
    ines, counts = site.client("ines"), []
    spec = BoardSpec("More", checkpoints=(CheckpointSpec("first_post", due=Wall(date(2026, 12, 3))),))
    for many in (3, 27):
        more_boards(site, many, spec)
        fields = {"from_on": "2026-11-25", "days": "7", "kinds": ["first_post", "replies", "cut_off"]}
        ines.send(f"{world.course}/dates/shift", fields)
        with statements(site) as sent:
            page = ines.send(f"{world.course}/dates/shift", fields)
        assert page.status_code == 200
        counts.append((page.text.count("-was"), len(sent)))
    assert counts[1][0] == counts[0][0] + 27
    assert counts[0][1] == counts[1][1] < 40
