"""Time given back beside all other dates of a board: docs/time.md, rules 9 d and 14."""

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.due import student_board, student_boards
from forum.boards.rules.outages import Outage, merged, moved_by
from forum.boards.rules.shown import together_from
from forum.boards.rules.values import (
    Accommodation,
    AudienceDates,
    BoardRules,
    CheckpointRule,
    DueRule,
    Extension,
    StudentDates,
)
from forum.core.moments import Wall, end_of_day, zone, zone_names
from tests.deep import times
from tests.rules.test_outages import FRI, HOURS, MADRID, MINUTES, SAT, THU, WED, at, away_lists, down, places

SUN = date(2026, 11, 29)


def board_of(*outages: Outage, **changed) -> BoardRules:
    first = CheckpointRule(1, 1, "first_post", DueRule(Wall(THU)))
    answers = CheckpointRule(2, 2, "replies", DueRule(Wall(SAT)), replies=2, people=2)
    return BoardRules(MADRID, (first, answers), outages=tuple(merged(outages)), **changed)


def test_due_instants_and_cut_offs_move_by_as_much_and_say_why():
    away = down(THU, "15:00", "17:10", place=MADRID)
    cut_off = DueRule(Wall(SUN))
    plain, moved = (
        student_board(board_of(*each, cutoff=cut_off), StudentDates(MADRID)) for each in ([], [away])
    )
    due = end_of_day(THU, MADRID) + HOURS(2) + MINUTES(10)
    assert [date.due for date in moved.dates] == [due, plain.dates[1].due]
    assert moved.dates[0].limit == due + MINUTES(5)
    assert plain.cutoff_at is not None
    assert moved.cutoff_at == plain.cutoff_at + HOURS(2) + MINUTES(10)
    reason = moved.dates[0].reasons[-1]
    assert (reason.code, reason.values["given"], reason.values["due"]) == (
        "credit",
        HOURS(2) + MINUTES(10),
        due,
    )
    assert [reason.code for reason in moved.cutoff_reasons] == ["cutoff", "credit"]


def test_a_cut_off_inside_an_outage_moves_too():
    away = down(SAT, "20:00", "22:00", place=MADRID)
    cut_off = DueRule(Wall(SAT, time(20, 59)))
    rules = BoardRules(MADRID, (), cutoff=cut_off, outages=(away,))
    assert student_board(rules, StudentDates(MADRID)).cutoff_at == at(date(2026, 11, 29), "12:00", MADRID)
    free = Extension(no_due=True, cutoff_at=at(SAT, "21:00", MADRID))
    dates = student_board(board_of(away, cutoff=DueRule(Wall(FRI))), StudentDates(MADRID, extensions=(free,)))
    assert dates.cutoff_at == at(date(2026, 11, 29), "12:00", MADRID)
    assert [date.due for date in dates.dates] == [None, None]


def test_what_instructors_add_comes_on_top():
    away = down(THU, "15:00", "16:00", place=MADRID)
    dates = student_board(board_of(away), StudentDates(MADRID, credit={1: HOURS(3)})).dates
    assert dates[0].due == end_of_day(THU, MADRID) + HOURS(4)
    assert [reason.code for reason in dates[0].reasons] == ["rule", "credit", "credit_added"]


def test_time_is_given_to_each_due_instant_after_accommodation_and_extension():
    away = down(SAT, "10:00", "12:00", place=MADRID)
    two_days = Accommodation(date(2026, 9, 1), days=2)
    allowed = StudentDates(MADRID, accommodations=(two_days,))
    assert student_board(board_of(away), allowed).dates[0].due == end_of_day(SAT, MADRID) + HOURS(2)
    longer = StudentDates(MADRID, extensions=(Extension(checkpoint_id=1, due=DueRule(Wall(SAT))),))
    assert student_board(board_of(away), longer).dates[0].due == end_of_day(SAT, MADRID) + HOURS(2)


def test_more_time_never_takes_away_what_was_given_back():
    away = down(WED, "22:00", "23:00", THU, MADRID)
    given_back = at(SAT, "12:00", MADRID)
    friday = Extension(checkpoint_id=1, due=DueRule(Wall(FRI)))  # more than 24 hours after the outage
    for extensions in ((), (friday,)):
        dates = student_board(board_of(away), StudentDates(MADRID, extensions=extensions))
        assert dates.dates[0].due == given_back


def test_a_later_date_for_all_never_takes_away_what_was_given_back():
    away = down(WED, "22:00", "23:00", THU, MADRID)
    given_back = at(SAT, "12:00", MADRID)
    for replaced_at, due in ((away.ends_at, given_back), (away.starts_at, end_of_day(FRI, MADRID))):
        moved = DueRule(Wall(FRI), was_shown=((end_of_day(THU, MADRID), replaced_at),))
        rules = BoardRules(MADRID, (CheckpointRule(1, 1, "first_post", moved),), outages=(away,))
        assert student_board(rules, StudentDates(MADRID)).dates[0].due == due


def test_an_own_zone_date_gets_what_its_own_night_lost():
    away = down(THU, "22:00", "24:00", place=MADRID)
    rules = BoardRules(
        MADRID, (CheckpointRule(1, 1, "first_post", DueRule(Wall(THU), "own")),), outages=(away,)
    )
    for name, due in (("Pacific/Auckland", 0), ("Europe/Madrid", 12), ("America/Chicago", 2)):
        place = zone(name)
        found = student_board(rules, StudentDates(place)).dates[0].due
        assert found == end_of_day(THU, place) + HOURS(due)


def test_the_instant_at_which_all_posts_are_shown_moves_as_much():
    away = down(THU, "22:00", "24:00", place=MADRID)
    shown_at = end_of_day(THU, MADRID) + MINUTES(5)
    limit = student_board(board_of(away), StudentDates(MADRID)).dates[0].limit
    moved = together_from(shown_at, limit, moved_by(end_of_day(THU, MADRID), (away,), MADRID))
    assert moved == shown_at + HOURS(12)


def test_equal_students_are_computed_once_with_outages_too():
    rules = board_of(down(THU, "15:00", "17:10", place=MADRID))
    students = {n: StudentDates(zone(name)) for n, name in enumerate(zone_names()[:60])}
    students[99] = StudentDates(MADRID, audiences=(AudienceDates(),), credit={1: HOURS(1)})
    assert student_boards(rules, students) == {n: student_board(rules, each) for n, each in students.items()}


@settings(max_examples=times(200))
@given(away_lists, places, st.sampled_from([(), (Extension(checkpoint_id=1, due=DueRule(Wall(FRI))),)]))
def test_no_outage_makes_a_date_of_a_board_earlier(outages, place, extensions):
    student = StudentDates(place, extensions=extensions)
    plain, moved = (
        student_board(board_of(*each, cutoff=DueRule(Wall(SUN))), student) for each in ([], outages)
    )
    for before, after in zip(plain.dates, moved.dates, strict=True):
        assert before.due is not None
        assert after.due is not None
        assert after.due >= before.due
        assert after.reasons[-1].values["due"] == after.due
    assert plain.cutoff_at is not None
    assert moved.cutoff_at is not None
    assert moved.cutoff_at - plain.cutoff_at >= max(
        (after.due - before.due for before, after in zip(plain.dates, moved.dates, strict=True)
         if after.due and before.due and after.reasons[-1].code == "credit" and not extensions), default=timedelta())  # fmt: skip
