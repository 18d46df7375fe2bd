"""Which dates are refused: rule 22 of docs/time.md."""

from datetime import date, time

import pytest

from forum.boards.rules.bounds import is_in_bounds, problems_of
from forum.core.moments import Wall, zone

MADRID = zone("Europe/Madrid")
WED, THU, FRI, SAT = (Wall(date(2026, 11, day)) for day in (25, 26, 27, 28))


def found(opens, dues, cutoff) -> list[tuple[str, int | None, str]]:
    return [
        (problem.name, problem.place, problem.code) for problem in problems_of(opens, dues, cutoff, MADRID)
    ]


@pytest.mark.parametrize(
    ("on", "allowed"),
    [(date(1999, 12, 31), False), (date(2000, 1, 1), True), (date(2200, 12, 31), True),
     (date(2201, 1, 1), False), (date.min, False), (date.max, False)],
)  # fmt: skip
def test_rule_22_years_run_from_2000_to_2200(on, allowed):
    assert is_in_bounds(Wall(on)) == allowed
    expected = [] if allowed else [("due", 0, "out_of_bounds")]
    assert found(None, [Wall(on)], None) == expected


def test_dates_in_their_order_are_taken_and_absent_ones_too():
    assert found(WED, [THU, FRI], SAT) == []
    assert found(None, [None, THU, None, THU], THU) == []
    assert found(Wall(date(2026, 11, 26)), [THU], None) == []  # from its start to its end


def test_rule_22_opens_after_due_is_refused_at_the_due_date():
    assert found(FRI, [THU], None) == [("due", 0, "due_not_after_opens")]
    at_its_end = Wall(date(2026, 11, 27), time(0, 0))
    assert found(at_its_end, [THU], None) == [("due", 0, "due_not_after_opens")]
    assert found(Wall(date(2026, 11, 26), time(23, 59)), [THU], None) == []


def test_rule_22_due_after_cutoff_is_refused():
    assert found(None, [THU, SAT], FRI) == [("due", 1, "due_after_cutoff")]
    assert found(FRI, [], THU) == [("cutoff", None, "cutoff_not_after_opens")]


def test_rule_22_a_wrong_order_of_checkpoints_is_refused_at_the_later_one():
    assert found(None, [FRI, THU, None, THU], None) == [
        ("due", 1, "due_before_earlier"),
        ("due", 3, "due_before_earlier"),
    ]


def test_each_field_is_named_and_a_date_out_of_bounds_says_no_more():
    far = Wall(date(2300, 1, 1))
    assert found(far, [THU, FRI], WED) == [
        ("opens", None, "out_of_bounds"),
        ("due", 0, "due_after_cutoff"),
        ("due", 1, "due_after_cutoff"),
    ]
