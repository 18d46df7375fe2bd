"""The fairest hour of a day: night by the minute, and a search by brute force over whole weeks for random rosters."""

import random
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from forum.boards.rules.fairness import (
    Cost,
    Share,
    cost_of,
    fairest_hour,
    hours_of,
    is_asleep,
    local_hours,
    night_before,
    night_between,
    window_of,
)
from forum.core.moments import Wall, clock_changes, due_instant, zone
from tests.deep import times

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MADRID, CHICAGO, TOKYO = zone("Europe/Madrid"), zone("America/Chicago"), zone("Asia/Tokyo")
THU = date(2026, 11, 26)
ROSTERS = 1000
# Weeks with and without changes of clocks, in Europe, America, Cairo and on Lord Howe Island.
MONDAYS = [date(2026, 1, 12), date(2026, 3, 2), date(2026, 3, 23), date(2026, 4, 20), date(2026, 10, 26)]
COURSES = ["Europe/Madrid", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"]
HOMES = [*COURSES, "America/Chicago", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kathmandu", "Pacific/Honolulu",
         "America/Sao_Paulo", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"]  # fmt: skip


def end(on: date, minute: time | None = None, place: ZoneInfo = MADRID) -> datetime:
    return due_instant(Wall(on, minute), place)


@cache
def nights(name: str, monday: date) -> tuple[datetime, list[int]]:
    """From three days before a week: how many minutes were night until each minute, asked of the clock minute by minute."""
    place = zone(name)
    start = datetime.combine(monday, time(), UTC) - 3 * DAY
    counted = [0]
    for n in range(13 * 24 * 60):
        hour = (start + n * MINUTE).astimezone(place).hour
        counted.append(counted[-1] + (hour >= 23 or hour < 7))
    return start, counted


def brute_night(due: datetime, name: str, monday: date) -> int:
    start, counted = nights(name, monday)
    at = (due - start) // MINUTE
    return counted[at] - counted[at - 8 * 60]


def brute_instants(name: str, monday: date) -> dict[Wall, datetime]:
    """Every full hour of a week's dates that clocks show once, and the end of each date, by what clocks show."""
    place = zone(name)
    start = datetime.combine(monday, time(), UTC) - 3 * DAY
    shown: dict[datetime, list[datetime]] = {}
    for n in range(13 * 24 * 60):
        at = start + n * MINUTE
        shown.setdefault(at.astimezone(place).replace(tzinfo=None, fold=0), []).append(at)
    locals_ = sorted(shown)
    found: dict[Wall, datetime] = {}
    for day in range(7):
        on = monday + day * DAY
        for hour in range(1, 24):
            instants = shown.get(datetime.combine(on, time(hour)), [])
            if len(instants) == 1:
                found[Wall(on, time(hour))] = instants[0] + MINUTE
        last = locals_[bisect_left(locals_, datetime.combine(on + DAY, time())) - 1]
        found[Wall(on)] = max(shown[last]) + MINUTE
    return found


_brute_instants = cache(brute_instants)


def brute_cost(instants: dict[str, datetime], shares: list[Share], monday: date) -> tuple[int, int]:
    each = [
        (brute_night(instants[share.zone.key], share.zone.key, monday), share.students) for share in shares
    ]
    return sum(night * students for night, students in each), max(night for night, _students in each)


def test_the_fairest_hour_is_what_a_search_over_the_week_finds_for_a_thousand_rosters():
    draw = random.Random(1000)
    moved = 0
    for roster in range(times(ROSTERS)):
        monday, course = draw.choice(MONDAYS), draw.choice(COURSES)
        whose = draw.choice(["course", "course", "course", "own"])
        homes = draw.sample(HOMES, draw.randint(1, 6))
        shares = [Share(zone(name), draw.choice([1, 1, 2, 5, 12, 80])) for name in homes]
        walls = _brute_instants(course, monday)
        costs = {}
        for wall, due in walls.items():
            instants = {
                name: due if whose == "course" else due_instant(wall, zone(name)) for name in homes
            }  # fmt: skip
            costs[wall] = brute_cost(instants, shares, monday)
        written = draw.choice(list(walls))
        found = {
            monday + day * DAY: fairest_hour(
                Wall(monday + day * DAY, written.minute), whose, zone(course), shares
            )
            for day in (range(7) if roster % 10 == 0 else draw.sample(range(7), 2))
            if Wall(monday + day * DAY, written.minute) in walls
        }
        for on, fairest in found.items():
            best = min(cost for wall, cost in costs.items() if wall.on == on)
            assert (
                (fairest.cost.together // MINUTE, fairest.cost.worst // MINUTE) == best == costs[fairest.wall]
            )
            assert fairest.written.together // MINUTE == costs[Wall(on, written.minute)][0]
            asked = walls[Wall(on, written.minute)]
            equal = [
                abs(walls[wall] - asked) for wall, cost in costs.items() if wall.on == on and cost == best
            ]
            assert abs(walls[fairest.wall] - asked) == min(equal), "of equal ones the nearest"
            moved += fairest.wall != Wall(on, written.minute)
        if len(found) == 7:
            assert min(one.cost.together // MINUTE for one in found.values()) == min(costs.values())[0]
    assert moved > times(ROSTERS), "most hours that were written are not the fairest"


def test_night_before_a_due_time():
    assert night_before(end(THU), MADRID) == timedelta(hours=1)
    assert night_before(end(THU, time(17)), MADRID) == timedelta()
    assert night_before(end(THU, time(6, 59)), MADRID) == timedelta(hours=8)
    assert night_before(end(THU), CHICAGO) == timedelta(), "17:00 in Chicago"
    assert night_before(end(THU), TOKYO) == timedelta(hours=7), "8:00 in Tokyo"


@pytest.mark.parametrize(
    ("minute", "asleep"),
    [(None, False), (time(0, 58), False), (time(0, 59), True), (time(6, 59), True), (time(7), False), (time(16), False)],
)  # fmt: skip
def test_asleep_is_who_has_night_for_two_hours_before(minute, asleep):
    assert is_asleep(end(THU, minute), MADRID) == asleep


def test_the_night_of_a_change_of_clocks_has_its_own_length():
    evening = end(date(2026, 10, 24), time(21, 59))
    assert night_between(evening, evening + timedelta(hours=11), MADRID) == timedelta(hours=9)
    spring = end(date(2026, 3, 28), time(21, 59))
    assert night_between(spring, spring + timedelta(hours=11), MADRID) == timedelta(hours=7)


def test_the_time_to_work_in_is_what_lies_between_opening_and_due():
    opened = datetime(2026, 10, 20, 22, tzinfo=UTC)  # midnight of the 21st
    window = window_of(opened, end(date(2026, 10, 27)), MADRID)
    assert window.length == timedelta(days=7, hours=1)
    assert window.awake == 7 * timedelta(hours=16)
    assert [(change.at, change.shift) for change in window.changes] == [
        (datetime(2026, 10, 25, 1, tzinfo=UTC), -timedelta(hours=1))
    ]
    assert window_of(end(THU), opened, MADRID).length == timedelta()


def test_changes_of_clocks_are_those_between_two_instants():
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [one.at for one in clock_changes(change - MINUTE, change + MINUTE, MADRID)] == [change]
    assert clock_changes(change, change + DAY, MADRID) == ()
    assert clock_changes(change - DAY, change, MADRID) == ()
    assert len(clock_changes(change - 400 * DAY, change + 400 * DAY, MADRID)) == 5
    assert clock_changes(change - 400 * DAY, change + 400 * DAY, TOKYO) == ()


def test_hours_that_clocks_skip_or_show_twice_are_not_proposed():
    assert len(hours_of(THU, MADRID)) == 24
    assert Wall(date(2026, 3, 29), time(2)) not in hours_of(date(2026, 3, 29), MADRID)
    assert Wall(date(2026, 10, 25), time(2)) not in hours_of(date(2026, 10, 25), MADRID)
    assert Wall(THU, time(0)) not in hours_of(THU, MADRID), "00:00 would ask which night"


def test_the_fairest_hour_says_who_would_win_and_lose():
    shares = [Share(MADRID, 5), Share(CHICAGO, 10), Share(TOKYO, 3)]
    found = fairest_hour(Wall(THU, time(23)), "course", MADRID, shares)
    assert found.wall == Wall(THU, time(22))
    assert (found.better, found.worse) == (8, 0)
    assert found.written == cost_of(Wall(THU, time(23)), "course", MADRID, shares)


def test_what_students_have_seen_is_only_moved_later():
    shares = [Share(TOKYO, 3)]
    free = fairest_hour(Wall(THU, time(20)), "course", MADRID, shares)
    assert free.wall.minute is not None
    assert free.wall.minute < time(20)
    held = fairest_hour(Wall(THU, time(20)), "course", MADRID, shares, not_before=end(THU, time(20)))
    assert held.wall == Wall(THU, time(20)), "each later hour costs Tokyo more night"


def test_with_nobody_on_the_roster_what_is_written_stays():
    found = fairest_hour(Wall(THU, time(3)), "course", MADRID, [])
    assert (found.wall, found.cost) == (Wall(THU, time(3)), Cost(timedelta(), timedelta()))


def test_students_by_the_local_hour_of_the_last_minute():
    found = local_hours([(end(THU), MADRID, 5), (end(THU), CHICAGO, 2), (end(THU), TOKYO, 1)])
    assert {hour: number for hour, number in enumerate(found) if number} == {23: 5, 16: 2, 7: 1}
