"""More time for students, sections and groups: looked at, granted, taken back; excusals and standing allowances."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from forum.boards.models import Accommodation, Board, Excusal, Extension
from forum.boards.schedule import dates_of_everyone
from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.courses.queries import member_of
from tests.conftest import Site
from tests.slices.board_steps import fields_of, path_of
from tests.slices.test_participation_table import restrict
from tests.world import BEGAN_AT, WORLD_AT, World

SOON = timedelta(hours=48)


def count(site: Site, table: type) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def due_of(site: Site, world: World, short: str, name: str = "floods") -> list[datetime | None]:
    """When each thing that a board asks is due for one student."""
    with site.app.app_context():
        board = db.session.scalars(select(Board).where(Board.public_id == world.boards[name])).one()
        course = db.session.get_one(Course, world.course_id)
        dates = dates_of_everyone(db.session(), board, course, {world.people[short]: BEGAN_AT}, WORLD_AT)
        return [date_.due for date_ in dates[world.people[short]].dates]


def wanted(world: World, short: str = "ana", **fields: str) -> dict[str, str]:
    return {
        "who": f"student-{world.public[short]}",
        "checkpoint": "",
        "moves_later": "y",
        "reason": "A flu.",
        **fields,
    }


def granted(site: Site, world: World, fields: dict[str, str], name: str = "floods") -> None:
    """Look at an extension, then grant it."""
    ines, path = site.client("ines"), f"{path_of(world, name)}/extensions"
    looked = ines.send(path, {**fields, "deed": "look"})
    assert looked.status_code == 200, looked.text
    answer = ines.send(path, {**fields_of(looked.text, "/extensions"), "deed": "grant"})
    assert answer.status_code == 303, answer.text


def first_checkpoint(site: Site, world: World, name: str = "floods") -> str:
    page = site.client("ines").get(f"{path_of(world, name)}/extensions").text
    return page.split('name="checkpoint"')[1].split('<option value="')[2].split('"')[0]


FLOODS = [datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 28, 23, tzinfo=UTC)]


def test_all_resulting_dates_are_shown_before_anything_is_granted(site: Site, world: World) -> None:
    ines, path = site.client("ines"), f"{path_of(world, 'floods')}/extensions"
    fields = wanted(world, **{"due-on": "2026-11-27", "checkpoint": first_checkpoint(site, world)})
    page = ines.send(path, {**fields, "deed": "look"})
    assert page.status_code == 200
    assert "<b>end of Friday 27 November 2026, Madrid time</b>" in page.text
    assert "<b>end of Sunday 29 November 2026, Madrid time</b>" in page.text, "the replies move by a day, too"
    assert count(site, Extension) == 0
    directly = ines.send(path, {**fields, "deed": "grant"})
    assert directly.status_code == 200, "what was not looked at is shown first"
    assert count(site, Extension) == 0
    changed = {**fields_of(page.text, "/extensions"), "due-on": "2026-11-28", "deed": "grant"}
    assert ines.send(path, changed).status_code == 200, "what was changed since is shown again"
    assert count(site, Extension) == 0
    assert ines.send(path, {**fields_of(page.text, "/extensions"), "deed": "grant"}).status_code == 303
    assert due_of(site, world, "ana") == [instant + timedelta(days=1) for instant in FLOODS]
    assert due_of(site, world, "ben") == FLOODS


def test_later_things_stay_when_unticked(site: Site, world: World) -> None:
    fields = wanted(world, **{"due-on": "2026-11-27", "checkpoint": first_checkpoint(site, world)})
    del fields["moves_later"]
    granted(site, world, fields)
    assert due_of(site, world, "ana") == [FLOODS[0] + timedelta(days=1), FLOODS[1]]


def test_an_extension_never_shortens_and_one_that_changes_nothing_is_refused(
    site: Site, world: World
) -> None:
    ines, path = site.client("ines"), f"{path_of(world, 'floods')}/extensions"
    answer = ines.send(path, wanted(world, **{"due-on": "2026-11-25"}) | {"deed": "look"})
    assert answer.status_code == 422
    assert "This changes nothing" in answer.text
    granted(site, world, wanted(world, **{"due-on": "2026-11-28"}))
    assert due_of(site, world, "ana") == [FLOODS[1], FLOODS[1]]
    granted(site, world, wanted(world, **{"due-on": "2026-11-27", "cut-off-on": "2026-12-02"}))
    assert due_of(site, world, "ana") == [FLOODS[1], FLOODS[1]]


def test_a_section_is_given_more_time_as_one(site: Site, world: World) -> None:
    granted(site, world, wanted(world, who=f"section-{world.sections['South']}", **{"due-on": "2026-12-01"}))
    assert due_of(site, world, "chidi") == [datetime(2026, 12, 1, 23, tzinfo=UTC)] * 2
    assert due_of(site, world, "ana") == FLOODS


def test_no_due_date_is_open_until_the_course_ends(site: Site, world: World) -> None:
    granted(site, world, wanted(world, no_due="y"))
    assert due_of(site, world, "ana") == [None, None]
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "No due date" in page
    assert "A flu." in page, "the student reads the reason"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "give a later date"),
        ({"who": "", "due-on": "2026-12-01"}, "choose for whom"),
        ({"who": "student-nobody", "due-on": "2026-12-01"}, "choose for whom"),
        ({"no_due": "y", "due-on": "2026-12-01"}, "not both"),
        ({"no_due": "y", "cut-off-on": "2026-12-21"}, "until the course ends"),
        ({"due-on": "2026-12-02", "cut-off-on": "2026-12-01"}, "after the cut-off"),
        ({"due-on": "2026-12-02", "due-minute": "00:00"}, "the night from Tuesday to Wednesday"),
        ({"due-on": "2201-01-01"}, "between the years"),
    ],
)
def test_an_extension_that_cannot_be_is_said_and_kept(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    answer = site.client("ines").send(
        f"{path_of(world, 'floods')}/extensions", {**wanted(world, **fields), "deed": "look"}
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert "A flu." in answer.text
    assert count(site, Extension) == 0


def test_an_extension_is_taken_back_while_it_can_be_and_else_stays(site: Site, world: World) -> None:
    ines, path = site.client("ines"), f"{path_of(world, 'floods')}/extensions"
    granted(site, world, wanted(world, **{"due-on": "2026-12-05"}))
    with site.app.app_context():
        url = f"{path}/{db.session.scalars(select(Extension.public_id)).one()}/withdrawal"
    without = ines.send(url, {"reason": " "})
    assert without.status_code == 422, (
        "the due date lies more than 48 hours ahead: only the reason is missing"
    )
    site.at(FLOODS[0] - SOON + timedelta(microseconds=1))
    late = ines.send(url, {"reason": "wrong person"})
    assert late.status_code == 409
    assert "it stays: end of Saturday 5 December 2026" in late.text
    assert "wrong person" in late.text
    site.at(FLOODS[0] - SOON)
    assert ines.send(url, {"reason": "wrong person"}).status_code == 303
    assert due_of(site, world, "ana") == FLOODS
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "was taken back" in page
    assert "wrong person" in page
    assert ines.get(url).status_code == 404


def test_an_assistant_who_may_extend_sees_no_reasons(site: Site, world: World) -> None:
    granted(site, world, wanted(world, **{"due-on": "2026-12-05"}))
    path = f"{path_of(world, 'floods')}/extensions"
    assert site.client("tariq").get(path).status_code == 403
    with site.app.app_context(), transaction() as session:
        session.execute(update(Course).where(Course.id == world.course_id).values(assistants_release=True))
    page = site.client("tariq").get(path)
    assert page.status_code == 200
    assert "Ana Lindqvist" in page.text
    assert "A flu." not in page.text
    assert "A flu." in site.client("ines").get(path).text
    assert "A flu." not in site.client("ben").get(f"{world.course}/boards/{world.boards['floods']}").text


def test_no_reason_of_anything_given_or_taken_back_is_for_an_assistant_who_may_extend(
    site: Site, world: World
) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    granted(site, world, wanted(world, reason="SECRET-GIVEN", **{"due-on": "2026-12-20"}))
    url = re.findall(r'href="([^"]+/withdrawal)"', ines.get(f"{path}/extensions").text)[0]
    assert ines.send(url, {"reason": "SECRET-TAKEN-BACK"}).status_code == 303
    granted(site, world, wanted(world, "ben", reason="SECRET-GIVEN", **{"due-on": "2026-12-20"}))
    who = {"excusal-who": f"student-{world.public['chidi']}", "excusal-checkpoint": "", "deed": "excuse"}
    assert ines.send(f"{path}/excusals", {**who, "excusal-reason": "SECRET-EXCUSED"}).status_code == 303
    allowance = {"who": world.public["ben"], "days": "1", "hours": "0", "from_on": "2026-11-24"}
    accommodations = f"{world.course}/manage/accommodations"
    assert ines.send(accommodations, {**allowance, "reason": "SECRET-ALLOWED"}).status_code == 303
    with site.app.app_context(), transaction() as session:
        session.execute(update(Course).where(Course.id == world.course_id).values(assistants_release=True))

    def read_by(short: str) -> str:
        client = site.client(short)
        pages = [client.get(f"{path}/extensions").text, client.get(accommodations).text]
        withdrawals = re.findall(r'href="([^"]+/withdrawal)"', "".join(pages))
        assert len(withdrawals) == 2
        return "".join([*pages, *(client.get(each).text for each in withdrawals)])

    everything = read_by("ines")
    for secret in ("SECRET-GIVEN", "SECRET-TAKEN-BACK", "SECRET-EXCUSED", "SECRET-ALLOWED"):
        assert secret in everything
    assert "SECRET" not in read_by("tariq")


def test_staff_of_one_section_give_more_time_in_it_alone(site: Site, world: World) -> None:
    restrict(site)  # Tariq: North, where Ana and Ben are
    with site.app.app_context(), transaction() as session:
        session.execute(update(Course).where(Course.id == world.course_id).values(assistants_release=True))
    granted(site, world, wanted(world, "chidi", **{"due-on": "2026-12-05"}))
    tariq, path = site.client("tariq"), path_of(world, "floods")
    for page in (
        tariq.get(f"{path}/extensions").text,
        tariq.get(f"{world.course}/manage/accommodations").text,
    ):
        assert world.public["ana"] in page
        assert world.public["chidi"] not in page
        assert "Chidi" not in page
    dated = {"due-on": "2026-12-05", "deed": "grant"}
    for deed in ("look", "grant"):
        fields = {**wanted(world, "chidi"), **dated, "deed": deed}
        assert tariq.send(f"{path}/extensions", fields).status_code == 422
    excusal = {"excusal-who": f"student-{world.public['chidi']}", "excusal-checkpoint": "", "deed": "excuse"}
    assert tariq.send(f"{path}/excusals", excusal).status_code == 422
    allowance = {"who": world.public["chidi"], "days": "1", "hours": "0", "from_on": "2026-11-24"}
    assert tariq.send(f"{world.course}/manage/accommodations", allowance).status_code == 422
    assert (count(site, Extension), count(site, Excusal), count(site, Accommodation)) == (1, 0, 0)
    assert (
        tariq.send(
            f"{path}/excusals", {**excusal, "excusal-who": f"student-{world.public['ana']}"}
        ).status_code
        == 303
    )


def test_an_extension_of_another_board_or_course_is_not_here(site: Site, world: World) -> None:
    granted(site, world, wanted(world, **{"due-on": "2026-12-05"}))
    with site.app.app_context():
        extension = db.session.scalars(select(Extension.public_id)).one()
    other = f"{path_of(world, 'sources')}/extensions/{extension}/withdrawal"
    assert site.client("ines").get(other).status_code == 404
    foreign = f"{world.other}/manage/boards/{world.boards['other']}/extensions"
    answer = site.client("ian").send(foreign, {**wanted(world), "due-on": "2026-12-05", "deed": "look"})
    assert answer.status_code == 422, "Ana is not in this course"
    assert count(site, Extension) == 1


# --- excused ----------------------------------------------------------------------------------------------------------


def test_a_student_is_excused_and_asked_again_only_in_good_time(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    board = f"{world.course}/boards/{world.boards['floods']}"
    who = {
        "excusal-who": f"student-{world.public['ana']}",
        "excusal-checkpoint": "",
        "excusal-reason": "In hospital.",
    }
    assert ines.send(f"{path}/excusals", {**who, "deed": "excuse"}).status_code == 303
    assert ines.send(f"{path}/excusals", {**who, "deed": "excuse"}).status_code == 303
    assert count(site, Excusal) == 1
    assert "You are excused from this." in site.client("ana").get(board).text
    assert "In hospital." in ines.get(f"{path}/extensions").text
    site.at(WORLD_AT + timedelta(days=1))
    refused = ines.send(f"{path}/excusals", {**who, "excusal-reason": "well again", "deed": "lift"})
    assert refused.status_code == 409
    assert "counts on being excused" in refused.text
    site.at(WORLD_AT)
    assert (
        ines.send(f"{path}/excusals", {**who, "excusal-reason": "well again", "deed": "lift"}).status_code
        == 303
    )
    assert "You are excused" not in site.client("ana").get(board).text
    assert ines.send(f"{path}/excusals", {**who, "deed": "lift"}).status_code == 404


def test_being_excused_from_one_thing_leaves_the_other(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    who = {
        "excusal-who": f"student-{world.public['ana']}",
        "excusal-checkpoint": first_checkpoint(site, world),
    }
    ines.send(f"{path}/excusals", {**who, "deed": "excuse"})
    page = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert page.count("You are excused from this.") == 1


# --- standing allowances ----------------------------------------------------------------------------------------------


def test_an_allowance_moves_every_due_date_and_every_cache_hears_of_it(site: Site, world: World) -> None:
    ana, board = site.client("ana"), f"{world.course}/boards/{world.boards['floods']}"
    assert "Thursday, 16:59" in ana.get(board).text
    fields = {
        "who": world.public["ana"],
        "days": "2",
        "hours": "3",
        "from_on": "2026-11-24",
        "reason": "By arrangement.",
    }
    assert site.client("ines").send(f"{world.course}/manage/accommodations", fields).status_code == 303
    assert due_of(site, world, "ana")[0] == FLOODS[0] + timedelta(days=2, hours=3)
    assert "Saturday, 19:59" in ana.get(board).text
    assert due_of(site, world, "ben") == FLOODS


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"who": ""}, "choose a student"),
        ({"days": "0"}, "days, hours or both"),
        ({"days": "-1"}, "a number from 0 to 60"),
        ({"from_on": ""}, "give the first day"),
        ({"from_on": "1999-01-01"}, "between the years"),
    ],
)
def test_an_allowance_that_cannot_be_is_said_and_kept(
    site: Site, world: World, fields: dict[str, str], words: str
) -> None:
    sent = {
        "who": world.public["ana"],
        "days": "2",
        "hours": "",
        "from_on": "2026-11-24",
        "reason": "Kept.",
        **fields,
    }
    answer = site.client("ines").send(f"{world.course}/manage/accommodations", sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Kept." in answer.text
    assert count(site, Accommodation) == 0


def test_an_allowance_is_not_taken_back_where_a_due_date_is_near(site: Site, world: World) -> None:
    ines, url = site.client("ines"), f"{world.course}/manage/accommodations"
    for from_on in ("2026-11-24", "2026-11-30"):
        fields = {"who": world.public["ana"], "days": "2", "from_on": from_on, "reason": "By arrangement."}
        assert ines.send(url, fields).status_code == 303
    with site.app.app_context():
        near, far = db.session.scalars(select(Accommodation.public_id).order_by(Accommodation.id)).all()
        before = db.session.get_one(Course, world.course_id).roster_version
    refused = ines.send(f"{url}/{near}/withdrawal", {"reason": "a mistake"})
    assert refused.status_code == 409, "on the board that is due tomorrow it counts already"
    assert "a mistake" in refused.text
    assert ines.send(f"{url}/{far}/withdrawal", {"reason": "a mistake"}).status_code == 303
    with site.app.app_context():
        assert db.session.get_one(Course, world.course_id).roster_version == before + 1
        member = member_of(db.session(), world.people["ana"], world.course_id, WORLD_AT)
        assert member is not None
    assert ines.get(f"{url}/{far}/withdrawal").status_code == 404
    assert site.client("ian").get(f"{world.other}/manage/accommodations/{near}/withdrawal").status_code == 404
    assert date(2026, 11, 24) < date(2026, 11, 30)
