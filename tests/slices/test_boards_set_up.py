"""A board is made and changed: its dates, the question of midnight, its rows, and refusals beside the field."""

import re
from datetime import UTC, date, datetime, time

import pytest

from tests.conftest import Site
from tests.slices.board_steps import NEW, board_row, dues, fields_of, made, opened, path_of, tables_now
from tests.world import World

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
def test_rule_2_opening_and_saving_every_board_unchanged_changes_nothing(
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


def test_rule_3_midnight_asks_which_night_and_saves_nothing_until_it_is_answered(
    site: Site, world: World
) -> None:
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


# --- sections ---------------------------------------------------------------------------------------------------------


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
