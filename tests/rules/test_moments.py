"""Wall times become the instants that docs/time.md promises."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest

from forum.core import moments
from forum.core.moments import (
    Lateness,
    UnknownZone,
    Wall,
    due_instant,
    due_wall,
    end_of_day,
    last_minute,
    late_by,
    local_moment,
    midnight_question,
    oddity_of,
    opening_instant,
    shift_days,
    shift_wall,
    zone,
    zone_names,
)
from tests.rules.cases import CASES

MICROSECOND = timedelta(microseconds=1)
NEW_YORK = zone("America/New_York")
MADRID = zone("Europe/Madrid")
CAIRO = zone("Africa/Cairo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(("name", "wall", "due"), CASES)
def test_rule_1_each_case_of_the_table_has_its_instant(name, wall, due):
    assert due_instant(wall, zone(name)) == due
    assert due_instant(wall, zone(name)).tzinfo is UTC


@pytest.mark.parametrize(
    "name",
    ["", " ", "UTC+1", "+01:00", "-05:00", "CET", "EST", "EST5EDT", "GMT", "Etc/GMT+5", "Etc/UTC", "Cuba",
     "Europe/Atlantis", "europe/madrid", "Europe/Madrid ", "../../etc/passwd", "/etc/localtime",
     "Europe/../Europe/Madrid", "./Europe/Madrid", "Europe\\Madrid", "Europe/Madrid\0", "Europe/", "Europe",
     "posixrules", "localtime"],
)  # fmt: skip
def test_what_is_not_the_zone_of_a_place_is_refused(name):
    with pytest.raises(UnknownZone):
        zone(name)
    assert issubclass(UnknownZone, ValueError)


def test_only_the_pinned_zone_database_counts():
    assert zoneinfo.TZPATH == ()
    assert moments.ZONE_DATABASE[:2] == "20"
    assert zone("UTC").key == "UTC"


def test_zones_to_choose_from_are_sorted_places_and_all_of_them_load():
    names = zone_names()
    assert list(names) == sorted(set(names))
    assert len(names) > 400
    assert {"Europe/Madrid", "America/Argentina/Buenos_Aires", "Asia/Calcutta"} <= set(names)
    assert not [name for name in names if name.startswith(("Etc/", "US/"))]
    assert all(zone(name).key == name for name in names)


def changes_of(name: str) -> list[int]:
    """The POSIX seconds at which a zone changes, as its file in the pinned package lists them."""
    raw = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    counts = [int.from_bytes(raw[20 + 4 * n : 24 + 4 * n]) for n in range(6)]
    isutc, isstd, leap, changes, types, chars = counts
    second = 44 + changes * 5 + types * 6 + chars + leap * 8 + isstd + isutc
    many = int.from_bytes(raw[second + 32 : second + 36])
    start = second + 44
    return [int.from_bytes(raw[start + 8 * n : start + 8 * n + 8], signed=True) for n in range(many)]


def test_no_zone_changes_twice_within_the_hours_between_two_looks():
    first = int(datetime(1999, 12, 1, tzinfo=UTC).timestamp())
    for name in zone_names():
        changes = [at for at in changes_of(name) if at > first]
        assert all(later - at > 5 * 3600 for at, later in pairwise(changes)), name
        assert all(at % 60 == 0 for at in changes), name


def test_rule_2_a_minute_counts_to_its_end():
    due = due_instant(Wall(date(2026, 11, 26), time(17)), MADRID)
    assert due == utc("2026-11-26T17:01:00+01:00")
    assert utc("2026-11-26T17:00:59.999999+01:00") < due


def test_rule_2_the_last_minute_and_the_end_of_day_are_one_instant():
    for name in zone_names():
        place = zone(name)
        assert due_instant(Wall(date(2026, 6, 17), time(23, 59)), place) == end_of_day(
            date(2026, 6, 17), place
        )


def test_saving_a_form_unchanged_changes_nothing():
    for name, wall, due in CASES:
        place = zone(name)
        again = due_wall(due, place)
        assert due_instant(again, place) == due or oddity_of(wall, place) is not None


def test_rule_3_who_enters_midnight_is_asked_which_night():
    question = midnight_question(Wall(date(2026, 11, 26), time(0)))
    assert question is not None
    assert (question.before.from_on, question.before.to_on) == (date(2026, 11, 25), date(2026, 11, 26))
    assert question.before.wall == Wall(date(2026, 11, 25))
    assert (question.after.from_on, question.after.to_on) == (date(2026, 11, 26), date(2026, 11, 27))
    assert question.after.wall == Wall(date(2026, 11, 26))
    assert moments.is_midnight_question(Wall(date(2026, 11, 26), time(0)))
    assert not moments.is_midnight_question(Wall(date(2026, 11, 26)))
    assert not moments.is_midnight_question(Wall(date(2026, 11, 26), time(0, 1)))


def test_rule_4_what_opens_in_a_gap_opens_at_its_edge_and_what_is_due_there_after_it():
    wall = Wall(date(2026, 3, 8), time(2, 30))
    odd = oddity_of(wall, NEW_YORK)
    assert odd is not None
    assert odd.kind == "skipped"
    assert odd.opening == opening_instant(wall, NEW_YORK) == utc("2026-03-08T07:00Z")
    assert odd.due == utc("2026-03-08T07:01Z")


def test_rule_4_what_opens_in_a_doubled_hour_opens_at_the_first():
    wall = Wall(date(2026, 11, 1), time(1, 30))
    odd = oddity_of(wall, NEW_YORK)
    assert odd is not None
    assert odd.kind == "doubled"
    assert odd.opening == opening_instant(wall, NEW_YORK) == utc("2026-11-01T05:30Z")
    assert odd.due == utc("2026-11-01T06:31Z")


def test_a_date_that_does_not_exist_is_said_to_be_skipped():
    for wall in (Wall(date(2011, 12, 30)), Wall(date(2011, 12, 30), time(17))):
        odd = oddity_of(wall, zone("Pacific/Apia"))
        assert odd is not None
        assert odd.kind == "date_skipped"
        assert odd.opening == utc("2011-12-30T10:00Z")


def test_a_skipped_midnight_is_nothing_to_mention_at_the_end_of_a_day():
    assert oddity_of(Wall(date(2026, 4, 23)), CAIRO) is None
    assert oddity_of(Wall(date(2026, 11, 26), time(17)), MADRID) is None


def test_rule_4_the_start_of_a_date_is_its_first_instant():
    assert opening_instant(Wall(date(2026, 11, 23)), MADRID) == utc("2026-11-23T00:00+01:00")
    assert opening_instant(Wall(date(2026, 4, 24)), CAIRO) == utc("2026-04-23T22:00Z")
    assert opening_instant(Wall(date(2010, 11, 7)), zone("America/St_Johns")) == utc("2010-11-07T02:30Z")


def test_rule_7_the_widest_spread_of_one_date_is_twenty_five_hours_and_never_over_twenty_six():
    on = Wall(date(2026, 11, 26))
    spread = due_instant(on, zone("Pacific/Niue")) - due_instant(on, zone("Pacific/Kiritimati"))
    assert spread == timedelta(hours=25)
    ends = [due_instant(on, zone(name)) for name in zone_names()]
    assert max(ends) - min(ends) <= timedelta(hours=26)


def test_offsets_of_quarter_hours_are_kept():
    on = Wall(date(2026, 11, 26))
    assert due_instant(on, zone("Asia/Kathmandu")) == utc("2026-11-26T18:15Z")
    assert due_instant(on, zone("Australia/Eucla")) == utc("2026-11-26T15:15Z")
    assert due_instant(on, zone("Pacific/Chatham")) == utc("2026-11-26T10:15Z")


def test_a_change_of_half_an_hour_is_kept():
    lord_howe = zone("Australia/Lord_Howe")
    skipped = Wall(date(2026, 10, 4), time(2, 15))
    doubled = Wall(date(2026, 4, 5), time(1, 45))
    assert due_instant(skipped, lord_howe) == utc("2026-10-03T15:31Z")
    assert due_instant(doubled, lord_howe) == utc("2026-04-04T15:16Z")
    assert opening_instant(doubled, lord_howe) == utc("2026-04-04T14:45Z")


def test_rule_10_days_keep_the_wall_clock_over_a_clock_change():
    due = due_instant(Wall(date(2026, 10, 24), time(17)), MADRID)
    assert shift_days(due, 1, MADRID) - due == timedelta(hours=25)
    assert shift_days(shift_days(due, 1, MADRID), -1, MADRID) == due


def test_an_end_of_day_stays_an_end_of_day_when_days_are_added():
    due = end_of_day(date(2026, 4, 23), CAIRO)  # its midnight is skipped: clocks show 01:00
    assert shift_days(due, 1, CAIRO) == end_of_day(date(2026, 4, 24), CAIRO)
    assert shift_days(end_of_day(date(2026, 4, 22), CAIRO), 1, CAIRO) == due
    assert shift_wall(Wall(date(2026, 4, 22)), 1) == Wall(date(2026, 4, 23))


def test_days_added_to_an_instant_inside_a_minute_keep_its_seconds():
    at = utc("2026-10-24T17:00:30.000001+02:00")
    assert shift_days(at, 1, MADRID) == utc("2026-10-25T17:00:30.000001+01:00")
    assert shift_days(at, 0, MADRID) == at


def test_days_added_to_each_pass_of_a_doubled_hour_start_from_that_pass():
    first, second = (utc(f"2026-11-01T0{hour}:30Z").astimezone(NEW_YORK) for hour in (5, 6))
    assert first == second  # the trap: they share a zone, and the fold is ignored
    assert shift_days(first, 0, NEW_YORK) + timedelta(hours=1) == shift_days(second, 0, NEW_YORK)
    assert shift_days(second, 1, NEW_YORK) == utc("2026-11-02T06:30Z")


def test_rule_10_lateness_counts_calendar_days_of_the_rules_zone():
    due = end_of_day(date(2026, 10, 24), MADRID)  # the next day has 25 hours
    assert late_by(due, due, MADRID) == Lateness(0, timedelta())
    assert late_by(due, due - MICROSECOND, MADRID) == Lateness(0, timedelta())
    assert late_by(due, due + MICROSECOND, MADRID) == Lateness(1, MICROSECOND)
    assert late_by(due, due + timedelta(hours=25), MADRID).days == 1
    assert late_by(due, due + timedelta(hours=25) + MICROSECOND, MADRID).days == 2
    assert late_by(due, due + timedelta(hours=25), zone("Asia/Tokyo")).days == 2


def test_two_hours_late_is_7200_seconds():
    due = due_instant(Wall(date(2026, 11, 26), time(17)), MADRID)
    assert late_by(due, due + timedelta(hours=2), MADRID).elapsed.total_seconds() == 7200


def test_rule_20_a_due_instant_is_shown_as_the_last_minute_that_counts():
    due = end_of_day(date(2026, 11, 26), MADRID)
    here, there = last_minute(due, MADRID), last_minute(due, zone("America/Chicago"))
    assert (here.on, here.at, here.is_end_of_day) == (date(2026, 11, 26), time(23, 59), True)
    assert (there.on, there.at, there.is_end_of_day) == (date(2026, 11, 26), time(16, 59), False)
    assert (there.zone_name, there.offset) == ("America/Chicago", timedelta(hours=-6))


def test_the_last_minute_before_a_clock_change_has_the_offset_before_it():
    due = end_of_day(date(2026, 4, 23), CAIRO)
    shown = last_minute(due, CAIRO)
    assert (shown.on, shown.at, shown.offset) == (date(2026, 4, 23), time(23, 59), timedelta(hours=2))
    assert shown.is_end_of_day
    after = local_moment(due, CAIRO)
    assert (after.on, after.at, after.offset) == (date(2026, 4, 24), time(1), timedelta(hours=3))


def test_a_naive_datetime_is_no_instant_and_a_second_is_no_minute():
    with pytest.raises(ValueError):
        local_moment(datetime(2026, 11, 26, 12), MADRID)
    with pytest.raises(ValueError):
        Wall(date(2026, 11, 26), time(17, 0, 30))
    with pytest.raises(TypeError):
        Wall(datetime(2026, 11, 26, 12))


def test_the_two_passes_of_a_doubled_hour_are_told_apart():
    first, second = utc("2026-11-01T05:30Z"), utc("2026-11-01T06:30Z")
    due = due_instant(Wall(date(2026, 11, 1), time(1, 0)), NEW_YORK)  # the second 01:00, to its end
    assert first < due <= second
    assert late_by(due, second.astimezone(NEW_YORK), NEW_YORK).elapsed == timedelta(minutes=29)
    assert late_by(due, first.astimezone(NEW_YORK), NEW_YORK).days == 0
