"""When things are due for one student: rules 5, 7, 8, 9 and 18 of docs/time.md."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.due import frozen_zone, student_board, student_boards
from forum.boards.rules.state import BoardStanding, why_not_post
from forum.boards.rules.values import (
    Accommodation,
    AudienceDates,
    BoardRules,
    CheckpointRule,
    DueRule,
    Extension,
    StudentDates,
    ZoneChange,
)
from forum.core.moments import Wall, end_of_day, zone, zone_names
from tests.deep import times

MADRID = zone("Europe/Madrid")
CHICAGO = zone("America/Chicago")
MICROSECOND = timedelta(microseconds=1)
WED, THU, FRI, SAT, SUN = (date(2026, 11, day) for day in (25, 26, 27, 28, 29))
NEXT_TUE = date(2026, 12, 1)


def end(on: date, place=MADRID) -> datetime:
    return end_of_day(on, place)


def first(due: date | None = THU, **changed) -> CheckpointRule:
    return CheckpointRule(1, 1, "first_post", due and DueRule(Wall(due)), **changed)


def answers(due: date | None = SUN) -> CheckpointRule:
    return CheckpointRule(2, 2, "replies", due and DueRule(Wall(due)), replies=2, people=2)


def board(*checkpoints: CheckpointRule, **changed) -> BoardRules:
    return BoardRules(MADRID, checkpoints or (first(),), **changed)


def student(**changed) -> StudentDates:
    return StudentDates(changed.pop("zone", CHICAGO), **changed)


def dues(rules: BoardRules, **changed) -> list[datetime | None]:
    return [due.due for due in student_board(rules, student(**changed)).dates]


def codes(rules: BoardRules, **changed) -> list[list[str]]:
    return [[r.code for r in due.reasons] for due in student_board(rules, student(**changed)).dates]


def test_rule_9_grace_is_added_last_and_five_minutes_unless_set():
    found = student_board(board(), student()).dates[0]
    assert found.due == end(THU)
    assert found.limit == end(THU) + timedelta(minutes=5)
    assert student_board(board(grace_minutes=0), student()).dates[0].limit == end(THU)
    assert found.zone is MADRID
    assert [(r.code, r.values["due"]) for r in found.reasons] == [("rule", end(THU))]


def test_scenario_due_wednesday_accommodation_of_two_days_class_extended_to_friday_is_sunday():
    rules = board(first(WED))
    extended = Extension("section", 1, DueRule(Wall(FRI)))
    allowance = Accommodation(date(2026, 9, 1), days=2)
    assert dues(rules, extensions=(extended,), accommodations=(allowance,)) == [end(SUN)]
    moved_rule = board(first(FRI))
    assert dues(moved_rule, accommodations=(allowance,)) == [end(SUN)]
    assert codes(rules, extensions=(extended,), accommodations=(allowance,)) == [
        ["rule", "extension", "accommodation"]
    ]


def test_scenario_cutoff_and_due_at_the_end_of_thursday_with_grace_takes_a_post_at_two_past_midnight():
    dates = student_board(board(cutoff=DueRule(Wall(THU))), student())
    standing = BoardStanding(published_at=end(WED))
    at = end(THU) + timedelta(minutes=2)
    assert dates.cutoff_at == end(THU) + timedelta(minutes=5)
    assert why_not_post(standing, dates, at) is None
    assert dates.dates[0].limit is not None
    assert at < dates.dates[0].limit


def test_scenario_accommodation_of_three_days_over_a_cutoff_two_days_after_due_is_due_sunday_and_open_until_then():
    rules = board(first(THU), cutoff=DueRule(Wall(SAT)))
    dates = student_board(rules, student(accommodations=(Accommodation(date(2026, 9, 1), days=3),)))
    assert dates.dates[0].due == end(SUN)
    assert dates.cutoff_at == end(NEXT_TUE)
    assert dates.cutoff_at >= dates.dates[0].limit
    extended = student_board(rules, student(extensions=(Extension(due=DueRule(Wall(SUN))),)))
    assert extended.cutoff_at == extended.dates[0].limit == end(SUN) + timedelta(minutes=5)
    assert extended.cutoff_reasons[-1].code == "own_limit"


def test_rule_10_an_accommodation_in_hours_is_elapsed_and_days_are_calendar_days():
    change = date(2026, 10, 24)  # the next day has 25 hours in Madrid
    rules = board(first(change))
    assert dues(rules, accommodations=(Accommodation(date(2026, 9, 1), days=1),)) == [
        end(change) + timedelta(hours=25)
    ]
    assert dues(rules, accommodations=(Accommodation(date(2026, 9, 1), hours=24),)) == [
        end(change) + timedelta(hours=24)
    ]


def test_an_accommodation_holds_from_its_first_day_to_its_last():
    assert dues(board(), accommodations=(Accommodation(THU, days=1),)) == [end(FRI)]
    assert dues(board(), accommodations=(Accommodation(FRI, days=1),)) == [end(THU)]
    assert dues(board(), accommodations=(Accommodation(WED, THU, days=1),)) == [end(FRI)]
    assert dues(board(), accommodations=(Accommodation(WED, WED, days=1),)) == [end(THU)]


def test_rule_5_the_instant_shown_is_a_promise_and_stands_whatever_the_wall_comes_to():
    kept = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), promised_at=end(THU) + timedelta(hours=1)))
    assert dues(board(kept)) == [end(THU) + timedelta(hours=1)]
    assert codes(board(kept)) == [["promised"]]
    past = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), promised_at=end(THU) - timedelta(hours=1)))
    assert dues(board(past)) == [end(THU) - timedelta(hours=1)], (
        "changes.followed moves it, where it may move"
    )


def test_rule_5_a_rule_stays_in_the_zone_that_it_was_written_in():
    tokyo = zone("Asia/Tokyo")
    at = end(THU, tokyo)
    kept = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), promised_at=at, zone=tokyo))
    (found,) = student_board(board(kept), student(accommodations=(Accommodation(THU, days=2),))).dates
    assert (found.due, found.zone) == (end(SAT, tokyo), tokyo)


def test_rule_5_who_has_no_zone_keeps_the_courses_of_the_rule_on_own_zone_boards():
    tokyo = zone("Asia/Tokyo")
    own = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), "own", zone=tokyo))
    assert dues(board(own), zone=MADRID, without_zone=True) == [end(THU, tokyo)]
    assert dues(board(own), zone=MADRID) == [end(THU)]


def test_rule_8_what_a_section_does_not_set_falls_through():
    section = AudienceDates(cutoff=DueRule(Wall(SUN)))
    dates = student_board(board(cutoff=DueRule(Wall(SAT)), opens_at=end(WED)), student(audiences=(section,)))
    assert dates.dates[0].due == end(THU)
    assert dates.opens_at == end(WED)
    assert dates.cutoff_at == end(SUN)


def test_a_section_replaces_the_courses_date_even_by_an_earlier_one():
    section = AudienceDates(opens_at=end(WED), due={1: DueRule(Wall(WED))})
    assert dues(board(opens_at=end(THU)), audiences=(section,)) == [end(WED)]
    assert student_board(board(opens_at=end(THU)), student(audiences=(section,))).opens_at == end(WED)


def test_rule_8_in_two_sections_the_later_holds_field_by_field():
    one = AudienceDates(due={1: DueRule(Wall(WED))}, cutoff=DueRule(Wall(SUN)))
    two = AudienceDates(due={1: DueRule(Wall(FRI))}, cutoff=DueRule(Wall(SAT)))
    dates = student_board(board(), student(audiences=(one, two)))
    assert (dates.dates[0].due, dates.cutoff_at) == (end(FRI), end(SUN))


def test_rule_9_a_personal_extension_holds_as_written_if_later():
    allowance = (Accommodation(date(2026, 9, 1), days=2),)
    friday = Extension(due=DueRule(Wall(FRI)))
    assert dues(board(), extensions=(friday,)) == [end(FRI)]
    assert dues(board(), extensions=(friday,), accommodations=allowance) == [end(SAT)]
    assert dues(board(), extensions=(Extension(due=DueRule(Wall(WED))),)) == [end(THU)]


def test_rule_9_an_extension_of_one_checkpoint_moves_the_later_ones_by_as_many_days_unless_unticked():
    rules = board(first(THU), answers(SAT))
    assert dues(rules, extensions=(Extension(checkpoint_id=1, due=DueRule(Wall(SUN))),)) == [
        end(SUN),
        end(NEXT_TUE),
    ]
    alone = Extension(checkpoint_id=1, due=DueRule(Wall(FRI)), moves_later=False)
    assert dues(rules, extensions=(alone,)) == [end(FRI), end(SAT)]
    only_second = Extension(checkpoint_id=2, due=DueRule(Wall(SUN)))
    assert dues(rules, extensions=(only_second,)) == [end(THU), end(SUN)]


def test_rule_9_a_later_checkpoint_is_never_due_before_an_earlier_one():
    alone = Extension(checkpoint_id=1, due=DueRule(Wall(NEXT_TUE)), moves_later=False)
    rules = board(first(THU), answers(SUN))
    assert dues(rules, extensions=(alone,)) == [end(NEXT_TUE), end(NEXT_TUE)]
    assert codes(rules, extensions=(alone,))[1] == ["rule", "not_before_earlier"]


def test_rule_9_no_due_date_is_the_latest_of_all_and_names_its_cutoff():
    rules = board(first(THU), answers(SUN), cutoff=DueRule(Wall(SUN)), ends_at=end(date(2026, 12, 20)))
    free = Extension(no_due=True, cutoff_at=end(date(2026, 12, 10)))
    dates = student_board(rules, student(extensions=(free, Extension(due=DueRule(Wall(FRI))))))
    assert [(due.due, due.limit, due.no_due) for due in dates.dates] == [(None, None, True)] * 2
    assert dates.cutoff_at == end(date(2026, 12, 10))
    too_far = Extension(no_due=True, cutoff_at=end(date(2027, 1, 10)))
    assert student_board(rules, student(extensions=(too_far,))).cutoff_at == end(date(2026, 12, 20))
    endless = Extension(no_due=True)
    assert student_board(rules, student(extensions=(endless,))).cutoff_at == end(date(2026, 12, 20))


def test_time_given_back_moves_due_and_cutoff():
    hour = timedelta(hours=1)
    dates = student_board(board(cutoff=DueRule(Wall(SUN))), student(credit={1: hour}))
    assert (dates.dates[0].due, dates.cutoff_at) == (end(THU) + hour, end(SUN) + hour)


def test_an_extension_has_its_own_cutoff_and_an_earlier_one_takes_nothing():
    rules = board(cutoff=DueRule(Wall(SAT)))
    later, sooner = (Extension(due=DueRule(Wall(FRI)), cutoff_at=end(day)) for day in (NEXT_TUE, FRI))
    assert student_board(rules, student(extensions=(later,))).cutoff_at == end(NEXT_TUE)
    assert student_board(rules, student(extensions=(sooner,))).cutoff_at == end(SAT)


def test_rule_18_the_end_of_a_course_is_a_cutoff_and_never_before_a_students_own_limit():
    ended = board(ends_at=end(THU))
    assert student_board(ended, student()).cutoff_at == end(THU) + timedelta(minutes=5)
    assert student_board(board(ends_at=end(FRI)), student()).cutoff_at == end(FRI)
    both = board(cutoff=DueRule(Wall(SUN)), ends_at=end(FRI))
    assert student_board(both, student()).cutoff_at == end(FRI)
    section = AudienceDates(ends_at=end(SAT))
    assert student_board(both, student(audiences=(section,))).cutoff_at == end(SAT)


def test_a_board_without_dates_has_none():
    dates = student_board(board(first(None)), student())
    assert (dates.dates[0].due, dates.dates[0].no_due, dates.cutoff_at, dates.own_limit) == (
        None,
        False,
        None,
        None,
    )


def test_rule_7_own_zone_rules_are_read_in_the_students_zone():
    own = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), "own"))
    kiritimati, niue = zone("Pacific/Kiritimati"), zone("Pacific/Niue")
    (east,), (west,) = dues(board(own), zone=kiritimati), dues(board(own), zone=niue)
    assert (east, west) == (end(THU, kiritimati), end(THU, niue))
    assert west - east == timedelta(hours=25)


def test_rule_7_the_zone_is_frozen_when_the_board_opens_or_the_student_enrolls():
    opened, enrolled = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    lima, tokyo = zone("America/Lima"), zone("Asia/Tokyo")
    at_first = ZoneChange(lima, datetime(2026, 8, 1, tzinfo=UTC))

    def frozen(*changes, opened=opened, enrolled=enrolled):
        return frozen_zone(changes, opened, enrolled, MADRID).zone.key

    assert frozen(at_first) == "America/Lima"
    assert frozen(ZoneChange(lima, datetime(2026, 11, 22, tzinfo=UTC))) == "America/Lima"
    week_before = opened - timedelta(days=7)
    assert frozen(at_first, ZoneChange(tokyo, week_before)) == "Asia/Tokyo"
    assert frozen(at_first, ZoneChange(tokyo, week_before + MICROSECOND)) == "America/Lima"
    late = opened + timedelta(days=3)
    assert frozen(at_first, ZoneChange(tokyo, late - MICROSECOND), enrolled=late) == "Asia/Tokyo"
    assert frozen(at_first, ZoneChange(tokyo, late + MICROSECOND), enrolled=late) == "America/Lima"
    nothing = frozen_zone((), opened, enrolled, MADRID)
    assert (nothing.zone, nothing.is_course) == (MADRID, True)


rule_days = st.integers(0, 60).map(lambda n: date(2026, 10, 1) + timedelta(days=n))
rules_of_walls = st.builds(
    DueRule,
    st.builds(Wall, rule_days, st.none() | st.builds(time, st.integers(0, 23), st.just(30))),
    st.sampled_from(["course", "own"]),
)
extensions = st.builds(
    Extension,
    st.sampled_from(["student", "group", "section"]),
    st.sampled_from([None, 1, 2]),
    st.none() | rules_of_walls,
    no_due=st.booleans(),
    moves_later=st.booleans(),
)
allowances = st.builds(
    Accommodation, rule_days, st.none() | rule_days, days=st.integers(0, 5), hours=st.integers(0, 48)
)


@settings(derandomize=True, max_examples=times(300), deadline=None, database=None)
@given(
    st.sampled_from(zone_names()).map(zone),
    rules_of_walls,
    rules_of_walls,
    st.lists(extensions, max_size=3),
    st.lists(allowances, max_size=2),
    st.none() | rules_of_walls,
)
def test_nothing_granted_ever_makes_a_date_earlier(place, one, two, granted, allowed, cutoff):
    rules = BoardRules(
        MADRID,
        (
            CheckpointRule(1, 1, "first_post", one),
            CheckpointRule(2, 2, "replies", two, replies=1, people=1),
        ),
        cutoff=cutoff,
    )
    plain = student_board(rules, StudentDates(place))
    more = student_board(rules, StudentDates(place, (), tuple(granted), tuple(allowed)))
    for before, after in zip(plain.dates, more.dates, strict=True):
        assert after.due is None or (before.due is not None and after.due >= before.due)
        assert after.reasons[-1].values["due"] == after.due
        if after.limit is not None and more.cutoff_at is not None:
            assert more.cutoff_at >= after.limit
    one_due, two_due = (due.due for due in more.dates)
    assert two_due is None or (one_due is not None and two_due >= one_due)
    if plain.cutoff_at is None:
        assert more.cutoff_at is None
    elif more.cutoff_at is not None:
        assert more.cutoff_at >= plain.cutoff_at


def test_all_students_of_a_board_have_the_dates_that_each_has_alone():
    own = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), "own"))
    section = AudienceDates(due={2: DueRule(Wall(NEXT_TUE))})
    everyone = {n: student(zone=zone(name)) for n, name in enumerate(zone_names()[:100])}
    everyone |= {
        200 + n: student(zone=zone(name), audiences=(section,)) for n, name in enumerate(zone_names()[:50])
    }
    everyone[300] = student(extensions=(Extension(due=DueRule(Wall(FRI))),))
    rules = board(own, answers())
    together = student_boards(rules, everyone)
    assert together == {n: student_board(rules, each) for n, each in everyone.items()}
