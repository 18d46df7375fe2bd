"""Outages are noticed by signs of life and recorded once: docs/time.md, rule 14."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum.boards.outages.models import ClockStep, OutageRecord, PostingMinute
from forum.boards.rules.outages import Outage
from forum.core import jobs
from forum.core.db import db
from forum.core.jobs import Heartbeat
from forum.ledger.models import AuditEntry
from tests.conftest import Site
from tests.slices.grading import statements
from tests.slices.outage_steps import at, away, beat, beat_of, dates_on, outages, versions

SECOND = timedelta(seconds=1)
START, END = at("2026-11-26T15:00+01:00"), at("2026-11-26T17:10+01:00")  # Thursday, in Madrid
DUE = at("2026-11-26T23:00Z")  # the first post on Floods: end of Thursday in Madrid


def due_of(site: Site, name: str = "floods", short: str = "ana"):
    return dates_on(site, name)[short].dates[0].due


def test_signs_of_life_every_ten_seconds_are_no_outage(site: Site) -> None:
    before = versions(site)
    for number in range(11):
        beat(site, START + number * 10 * SECOND)
    with statements(site) as told:
        beat(site, START + 110 * SECOND)
    assert len(told) == 5, told
    beat(site, START + 125 * SECOND)
    assert outages(site) == []
    assert versions(site) == before, "nothing that is kept of dates is made anew"
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 13


def test_an_outage_is_recorded_when_the_service_is_back_and_moves_what_is_due(site: Site) -> None:
    beat(site, START)
    assert due_of(site) == DUE
    beat(site, END)
    assert outages(site) == [Outage(START, END)]
    assert due_of(site) == DUE + timedelta(hours=2, minutes=10)


def test_any_number_of_restarts_records_it_once_and_gives_nothing_twice(site: Site) -> None:
    back = START + timedelta(minutes=30)
    away(site, START, back)
    once, after = due_of(site), versions(site)
    for number in range(1, 20):  # a beat that comes late makes the last hours be looked through again
        beat(site, back + number * 16 * SECOND)
    assert outages(site) == [Outage(START, back)]
    assert due_of(site) == once
    assert versions(site) == after
    with site.app.app_context():
        assert (
            db.session.scalar(
                select(func.count()).select_from(AuditEntry).where(AuditEntry.deed == "outage_recorded")
            )
            == 1
        )
        while jobs.run_one():
            pass
    assert outages(site) == [Outage(START, back)], "short silences at which nothing was due are none"


def test_a_service_that_was_away_for_a_summer_still_knows_since_when(site: Site) -> None:
    long_after = START + timedelta(days=70)
    away(site, START, long_after)
    assert outages(site) == [Outage(START, long_after)]


def test_the_first_start_of_a_site_is_no_outage(site: Site) -> None:
    beat(site, START)
    assert outages(site) == []


def test_it_was_down_only_when_no_host_answered(site: Site) -> None:
    for number in range(30):
        beat_of(
            site,
            "one" if number < 2 or number > 27 else "two",
            START + number * 10 * SECOND,
            up=number * 10 * SECOND,
        )
    assert outages(site) == []
    beat_of(site, "one", END, up=END - START)
    assert outages(site) == [Outage(START + 290 * SECOND, END)]


@pytest.mark.parametrize(("seconds", "given"), [(15, 0), (16, 65), (59, 65)])
def test_a_short_silence_counts_if_something_was_due_in_it_for_anybody(
    site: Site, seconds: int, given: int
) -> None:
    """Ana's own midnight on the board of own zones is one of many due instants of the site."""
    midnight = at("2026-11-25T23:59:59.999999-06:00") + timedelta(microseconds=1)
    away(site, midnight - 5 * SECOND, midnight + (seconds - 5) * SECOND)
    assert outages(site) == []
    with site.app.app_context():
        while jobs.run_one():
            pass
        assert (
            db.session.scalar(
                select(func.count()).select_from(jobs.Job).where(jobs.Job.last_error.is_not(None))
            )
            == 0
        )
    assert len(outages(site)) == (1 if given else 0)
    assert due_of(site, "own_zone") == midnight + timedelta(minutes=given)


def test_a_short_silence_at_which_nothing_was_due_gives_nothing(site: Site) -> None:
    away(site, DUE - timedelta(hours=1), DUE - timedelta(hours=1) + 40 * SECOND)
    with site.app.app_context():
        while jobs.run_one():
            pass
    assert outages(site) == []
    assert due_of(site) == DUE


def test_minutes_in_which_most_posts_failed_are_an_outage_that_grows(site: Site) -> None:
    attempts = site.app.extensions["forum_attempts"]
    at_minute = START.replace(second=0)
    for minute in range(4):
        for second in range(0, 60, 10):
            beat(site, at_minute + timedelta(minutes=minute, seconds=second))
            attempts.count(at_minute + timedelta(minutes=minute, seconds=second), failed=minute in (1, 2, 3))
        attempts.count(at_minute + timedelta(minutes=minute), failed=False)
    beat(site, at_minute + timedelta(minutes=4))
    assert outages(site) == [Outage(at_minute + timedelta(minutes=1), at_minute + timedelta(minutes=4))]
    with site.app.app_context():
        told = db.session.execute(
            select(PostingMinute.tried, PostingMinute.failed).order_by(PostingMinute.minute_at)
        )
        assert [tuple(row) for row in told] == [(7, 0), (7, 6), (7, 6), (7, 6)]


def test_posts_that_are_taken_are_counted_and_other_requests_are_not(site: Site) -> None:
    later = START + timedelta(hours=3)  # a minute in which no other test posts
    beat(site, later)
    ben = site.client("ben")
    ben.send(
        f"{site.world.course}/threads/{site.world.threads['floods']}/replies",
        {"text": "One more letter, of 1782.", "key": "a" * 32},
    )
    ben.get(f"{site.world.course}/threads/{site.world.threads['floods']}")
    beat(site, later + timedelta(minutes=1))
    with site.app.app_context():
        told = db.session.execute(select(PostingMinute.tried, PostingMinute.failed))
        assert [tuple(row) for row in told] == [(1, 0)]


# --- clocks that are set --------------------------------------------------------------------------------------


def steps(site: Site) -> list[tuple[float, int]]:
    with site.app.app_context():
        return [
            (row.microseconds / 1e6, row.posts_until)
            for row in db.session.scalars(select(ClockStep).order_by(ClockStep.id))
        ]


def test_a_clock_set_forward_over_a_due_instant_is_an_outage_of_that_length(site: Site) -> None:
    beat_of(site, "one", START, up=10 * SECOND)
    beat_of(site, "one", START + timedelta(hours=2, seconds=10), up=20 * SECOND, last=7)
    assert steps(site) == [(7200.0, 7)]
    skipped = Outage(START + 10 * SECOND, START + timedelta(hours=2, seconds=10), "clock")
    assert skipped in outages(site)
    assert due_of(site) == DUE + timedelta(hours=2, minutes=5), "with the silence around it, once"


def test_a_clock_set_back_is_one_too_and_the_same_step_is_recorded_once(site: Site) -> None:
    beat_of(site, "one", START, up=10 * SECOND)
    for number in range(3):
        beat_of(
            site, "one", START - timedelta(hours=1) + number * 10 * SECOND, up=(20 + number * 10) * SECOND
        )
    assert steps(site) == [(-3610.0, 0)]
    assert outages(site) == [Outage(START - timedelta(hours=1), START + 10 * SECOND, "clock")]
    assert due_of(site) == DUE + timedelta(hours=1, minutes=5)


@pytest.mark.parametrize(("step", "noted"), [(2, 0), (3, 1), (-3, 1), (60, 1), (-60, 1)])
def test_a_small_step_is_noted_and_gives_nothing(site: Site, step: int, noted: int) -> None:
    for number in range(3):
        beat_of(
            site, "one", START + (number * 10 + (step if number > 1 else 0)) * SECOND, up=number * 10 * SECOND
        )
    assert len(steps(site)) == noted
    assert [each for each in outages(site) if each.kind == "clock"] == []


def test_a_machine_that_started_anew_with_its_clock_behind_is_noticed(site: Site) -> None:
    beat_of(site, "one", START, up=timedelta(days=3))
    beat_of(site, "one", START - timedelta(hours=5), up=30 * SECOND, boot="two")
    assert outages(site) == [Outage(START - timedelta(hours=5), START, "clock")]


def test_a_year_typed_wrongly_moves_no_date_by_a_year_and_what_it_closed_is_given_back(site: Site) -> None:
    year = timedelta(days=365)
    for number in range(3):
        beat_of(site, "one", START + number * 10 * SECOND, up=number * 10 * SECOND)
    for number in range(3, 63):
        beat_of(site, "one", START + year + number * 10 * SECOND, up=number * 10 * SECOND)
    assert outages(site) == []
    for number in range(63, 66):
        beat_of(site, "one", START + number * 10 * SECOND, up=number * 10 * SECOND)
    assert steps(site) == [(year.total_seconds(), 0), (-year.total_seconds(), 0)]
    assert outages(site) == [Outage(START + 20 * SECOND, START + 630 * SECOND)]
    assert due_of(site) == DUE + timedelta(minutes=15)


def test_a_machine_that_starts_without_a_clock_moves_nothing_by_decades(site: Site) -> None:
    beat_of(site, "one", START, up=timedelta(days=3))
    for number in range(3):
        beat_of(
            site,
            "one",
            at("2001-01-01T00:01Z") + number * 10 * SECOND,
            up=(30 + number * 10) * SECOND,
            boot="two",
        )
    assert outages(site) == []
    beat_of(site, "one", END, up=60 * SECOND, boot="two")
    beat_of(site, "one", END + 10 * SECOND, up=70 * SECOND, boot="two")
    assert outages(site) == [Outage(START, END)], "since its last sign of life by a clock that was right"


def test_all_that_is_kept_of_outages_has_a_start_before_its_end(site: Site) -> None:
    away(site, START, END)
    with site.app.app_context():
        assert (
            db.session.scalar(select(func.count()).where(OutageRecord.ends_at <= OutageRecord.starts_at)) == 0
        )
