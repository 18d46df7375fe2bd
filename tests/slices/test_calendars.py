"""One's own due dates in a calendar program: the secret address, what it tells, and what it does not."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.accounts.commands import set_zone, suspend
from forum.accounts.models import Account
from forum.boards.commands import save_board
from forum.boards.extension_commands import excuse, grant_extension
from forum.boards.models import Board
from forum.boards.queries import spec_of
from forum.core.db import transaction
from forum.core.moments import Wall
from forum.core.signing import token_hash
from forum.courses import commands as courses
from forum.courses.models import Course
from forum.courses.queries import member_of
from forum.interop.calendars.entries import Entry, calendar_of
from forum.interop.calendars.queries import last_minute_at
from forum.posts import commands as posts
from tests.conftest import Site
from tests.sweeps.ground import rows_of
from tests.sweeps.test_queries import grow, statements
from tests.world import WORLD_AT, World

HOUR = timedelta(hours=1)


def do(site: Site, deed: Callable[[Session], Any]) -> Any:
    with site.app.app_context(), transaction() as session:
        return deed(session)


def address(site: Site, short: str = "ana") -> str:
    """The path of a new calendar address, as its page shows it once."""
    page = site.client(short).send("/settings/calendar/address", {})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="http://localhost(/calendar/[\w-]{32}\.ics)"', page.text)
    assert found, page.text
    return found.group(1)


def fetched(site: Site, path: str, **headers: str) -> Any:
    """What a calendar program gets: it has no session."""
    return FlaskClient.open(site.app.test_client(), path, headers=headers)


def events(site: Site, path: str) -> list[Any]:
    answer = fetched(site, path)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def ends(site: Site, path: str) -> dict[str, datetime]:
    return {str(event["SUMMARY"]): event["DTEND"].dt for event in events(site, path)}


def member(site: Site, session: Session, short: str) -> Any:
    return member_of(session, site.world.people[short], site.world.course_id, WORLD_AT)


def board(site: Site, session: Session, name: str) -> Board:
    return session.scalars(select(Board).where(Board.public_id == site.world.boards[name])).one()


def test_rule_20_an_entry_ends_at_the_last_minute_that_counts_for_its_person(
    site: Site, world: World
) -> None:
    found = ends(site, address(site))
    assert found == {
        "First post · Week 10: closed · HIST-204": datetime(2026, 11, 13, 22, 59, tzinfo=UTC),
        "First post · In your own midnight · HIST-204": datetime(2026, 11, 26, 5, 59, tzinfo=UTC),
        "First post, at least 10 words · Floods: what did they know? · HIST-204": datetime(2026, 11, 26, 22, 59, tzinfo=UTC),
        "First post, at least 10 words · One source each · HIST-204": datetime(2026, 11, 26, 22, 59, tzinfo=UTC),
        "2 replies to 2 different people · Floods: what did they know? · HIST-204": datetime(2026, 11, 28, 22, 59, tzinfo=UTC),
        "First post · Week 13: opens later · HIST-204": datetime(2026, 12, 5, 22, 59, tzinfo=UTC),
    }  # fmt: skip
    own = "First post · In your own midnight · HIST-204"
    assert ends(site, address(site, "ben"))[own] == datetime(2026, 11, 25, 22, 59, tzinfo=UTC)
    for event in events(site, address(site)):
        assert event["DTSTART"].dt < event["DTEND"].dt
        assert (event["DTEND"].dt + timedelta(minutes=1)).minute == 0, "one minute more and it is over"
        assert "VALARM" not in event.to_ical().decode()
    assert last_minute_at(datetime(2026, 3, 8, 7, 1, tzinfo=UTC)) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    chatham = datetime(2026, 11, 26, 10, 15, tzinfo=UTC)
    assert last_minute_at(chatham) == datetime(2026, 11, 26, 10, 14, tzinfo=UTC)


def test_an_entry_says_what_is_asked_in_both_zones_and_where(site: Site, world: World) -> None:
    (event,) = [event for event in events(site, address(site)) if "replies" in event["SUMMARY"]]
    assert str(event["DESCRIPTION"]).split("\n") == [
        "2 replies to 2 different people",
        "Due: Saturday 28 November 2026, 16:59, Chicago time (end of Saturday 28 November 2026 Madrid time)",
        "Cities and their rivers",
    ]
    assert event["URL"] == f"http://localhost{world.course}/boards/{world.boards['floods']}"
    assert (event["TRANSP"], event["CLASS"]) == ("TRANSPARENT", "PRIVATE")
    calendar = Calendar.from_ical(fetched(site, address(site)).data)
    assert calendar["X-WR-TIMEZONE"] == "America/Chicago"
    assert calendar["REFRESH-INTERVAL"].dt == HOUR


def test_more_time_moves_ones_own_entry_and_nobody_elses(site: Site, world: World) -> None:
    ana, ben = address(site), address(site, "ben")
    before, others = events(site, ana), ends(site, ben)

    def extend(session: Session) -> None:
        grant_extension(
            session, member(site, session, "ines"), board(site, session, "sources"), at=WORLD_AT + HOUR,
            account_id=world.people["ana"], due=Wall(date(2026, 12, 1)), reason="SECRET-REASON-OF-ANA",
        )  # fmt: skip

    do(site, extend)
    site.at(WORLD_AT + 2 * HOUR)
    after = {str(event["UID"]): event for event in events(site, ana)}
    assert set(after) == {str(event["UID"]) for event in before}, "an entry keeps its name for good"
    for old in before:
        new = after[str(old["UID"])]
        moved = "One source each" in old["SUMMARY"]
        assert (new["DTEND"].dt != old["DTEND"].dt) == moved
        assert (int(new["SEQUENCE"]) > int(old["SEQUENCE"])) == moved
        assert (new["LAST-MODIFIED"].dt == WORLD_AT + HOUR) == moved
        if moved:
            assert new["DTEND"].dt == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert ends(site, ben) == others
    body = fetched(site, ana).text
    assert "SECRET" not in body, "neither why a date is so, nor a prompt, nor what is hidden"
    assert "HIDDEN" not in body


def test_no_two_people_have_one_name_for_an_entry(site: Site) -> None:
    ana, ben = (
        {str(event["UID"]) for event in events(site, address(site, short))} for short in ("ana", "ben")
    )
    assert ana
    assert ana.isdisjoint(ben)


def test_what_is_done_says_so_on_time_or_late_alike(site: Site, world: World) -> None:
    ben = address(site, "ben")
    (done,) = [
        event
        for event in events(site, ben)
        if "First post" in event["SUMMARY"] and "Floods" in event["SUMMARY"]
    ]
    assert done["SUMMARY"].startswith("Done · ")

    def late(session: Session) -> None:
        written = posts.write("The letters lay in the third drawer of the desk, all along.", "late-1")
        posts.post_reply(
            session, member(site, session, "ana"), world.threads["floods"], written, at=datetime(2026, 11, 27, 12, tzinfo=UTC)
        )  # fmt: skip

    site.at(datetime(2026, 11, 28, 12, tzinfo=UTC))
    do(site, late)
    body = fetched(site, address(site)).text.replace("\r\n ", "")
    assert "SUMMARY:Done · First post\\, at least 10 words · Floods" in body
    assert not re.search(r"\b(late|missing|grade|points|on time)\b", body, re.IGNORECASE)


def test_what_is_excused_is_left_out(site: Site, world: World) -> None:
    path = address(site)
    do(site, lambda session: excuse(
        session, member(site, session, "ines"), board(site, session, "sources"), world.people["ana"], at=WORLD_AT
    ))  # fmt: skip
    assert not [name for name in ends(site, path) if "One source each" in name]


def test_a_zone_that_is_set_moves_what_is_due_in_ones_own(site: Site, world: World) -> None:
    path = address(site, "dana")
    own = "First post · In your own midnight · HIST-204"
    assert ends(site, path)[own] == datetime(2026, 11, 25, 22, 59, tzinfo=UTC), (
        "the course's, as long as she has none"
    )
    do(site, lambda session: set_zone(session, world.people["dana"], "Pacific/Auckland", WORLD_AT))
    assert ends(site, path)[own] == datetime(2026, 11, 25, 10, 59, tzinfo=UTC)


def test_staff_and_guests_have_no_due_dates_of_their_own(site: Site) -> None:
    for short in ("ines", "olga", "sam"):
        assert events(site, address(site, short)) == []


# --- the address ------------------------------------------------------------------------------------------------------


def test_the_address_is_shown_once_and_kept_as_a_hash_alone(site: Site, world: World) -> None:
    path = address(site)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    for page in ("/settings/calendar", "/settings", "/mine", "/"):
        assert token not in site.client("ana").get(page).text
    assert "There is an address since" in site.client("ana").get("/settings/calendar").text
    assert "There is an address since" not in site.client("ben").get("/settings/calendar").text
    kept = repr(rows_of(site.app))
    assert token not in kept
    assert token_hash(token) in kept


def test_made_anew_the_old_address_stops_at_once_and_so_does_a_withdrawn_one(site: Site) -> None:
    old, ben = address(site), address(site, "ben")
    new = address(site)
    assert old != new
    assert [fetched(site, path).status_code for path in (old, new, ben)] == [404, 200, 200]
    ana = site.client("ana")
    assert ana.send("/settings/calendar/withdrawal", {}).status_code == 303
    assert [fetched(site, path).status_code for path in (new, ben)] == [404, 200]
    assert "There is an address since" not in ana.get("/settings/calendar").text


@pytest.mark.parametrize("how", ["suspended", "joined", "left"])
def test_who_is_gone_has_no_calendar(site: Site, world: World, how: str) -> None:
    path = address(site)

    def gone(session: Session) -> None:
        account = session.get_one(Account, world.people["ana"])
        if how == "suspended":
            suspend(session, account, actor_id=world.people["ada"], at=WORLD_AT)
        elif how == "joined":
            account.joined_into_id = world.people["ben"]
        else:
            course = session.get_one(Course, world.course_id)
            courses.unenroll(session, course, account.id, at=WORLD_AT, author_id=None)

    do(site, gone)
    site.at(WORLD_AT + HOUR)
    if how == "left":
        assert events(site, path) == []
    else:
        assert fetched(site, path).status_code == 404


def test_a_program_that_asks_again_gets_a_304_until_something_changes(site: Site, world: World) -> None:
    path = address(site)
    first = fetched(site, path)
    assert first.content_type == "text/calendar; charset=utf-8"
    assert "private" in first.headers["Cache-Control"]
    mark = first.headers["ETag"]
    site.at(WORLD_AT + HOUR)
    again = fetched(site, path, **{"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")

    def later(session: Session) -> None:
        ines, floods = member(site, session, "ines"), board(site, session, "floods")
        spec = spec_of(session, floods)
        first, replies = spec.checkpoints
        moved = replace(spec, checkpoints=(replace(first, due=Wall(date(2026, 11, 27))), replies))
        save_board(session, ines, floods, moved, at=WORLD_AT + HOUR)

    do(site, later)
    changed = fetched(site, path, **{"If-None-Match": mark})
    assert changed.status_code == 200
    assert "DTEND:20261127T225900Z" in changed.text


def test_it_is_read_so_often_and_guessed_so_often_and_not_oftener(site: Site) -> None:
    path = address(site)
    assert [fetched(site, path).status_code for _time in range(61)] == [200] * 60 + [429]
    assert int(fetched(site, path).headers["Retry-After"]) == 601
    guesses = [fetched(site, f"/calendar/{'x' * 31}{n % 10}.ics").status_code for n in range(61)]
    assert guesses == [404] * 60 + [429]
    site.at(WORLD_AT + timedelta(minutes=10))
    assert fetched(site, path).status_code == 200


def test_a_calendar_takes_as_many_statements_with_many_boards_and_posts(site: Site) -> None:
    path, taken = address(site), []
    for many, offset in ((3, 100), (40, 300)):
        grow(site, many, offset)
        fetched(site, path)
        with statements(site) as sent:
            assert fetched(site, path).status_code == 200
        taken.append(len(sent))
    assert taken[0] == taken[1]


def test_long_and_awkward_words_are_read_back_as_they_were() -> None:
    text = "Übung; mit, Komma \\ und\nZeile · 日本語 " * 6
    at = datetime(2026, 11, 26, 22, 59, tzinfo=UTC)
    entry = Entry("uid-1", at, text, text, "https://example.org/c/x", "A;B,C", 3, at)
    body = calendar_of([entry], name="N", zone_name=None)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]) == text
    assert str(event["DESCRIPTION"]) == text
    assert [str(one) for one in event["CATEGORIES"].cats] == ["A;B,C"]
    assert max(map(len, body.split(b"\r\n"))) <= 75
    assert body == calendar_of([entry], name="N", zone_name=None)
