"""What one student did of a board's checkpoints, from their own posts and the first ones of others."""

from collections.abc import Hashable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..boards.models import Excusal
from ..boards.queries import closings_of
from ..boards.rules import met, values
from ..core.caches import Cache
from ..courses.models import Enrollment
from .models import Post
from .queries import BoardView, post_facts

_standings: Cache[tuple[values.Met, ...]] = Cache(20_000)


def checkpoint_rules(view: BoardView) -> tuple[values.CheckpointRule, ...]:
    return tuple(
        values.CheckpointRule(row.id, row.position, row.kind, None, row.replies, row.people, row.min_words)  # type: ignore[arg-type]
        for row in view.checkpoints
    )


def standing_of_one(session: Session, view: BoardView, *, version: Hashable | None = None) -> tuple[values.Met, ...]:
    """The states of one student's checkpoints at the instant of the view; four statements.

    `version` names the state of all posts of the board; with it the answer is kept until that, the board or the
    roster changes, or a limit passes.
    """
    member, board = view.member, view.board
    passed = tuple(view.at >= date.limit for date in view.dates.dates if date.limit)
    key = (board.id, board.version, member.account_id, member.account_version, member.roster_version, passed, version)
    if version is not None and (known := _standings.get(key)) is not None:
        return known
    own = post_facts(session, Post.board_id == board.id, Post.author_id == member.account_id)
    others = [
        values.PostFacts(-author_id, author_id, first, (values.Revision(first, 0),), appears_at=first)
        for author_id, first in session.execute(
            select(Post.author_id, func.min(Post.appears_at))
            .where(Post.board_id == board.id, Post.author_id != member.account_id, Post.removed_at.is_(None),
                   Post.held_at.is_(None))
            .group_by(Post.author_id)
        )
    ]  # fmt: skip
    classmates = None
    if board.classmates_only:
        classmates = set(
            session.scalars(
                select(Enrollment.account_id).where(
                    Enrollment.course_id == member.course_id, Enrollment.role == "student"
                )
            )
        )
    presence = tuple(
        values.Presence(from_at, until_at)
        for from_at, until_at in session.execute(
            select(Enrollment.from_at, Enrollment.until_at).where(
                Enrollment.course_id == member.course_id, Enrollment.account_id == member.account_id,
                Enrollment.role == "student",
            )
        )
    )  # fmt: skip
    facts = values.StudentFacts(
        dates=view.dates.dates,
        presence=presence,
        excused=excused_in(session, board.id, [row.id for row in view.checkpoints]).get(
            member.account_id, frozenset()
        ),
        others_visible_at=view.others_from,
    )
    found = met.states_of(
        checkpoint_rules(view), [*own, *others], {member.account_id: facts}, view.at, classmates=classmates,
        closings=closings_of(session, board),
    )[member.account_id]
    if version is not None and not session.info.get("writing"):
        _standings.put(key, found)
    return found


def excused_in(session: Session, board_id: int, checkpoint_ids: list[int]) -> dict[int, frozenset[int]]:
    """The checkpoints that people are excused from, by account id; an excusal of the board is one of all."""
    found: dict[int, frozenset[int]] = {}
    for account_id, checkpoint_id in session.execute(
        select(Excusal.account_id, Excusal.checkpoint_id).where(
            Excusal.board_id == board_id, Excusal.withdrawn_at.is_(None)
        )
    ):
        ids = frozenset(checkpoint_ids if checkpoint_id is None else [checkpoint_id])
        found[account_id] = found.get(account_id, frozenset()) | ids
    return found
