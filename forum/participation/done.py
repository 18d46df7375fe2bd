"""What students did on boards: the states of their checkpoints and their figures, computed from posts at each look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..boards.models import Board, Checkpoint
from ..boards.queries import closings_in, first_post_minimum
from ..boards.rules import met, values
from ..boards.schedule import dates_from, people_of, schedules_of
from ..boards.together import others_visible_at
from ..courses.models import Course, Enrollment
from ..courses.queries import RosterLine
from ..posts.models import Post
from ..posts.queries.board_views import facts_by_board
from ..posts.standing import excused_in_boards
from .groups import judged_by


@dataclass(frozen=True)
class Participation:
    """What one student did on one board; every figure is computed from the posts."""

    student: RosterLine
    states: tuple[values.Met, ...]
    dates: values.StudentBoard
    words: int = 0
    posts: int = 0
    replies: int = 0
    people: int = 0
    removed: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


def participation_in(
    session: Session,
    board: Board,
    checkpoints: Sequence[Checkpoint],
    students: Sequence[RosterLine],
    at: datetime,
) -> list[Participation]:
    """What each of these students did on a board, in their order; a fixed number of statements."""
    return participation_on(session, {board: students}, {board.id: checkpoints}, at)[board.id]


def participation_on(
    session: Session,
    asked: Mapping[Board, Sequence[RosterLine]],
    checkpoints: Mapping[int, Sequence[Checkpoint]],
    at: datetime,
) -> dict[int, list[Participation]]:
    """The same of several boards of one course, each with the students of whom it asks something, by board id.

    As many statements as for one.
    """
    if not asked:
        return {}
    boards = list(asked)
    board_ids = [board.id for board in boards]
    enrolled = {each.account_id: each.enrolled_from for students in asked.values() for each in students}
    people = people_of(session, enrolled, at)
    schedules = schedules_of(session, boards, session.get_one(Course, boards[0].course_id))
    facts = facts_by_board(session, Post.board_id.in_(board_ids))
    presence: dict[int, list[values.Presence]] = {}
    for account_id, from_at, until_at in session.execute(
        select(Enrollment.account_id, Enrollment.from_at, Enrollment.until_at)
        .where(Enrollment.course_id == boards[0].course_id, Enrollment.role == "student")
        .order_by(Enrollment.from_at)
    ):
        presence.setdefault(account_id, []).append(values.Presence(from_at, until_at))
    excused = excused_in_boards(session, {key: [row.id for row in checkpoints[key]] for key in board_ids})
    closings = closings_in(session, boards)
    found: dict[int, list[Participation]] = {}
    for board, students in asked.items():
        own: dict[int, list[values.PostFacts]] = {}
        for post in facts.get(board.id, ()):
            own.setdefault(post.author_id, []).append(post)
        dates = dates_from(schedules[board.id], people.only(each.account_id for each in students))
        minimum = first_post_minimum(checkpoints[board.id])
        told = {
            account_id: values.StudentFacts(
                dates=dates[account_id].dates,
                presence=tuple(presence.get(account_id, ())),
                excused=excused[board.id].get(account_id, frozenset()),
                others_visible_at=others_visible_at(
                    board, own.get(account_id, ()), minimum, dates[account_id]
                ),
            )
            for account_id in dates
        }
        classmates = set(presence) if board.classmates_only else None
        rules = rules_of(checkpoints[board.id])
        states: dict[int, tuple[values.Met, ...]] = {}
        for account_ids, posts in judged_by(board, students, facts.get(board.id, [])):
            theirs = {account_id: told[account_id] for account_id in account_ids}
            states |= met.states_of(
                rules, posts, theirs, at, classmates=classmates, closings=closings[board.id]
            )
        found[board.id] = [
            _line(each, states[each.account_id], dates[each.account_id], own.get(each.account_id, ()))
            for each in students
        ]
    return found


def rules_of(checkpoints: Sequence[Checkpoint]) -> tuple[values.CheckpointRule, ...]:
    return tuple(
        values.CheckpointRule(row.id, row.position, row.kind, None, row.replies, row.people, row.min_words)  # type: ignore[arg-type]
        for row in checkpoints
    )


def _line(
    student: RosterLine,
    states: tuple[values.Met, ...],
    dates: values.StudentBoard,
    posts: Sequence[values.PostFacts],
) -> Participation:
    standing = [
        post for post in posts if post.removed_at is None and not post.ruled_out and not post.is_prompt
    ]
    answers = [post for post in standing if not post.opens]
    return Participation(
        student=student,
        states=states,
        dates=dates,
        words=sum(post.revisions[-1].words for post in standing if post.revisions),
        posts=len(standing),
        replies=len(answers),
        people=len({post.parent_author_id for post in answers} - {None, student.account_id}),
        removed=len(posts) - len(standing),
        first_at=min((post.arrived_at for post in standing), default=None),
        last_at=max((post.arrived_at for post in standing), default=None),
    )
