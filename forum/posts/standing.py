"""What one student did of a board's checkpoints, from their own posts and the first ones of others."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ..boards.models import Excusal
from ..boards.queries import closings_in
from ..boards.rules import met, values
from ..core.caches import Cache
from ..core.prepared import OneOrMany, Prepared
from ..courses.models import Enrollment
from .models import Post
from .queries import BoardView, own_facts_in
from .queries.appearing import for_all


def _first_of_others_in(of_boards: Any) -> Any:
    """When each author first wrote there (`post_id` 0), and each anonymous post, which is a person of its own."""
    there = select(Post.board_id, Post.author_id).where(
        of_boards, Post.author_id != bindparam("author", type_=Integer()), Post.removed_at.is_(None),
        Post.held_at.is_(None), for_all(),
    )  # fmt: skip
    named = there.add_columns(func.min(Post.appears_at).label("first"), literal(0).label("post_id"))
    return union_all(
        named.where(Post.anonymity == "none").group_by(Post.board_id, Post.author_id),
        there.add_columns(Post.appears_at, Post.id).where(Post.anonymity != "none"),
    )


_FIRST_OF_OTHERS = OneOrMany(Post.board_id, _first_of_others_in)
_EXCUSALS = OneOrMany(
    Excusal.board_id,
    lambda of_boards: select(Excusal.board_id, Excusal.account_id, Excusal.checkpoint_id).where(
        of_boards, Excusal.withdrawn_at.is_(None)
    ),
)
_students = and_(Enrollment.course_id == bindparam("course", type_=Integer()), Enrollment.role == "student")
_CLASSMATES = Prepared(select(Enrollment.account_id).where(_students))
_PRESENCE = Prepared(
    select(Enrollment.from_at, Enrollment.until_at).where(
        _students, Enrollment.account_id == bindparam("account", type_=Integer())
    )
)

_standings: Cache[tuple[values.Met, ...]] = Cache(20_000)


def checkpoint_rules(view: BoardView) -> tuple[values.CheckpointRule, ...]:
    return tuple(
        values.CheckpointRule(row.id, row.position, row.kind, None, row.replies, row.people, row.min_words)  # type: ignore[arg-type]
        for row in view.checkpoints
    )


def standing_of_one(
    session: Session, view: BoardView, *, version: Hashable | None = None
) -> tuple[values.Met, ...]:
    """The states of one student's checkpoints at the instant of the view; seven statements at most.

    `version` names the state of all posts of the board; with it the answer is kept until that, the board or the
    roster changes, or a limit passes.
    """
    member, board = view.member, view.board
    passed = tuple(view.at >= date.limit for date in view.dates.dates if date.limit)
    key = (
        board.id,
        board.version,
        member.account_id,
        member.account_version,
        member.roster_version,
        passed,
        version,
    )
    if version is not None and (known := _standings.get(key)) is not None:
        return known
    found = standings_of(session, [view])[board.id]
    if version is not None and not session.info.get("writing"):
        _standings.put(key, found)
    return found


def standing_after_post(
    session: Session, view: BoardView, kind: str, own: Sequence[values.PostFacts] | None
) -> tuple[values.Met, ...]:
    """What one student did of the checkpoints of one kind, for a sentence after a post: when and by which posts each
    was met and what is left, the state only of those that are met.

    `own` are all their posts on the board; nothing more is asked unless it decides: of what is late, and of replies in
    their last day or to classmates only.
    """
    member = view.member
    rules = [rule for rule in checkpoint_rules(view) if rule.kind == kind]
    dates = {date.checkpoint_id: date for date in view.dates.dates}
    if own is not None and not any(
        met.is_up_to_others(rule, dates[rule.id], view.at)
        or (kind == "replies" and view.board.classmates_only)
        for rule in rules
    ):
        facts = values.StudentFacts(view.dates.dates, presence=(), others_visible_at=view.others_from, knows_others=view.others_shown)  # fmt: skip
        found = met.states_of(rules, own, {member.account_id: facts}, view.at)[member.account_id]
        if all(each.met_at is None or each.state == "met_on_time" for each in found):
            return found
    asked = {rule.id for rule in rules}
    return tuple(each for each in standing_of_one(session, view) if each.checkpoint_id in asked)


def standings_of(
    session: Session, views: Sequence[BoardView], *, and_with: Sequence[values.PostFacts] = ()
) -> dict[int, tuple[values.Met, ...]]:
    """The same for several boards of a course as one student sees them, by board id; as many statements as for one.

    `and_with` are posts that are not there, counted as if they were.
    """
    if not views:
        return {}
    member = views[0].member
    board_ids = [view.board.id for view in views]
    own = own_facts_in(session, board_ids, member.account_id)
    others: dict[int, list[values.PostFacts]] = {board_id: [] for board_id in board_ids}
    for board_id, author_id, first, post_id in _first_of_others(session, views):
        text = values.Revision(first, 0)
        others[board_id].append(
            values.PostFacts(
                post_id or -author_id, author_id, first, (text,), appears_at=first, anonymous=post_id > 0
            )
        )
    classmates: set[int] = set()
    if any(view.board.classmates_only for view in views):
        classmates.update(row.account_id for row in _CLASSMATES.all(session, {"course": member.course_id}))
    presence = tuple(
        values.Presence(from_at, until_at)
        for from_at, until_at in _PRESENCE.all(
            session, {"course": member.course_id, "account": member.account_id}
        )
    )
    excused = excused_in_boards(
        session, {view.board.id: [row.id for row in view.checkpoints] for view in views}
    )
    closings = closings_in(session, [view.board for view in views])
    found: dict[int, tuple[values.Met, ...]] = {}
    for view in views:
        facts = values.StudentFacts(
            dates=view.dates.dates,
            presence=presence,
            excused=excused[view.board.id].get(member.account_id, frozenset()),
            others_visible_at=view.others_from,
            knows_others=view.others_shown,
        )
        found[view.board.id] = met.states_of(
            checkpoint_rules(view), [*own.get(view.board.id, []), *others[view.board.id], *and_with],
            {member.account_id: facts}, view.at, classmates=classmates if view.board.classmates_only else None,
            closings=closings[view.board.id],
        )[member.account_id]  # fmt: skip
    return found


def _first_of_others(session: Session, views: Sequence[BoardView]) -> Iterator[Any]:
    """When others first wrote on each board: in separate or visible groups, what can be answered there. Two statements
    at most."""
    author = views[0].member.account_id
    together = [view.board.id for view in views if view.board.groups == "none"]
    if together:
        yield from _FIRST_OF_OTHERS.all(session, together, {"author": author})
    grouped = [
        and_(Post.board_id == view.board.id, or_(Post.group_id.is_(None), Post.group_id.in_(view.own_groups)))
        for view in views
        if view.board.groups != "none"
    ]
    if grouped:
        yield from session.execute(_first_of_others_in(or_(*grouped)), {"author": author})


def excused_in(session: Session, board_id: int, checkpoint_ids: list[int]) -> dict[int, frozenset[int]]:
    """The checkpoints that people are excused from, by account id; an excusal of the board is one of all."""
    return excused_in_boards(session, {board_id: checkpoint_ids})[board_id]


def excused_in_boards(
    session: Session, checkpoint_ids: Mapping[int, list[int]]
) -> dict[int, dict[int, frozenset[int]]]:
    """The same for several boards, given the checkpoints of each, by board and account id; one statement."""
    found: dict[int, dict[int, frozenset[int]]] = {board_id: {} for board_id in checkpoint_ids}
    for board_id, account_id, checkpoint_id in _EXCUSALS.all(session, list(checkpoint_ids), {}):
        ids = frozenset(checkpoint_ids[board_id] if checkpoint_id is None else [checkpoint_id])
        found[board_id][account_id] = found[board_id].get(account_id, frozenset()) | ids
    return found
