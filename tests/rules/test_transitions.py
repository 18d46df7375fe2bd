"""Where clocks change, 2024 to 2040 in every zone: walls drawn around it, and two methods beside the one in use.

One asks each minute what clocks show; the other reads the zones with `zdump`, where the machine has it.
"""

import random
import shutil
import subprocess
import tempfile
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from forum.core.moments import Wall, due_instant, oddity_of, opening_instant, zone, zone_names
from tests.deep import times
from tests.rules.test_minute_scan import minutes_around, scanned_end, scanned_start

FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
DRAWN = 200
SECOND = timedelta(seconds=1)


@cache
def transitions() -> tuple[tuple[str, datetime], ...]:
    """(zone, first instant of the new offset) of every change of a clock, of all zones, each kind of zone once."""
    days = [FROM + timedelta(days=n) for n in range((UNTIL - FROM).days + 1)]
    found: list[tuple[str, datetime]] = []
    seen: set[tuple[datetime, ...]] = set()
    for name in zone_names():
        place = zone(name)
        offsets = [day.astimezone(place).utcoffset() for day in days]
        places = [n for n in range(len(days) - 1) if offsets[n] != offsets[n + 1]]
        changes = []
        for n in places:
            low, high = 0, 86400
            while high - low > 1:
                middle = (low + high) // 2
                same = (days[n] + middle * SECOND).astimezone(place).utcoffset() == offsets[n]
                low, high = (middle, high) if same else (low, middle)
            changes.append(days[n] + high * SECOND)
        key = (*changes, *((day.astimezone(place).replace(tzinfo=UTC)) for day in days[::2000]))
        if changes and key not in seen:
            seen.add(key)
            found += [(name, change) for change in changes]
    return tuple(found)


def drawn(number: int) -> list[tuple[str, Wall]]:
    """Walls in, before and after the minutes that a change skips or doubles, and the days that they are part of."""
    draw = random.Random(20402024)
    cases: list[tuple[str, Wall]] = []
    for name, change in draw.sample(transitions(), min(number, len(transitions()))):
        place = zone(name)
        before, after = (change - SECOND).astimezone(place), change.astimezone(place)
        edge = draw.choice([before, after]).replace(tzinfo=None, fold=0)
        near = edge + timedelta(minutes=draw.choice([-61, -31, -1, 0, 1, 29, 59, 61]))
        wall = draw.choice([Wall(before.date()), Wall(after.date()), Wall(near.date(), time(near.hour, near.minute)),
                            Wall(near.date(), time(near.hour, near.minute))])  # fmt: skip
        cases.append((name, wall))
    return cases


def test_instants_around_changes_of_clocks_in_all_zones_agree_with_the_minute_scan():
    kinds: dict[str, int] = {}
    cases = drawn(times(DRAWN))
    for name, wall in cases:
        place = zone(name)
        minutes = minutes_around(wall.on, place)
        assert due_instant(wall, place) == scanned_end(wall, minutes), (name, wall)
        assert opening_instant(wall, place) == scanned_start(wall, minutes), (name, wall)
        odd = oddity_of(wall, place)
        kinds[odd.kind if odd else "end" if wall.minute is None else "ordinary"] = 1
    assert len(cases) >= 100
    assert len({name for name, _wall in cases}) > 30
    assert kinds.keys() >= {"skipped", "doubled", "end", "ordinary"}, "the draw meets every kind of wall"


@cache
def dumped(name: str) -> list[tuple[datetime, timedelta]]:
    """(from, offset) of a zone as `zdump` reads it; the first counts from the beginning."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "zone")
        file.write_bytes(files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes())
        done = subprocess.run(["zdump", "-v", "-c", "2023,2042", str(file)], capture_output=True, text=True,
                              check=True, env={"LC_ALL": "C"})  # fmt: skip
    found: list[tuple[datetime, timedelta]] = []
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) < 16 or not words[-1].startswith("gmtoff="):
            continue  # before the first or after the last year that it knows
        at = datetime.strptime(" ".join(words[2:6]), "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        offset = timedelta(seconds=int(words[-1].removeprefix("gmtoff=")))
        if not found or found[-1][1] != offset:
            found.append((at, offset))
    return found


def by_zdump(wall: Wall, name: str) -> datetime:
    """The exclusive end of a wall, from the stretches of constant offset that `zdump` tells of."""
    known = dumped(name)
    starts = [datetime(2023, 1, 1, tzinfo=UTC), *(at for at, _offset in known[1:])]
    ends = [*starts[1:], datetime(2042, 1, 1, tzinfo=UTC)]
    stretches = [(start, end, offset) for start, end, (_at, offset) in zip(starts, ends, known, strict=True)]

    def last_before(point: datetime) -> datetime:
        return max(min(end, point - offset) for start, end, offset in stretches if point - offset > start)

    if wall.minute is None:
        return last_before(datetime.combine(wall.on + timedelta(days=1), time(), UTC))
    begins = datetime.combine(wall.on, wall.minute, UTC)
    shown = any(start < begins + timedelta(minutes=1) - offset and begins - offset < end
                for start, end, offset in stretches)  # fmt: skip
    end = last_before(begins + timedelta(minutes=1))
    return end if shown else end + timedelta(minutes=1)


@pytest.mark.skipif(shutil.which("zdump") is None, reason="no zdump on this machine")
def test_instants_around_changes_of_clocks_agree_with_what_zdump_reads():
    cases = drawn(times(DRAWN))
    for name, wall in cases:
        assert due_instant(wall, zone(name)) == by_zdump(wall, name), (name, wall)
    assert zoneinfo.TZPATH == (), "both read the pinned zone database"


def test_the_changes_that_are_drawn_from_span_the_years():
    years = {change.year for _name, change in transitions()}
    assert years == set(range(2024, 2041))
    assert date(2026, 3, 8) in {change.date() for _name, change in transitions()}
