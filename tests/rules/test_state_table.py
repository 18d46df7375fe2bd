"""The state of a board and what may be done in it: opens, due, cut-off, closing by hand, role and extension in one table.

The expected side reckons in whole microseconds from now and reads the table below; it shares nothing with the rules. Each
instant lies absent, a day past, one microsecond before, at and after now, and a day ahead; of a due date both the due
instant and its limit, five minutes later, do.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from forum.boards.rules import values
from forum.boards.rules.due import student_board
from forum.boards.rules.state import (
    BoardStanding,
    ThreadStanding,
    board_state,
    why_not_edit,
    why_not_post,
    why_not_read,
)
from forum.core.moments import Wall, zone

NOW = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)
MADRID = zone("Europe/Madrid")
DAY, GRACE = 86_400_000_000, 300_000_000  # microseconds

WHEN = {"absent": None, "past": -DAY, "just past": -1, "now": 0, "just ahead": 1, "future": DAY}
DUE = {
    "absent": None, "past": -DAY, "limit just past": -1 - GRACE, "limit now": -GRACE, "limit just ahead": 1 - GRACE,
    "just past": -1, "now": 0, "just ahead": 1, "future": DAY,
}  # fmt: skip
CLOSED = ("dates rule", "board closed", "thread closed")
# What one student was given: nothing; two days more than the rule; two days more and a cut-off of their own three days
# ahead; no due date, open for three days more.
EXTENSIONS = ("none", "later", "later, open longer", "no due date")

# opened?, closed by hand?, past the cut-off?, past the limit? -> the state. All sixteen.
_, X = False, True
STATES = {
    (_, _, _, _): "not_yet_open", (_, _, _, X): "not_yet_open", (_, _, X, _): "not_yet_open", (_, _, X, X): "not_yet_open",
    (_, X, _, _): "not_yet_open", (_, X, _, X): "not_yet_open", (_, X, X, _): "not_yet_open", (_, X, X, X): "not_yet_open",
    (X, _, _, _): "open", (X, _, _, X): "late", (X, _, X, _): "closed", (X, _, X, X): "closed",
    (X, X, _, _): "closed", (X, X, _, X): "closed", (X, X, X, _): "closed", (X, X, X, X): "closed",
}  # fmt: skip
# What may be done, by role and state. "start" is a new thread, "reply" an answer in a thread.
ALL = {"read", "start", "reply", "edit"}
MAY = {
    "student": {"not_yet_open": set(), "open": ALL, "late": ALL, "closed": {"read"}},
    "observer": {"not_yet_open": set(), "open": {"read"}, "late": {"read"}, "closed": {"read"}},
    "staff": {"not_yet_open": ALL, "open": ALL, "late": ALL, "closed": ALL},
}
# Why a student's post is refused, by state.
WHY = {"not_yet_open": "not_yet_open", "open": None, "late": None, "closed": "cutoff_passed"}
IN_A_CLOSED_THREAD = {"student": {"read", "start"}, "observer": {"read"}, "staff": ALL}


def expected_state(
    opens: int | None, due: int | None, cutoff: int | None, closed: str, extension: str
) -> str:
    """What the table says, from microseconds."""
    if due is not None and extension.startswith("later"):
        due = max(due, due + 2 * DAY)
    if extension == "no due date":
        due = None
    limit = None if due is None else due + GRACE
    if cutoff is not None and extension in ("later, open longer", "no due date"):
        cutoff = max(cutoff, 3 * DAY)
    if cutoff is not None and limit is not None:
        cutoff = max(cutoff, limit)
    return STATES[
        opens is None or opens <= 0,
        closed == "board closed",
        cutoff is not None and cutoff <= 0,
        limit is not None and limit <= 0,
    ]


def at(offset: int | None) -> datetime | None:
    return None if offset is None else NOW + timedelta(microseconds=offset)


def rule(offset: int | None) -> values.DueRule | None:
    """A due rule that was shown as this very instant."""
    return None if offset is None else values.DueRule(Wall(NOW.date()), promised_at=at(offset))


def dates(opens: int | None, due: int | None, cutoff: int | None, extension: str) -> values.StudentBoard:
    checkpoint = values.CheckpointRule(1, 1, "first_post", rule(due))
    rules = values.BoardRules(MADRID, (checkpoint,), at(opens), rule(cutoff), grace_minutes=5)
    given = {
        "none": (),
        "later": (values.Extension(due=(due is not None and rule(due + 2 * DAY)) or None),),
        "later, open longer": (
            values.Extension(due=(due is not None and rule(due + 2 * DAY)) or None, cutoff_at=at(3 * DAY)),
        ),
        "no due date": (values.Extension(no_due=True, cutoff_at=at(3 * DAY)),),
    }[extension]
    return student_board(rules, values.StudentDates(MADRID, extensions=given))


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize(("due", "cutoff"), list(product(DUE, WHEN)))
def test_rule_12_the_state_of_a_board_and_what_may_be_done_in_it_are_the_table(
    due, cutoff, closed, extension
):
    standing = BoardStanding(NOW - timedelta(days=3), closed_by_hand=closed == "board closed")
    thread = ThreadStanding(closed_by_hand=closed == "thread closed")
    for opens in WHEN:
        given = WHEN[opens], DUE[due], WHEN[cutoff]
        board = dates(*given, extension)
        state = expected_state(*given, closed, extension)
        assert board_state(standing, board, NOW) == state, opens
        refusal = why_not_post(standing, board, NOW)
        by_hand = closed == "board closed" and state == "closed"
        assert (refusal and refusal.code) == ("closed_by_hand" if by_hand else WHY[state]), opens
        for role in ("student", "staff", "observer"):
            refusals = {
                "read": why_not_read(standing, board, NOW, actor=role, thread=thread),
                "start": why_not_post(standing, board, NOW, actor=role),
                "reply": why_not_post(standing, board, NOW, actor=role, thread=thread),
                "edit": why_not_edit(standing, board, NOW, actor=role, thread=thread),
            }
            may = MAY[role][state]
            if closed == "thread closed":
                may = may & IN_A_CLOSED_THREAD[role]
            assert {deed for deed, refusal in refusals.items() if refusal is None} == may, (opens, role)


def test_the_table_meets_each_state_and_each_row_of_it_that_dates_can_come_to():
    met = {
        expected_state(WHEN[opens], DUE[due], WHEN[cutoff], closed, extension)
        for opens, due, cutoff, closed, extension in product(WHEN, DUE, WHEN, CLOSED, EXTENSIONS)
    }
    assert met == {"not_yet_open", "open", "late", "closed"}
    assert set(STATES) == set(product((False, True), repeat=4))
