"""The same instants by a second method: every minute of the days around is asked what clocks show."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.core.moments import (
    Wall,
    due_instant,
    due_wall,
    end_of_day,
    last_minute,
    late_by,
    oddity_of,
    opening_instant,
    shift_days,
    shift_wall,
    zone,
    zone_names,
)
from tests.deep import times
from tests.rules.cases import CASES

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


def minutes_around(on: date, place: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """(instant, naive local) of each minute of four days around a date."""
    start = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=36)
    instants = [start + n * MINUTE for n in range(96 * 60)]
    return [(at, at.astimezone(place).replace(tzinfo=None, fold=0)) for at in instants]


def scanned_end(wall: Wall, minutes: list[tuple[datetime, datetime]]) -> datetime:
    if wall.minute is None:
        return max(at for at, local in minutes if local.date() <= wall.on) + MINUTE
    sought = datetime.combine(wall.on, wall.minute)
    shown = [at for at, local in minutes if local == sought]
    if shown:
        return max(shown) + MINUTE
    return min(at for at, local in minutes if local > sought) + MINUTE


def scanned_start(wall: Wall, minutes: list[tuple[datetime, datetime]]) -> datetime:
    sought = datetime.combine(wall.on, wall.minute or time())
    shown = [at for at, local in minutes if local == sought]
    return min(shown) if shown else min(at for at, local in minutes if local > sought)


@pytest.mark.parametrize(("name", "wall", "due"), CASES)
def test_the_scan_finds_the_same_instant_for_each_case_of_the_table(name, wall, due):
    minutes = minutes_around(wall.on, zone(name))
    assert scanned_end(wall, minutes) == due
    assert scanned_start(wall, minutes) == opening_instant(wall, zone(name))


@pytest.mark.parametrize("on", [date(2026, 3, 29), date(2026, 11, 1), date(2040, 2, 29)])
def test_the_scan_finds_the_same_instants_in_every_zone(on):
    walls = [
        Wall(on),
        Wall(on, time(0, 0)),
        Wall(on, time(1, 30)),
        Wall(on, time(2, 30)),
        Wall(on, time(23, 59)),
    ]
    scanned: dict[tuple[datetime, ...], list[tuple[datetime, datetime]]] = {}
    for name in zone_names():
        place = zone(name)
        day = datetime(on.year, on.month, on.day, tzinfo=UTC)
        looks = (day + timedelta(minutes=30 * n - 36 * 60) for n in range(193))
        same = tuple(at.astimezone(place).replace(tzinfo=None) for at in looks)
        if same not in scanned:  # zones that agree all the days need one scan
            scanned[same] = minutes_around(on, place)
        for wall in walls:
            assert due_instant(wall, place) == scanned_end(wall, scanned[same]), (name, wall)
            assert opening_instant(wall, place) == scanned_start(wall, scanned[same]), (name, wall)


places = st.sampled_from(zone_names()).map(zone)
dates = st.dates(date(2000, 1, 1), date(2200, 12, 31))
# Every instant at which clocks change in these years lies on one of these dates for some zone.
changing = st.sampled_from(
    [date(y, m, d) for y in (2010, 2026, 2060) for m in (3, 4, 9, 10, 11) for d in range(1, 31)]
)
minutes_of_day = st.one_of(
    st.none(),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.builds(time, st.integers(0, 3)),
)
walls = st.builds(Wall, dates | changing, minutes_of_day)
always = settings(derandomize=True, max_examples=times(400), deadline=None, database=None)


@always
@given(walls, places)
def test_rule_1_clocks_never_again_show_the_date_after_its_end(wall, place):
    end = end_of_day(wall.on, place)
    assert (end - MICROSECOND).astimezone(place).date() <= wall.on
    for n in range(60):
        assert (end + n * timedelta(minutes=29)).astimezone(place).date() > wall.on


@always
@given(walls, places)
def test_a_due_minute_that_exists_is_met_in_its_last_microsecond(wall, place):
    end = due_instant(wall, place)
    odd = oddity_of(wall, place)
    last = (end - MICROSECOND).astimezone(place)
    if wall.minute is not None and (odd is None or odd.kind == "doubled"):
        assert (last.date(), last.hour, last.minute) == (wall.on, wall.minute.hour, wall.minute.minute)
    assert opening_instant(wall, place) < end or (odd is not None and odd.kind == "date_skipped")


@always
@given(walls, places)
def test_a_due_instant_reads_back_as_the_wall_it_was_written_as(wall, place):
    end = due_instant(wall, place)
    odd = oddity_of(wall, place)
    read = due_wall(end, place)
    if odd is None and wall.minute != time(23, 59):
        assert read == wall
    assert due_instant(read, place) == end or (odd is not None and odd.kind != "doubled")
    shown = last_minute(end, place)
    assert shown.is_end_of_day == (end_of_day(shown.on, place) == end)


@always
@given(walls, places, st.integers(-40, 40))
def test_shifting_an_instant_and_its_wall_agree_where_the_wall_exists(wall, place, days):
    if oddity_of(wall, place) is None and days:
        shifted = shift_days(due_instant(wall, place), days, place)
        assert shifted == due_instant(shift_wall(due_wall(due_instant(wall, place), place), days), place)


@always
@given(walls, places, st.timedeltas(timedelta(), timedelta(days=20)))
def test_n_days_late_lies_between_two_shifted_due_instants(wall, place, elapsed):
    due = due_instant(wall, place)
    lateness = late_by(due, due + elapsed, place)
    assert lateness.elapsed == elapsed
    assert due + elapsed <= shift_days(due, lateness.days, place)
    if lateness.days:
        assert due + elapsed > shift_days(due, lateness.days - 1, place)


@always
@given(walls, places)
def test_a_later_wall_is_never_due_earlier(wall, place):
    assert due_instant(wall, place) <= due_instant(shift_wall(wall, 1), place)
    assert opening_instant(wall, place) <= opening_instant(shift_wall(wall, 1), place)
    if wall.minute is not None and oddity_of(wall, place) is None:
        assert due_instant(wall, place) <= end_of_day(wall.on, place)
