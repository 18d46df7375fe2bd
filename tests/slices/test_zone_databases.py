"""A new zone database (rule 5): what it would move and for whom, and following it; nothing past, nothing earlier."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from forum import instances
from forum.boards.models import Board, DueRule, Extension
from forum.boards.queries import students_of
from forum.boards.schedule import dates_of_everyone
from forum.cli import main
from forum.core.db import db, transaction
from forum.core.moments import ZONE_DATABASE
from forum.core.zone_databases import keep, kept_in
from forum.courses.models import Course
from forum.ledger.models import NewsItem
from tests.conftest import Site
from tests.slices.board_steps import path_of
from tests.slices.imports import digest_of_tables
from tests.slices.tzif import folder_of, kept_of
from tests.world import WORLD_AT, World

WEST = {
    "Europe/Madrid": "WET0WEST,M3.5.0/1,M10.5.0"
}  # Spain goes to the time of Portugal: everything an hour later
EAST = {"Europe/Madrid": "EET-2EEST,M3.5.0/3,M10.5.0/4"}  # an hour earlier
OLD, HOUR = "2020.1", timedelta(hours=1)
Run = Callable[..., Result]


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`forum zones` on the site of the test."""
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    monkeypatch.setenv("DATABASE_URL", str(site.app.config["DATABASE_URL"] or ""))
    return lambda *words: CliRunner().invoke(main, ["zones", *(str(word) for word in words)])


@pytest.fixture
def zones(site: Site) -> Iterator[Path]:
    """The folder of zone databases that the site kept."""
    folder = site.base.folder / "zones"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def due_of(site: Site, name: str) -> dict[str, list[datetime | None]]:
    """Every due instant of a board, by student."""
    with site.app.app_context():
        session = db.session()
        board = session.scalars(select(Board).where(Board.public_id == site.world.boards[name])).one()
        course = session.get_one(Course, site.world.course_id)
        found = dates_of_everyone(session, board, course, students_of(session, course.id, WORLD_AT), WORLD_AT)
        shorts = {account_id: short for short, account_id in site.world.people.items()}
        return {shorts[one]: [due.due for due in dates.dates] for one, dates in found.items()}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def derived_before(site: Site, shift: timedelta) -> None:
    """As if an older database had put every date of the site elsewhere by so much."""
    with site.app.app_context(), transaction() as session:
        for rule in session.scalars(select(DueRule).where(DueRule.instant.is_not(None))):
            assert rule.instant is not None
            rule.instant, rule.zone_database = rule.instant + shift, OLD
        session.execute(update(Board).values(version=Board.version + 1))


# --- checking ---------------------------------------------------------------------------------------------------------


def test_checking_shows_what_a_new_database_would_move_and_for_whom(
    site: Site, run: Run, tmp_path: Path, zones: Path
) -> None:
    before = digest_of_tables(site)
    done = run("check", "--database", folder_of(tmp_path, WEST))
    assert done.exit_code == 0, done.output
    assert (
        "hist-204-2026-fall · Floods: what did they know? · First post, at least 10 words: "
        "2026-11-26T23:00:00Z moves to 2026-11-27T00:00:00Z. 4 students (2 Madrid time, 1 Chicago time, 1 Lagos time)."
    ) in done.output
    assert "Week 13: opens later · opening: 2026-12-01T08:00:00Z stays, as it was shown" in done.output
    assert (
        "In your own midnight · First post, in their own zone: 2026-11-25T23:00:00Z moves to" in done.output
    )
    assert "Week 10" not in done.output, "past"
    assert (
        "8 dates ahead move; 1 stays as it was shown; 2 past dates would read differently and stay."
        in done.output
    )
    assert f"Zone database 2030z, where {ZONE_DATABASE} is installed" in done.output
    assert "It lacks these zones, whose dates were not compared: Africa/Lagos, America/Chicago." in done.output  # fmt: skip
    assert digest_of_tables(site) == before


def test_what_a_new_database_would_put_earlier_stays(site: Site, run: Run, tmp_path: Path) -> None:
    done = run("check", "--database", folder_of(tmp_path, EAST))
    floods = next(line for line in done.output.splitlines() if "Floods" in line)
    assert (
        "2026-11-26T23:00:00Z stays, as it was shown; the rule alone would be 2026-11-26T22:00:00Z." in floods
    )
    assert "opening: 2026-12-01T08:00:00Z moves to 2026-12-01T07:00:00Z" in done.output
    assert "1 date ahead moves; 8 stay as they were shown" in done.output


def test_an_own_zone_date_is_shown_for_those_who_live_there(site: Site, run: Run, tmp_path: Path) -> None:
    done = run("check", "--database", folder_of(tmp_path, {"America/Chicago": "XST7"}))
    (own,) = [line for line in done.output.splitlines() if "moves to" in line]
    assert (
        "In your own midnight · First post, in their own zone: 2026-11-26T06:00:00Z moves to 2026-11-26T07:00:00Z."
        in own
    )
    assert own.endswith("1 student (1 Chicago time).")


def test_the_installed_database_has_nothing_to_move_after_it_was_followed(site: Site, run: Run) -> None:
    done = run("check")
    assert done.output.count("\n") == 1
    assert "0 dates ahead move; 0 stay as they were shown; 0 past dates" in done.output


def test_what_is_no_database_is_refused(site: Site, run: Run, tmp_path: Path) -> None:
    done = run("check", "--database", tmp_path)
    assert done.exit_code == 2
    assert done.output.startswith("Error: There is no zone database in")


# --- following --------------------------------------------------------------------------------------------------------


def test_following_moves_what_lies_ahead_later_and_leaves_the_past(site: Site, run: Run, zones: Path) -> None:
    true, past = due_of(site, "floods"), due_of(site, "closed")
    derived_before(site, -HOUR)
    checked = run("check")
    assert "2026-11-26T22:00:00Z moves to 2026-11-26T23:00:00Z" in checked.output
    done = run("apply")
    assert done.exit_code == 0, done.output
    assert done.output == checked.output
    assert due_of(site, "floods") == true
    assert due_of(site, "closed") == {
        short: [due - HOUR for due in dues if due] for short, dues in past.items()
    }
    again = digest_of_tables(site)
    assert "0 dates ahead move" in run("apply").output
    assert digest_of_tables(site) == again


def test_following_moves_nothing_earlier_that_students_saw(site: Site, run: Run, zones: Path) -> None:
    derived_before(site, HOUR)
    with site.app.app_context(), transaction() as session:
        hidden = session.scalars(select(Board.id).where(Board.public_id == site.world.boards["later"])).one()
        session.execute(update(DueRule).where(DueRule.board_id == hidden).values(shown_at=None))
    assert run("apply").exit_code == 0
    assert set(map(tuple, due_of(site, "floods").values())) == {
        (at("2026-11-27T00:00Z"), at("2026-11-29T00:00Z"))
    }
    assert due_of(site, "later")["ana"] == [at("2026-12-05T23:00Z")], "not seen yet: it follows wholly"


def test_the_start_of_the_site_follows_and_people_are_told(site: Site, world: World, zones: Path) -> None:
    derived_before(site, -HOUR)
    ana, page = site.client("ana"), f"{world.course}/boards/{world.boards['floods']}"
    assert "Thursday, 15:59" in ana.get(page).text
    instances.prepare(site.app)
    text = ana.get(page).text
    assert "Thursday, 16:59" in text
    assert f"The rules of time zones changed (zone database {ZONE_DATABASE})." in text
    assert (
        "The rules of time zones changed"
        in site.client("ines").get(f"{path_of(world, 'floods')}/history").text
    )
    with site.app.app_context():
        told = db.session.scalars(
            select(Board.public_id)
            .join(NewsItem, NewsItem.board_id == Board.id)
            .where(NewsItem.kind == "dates_changed")
        ).all()
    assert sorted(told) == sorted(world.boards[name] for name in ("floods", "sources", "own_zone", "later"))
    assert kept_in(zones, ZONE_DATABASE) is not None
    assert (zones / f"{ZONE_DATABASE}.zip").exists()


def test_an_own_zone_date_that_would_come_earlier_keeps_its_promise(
    site: Site, run: Run, zones: Path, world: World
) -> None:
    kept_of(zones, WEST, OLD)
    with site.app.app_context(), transaction() as session:
        board = session.scalars(select(Board.id).where(Board.public_id == world.boards["own_zone"])).one()
        session.execute(update(DueRule).where(DueRule.board_id == board).values(zone_database=OLD))
    promised = at("2026-11-26T00:00Z")  # the end of the 25th in Madrid, as the older database had it
    done = run("apply")
    assert (
        f"2026-11-26T00:00:00Z stays, as it was shown; the rule alone would be {'2026-11-25T23:00:00Z'}"
        in done.output
    )
    found = due_of(site, "own_zone")
    assert found["ben"] == [promised]
    assert found["ana"] == [at("2026-11-26T06:00Z")], "nothing was kept of Chicago, and nothing moved there"
    assert run("apply").exit_code == 0
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Extension)) == 1
    page = site.client("ben").get(f"{world.course}/boards/{world.boards['own_zone']}").text
    assert "The rules of time zones changed" in page


@pytest.mark.parametrize("older", [EAST, WEST], ids=["later now", "earlier now"])
def test_rule_5_an_own_zone_date_that_is_past_never_moves(
    site: Site, run: Run, zones: Path, world: World, older: dict[str, str]
) -> None:
    kept_of(zones, older, OLD)
    past = at("2026-11-25T22:00Z" if older is EAST else "2026-11-26T00:00Z")
    with site.app.app_context(), transaction() as session:
        board = session.scalars(select(Board.id).where(Board.public_id == world.boards["own_zone"])).one()
        session.execute(update(DueRule).where(DueRule.board_id == board).values(zone_database=OLD))
    site.at(past)
    assert "1 past date would read differently and stays" in run("check").output
    assert run("apply").exit_code == 0
    found = due_of(site, "own_zone")
    assert found["ben"] == [past]
    assert found["ana"] == [at("2026-11-26T06:00Z")], "in Chicago it lies ahead, and both read it alike"
    again = digest_of_tables(site)
    assert run("apply").exit_code == 0
    assert digest_of_tables(site) == again
    assert due_of(site, "own_zone")["ben"] == [past]


def test_more_time_that_was_given_follows_alike(site: Site, run: Run, zones: Path, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        board = session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one()
        for days, short in ((27, "ana"), (10, "ben")):
            due = at(f"2026-11-{days}T22:00Z")  # an hour before the end of the day
            session.add(Extension(board_id=board.id, account_id=world.people[short], due_on=due.date(), due_at=due,
                                  zone="Europe/Madrid", moves_later=True, reason="", created_at=WORLD_AT))  # fmt: skip
    derived_before(site, timedelta())
    assert run("apply").exit_code == 0
    with site.app.app_context():
        assert list(db.session.scalars(select(Extension.due_at).order_by(Extension.id))) == [
            at("2026-11-27T23:00Z"), at("2026-11-10T22:00Z"),
        ]  # fmt: skip


def test_a_kept_database_reads_as_it_was_and_is_written_once(tmp_path: Path) -> None:
    keep(tmp_path)
    file = tmp_path / f"{ZONE_DATABASE}.zip"
    written = file.stat().st_mtime_ns
    keep(tmp_path)
    assert file.stat().st_mtime_ns == written
    file.rename(tmp_path / "2019.9.zip")
    old = kept_in(tmp_path, "2019.9")
    assert old is not None
    assert datetime(2026, 7, 1, tzinfo=old.read("Europe/Madrid")).utcoffset() == 2 * HOUR
    assert kept_in(tmp_path, "2018.1") is None
    assert kept_in(tmp_path, "../2019.9") is None
