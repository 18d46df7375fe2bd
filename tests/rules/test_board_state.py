"""The state of a board beside its dates, which are in `test_state_table`: publishing, the course, threads and posts."""

from datetime import UTC, datetime, timedelta

import pytest

from forum.boards.rules.state import (
    BoardStanding,
    ThreadStanding,
    board_state,
    why_not_edit,
    why_not_post,
    why_not_read,
)
from forum.boards.rules.values import DueDate, Refusal, StudentBoard
from forum.core.moments import zone

NOW = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
MADRID = zone("Europe/Madrid")
THREAD = ThreadStanding()

# Where each instant may lie when the board is asked.
WHEN = {
    "absent": None,
    "past": NOW - DAY,
    "just past": NOW - MICROSECOND,
    "now": NOW,
    "just ahead": NOW + MICROSECOND,
    "future": NOW + DAY,
}


def dates(opens: str, limit: str, cutoff: str) -> StudentBoard:
    at = WHEN[limit]
    due = DueDate(1, at and at - timedelta(minutes=5), at, MADRID)
    return StudentBoard((due,), WHEN[opens], WHEN[cutoff])


def test_the_refusal_names_the_instant():
    standing = BoardStanding(NOW - DAY)
    assert why_not_post(standing, dates("future", "absent", "absent"), NOW) == Refusal(
        "not_yet_open", {"opens_at": NOW + DAY}
    )
    assert why_not_post(standing, dates("absent", "past", "past"), NOW) == Refusal(
        "cutoff_passed", {"cutoff_at": NOW - DAY}
    )


@pytest.mark.parametrize(
    ("published", "state"),
    [(None, "hidden"), (NOW + MICROSECOND, "hidden"), (NOW, "open"), (NOW - MICROSECOND, "open")],
)
def test_a_board_is_hidden_until_it_is_published(published, state):
    standing, board = BoardStanding(published), dates("absent", "future", "absent")
    assert board_state(standing, board, NOW) == state
    for refusal in (why_not_read(standing, board, NOW), why_not_post(standing, board, NOW)):
        assert refusal == (Refusal("not_published") if state == "hidden" else None)
    assert why_not_read(standing, board, NOW, actor="staff") is None


@pytest.mark.parametrize(
    ("course", "limit", "state", "code", "readable"),
    [
        ("preparation", "future", "hidden", "course_in_preparation", False),
        ("open", "future", "open", None, True),
        ("ended", "absent", "closed", "course_ended", True),
        ("ended", "past", "closed", "course_ended", True),
        ("ended", "now", "closed", "course_ended", True),
        ("ended", "just ahead", "open", None, True),  # never before a student's own limit
        ("archived", "future", "closed", "course_archived", True),
    ],
)
def test_rule_18_the_state_of_a_course_bounds_that_of_its_boards(course, limit, state, code, readable):
    standing, board = BoardStanding(NOW - DAY, course_state=course), dates("absent", limit, "absent")
    assert board_state(standing, board, NOW) == state
    refusal = why_not_post(standing, board, NOW)
    assert (refusal and refusal.code) == code
    assert (why_not_read(standing, board, NOW) is None) == readable
    staff = why_not_post(standing, board, NOW, actor="staff")
    assert staff == (Refusal("course_archived") if course == "archived" else None)


def test_a_thread_closed_by_hand_takes_nothing_from_students_and_shows_itself():
    standing, board = BoardStanding(NOW - DAY), dates("absent", "future", "absent")
    closed = ThreadStanding(closed_by_hand=True)
    assert why_not_post(standing, board, NOW, thread=closed) == Refusal("thread_closed")
    assert why_not_edit(standing, board, NOW, thread=closed) == Refusal("thread_closed")
    assert why_not_read(standing, board, NOW, thread=closed) is None
    assert why_not_post(standing, board, NOW, thread=closed, actor="staff") is None
    assert why_not_post(standing, board, NOW, thread=THREAD) is None


def test_a_removed_thread_takes_nothing_from_anyone():
    standing, board = BoardStanding(NOW - DAY), dates("absent", "future", "absent")
    removed = ThreadStanding(removed=True)
    for actor in ("student", "staff"):
        assert why_not_post(standing, board, NOW, thread=removed, actor=actor) == Refusal("thread_removed")
    assert why_not_read(standing, board, NOW, thread=removed) == Refusal("thread_removed")
    assert why_not_read(standing, board, NOW, thread=removed, actor="staff") is None


def test_a_removed_post_is_not_edited():
    standing, board = BoardStanding(NOW - DAY), dates("absent", "future", "absent")
    assert why_not_edit(standing, board, NOW, thread=THREAD, post_removed=True) == Refusal("post_removed")


def test_a_board_is_late_only_after_the_last_of_its_limits():
    passed = DueDate(1, NOW - DAY, NOW - DAY, MADRID)
    ahead = DueDate(2, NOW + DAY, NOW + DAY, MADRID)
    undated = DueDate(3, None, None, MADRID)
    standing = BoardStanding(NOW - 2 * DAY)
    assert board_state(standing, StudentBoard((passed, ahead)), NOW) == "open"
    assert board_state(standing, StudentBoard((passed,)), NOW) == "late"
    assert board_state(standing, StudentBoard((passed, undated)), NOW) == "open"
