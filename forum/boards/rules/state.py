"""The state of a board and what may be done in it: one table, asked by pages and commands alike.

docs/time.md, rules 6, 12, 13, 16 and 18. Every instant is compared with the arrival of the request.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from forum.boards.rules.values import Refusal, StudentBoard

BoardState = Literal["hidden", "not_yet_open", "open", "late", "closed"]
CourseState = Literal["preparation", "open", "ended", "archived"]
Actor = Literal["student", "staff", "observer"]
Deed = Literal["read", "post", "edit"]

# What the dates let a student do. Staff may do all of it in every state (in an archived course: read).
STUDENTS_MAY: dict[BoardState, frozenset[Deed]] = {
    "hidden": frozenset(),
    "not_yet_open": frozenset(),
    "open": frozenset({"read", "post", "edit"}),
    "late": frozenset({"read", "post", "edit"}),
    "closed": frozenset({"read"}),
}


@dataclass(frozen=True, slots=True)
class BoardStanding:
    """What staff have done with a board. `published_at` None is unpublished; closing ignores dates."""

    published_at: datetime | None
    closed_by_hand: bool = False
    course_state: CourseState = "open"


@dataclass(frozen=True, slots=True)
class ThreadStanding:
    """What staff have done with a thread."""

    closed_by_hand: bool = False
    removed: bool = False


def _state(standing: BoardStanding, dates: StudentBoard, at: datetime) -> tuple[BoardState, Refusal | None]:
    """The state for a student, and why it takes nothing (or shows nothing) if so."""
    if standing.course_state == "preparation":
        return "hidden", Refusal("course_in_preparation")
    if standing.published_at is None or at < standing.published_at:
        return "hidden", Refusal("not_published")
    if dates.opens_at is not None and at < dates.opens_at:
        return "not_yet_open", Refusal("not_yet_open", {"opens_at": dates.opens_at})
    if standing.course_state == "archived":
        return "closed", Refusal("course_archived")
    if standing.closed_by_hand:
        return "closed", Refusal("closed_by_hand")
    if dates.cutoff_at is not None and at >= dates.cutoff_at:
        return "closed", Refusal("cutoff_passed", {"cutoff_at": dates.cutoff_at})
    limit = dates.own_limit
    in_time = limit is not None and at < limit
    if standing.course_state == "ended" and not in_time:
        return "closed", Refusal("course_ended")
    if in_time or not dates.dates or any(date.limit is None for date in dates.dates):
        return "open", None
    return "late", None


def board_state(standing: BoardStanding, dates: StudentBoard, at: datetime) -> BoardState:
    """What a board is for a student at an instant.

    `open` until the last of their limits (for good if a checkpoint has none), `late` from then until the
    cut-off. A course ended by hand closes a board at once, but never before their own limit (rule 18).
    """
    return _state(standing, dates, at)[0]


def why_not_post(
    standing: BoardStanding,
    dates: StudentBoard,
    at: datetime,
    *,
    actor: Actor = "student",
    thread: ThreadStanding | None = None,
) -> Refusal | None:
    """Why a post that arrived at `at` is refused, or None if it is taken.

    `thread` is the thread that is answered, None for a new one. Codes: reads_only, course_in_preparation,
    not_published, not_yet_open (opens_at), cutoff_passed (cutoff_at), closed_by_hand, course_ended,
    course_archived, thread_closed, thread_removed. Staff pass all but reads_only, course_archived and
    thread_removed.
    """
    if actor == "observer":
        return Refusal("reads_only")
    if thread is not None and thread.removed:
        return Refusal("thread_removed")
    if standing.course_state == "archived":
        return Refusal("course_archived")
    if actor == "staff":
        return None
    state, refusal = _state(standing, dates, at)
    if "post" not in STUDENTS_MAY[state]:
        return refusal
    if thread is not None and thread.closed_by_hand:
        return Refusal("thread_closed")
    return None


def why_not_edit(
    standing: BoardStanding,
    dates: StudentBoard,
    at: datetime,
    *,
    thread: ThreadStanding,
    actor: Actor = "student",
    post_removed: bool = False,
) -> Refusal | None:
    """Why an edit that arrived at `at` is refused, or None: until the cut-off, as a post is (rule 16).

    Whose post it is, the policy asks. Codes as in `why_not_post`, and post_removed.
    """
    refusal = why_not_post(standing, dates, at, actor=actor, thread=thread)
    if refusal is None and post_removed:
        return Refusal("post_removed")
    return refusal


def why_not_read(
    standing: BoardStanding,
    dates: StudentBoard,
    at: datetime,
    *,
    actor: Actor = "student",
    thread: ThreadStanding | None = None,
) -> Refusal | None:
    """Why a board, or a thread of it, is not shown at `at`, or None if it is.

    Observers see what students see; staff see everything. Codes: course_in_preparation, not_published,
    not_yet_open (opens_at), thread_removed. Whether others' posts are shown yet, `shown` answers.
    """
    if actor == "staff":
        return None
    state, refusal = _state(standing, dates, at)
    if "read" not in STUDENTS_MAY[state]:
        return refusal
    if thread is not None and thread.removed:
        return Refusal("thread_removed")
    return None
