"""The linter of dates: thirty faults put into a schedule are found, and ten clean ones give no alarm."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from forum.boards.rules.fairness import resolved
from forum.boards.rules.linter import CODES, Asked, Other, Plan, Readers, findings_of
from forum.core.moments import Wall, due_instant, opening_instant, zone

MADRID = "Europe/Madrid"
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
FRI, MON, WED = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25)
ROSTER: Mapping[str, int] = {MADRID: 5, "America/Chicago": 3, "Africa/Lagos": 2}


def first(on: date, minute: time | None = None, whose: Any = "course") -> Asked:
    return Asked("first_post", Wall(on, minute), whose)


def replies(on: date, minute: time | None = None, whose: Any = "course") -> Asked:
    return Asked("replies", Wall(on, minute), whose)


def plan(
    *asked: Asked,
    course: str = MADRID,
    roster: Mapping[str, int] = ROSTER,
    others: tuple[Other, ...] = (),
    readers_open_at: datetime | None = None,
    **changes: Any,
) -> Plan:
    """A board of first posts by Friday, replies by Monday and a cut-off on Wednesday, opened a week before."""
    asked = asked or (first(FRI), replies(MON))
    readers = tuple(
        Readers(
            zone(name), students,
            tuple(one.wall and resolved(one.wall, one.whose, zone(course), zone(name)) for one in asked),
            readers_open_at, others,
        )
        for name, students in roster.items()
    )  # fmt: skip
    found: dict[str, Any] = {
        "starts_on": date(2026, 9, 1), "ends_on": date(2026, 12, 18), "cut_off": Wall(WED), "at": NOW,
    }  # fmt: skip
    found |= changes
    opens = found.setdefault("opens", Wall(date(2026, 11, 13), time(9)))
    opened_at = found.pop("opened_at", None) or (
        max(opening_instant(opens, zone(course)), found["at"]) if opens else found["at"]
    )
    return Plan(zone(course), asked=asked, readers=readers, opened_at=opened_at, **found)


def elsewhere(*dues: datetime) -> tuple[Other, ...]:
    return tuple(Other(due, f"Board {place}") for place, due in enumerate(dues))


DUE = due_instant(Wall(FRI), zone(MADRID))
HOUR = timedelta(hours=1)
NIGHT = time(4)
SPRING = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 5, 29), "at": datetime(2026, 3, 1, tzinfo=UTC),
          "opens": None, "cut_off": None}  # fmt: skip
AUTUMN = {"opens": None, "cut_off": None, "at": datetime(2026, 10, 10, tzinfo=UTC)}

FAULTS: list[tuple[str, Plan, str]] = [
    ("due on a Saturday", plan(first(date(2026, 11, 21)), replies(MON)), "no_teaching_day"),
    ("replies due on a Sunday", plan(first(FRI), replies(date(2026, 11, 22))), "no_teaching_day"),
    ("due on a Friday in Cairo", plan(first(FRI), course="Africa/Cairo", weekend=frozenset({4, 5})), "no_teaching_day"),
    ("due the day after the course's end", plan(first(date(2026, 12, 21)), cut_off=None), "past_end"),
    ("the wrong year", plan(first(date(2027, 11, 19)), cut_off=None), "past_end"),
    ("replies after the course's end", plan(first(FRI), replies(date(2026, 12, 21)), cut_off=None), "past_end"),
    ("due before the course begins", plan(first(date(2026, 8, 31)), at=datetime(2026, 7, 1, tzinfo=UTC), opens=None), "before_start"),
    ("due in an hour that clocks skip", plan(first(date(2026, 3, 29), time(2, 30)), **SPRING), "skipped"),
    ("own zones: one of them skips the hour", plan(first(date(2026, 3, 8), time(2, 30), "own"), **SPRING), "skipped"),
    ("due in an hour that comes twice", plan(first(date(2026, 10, 25), time(2, 30)), **AUTUMN), "doubled"),
    ("due on a date that does not exist", plan(first(date(2011, 12, 30)), course="Pacific/Apia", starts_on=date(2011, 11, 1),
     ends_on=date(2012, 2, 1), at=datetime(2011, 12, 1, tzinfo=UTC), opens=None, cut_off=None), "date_skipped"),
    ("four in the morning", plan(first(FRI, NIGHT), roster={MADRID: 9}), "asleep"),
    ("night for all who are enrolled, elsewhere", plan(first(FRI, time(13)), roster={"America/Los_Angeles": 7, MADRID: 1}), "asleep"),
    ("own zones, at five", plan(first(FRI, time(5), "own")), "asleep"),
    ("due yesterday", plan(first(date(2026, 11, 9)), opens=None, cut_off=None), "due_already"),
    ("own zones, passed in the east", plan(first(date(2026, 11, 10), time(12), "own"), opens=None, cut_off=None,
     roster={"Asia/Tokyo": 3, MADRID: 5}), "due_already_for_some"),
    ("own zones, in the east before it opens", plan(first(date(2026, 11, 16), time(12), "own"), roster={"Asia/Tokyo": 3, MADRID: 5},
     opens=Wall(date(2026, 11, 16), time(9))), "due_before_opens"),
    ("a section opens after it is due", plan(readers_open_at=DUE + HOUR), "due_before_opens"),
    ("twelve hours to write", plan(first(FRI), opens=Wall(FRI, time(12))), "short_notice"),
    ("published on the day itself", plan(opens=None, at=DUE - 5 * HOUR), "short_notice"),
    ("replies due with the first posts", plan(first(FRI), replies(FRI)), "replies_soon"),
    ("replies an hour later", plan(first(MON, time(17)), replies(MON, time(18))), "replies_soon"),
    ("own zones around the world", plan(first(FRI, None, "own"), roster={"Pacific/Auckland": 1, "Pacific/Honolulu": 1}), "own_spread"),
    ("two other boards on the same evening", plan(others=elsewhere(DUE - HOUR, DUE)), "crowded"),
    ("one before and one after, within a day", plan(others=elsewhere(DUE - 12 * HOUR, DUE + 12 * HOUR)), "crowded"),
    ("the cut-off has passed", plan(first(FRI), cut_off=Wall(date(2026, 11, 9))), "cutoff_passed"),
    ("the cut-off is when it is due", plan(first(FRI), cut_off=Wall(FRI)), "cutoff_at_due"),
    ("the cut-off is after the course's end", plan(cut_off=Wall(date(2026, 12, 21))), "cutoff_past_end"),
    ("own zones, after the cut-off in the west", plan(first(FRI, None, "own"), cut_off=Wall(FRI)), "cutoff_held"),
    ("it opens after the course's end", plan(first(FRI), opens=Wall(date(2027, 1, 4))), "opens_past_end"),
    ("it opens in a skipped hour", plan(first(date(2026, 4, 2)), **{**SPRING, "opens": Wall(date(2026, 3, 29), time(2, 30))}), "opens_skipped"),
    ("the cut-off comes twice", plan(first(date(2026, 10, 20)), **{**AUTUMN, "cut_off": Wall(date(2026, 10, 25), time(2))}), "cutoff_doubled"),
]  # fmt: skip

CLEAN: list[tuple[str, Plan]] = [
    ("first posts on Friday, replies on Monday", plan()),
    ("one thing, at five in the afternoon", plan(first(FRI, time(17)))),
    ("no cut-off and open from now on", plan(cut_off=None, opens=None)),
    ("the end of each student's own day", plan(first(FRI, None, "own"), replies(MON, None, "own"))),
    ("across the change of clocks", plan(first(date(2026, 10, 23)), replies(date(2026, 10, 27)), at=datetime(2026, 10, 1, tzinfo=UTC),
                                         opens=Wall(date(2026, 10, 16)), cut_off=Wall(date(2026, 10, 30)))),
    ("Sunday in Cairo, where people work", plan(first(date(2026, 11, 22)), course="Africa/Cairo", weekend=frozenset({4, 5}))),
    ("a deadline each day on other boards", plan(others=elsewhere(DUE - 25 * HOUR, DUE + 25 * HOUR, DUE + 100 * HOUR))),
    ("nobody is enrolled yet", plan(roster={})),
    ("night for a few, far away", plan(first(FRI, time(17)), roster={MADRID: 20, "Pacific/Auckland": 2})),
    ("the last day of the course", plan(first(date(2026, 12, 18)), cut_off=None)),
    ("what is over for students who saw it", plan(first(FRI, NIGHT), replies(FRI, time(5)), cut_off=Wall(FRI, time(5)), shown_at=NOW,
                                                  at=DUE + 400 * HOUR, opened_at=NOW)),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code"), [pytest.param(one, code, id=name) for name, one, code in FAULTS])
def test_a_fault_is_found(fault, code):
    assert code in {finding.code for finding in findings_of(fault)}


def test_there_are_thirty_faults_of_nearly_every_kind():
    assert len(FAULTS) >= 30
    never = set(CODES) - {code for _name, _plan, code in FAULTS}
    assert never == {"opens_doubled", "opens_date_skipped", "cutoff_skipped", "cutoff_date_skipped"}


@pytest.mark.parametrize("clean", [pytest.param(one, id=name) for name, one in CLEAN])
def test_a_clean_schedule_gives_no_alarm(clean):
    assert findings_of(clean) == ()


def test_there_are_ten_clean_schedules():
    assert len(CLEAN) >= 10


def test_a_finding_says_where_and_how_many():
    odd = plan(first(FRI), replies(MON, NIGHT), roster={MADRID: 8, "America/Chicago": 2})
    (found,) = findings_of(odd)
    assert (found.code, found.place) == ("asleep", 1)
    assert found.values == {"students": 8, "of": 10}, "it is evening in Chicago"


def test_a_quarter_that_is_awake_is_hardly_anyone_and_more_is_not():
    def codes(awake: int) -> set[str]:
        odd = plan(first(FRI, NIGHT), roster={MADRID: 6, "America/Chicago": awake})
        return {found.code for found in findings_of(odd)}

    assert "asleep" in codes(2)
    assert "asleep" not in codes(3)


def test_a_crowd_is_counted_by_students_and_names_the_other_boards():
    (found,) = findings_of(plan(others=elsewhere(DUE - HOUR, DUE)))
    assert found.values == {
        "students": 10, "number": 3, "titles": ("Board 0", "Board 1"), "first": DUE - HOUR, "last": DUE,
    }  # fmt: skip


@pytest.mark.parametrize(("after", "found"), [(timedelta(), True), (timedelta(microseconds=1), False)])
def test_a_crowd_is_within_twenty_four_hours(after, found):
    others = elsewhere(DUE - 12 * HOUR, DUE + 12 * HOUR + after)
    assert bool(findings_of(plan(first(FRI), others=others))) == found


def test_what_other_boards_have_among_themselves_is_not_this_boards():
    far = DUE + 900 * HOUR
    assert findings_of(plan(others=elsewhere(far, far, far))) == ()


def test_before_students_saw_it_what_is_over_is_still_said():
    late = plan(first(FRI, NIGHT), at=DUE + 400 * HOUR)
    assert [one.code for one in findings_of(late)] == ["due_already", "cutoff_passed"]
    assert findings_of(replace(late, shown_at=NOW)) == ()
