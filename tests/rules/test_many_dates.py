"""A series, a stretch moved by days and a course moved to a new start keep the wall clock: rules 10 and 22."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.many_dates import (
    Frame,
    dates_between,
    flags_of,
    lies_within,
    series,
    shifted,
    whole_weeks,
)
from forum.core.moments import Wall, due_instant, last_minute, oddity_of, opening_instant, zone, zone_names
from tests.deep import times

EXAMPLES = settings(derandomize=True, max_examples=times(300), deadline=None, database=None)
DATES = st.dates(date(2024, 1, 1), date(2040, 12, 31))
MINUTES = st.one_of(st.none(), st.times().map(lambda at: at.replace(second=0, microsecond=0)))
WALLS = st.builds(Wall, DATES, MINUTES)
ZONES = st.sampled_from(zone_names()).map(zone)
DAYS = st.integers(-800, 800)
WEEK = timedelta(days=7)


@EXAMPLES
@given(WALLS, DAYS, ZONES)
def test_a_moved_date_reads_the_same_on_the_clock_in_every_zone(wall, days, in_zone):
    moved = shifted(wall, days)
    assert moved is not None
    assert moved.minute == wall.minute
    assert (moved.on - wall.on).days == days
    if oddity_of(moved, in_zone) is None:
        read = last_minute(due_instant(moved, in_zone), in_zone)
        assert read.on == moved.on
        assert read.is_end_of_day if wall.minute is None else read.at == wall.minute


@EXAMPLES
@given(WALLS, WALLS, DAYS, ZONES)
def test_what_came_first_comes_first_after_a_move(one, other, days, in_zone):
    """As clocks order them; only a minute that clocks skip or show twice may change places within its hour."""
    walls = sorted([one, other], key=lambda wall: (wall.on, wall.minute or time.max))
    moved = [shifted(wall, days) for wall in walls]
    first, second = (due_instant(wall, in_zone) for wall in moved)
    if all(oddity_of(wall, in_zone) is None for wall in moved):
        assert first <= second
    if walls[0].on < walls[1].on:
        assert first <= second, "whole days never change places, whatever the clocks do"


def test_a_week_over_a_change_of_the_clocks_is_not_seven_times_24_hours():
    madrid = zone("Europe/Madrid")
    before = Wall(date(2026, 10, 22), time(20, 0))
    after = shifted(before, 7)
    assert after == Wall(date(2026, 10, 29), time(20, 0))
    assert due_instant(after, madrid) - due_instant(before, madrid) == WEEK + timedelta(hours=1)
    spring = Wall(date(2027, 3, 25))
    assert due_instant(shifted(spring, 7), madrid) - due_instant(spring, madrid) == WEEK - timedelta(hours=1)


@pytest.mark.parametrize("days", [-3660, 3660 * 200, -(10**6), 10**7])
def test_a_date_that_would_leave_the_bounds_is_none(days):
    assert shifted(Wall(date(2001, 1, 1)), days) is None


# --- series -------------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(WALLS, st.integers(1, 40), st.integers(1, 4), st.sets(st.integers(0, 30), max_size=10))
def test_a_series_keeps_weekday_and_minute_and_passes_over_what_is_skipped(first, many, weeks, skipped):
    skipping = {first.on + number * WEEK for number in skipped}
    walls = series(first, many, weeks=weeks, skipping=skipping)
    assert len(walls) == many
    assert {(wall.on.weekday(), wall.minute) for wall in walls} == {(first.on.weekday(), first.minute)}
    assert not {wall.on for wall in walls} & skipping
    steps = [(second.on - one.on).days for one, second in pairwise(walls)]
    assert all(step > 0 and step % (7 * weeks) == 0 for step in steps)
    assert sum(steps) == 7 * weeks * (many - 1 + sum(
        walls[0].on < on < walls[-1].on and (on - first.on).days % (7 * weeks) == 0 for on in skipping
    ))  # fmt: skip


@EXAMPLES
@given(WALLS, ZONES)
def test_a_series_is_in_order_in_every_zone(first, in_zone):
    instants = [due_instant(wall, in_zone) for wall in series(first, 60)]
    assert instants == sorted(instants)


def test_thursday_at_eight_of_each_week_with_a_holiday():
    walls = series(
        Wall(date(2026, 12, 10), time(20, 0)), 3, skipping=[date(2026, 12, 24), date(2026, 12, 25)]
    )
    assert [wall.on.isoformat() for wall in walls] == ["2026-12-10", "2026-12-17", "2026-12-31"]
    assert {wall.minute for wall in walls} == {time(20, 0)}


def test_a_series_that_leaves_the_bounds_is_short_and_one_that_stands_still_is_no_series():
    assert len(series(Wall(date(2200, 12, 25)), 5)) == 1
    with pytest.raises(ValueError):
        series(Wall(date(2026, 1, 1)), 2, weeks=0)


# --- a new start --------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(DATES, DATES, WALLS)
def test_a_new_start_moves_by_whole_weeks_from_week_to_week(old, new, wall):
    days = whole_weeks(old, new)
    assert days % 7 == 0
    assert (old + timedelta(days=days)).isocalendar()[:2] == new.isocalendar()[:2]
    assert shifted(wall, days).on.weekday() == wall.on.weekday()


@EXAMPLES
@given(WALLS, DATES, DATES, ZONES)
def test_there_and_back_is_where_one_was(wall, old, new, in_zone):
    there = shifted(wall, whole_weeks(old, new))
    assert shifted(there, whole_weeks(new, old)) == wall
    assert opening_instant(there, in_zone).tzinfo is UTC


def test_what_is_to_look_at_is_flagged():
    frame = Frame(date(2027, 1, 11), date(2027, 5, 20), frozenset([date(2027, 3, 25)]))
    thursday = date(2026, 11, 26).weekday()
    assert flags_of(Wall(date(2027, 3, 18)), frame, weekday=thursday) == ()
    assert flags_of(Wall(date(2027, 3, 25)), frame, weekday=thursday) == ("holiday",)
    assert flags_of(Wall(date(2027, 1, 10)), frame) == ("before_start",)
    assert flags_of(Wall(date(2027, 1, 11)), frame) == flags_of(Wall(date(2027, 5, 20)), frame) == ()
    assert flags_of(Wall(date(2027, 5, 21)), frame, weekday=thursday) == ("after_end", "other_weekday")


def test_a_range_holds_both_its_ends():
    wall = Wall(date(2026, 11, 26))
    assert lies_within(wall, date(2026, 11, 26), date(2026, 11, 26))
    assert lies_within(wall, date(2026, 11, 1), None)
    assert not lies_within(wall, date(2026, 11, 27), None)
    assert not lies_within(wall, date(2026, 11, 1), date(2026, 11, 25))
    assert list(dates_between(date(2026, 12, 31), date(2027, 1, 1))) == [date(2026, 12, 31), date(2027, 1, 1)]
    assert list(dates_between(date(2027, 1, 2), date(2027, 1, 1))) == []
    assert datetime(2026, 1, 1, tzinfo=UTC).date() in dates_between(date(2026, 1, 1), date(2026, 1, 1))
