"""What students have seen of a board is kept: dates, publishing, closing, the dates of sections."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.core.db import transaction
from forum.courses.models import Course, Module
from tests.conftest import Site
from tests.slices.board_steps import board_row, dues, fields_of, made, opened, path_of, tables_now
from tests.slices.writing_steps import started_by
from tests.world import BEGAN_AT, WORLD_AT, World

# --- what students have seen ------------------------------------------------------------------------------------------


def test_a_due_date_only_becomes_later_and_the_refusal_names_both_dates(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    fields = opened(ines, path)
    answer = ines.send(path, {**fields, "c0-due-on": "2026-11-25", "deed": "save", "reason": "wrong day"})
    assert answer.status_code == 422
    assert "it stays: end of Thursday 26 November 2026, Madrid time" in answer.text
    assert (
        "The earliest that could be entered now is Tuesday 1 December 2026, 12:59, Madrid time" in answer.text
    )
    assert 'value="2026-11-25"' in answer.text
    assert dues(site, world.boards["floods"])[0] == datetime(2026, 11, 26, 23, tzinfo=UTC)
    assert ines.send(path, {**fields, "c0-due-on": "2026-11-27", "deed": "save"}).status_code == 303
    assert dues(site, world.boards["floods"])[0] == datetime(2026, 11, 27, 23, tzinfo=UTC)


def test_a_mistake_is_taken_back_only_with_its_reason_and_48_hours_ahead(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "own_zone")
    later = {**opened(ines, path), "c0-due-on": "2026-12-10", "deed": "save"}
    assert ines.send(path, later).status_code == 303
    back = {**opened(ines, path), "c0-due-on": "2026-11-26", "deed": "save"}
    without = ines.send(path, back)
    assert without.status_code == 422
    assert "please write the reason" in without.text
    site.at(WORLD_AT + timedelta(hours=24, microseconds=1))
    late = ines.send(path, {**back, "reason": "typed the wrong month"})
    assert late.status_code == 422, "a day later the later date stays"
    site.at(WORLD_AT + timedelta(hours=24))
    soon = ines.send(path, {**back, "reason": "typed the wrong month"})
    assert soon.status_code == 422, "48 hours ahead no longer"
    site.at(WORLD_AT + timedelta(hours=1))
    assert ines.send(path, {**back, "reason": "typed the wrong month"}).status_code == 303
    assert dues(site, world.boards["own_zone"]) == [datetime(2026, 11, 26, 23, tzinfo=UTC)]
    why = site.client("ben").get(f"{world.course}/boards/{world.boards['own_zone']}")
    assert "The reason: typed the wrong month" in why.text
    history = ines.get(f"{path}/history")
    assert "Inés Aranda" in history.text
    assert "typed the wrong month" in history.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cut-off-on": "2026-11-28", "cut-off-minute": ""}, "It can only become later"),
        ({"grace": "4"}, "this can only grow. It was 5."),
        ({"c0-min_words": "11"}, "this can only become less. It was 10."),
        ({"c1-replies": "3"}, "this can only become less. It was 2."),
        ({"opens-on": "2026-11-25"}, "It can only open earlier"),
        ({"c2-kind": "replies", "c2-replies": "1", "c2-due-on": "2026-11-29", "c2-whose": "course", "cut-off-on": "2027-01-01"},
         "due at the earliest"),
        ({"c0-whose": "own"}, "whose time zone it is in stays"),
        ({"c0-kind": "replies", "c0-replies": "1"}, "It can be taken away"),
        ({"form": "threads"}, "its form stays"),
        ({"shown": "after_own"}, "What was opened stays open"),
        ({"classmates_only": "y"}, "would ask more of them"),
    ],
)  # fmt: skip
def test_rule_6_nothing_gets_harder_or_shorter_once_students_could_see_it(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    sent = {**opened(ines, path), "rows": "3", **fields, "reason": "because", "deed": "save"}
    before = tables_now(site)
    answer = ines.send(path, sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert tables_now(site) == before


def test_unpublishing_does_not_reset_what_was_promised(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    assert ines.send(f"{path}/publication", {"deed": "hide"}).status_code == 303
    assert site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").status_code == 404
    fields = opened(ines, path)
    assert ines.send(path, {**fields, "c0-due-on": "2026-11-25", "deed": "save"}).status_code == 422
    for shorter in ({"grace": "4"}, {"cut-off-on": "2026-11-28"}, {"opens-on": "2026-11-25"}):
        assert ines.send(path, {**fields, **shorter, "deed": "save"}).status_code == 422, shorter
    assert ines.send(path, {**fields, "grace": "6", "deed": "save"}).status_code == 303


def test_two_who_edit_at_once_see_both_texts(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "questions")
    mine = opened(ines, path)
    other = {**mine, "text": "Ask here, all of you.", "deed": "save"}
    assert ines.send(path, other).status_code == 303
    answer = ines.send(path, {**mine, "text": "Ask me.", "deed": "save"})
    assert answer.status_code == 409
    assert "Ask me." in answer.text
    assert "Ask here, all of you." in answer.text
    again = {**fields_of(answer.text, path), "deed": "save"}
    assert ines.send(path, again).status_code == 303
    assert board_row(site, world.boards["questions"]).prompt_source == "Ask me."


def test_form_changes_follow_the_one_thread_until_there_are_posts(site: Site, world: World) -> None:
    ines = site.client("ines")
    path = made(ines, world)
    fields = opened(ines, path)
    board_page = f"{world.course}/boards/{path.rsplit('/', 1)[1]}"
    for form in ("single", "threads", "single"):
        fields = {**opened(ines, path), "form": form, "deed": "save"}
        assert ines.send(path, fields).status_code == 303
        page = ines.get(board_page)
        assert page.status_code == 200
        assert ("New thread" in page.text or "Start a thread" in page.text) == (form == "threads"), form


# --- publishing, closing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"c0-due-on": "2026-12-21"}, "after the course has ended"),
        ({"c0-due-on": "2026-11-23"}, "was due already"),
        ({"c0-due-on": "2026-11-22", "cut-off-on": "2026-11-23"}, "The cut-off has passed"),
    ],
)
def test_publishing_warns_of_what_is_odd(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    ines = site.client("ines")
    path = made(ines, world, **fields)
    assert words in ines.get(f"{path}/publication").text


def test_what_was_published_long_ago_is_not_warned_of(site: Site, world: World) -> None:
    page = site.client("ines").get(f"{path_of(world, 'closed')}/publication").text
    assert "The last thing was due end of Friday 13 November 2026" in page
    assert 'data-kind="problem"' not in page


@pytest.mark.parametrize(
    ("state", "module", "fields", "words"),
    [
        ("open", True, {}, "“Levees” is published. Students see it now."),
        ("open", True, {"opens-on": "2026-11-30"}, "It opens for students Monday 30 November 2026, 00:00, Madrid time."),
        ("open", False, {}, "Students see it once its module “Week 12: Floods” is published."),
        ("preparation", True, {}, "Students see it once the course is opened."),
    ],
)  # fmt: skip
def test_after_publishing_it_is_said_who_sees_what_and_where_it_stands(
    site: Site, world: World, state: str, module: bool, fields: dict[str, str], words: str
) -> None:
    with site.app.app_context(), transaction() as session:
        session.get_one(Course, world.course_id).state = state
        week = session.scalars(select(Module).where(Module.course_id == world.course_id)).one()
        week.published_at = BEGAN_AT if module else None
        in_it = week.public_id
    ines = site.client("ines")
    path = made(ines, world, module=in_it, **fields)
    answer = ines.send(f"{path}/publication", {"deed": "publish"})
    assert answer.status_code == 303
    public_id = path.rpartition("/")[2]
    assert answer.location.endswith(f"/manage#b-{public_id}")
    page = ines.get(answer.location.partition("#")[0]).text
    assert words in page
    assert f'id="b-{public_id}"' in page


def test_an_own_zone_deadline_is_shown_as_each_zone_has_it(site: Site, world: World) -> None:
    ines = site.client("ines")
    path = made(ines, world, **{"c0-whose": "own"})
    page = ines.get(f"{path}/publication").text
    assert page.count("end of Thursday</td>") == 3


def test_rule_7_who_moves_to_another_zone_keeps_the_deadline_of_a_board_that_is_open(
    site: Site, world: World
) -> None:
    def due_here() -> str | None:
        page = site.client("ana").get(f"{world.course}/boards/{world.boards['own_zone']}").text
        found = re.search(r'datetime="(2026-11-2[4-7]T[^"]+)"', page)
        return datetime.fromisoformat(found.group(1)).astimezone(UTC).isoformat() if found else None

    chicago = "2026-11-26T06:00:00+00:00"  # the end of Wednesday there
    assert due_here() == chicago
    for zone in ("Pacific/Niue", "Asia/Tokyo"):
        assert site.client("ana").send("/settings/zone", {"zone": zone}).status_code == 303
        assert due_here() == chicago, zone


def test_closing_before_the_limit_excuses_and_reopening_keeps_that(site: Site, world: World) -> None:
    ines, ana, path = site.client("ines"), site.client("ana"), path_of(world, "floods")
    board = f"{world.course}/boards/{world.boards['floods']}"
    assert "excused from it" in ines.get(f"{path}/closing").text
    assert ines.send(f"{path}/closing", {"deed": "close"}).status_code == 303
    assert "You are excused from this." in ana.get(board).text
    assert "stays excused from it" in ines.get(f"{path}/closing").text
    assert ines.send(f"{path}/closing", {"deed": "reopen"}).status_code == 303
    assert "You are excused from this." in ana.get(board).text
    assert (
        "You are excused"
        not in site.client("ben").get(board).text.split("Replies")[0].split("First post")[1][:400]
    )


def test_reopening_with_later_dates_asks_again(site: Site, world: World) -> None:
    ines, ana, path = site.client("ines"), site.client("ana"), path_of(world, "floods")
    ines.send(f"{path}/closing", {"deed": "close"})
    site.at(WORLD_AT + timedelta(hours=1))
    fields = {
        **opened(ines, path),
        "c0-due-on": "2026-12-01",
        "c1-due-on": "2026-12-03",
        "cut-off-on": "2026-12-04",
        "deed": "save",
    }
    assert ines.send(path, fields).status_code == 303
    assert "nobody is excused by the closing" in ines.get(f"{path}/closing").text
    ines.send(f"{path}/closing", {"deed": "reopen"})
    assert "You are excused" not in ana.get(f"{world.course}/boards/{world.boards['floods']}").text


def test_closing_the_only_thread_excuses_as_closing_the_board_does(site: Site, world: World) -> None:
    ines, ana = site.client("ines"), site.client("ana")
    board, thread = (
        f"{world.course}/{kind}/{ids['floods']}"
        for kind, ids in (("boards", world.boards), ("threads", world.threads))
    )
    assert "everybody who has not done it is excused" in ines.get(thread).text
    assert "You are excused" not in ana.get(board).text
    assert ines.send(f"{thread}/state", {"deed": "close"}).status_code == 303
    assert ana.get(board).text.count("You are excused from this.") == 2
    assert "on time" in site.client("ben").get(board).text, "what was done stays done"
    assert "excused" in ines.get(f"{board}/participation").text
    site.at(WORLD_AT + timedelta(minutes=5))
    assert ines.send(f"{thread}/state", {"deed": "reopen"}).status_code == 303
    assert ana.get(board).text.count("You are excused from this.") == 2, "opening it again keeps that"


def test_the_only_thread_opened_again_with_later_dates_asks_again(site: Site, world: World) -> None:
    ines, ana, path = site.client("ines"), site.client("ana"), path_of(world, "floods")
    thread = f"{world.course}/threads/{world.threads['floods']}/state"
    ines.send(thread, {"deed": "close"})
    site.at(WORLD_AT + timedelta(hours=1))
    later = {"c0-due-on": "2026-12-01", "c1-due-on": "2026-12-03", "cut-off-on": "2026-12-04", "deed": "save"}
    assert ines.send(path, {**opened(ines, path), **later}).status_code == 303
    ines.send(thread, {"deed": "reopen"})
    assert "You are excused" not in ana.get(f"{world.course}/boards/{world.boards['floods']}").text


def test_closing_one_of_several_threads_excuses_nobody(site: Site, world: World) -> None:
    ines = site.client("ines")
    path = made(ines, world, shown="at_once")
    ines.send(f"{path}/publication", {"deed": "publish"})
    thread, _post = started_by(site, "ben", path.rpartition("/")[2], "A levee", WORLD_AT)
    ines.send(f"{world.course}/threads/{thread}/state", {"deed": "close"})
    assert (
        "You are excused"
        not in site.client("ana").get(f"{world.course}/boards/{path.rpartition('/')[2]}").text
    )


# --- sections ---------------------------------------------------------------------------------------------------------


def test_a_section_has_its_own_dates_and_is_held_to_them(site: Site, world: World) -> None:
    ines, path = site.client("ines"), f"{path_of(world, 'floods')}/dates"
    part = f"{path}/{world.sections['North']}"
    assert "as everyone" in ines.get(path).text
    fields = {**opened(ines, part), "d0-on": "2026-11-27"}
    assert ines.send(part, fields).status_code == 303
    board = f"{world.course}/boards/{world.boards['floods']}"
    assert "Friday, 16:59" in site.client("ana").get(board).text
    assert "Thursday" in site.client("chidi").get(board).text
    assert "Friday, 23:59" not in site.client("chidi").get(board).text
    before = tables_now(site)
    assert ines.send(part, opened(ines, part)).status_code == 303
    assert tables_now(site) == before


def test_a_section_gets_nothing_shorter_and_nothing_out_of_order(site: Site, world: World) -> None:
    ines = site.client("ines")
    part = f"{path_of(world, 'floods')}/dates/{world.sections['North']}"
    before = tables_now(site)
    shorter = ines.send(part, {"d0-on": "2026-11-25", "reason": "so"})
    assert shorter.status_code == 422
    assert "it stays: end of Thursday 26 November 2026" in shorter.text
    assert 'value="2026-11-25"' in shorter.text
    disordered = ines.send(part, {"d0-on": "2026-11-29"})
    assert disordered.status_code == 422
    assert "before an earlier part" in disordered.text
    opens = ines.send(part, {"opens-on": "2026-11-25"})
    assert opens.status_code == 422
    midnight = ines.send(part, {"d1-on": "2026-11-29", "d1-minute": "00:00"})
    assert midnight.status_code == 422
    assert "the night from Saturday to Sunday" in midnight.text
    assert tables_now(site) == before
