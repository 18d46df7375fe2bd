"""Series, a stretch moved after a day lost, dates out to a file and back: all lead to before and after."""

import csv
import io

import pytest

from tests.conftest import Site
from tests.slices.board_steps import fields_of, tables_now
from tests.slices.dates_steps import Wall, give_section, key_of, more_boards, row_in, standing, versions
from tests.slices.imports import upload_answer, words_of
from tests.slices.test_course_dates import BoardSpec, CheckpointSpec, date, time
from tests.world import World

ALL = ["module_opens", "appears", "opens", "first_post", "replies", "cut_off"]
LOST = "Monday was lost: the forum's town was flooded."


# --- a day lost --------------------------------------------------------------------------------------------------------


def test_after_a_day_lost_a_stretch_moves_with_one_reason(site: Site, world: World) -> None:
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    ines = site.client("ines")
    answer = ines.send(f"{world.course}/dates/shift", {
        "from_on": "2026-11-26", "until_on": "2026-11-30", "days": "1", "kinds": ALL, "reason": LOST,
    })  # fmt: skip
    assert answer.status_code == 200
    form = fields_of(answer.text, "/dates/changes")
    assert form["reason"] == LOST
    north = key_of(site, "floods", part=world.sections["North"])
    first, until, before, after = (
        key_of(site, "floods"), key_of(site, "floods", "cut_off"), key_of(site, "own_zone"), key_of(site, "later"),
    )  # fmt: skip
    assert {f"{key}-on" in form for key in (first, until, north)} == {True}
    assert {f"{key}-on" in form for key in (before, after)} == {False}, "outside of the stretch"
    assert ines.send(f"{world.course}/dates/changes", {**form, "deed": "change"}).status_code == 303
    assert (standing(site, first), standing(site, until)) == ("2026-11-27", "2026-11-30T18:00")
    assert standing(site, north) == "2026-11-28T20:00"
    assert {reason for what, _at, reason, _section in versions(site, "floods")[-4:] if what} == {LOST}
    assert LOST in site.client("ana").get(f"{world.course}/dates").text.replace("&#39;", "'")


def test_a_move_over_a_change_of_the_clocks_keeps_the_time_of_day(site: Site, world: World) -> None:
    spec = BoardSpec(
        "Spring", checkpoints=(CheckpointSpec("first_post", due=Wall(date(2027, 3, 25), time(20, 0))),)
    )
    more_boards(site, 1, spec)
    fields = {"from_on": "2027-03-01", "days": "7", "kinds": ["first_post"]}
    page = site.client("ines").send(f"{world.course}/dates/shift", fields).text
    assert "Thursday 25 March 2027, 20:00, Madrid time Thursday 1 April 2027, 20:00, Madrid time" in words_of(
        page
    )


def test_moving_back_is_refused_where_students_have_seen_a_date(site: Site, world: World) -> None:
    fields = {"from_on": "2026-11-26", "until_on": "2026-11-26", "days": "-1", "kinds": ["first_post"]}
    page = site.client("ines").send(f"{world.course}/dates/shift", fields).text
    assert "Students have seen a later date, and it stays" in row_in(page, key_of(site, "floods"))


@pytest.mark.parametrize(("fields", "words"), [
    ({"from_on": ""}, "Please give a date"), ({"days": "0"}, "By 0 days nothing moves."),
    ({"days": "two"}, "Please write a whole number."), ({"days": "99999"}, "from -3660 to 3660"),
    ({"until_on": "2026-11-01"}, "The last day lies before the first."), ({"kinds": []}, "Please choose what is moved."),
    ({"from_on": "2199-01-01"}, "No date of what you chose lies between these days."),
])  # fmt: skip
def test_a_move_that_cannot_be_read_is_said_beside_its_field(
    site: Site, world: World, fields: dict[str, object], words: str
) -> None:
    good = {"from_on": "2026-11-26", "days": "1", "kinds": ["first_post"], "reason": LOST}
    answer = site.client("ines").send(f"{world.course}/dates/shift", {**good, **fields})
    assert answer.status_code == 422
    assert words in answer.text.partition("<main")[2]
    assert fields_of(answer.text, "/dates/shift")["reason"] == LOST


# --- a series ----------------------------------------------------------------------------------------------------------


def test_thursday_at_eight_of_each_week_passing_over_a_holiday(site: Site, world: World) -> None:
    weekly = BoardSpec("Weekly", checkpoints=(CheckpointSpec("first_post"),))
    more_boards(site, 3, weekly)
    ines = site.client("ines")
    page = ines.get(f"{world.course}/dates/series?kind=first_post").text
    keys = [line.split('"')[0] for line in page.split('name="picked" type="checkbox" value="')[1:]][-3:]
    answer = ines.send(f"{world.course}/dates/series", {
        "kind": "first_post", "first-on": "2026-12-10", "first-minute": "20:00", "weeks": "1", "picked": keys,
        "skipping": "2026-12-21 to 2026-12-27", "reason": "",
    })  # fmt: skip
    assert answer.status_code == 200
    form = fields_of(answer.text, "/dates/changes")
    assert [form[f"{key}-on"] for key in keys] == ["2026-12-10", "2026-12-17", "2026-12-31"]
    assert ines.send(f"{world.course}/dates/changes", {**form, "deed": "change"}).status_code == 303
    assert [standing(site, key) for key in keys] == [
        "2026-12-10T20:00",
        "2026-12-17T20:00",
        "2026-12-31T20:00",
    ]


def test_a_series_asks_which_midnight_and_which_dates(site: Site, world: World) -> None:
    ines = site.client("ines")
    fields = {"kind": "first_post", "first-on": "2026-12-10", "first-minute": "00:00", "weeks": "1",
              "picked": [key_of(site, "floods")]}  # fmt: skip
    answer = ines.send(f"{world.course}/dates/series", fields)
    assert answer.status_code == 422
    assert "the night from Wednesday to Thursday" in answer.text
    answer = ines.send(f"{world.course}/dates/series", {**fields, "first-night": "after"})
    assert fields_of(answer.text, "/dates/changes")[f"{key_of(site, 'floods')}-on"] == "2026-12-10"
    for wrong, words in (({"picked": []}, "Please choose at least one."), ({"first-on": ""}, "Please give the"),
                         ({"skipping": "Christmas"}, "“Christmas” is no date"),
                         ({"skipping": "2026-12-24 to 2026-12-20"}, "is no range of dates")):  # fmt: skip
        answer = ines.send(f"{world.course}/dates/series", {**fields, "first-minute": "20:00", **wrong})
        assert answer.status_code == 422
        assert words in answer.text.partition("<main")[2]


@pytest.mark.parametrize(
    "kind", ["module_opens", "appears", "opens", "replies", "cut_off", "no-such-kind", ""]
)
def test_every_kind_of_date_can_be_a_series(site: Site, world: World, kind: str) -> None:
    assert site.client("ines").get(f"{world.course}/dates/series?kind={kind}").status_code == 200


# --- files -------------------------------------------------------------------------------------------------------------


def exported(site: Site) -> tuple[str, list[dict[str, str]]]:
    answer = site.client("ines").get(f"{site.world.course}/dates/export")
    assert answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8-sig")
    return text, list(csv.DictReader(io.StringIO(text)))


def test_every_date_goes_out_with_its_exclusive_instant(site: Site, world: World) -> None:
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    _text, rows = exported(site)
    by_id = {row["id"]: row for row in rows}
    first = by_id[key_of(site, "floods")]
    assert (first["date"], first["time"], first["instant"]) == ("2026-11-26", "", "2026-11-27T00:00:00+01:00")
    north = by_id[key_of(site, "floods", part=world.sections["North"])]
    assert (north["for"], north["time"], north["instant"]) == ("North", "20:00", "2026-11-27T20:01:00+01:00")
    own = by_id[key_of(site, "own_zone")]
    assert (own["zone"], own["instant"]) == ("each student's own", "")
    assert f"s-{world.sections['South']}" in by_id


def test_a_file_that_comes_back_as_it_was_changes_nothing(site: Site, world: World) -> None:
    give_section(site, "floods", "North", wall=Wall(date(2026, 11, 27), time(20, 0)))
    ines, before = site.client("ines"), tables_now(site)
    answer = upload_answer(ines, f"{world.course}/dates/file", exported(site)[0])
    assert answer.status_code == 303
    assert tables_now(site) == before
    assert "Nothing was changed." in ines.get(answer.location).text


def test_a_file_is_looked_at_first_and_then_carried_out(site: Site, world: World) -> None:
    ines, key = site.client("ines"), key_of(site, "floods")
    lines = "Borad;Wich;Daet;Tiem\r\nFloods: what did they know?;Due: First post, at least 10 words;29/11/2026;5:00 PM\r\n"
    before = tables_now(site)
    answer = upload_answer(ines, f"{world.course}/dates/file", lines)
    assert answer.status_code == 200, words_of(answer.text)
    assert "The column “Daet” was taken for “date”." in answer.text
    form = fields_of(answer.text, "/dates/changes")
    assert (form[f"{key}-on"], form[f"{key}-minute"]) == ("2026-11-29", "17:00")
    assert tables_now(site) == before
    assert "before an earlier part of the board is due" in row_in(answer.text, key), (
        "its replies are due before"
    )
    replies = key_of(site, "floods", "replies")
    lines += "Floods: what did they know?;Due: 2 replies to 2 different people;29/11/2026;17:30\r\n"
    form = fields_of(upload_answer(ines, f"{world.course}/dates/file", lines).text, "/dates/changes")
    assert ines.send(f"{world.course}/dates/changes", {**form, "deed": "change"}).status_code == 303
    assert (standing(site, key), standing(site, replies)) == ("2026-11-29T17:00", "2026-11-29T17:30")


def test_a_file_never_guesses_midnight_and_lists_what_it_does_not_take(site: Site, world: World) -> None:
    ines, key, other = site.client("ines"), key_of(site, "sources"), key_of(site, "floods")
    before = tables_now(site)
    answer = upload_answer(ines, f"{world.course}/dates/file", "\n".join([
        "id,date,time", f"{key},2026-11-28,00:00", f"{other},2300-01-01,", "d-unknown000,2026-11-28,",
        f"{key_of(site, 'later')},04/05/2027,", f"{key_of(site, 'closed')},soon,",
    ]))  # fmt: skip
    words = words_of(answer.text)
    assert "Which night is meant?" in words
    assert "Line 3: “2300-01-01” lies before 2000 or after 2200; the row was not taken." in words
    assert "Line 4: “d-unknown000” is no date of this course." in words
    assert "Line 5: “04/05/2027” may mean two dates" in words
    assert "Line 6: “soon” is no date" in words
    form = fields_of(answer.text, "/dates/changes")
    assert [name for name in form if name.endswith("-on")] == [f"{key}-on"]
    refused = ines.send(f"{world.course}/dates/changes", {**form, "deed": "change"})
    assert refused.status_code == 422
    assert tables_now(site) == before
    done = ines.send(f"{world.course}/dates/changes", {**form, f"{key}-night": "after", "deed": "change"})
    assert done.status_code == 303
    assert standing(site, key) == "2026-11-28"


def test_a_file_without_times_keeps_them_and_one_that_is_none_is_refused(site: Site, world: World) -> None:
    ines, until = site.client("ines"), key_of(site, "floods", "cut_off")
    answer = upload_answer(ines, f"{world.course}/dates/file", f"id,date\n{until},2026-12-02\n")
    assert fields_of(answer.text, "/dates/changes")[f"{until}-minute"] == "18:00"
    for content in ("", "name,age\nx,3\n"):
        answer = upload_answer(ines, f"{world.course}/dates/file", content)
        assert answer.status_code == 422
        assert "Nothing was changed." in answer.text
