"""What a student keeps on a change of section or group: docs/time.md, rule 8, and its place in rule 9."""

from dataclasses import replace
from datetime import date, timedelta

from forum.boards.rules.due import student_board
from forum.boards.rules.values import (
    Accommodation,
    AudienceDates,
    DueRule,
    Extension,
    LeftParts,
    PartDates,
)
from forum.core.moments import Wall
from tests.rules.test_due import (
    FRI,
    MADRID,
    MICROSECOND,
    SAT,
    SUN,
    THU,
    WED,
    answers,
    board,
    codes,
    dues,
    end,
    first,
    student,
)

TUE = date(2026, 11, 24)


def of_section(due: date | None = None, *, cutoff: date | None = None, **changed) -> AudienceDates:
    return AudienceDates(
        due={1: DueRule(Wall(due))} if due else {}, cutoff=cutoff and DueRule(Wall(cutoff)), **changed
    )


def left(then: AudienceDates, now: AudienceDates | None = None, shown=(1,), rules=None) -> LeftParts:
    """A section that the student left on Tuesday: what held there then, and what holds now."""
    rules = rules or board()
    return LeftParts(
        PartDates(rules, (then,)),
        PartDates(rules, (then if now is None else now,)),
        end(TUE),
        frozenset(shown),
    )


def test_scenario_moved_from_the_thursday_to_the_wednesday_section_after_both_were_shown_is_thursday():
    wednesday, thursday = of_section(WED), of_section(THU)
    assert dues(board(), audiences=(wednesday,)) == [end(WED)]
    assert dues(board(), audiences=(wednesday,), left=(left(thursday),)) == [end(THU)]
    assert codes(board(), audiences=(wednesday,), left=(left(thursday),)) == [["section", "kept_on_change"]]
    assert dues(board(), audiences=(thursday,), left=(left(wednesday),)) == [end(THU)], "the later one"
    assert dues(board(), audiences=(wednesday,), left=(left(of_section()),)) == [end(THU)], (
        "from no section: the course's"
    )


def test_rule_8_a_checkpoint_that_was_not_shown_keeps_nothing():
    assert dues(board(), audiences=(of_section(WED),), left=(left(of_section(THU), shown=()),)) == [end(WED)]
    both = board(first(), answers())
    assert dues(
        both, audiences=(of_section(WED),), left=(left(of_section(SAT), shown=(1, 2), rules=both),)
    ) == [end(SAT), end(SUN)]


def test_rule_8_who_left_has_nothing_of_what_came_later_and_what_was_taken_back_holds():
    moved_later = left(of_section(THU), now=of_section(SAT))
    assert dues(board(), audiences=(of_section(WED),), left=(moved_later,)) == [end(THU)]
    taken_back = left(of_section(SAT), now=of_section(FRI))
    assert dues(board(), audiences=(of_section(WED),), left=(taken_back,)) == [end(FRI)]


def test_rule_8_the_latest_of_all_that_one_was_in():
    was_in = (left(of_section(THU)), left(of_section(SAT)), left(of_section(FRI)))
    assert dues(board(), audiences=(of_section(WED),), left=was_in) == [end(SAT)]


def test_rule_9_an_allowance_comes_on_top_of_what_is_kept_and_more_time_only_if_later():
    allowance = Accommodation(date(2026, 9, 1), days=2)
    kept = {"audiences": (of_section(WED),), "left": (left(of_section(THU)),)}
    assert dues(board(), accommodations=(allowance,), **kept) == [end(SAT)]
    assert dues(board(), extensions=(Extension(due=DueRule(Wall(THU))),), **kept) == [end(THU)]
    assert dues(board(), extensions=(Extension(due=DueRule(Wall(FRI))),), **kept) == [end(FRI)]
    grouped = LeftParts(
        PartDates(board(), (), (Extension("group", 1, DueRule(Wall(SUN))),)),
        PartDates(board()),
        end(TUE),
        frozenset({1}),
    )
    assert dues(board(), audiences=(of_section(WED),), left=(grouped,)) == [end(THU)], (
        "the group's time was taken back"
    )
    grouped = replace(grouped, now=grouped.then)
    assert dues(board(), audiences=(of_section(WED),), left=(grouped,)) == [end(SUN)]


def test_rule_8_the_cut_off_and_an_open_door_are_kept_on_a_change_too():
    rules = board(cutoff=DueRule(Wall(FRI)))
    there = left(of_section(THU, cutoff=SUN, opens_at=end(SUN, MADRID) - timedelta(days=9)), rules=rules)
    here = of_section(WED, cutoff=FRI, opens_at=end(WED) - timedelta(hours=1))
    found = student_board(rules, student(audiences=(here,), left=(there,)))
    assert (found.cutoff_at, found.opens_at) == (end(SUN), end(SUN) - timedelta(days=9))
    assert [reason.code for reason in found.cutoff_reasons] == ["section", "kept_on_change"]
    shut = left(of_section(THU, opens_at=end(TUE) + MICROSECOND), rules=rules)
    assert student_board(rules, student(audiences=(here,), left=(shut,))).opens_at == here.opens_at
