"""What an instructor can do with modules and boards in the browser, and what is said when it can't be so."""

import re
from datetime import UTC, date, datetime, time, timedelta

import html5lib
import pytest
from sqlalchemy import func, select

from forum.boards.models import Board, Checkpoint, DueRule, PromptVersion
from forum.core.db import db
from forum.courses.models import Module
from forum.ledger.models import AuditEntry, NewsItem
from tests.client import CheckingClient
from tests.conftest import Site
from tests.world import WORLD_AT, World

_H = "{http://www.w3.org/1999/xhtml}"


def fields_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send of a form as the page came, without its buttons."""
    root = html5lib.parse(page, treebuilder="etree")
    form = next(one for one in root.iter(f"{_H}form") if (one.get("action") or "").endswith(action))
    found: dict[str, str] = {}
    for control in form.iter():
        name = control.get("name")
        if not name or control.tag == f"{_H}button":
            continue
        if control.tag == f"{_H}textarea":
            found[name] = (control.text or "").replace("\n", "\r\n")  # as browsers send it
        elif control.tag == f"{_H}select":
            options = list(control.iter(f"{_H}option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            found[name] = chosen[0].get("value") or ""
        elif control.get("type") in ("checkbox", "radio"):
            if control.get("checked") is not None:
                found[name] = control.get("value") or "y"
        else:
            found[name] = control.get("value") or ""
    return found


def tables_now(site: Site) -> tuple[int | None, ...]:
    """Counts of everything that saving could add to."""
    with site.app.app_context():
        return tuple(
            db.session.scalar(select(func.count()).select_from(table))
            for table in (DueRule, PromptVersion, Checkpoint, AuditEntry, NewsItem)
        )


def board_row(site: Site, public_id: str) -> Board:
    with site.app.app_context():
        row = db.session.scalars(select(Board).where(Board.public_id == public_id)).one()
        db.session.expunge(row)
        return row


def dues(site: Site, public_id: str) -> list[datetime | None]:
    """The due instants of a board that hold, in order of its checkpoints."""
    with site.app.app_context():
        rows = db.session.execute(
            select(Checkpoint.id, DueRule.instant)
            .join(Board, Board.id == Checkpoint.board_id)
            .join(DueRule, DueRule.checkpoint_id == Checkpoint.id)
            .where(Board.public_id == public_id, DueRule.what == "due", DueRule.section_id.is_(None))
            .where(DueRule.group_id.is_(None), Checkpoint.removed_at.is_(None))
            .order_by(Checkpoint.position, DueRule.version)
        )
        return list({row.id: row.instant for row in rows}.values())


def path_of(world: World, name: str) -> str:
    return f"{world.course}/manage/boards/{world.boards[name]}"


def opened(client: CheckingClient, path: str) -> dict[str, str]:
    page = client.get(path)
    assert page.status_code == 200
    return fields_of(page.text, path)


NEW = {
    "title": "Levees", "form": "threads", "shown": "after_own", "text": "Who **pays**?", "grace": "5", "rows": "2",
    "students_start": "y", "c0-kind": "first_post", "c0-min_words": "50", "c0-whose": "course", "c1-kind": "",
    "c1-whose": "course", "c0-due-on": "2026-12-03", "module": "", "deed": "save",
}  # fmt: skip


def made(ines: CheckingClient, world: World, **fields: str) -> str:
    """Make a board and give its path."""
    answer = ines.send(f"{world.course}/manage/boards", {**NEW, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


# --- the course and its modules ---------------------------------------------------------------------------------------


def test_the_course_is_listed_with_what_is_hidden_and_what_is_not_published(site: Site, world: World) -> None:
    page = site.client("ines").get(f"{world.course}/manage")
    assert "HIDDEN-BOARD-TITLE" in page.text.split("What is not published yet")[1].split("</section>")[0]
    assert "Floods: what did they know?" in page.text
    assert "opens later" in page.text


@pytest.mark.parametrize("short", ["ana", "tariq", "olga", "mia"])
def test_nobody_else_sets_the_course_up(site: Site, world: World, short: str) -> None:
    client = site.client(short)
    for path in ("", "/boards/new", f"/boards/{world.boards['floods']}", f"/boards/{world.boards['floods']}/extensions",
                 f"/boards/{world.boards['floods']}/publication", "/accommodations"):  # fmt: skip
        assert client.get(f"{world.course}/manage{path}").status_code in (403, 404)
    before = tables_now(site)
    assert client.send(f"{world.course}/manage/boards", NEW).status_code in (403, 404)
    assert tables_now(site) == before


def test_a_module_is_made_renamed_moved_hidden_and_removed_when_empty(site: Site, world: World) -> None:
    ines = site.client("ines")
    assert ines.send(f"{world.course}/manage/modules", {"title": "Week 13"}).status_code == 303
    with site.app.app_context():
        first, second = db.session.scalars(
            select(Module).where(Module.course_id == world.course_id).order_by(Module.position)
        ).all()
        old, new = first.public_id, second.public_id
    url = f"{world.course}/manage/modules"
    assert ines.send(f"{url}/{new}", {"deed": "up"}).status_code == 303
    assert ines.send(f"{url}/{new}", {"deed": "up"}).status_code == 303  # at the edge already
    with site.app.app_context():
        titles = db.session.scalars(
            select(Module.title).where(Module.course_id == world.course_id).order_by(Module.position)
        ).all()
    assert titles == ["Week 13", "Week 12: Floods"]
    ines.send(f"{url}/{new}", {"deed": "save", "title": "Week 0", "opens-on": "2026-12-01"})
    ines.send(f"{url}/{new}", {"deed": "hide"})
    with site.app.app_context():
        row = db.session.scalars(select(Module).where(Module.public_id == new)).one()
        assert (row.title, row.published_at) == ("Week 0", None)
        assert row.opens_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    refused = ines.send(f"{url}/{old}", {"deed": "remove"})
    assert refused.status_code == 409
    assert "Only an empty one can be removed" in refused.text
    assert ines.send(f"{url}/{new}", {"deed": "remove"}).status_code == 303
    assert ines.get(f"{url}/{new}").status_code == 404


def test_a_module_whose_boards_were_seen_does_not_open_later(site: Site, world: World) -> None:
    ines = site.client("ines")
    with site.app.app_context():
        module = db.session.scalars(select(Module).where(Module.course_id == world.course_id)).one().public_id
    answer = ines.send(
        f"{world.course}/manage/modules/{module}",
        {"deed": "save", "title": "Week 12", "opens-on": "2026-12-01"},
    )
    assert answer.status_code == 409
    assert "2026-12-01" in answer.text
    assert "can&#39;t open later" in answer.text


def test_a_module_of_another_course_is_not_here(site: Site, world: World) -> None:
    with site.app.app_context():
        module = db.session.scalars(select(Module).where(Module.course_id == world.course_id)).one().public_id
    ian = site.client("ian")
    assert ian.get(f"{world.other}/manage/modules/{module}").status_code == 404
    assert ian.get(f"{world.other}/manage/boards/{world.boards['floods']}").status_code == 404
    assert (
        ian.send(
            f"{world.other}/manage/boards/{world.boards['floods']}/publication", {"deed": "hide"}
        ).status_code
        == 404
    )


# --- a board ----------------------------------------------------------------------------------------------------------


def test_a_board_is_made_hidden_and_then_published(site: Site, world: World) -> None:
    ines, ana = site.client("ines"), site.client("ana")
    path = made(ines, world, form="single")
    public_id = path.rsplit("/", 1)[1]
    assert ana.get(f"{world.course}/boards/{public_id}").status_code == 404
    page = ines.get(f"{path}/publication")
    assert "4 students live in 3 time zones" in page.text
    assert "Thursday, 16:59" in page.text
    assert ines.send(f"{path}/publication", {"deed": "publish"}).status_code == 303
    page = ana.get(f"{world.course}/boards/{public_id}")
    assert page.status_code == 200, "the one thread of the board was made with it"
    assert "Thursday, 16:59" in page.text
    assert dues(site, public_id) == [datetime(2026, 12, 3, 23, tzinfo=UTC)]


@pytest.mark.parametrize("zone_of", ["ines", "chicago"])
def test_opening_and_saving_every_board_unchanged_changes_nothing(
    site: Site, world: World, zone_of: str
) -> None:
    if zone_of == "chicago":
        site.client("ines").send("/settings/zone", {"zone": "America/Chicago"})
    ines = site.client("ines")
    for name in ("floods", "questions", "sources", "own_zone", "closed", "later", "hidden", "news", "each"):
        path = path_of(world, name)
        fields = opened(ines, path)
        before, version = tables_now(site), board_row(site, world.boards[name]).version
        answer = ines.send(path, {**fields, "deed": "save"})
        assert answer.status_code == 303, (name, answer.text)
        assert tables_now(site) == before, name
        assert board_row(site, world.boards[name]).version == version, name
        assert "Nothing was changed." in ines.get(answer.location).text


def test_a_date_without_a_time_is_the_end_of_that_day_in_the_course_zone(site: Site, world: World) -> None:
    path = made(site.client("ines"), world)
    assert dues(site, path.rsplit("/", 1)[1]) == [datetime(2026, 12, 3, 23, tzinfo=UTC)]


def test_a_due_minute_counts_to_its_end(site: Site, world: World) -> None:
    path = made(site.client("ines"), world, **{"c0-due-minute": "17:00"})
    assert dues(site, path.rsplit("/", 1)[1]) == [datetime(2026, 12, 3, 16, 1, tzinfo=UTC)]


def test_midnight_asks_which_night_and_saves_nothing_until_it_is_answered(site: Site, world: World) -> None:
    ines = site.client("ines")
    before = tables_now(site)
    fields = {**NEW, "c0-due-minute": "00:00"}
    answer = ines.send(f"{world.course}/manage/boards", fields)
    assert answer.status_code == 422
    assert "the night from Wednesday to Thursday: until the end of Wednesday 2 December 2026" in answer.text
    assert "the night from Thursday to Friday: until the end of Thursday 3 December 2026" in answer.text
    assert "Who **pays**?" in answer.text
    assert tables_now(site) == before
    for night, instant in [
        ("before", datetime(2026, 12, 2, 23, tzinfo=UTC)),
        ("after", datetime(2026, 12, 3, 23, tzinfo=UTC)),
    ]:
        answer = ines.send(f"{world.course}/manage/boards", {**fields, "c0-due-night": night})
        assert answer.status_code == 303
        assert dues(site, str(answer.location).rsplit("/", 1)[1]) == [instant]
    assert (
        ines.send(f"{world.course}/manage/boards", {**fields, "c0-due-night": "neither"}).status_code == 422
    )


def test_opens_at_midnight_is_not_asked_about(site: Site, world: World) -> None:
    made(site.client("ines"), world, **{"opens-on": "2026-11-30", "opens-minute": "00:00"})


@pytest.mark.parametrize(
    ("on", "minute", "instant", "words"),
    [
        ("2027-03-28", "02:30", datetime(2027, 3, 28, 1, 1, tzinfo=UTC), "skipped when clocks change"),
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 1, 31, tzinfo=UTC), "The second of the two counts"),
    ],
)
def test_a_strange_hour_is_saved_and_said(
    site: Site, world: World, on: str, minute: str, instant: datetime, words: str
) -> None:
    ines = site.client("ines")
    path = made(ines, world, **{"c0-due-on": on, "c0-due-minute": minute})
    assert dues(site, path.rsplit("/", 1)[1]) == [instant]
    assert words in ines.get(path).text
    assert words in ines.get(f"{path}/publication").text
    fields = opened(ines, path)
    before = tables_now(site)
    assert ines.send(path, {**fields, "deed": "save"}).status_code == 303
    assert tables_now(site) == before


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"c0-due-on": "1999-12-31"}, "between the years 2000 and 2200"),
        ({"opens-on": "2026-12-04"}, "not after the board opens"),
        ({"cut-off-on": "2026-12-02"}, "This is after the cut-off"),
        ({"c1-kind": "replies", "c1-replies": "2", "c1-due-on": "2026-12-01"}, "before an earlier part"),
        ({"c0-due-on": "03.12.2026"}, "This is no date"),
        ({"c0-due-minute": "25:10"}, "This is no time"),
        ({"c0-due-on": "", "c0-due-minute": "17:00"}, "Please give the date of this time"),
        ({"c0-min_words": "many"}, "whole number"),
        ({"title": " "}, "Please fill this in"),
        ({"c1-kind": "replies"}, "how many replies"),
        ({"c1-kind": "replies", "c1-replies": "1", "c1-people": "2"}, "more people than replies"),
        ({"form": "announcement"}, "nothing can be asked"),
        ({"grace": "2000"}, "a number from 0 to 1440"),
        ({"c1-due-on": "2026-12-05"}, "choose what is asked here"),
    ],
)
def test_a_board_that_cannot_stand_is_said_beside_its_field_and_all_is_kept(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    before = tables_now(site)
    answer = site.client("ines").send(f"{world.course}/manage/boards", {**NEW, **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Who **pays**?" in answer.text
    for value in fields.values():
        assert f'value="{value}"' in answer.text or not value.strip()
    assert tables_now(site) == before


def test_rows_are_added_up_to_six_without_a_script_and_nothing_typed_is_lost(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    page = ines.send(f"{world.course}/manage/boards", {**NEW, "deed": "more"})
    assert page.status_code == 200
    fields = fields_of(page.text, "/manage/boards")
    assert fields["rows"] == "3"
    assert (fields["c0-due-on"], fields["title"]) == ("2026-12-03", "Levees")
    page = ines.send(f"{world.course}/manage/boards", {**NEW, "rows": "6", "deed": "more"})
    assert "One more" not in page.text


def test_the_prompt_is_shown_as_it_will_be_without_a_script(site: Site, world: World) -> None:
    before = tables_now(site)
    page = site.client("ines").send(f"{world.course}/manage/boards", {**NEW, "deed": "preview"})
    assert "<strong>pays</strong>" in page.text
    assert tables_now(site) == before


def test_six_things_can_be_asked_each_by_its_own_rule(site: Site, world: World) -> None:
    rows = {f"c{n}-kind": "replies" for n in range(1, 6)} | {f"c{n}-whose": "course" for n in range(1, 6)}
    rows |= {f"c{n}-replies": "1" for n in range(1, 6)}
    rows |= {f"c{n}-due-on": f"2026-12-{4 + n:02}" for n in range(1, 6)} | {"c5-whose": "own"}
    path = made(site.client("ines"), world, rows="6", **rows)
    assert len(dues(site, path.rsplit("/", 1)[1])) == 6


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
def test_nothing_gets_harder_or_shorter_once_students_could_see_it(
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


def test_an_own_zone_deadline_is_shown_as_each_zone_has_it(site: Site, world: World) -> None:
    ines = site.client("ines")
    path = made(ines, world, **{"c0-whose": "own"})
    page = ines.get(f"{path}/publication").text
    assert page.count("end of Thursday</td>") == 3


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


def test_the_page_of_the_course_has_a_fixed_number_of_statements(site: Site, world: World) -> None:
    from sqlalchemy import event

    ines = site.client("ines")
    counts = []
    for extra in (0, 3):
        for number in range(extra):
            made(ines, world, title=f"Board {number}")
        with site.app.app_context():
            engine = db.engine
        seen: list[str] = []

        def note(*args: object, seen: list[str] = seen) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", note)
        ines.get(f"{world.course}/manage")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_times_of_day_are_never_dropped(site: Site, world: World) -> None:
    path = made(site.client("ines"), world, **{"c0-due-minute": "09:05"})
    fields = opened(site.client("ines"), path)
    assert (fields["c0-due-on"], fields["c0-due-minute"]) == (
        date(2026, 12, 3).isoformat(),
        time(9, 5).strftime("%H:%M"),
    )
    assert re.search(
        r"That is Thursday 3 December 2026, 09:05, Madrid time", site.client("ines").get(path).text
    )
