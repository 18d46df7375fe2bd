"""A board as one member sees it at one instant: what the rules say they may do and see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, aliased

from ...boards import queries as boards
from ...boards.audience import kept_audiences
from ...boards.groups import own_groups_of
from ...boards.models import Board, Checkpoint
from ...boards.rules import groups, shown, state, values
from ...boards.specs import Part
from ...boards.student_dates import dates_for, dates_for_boards
from ...core.caches import Cache
from ...core.prepared import OneOrMany
from ...courses.policy import Action, Member
from ..models import Post, Revision, Thread
from .appearing import for_all, not_withdrawn

_opened: Cache[datetime] = Cache(50_000)


@dataclass(frozen=True)
class BoardView:
    """A board as one member sees it at one instant: what the rules say they may do and see."""

    board: Board
    member: Member
    at: datetime
    dates: values.StudentBoard
    standing: state.BoardStanding
    actor: state.Actor
    checkpoints: tuple[Checkpoint, ...]
    others_from: datetime | None
    others_shown: bool
    audience: frozenset[Part] = frozenset()
    groups_now: Callable[[], frozenset[int]] = frozenset  # the member's; asked for when they decide

    @property
    def own_groups(self) -> frozenset[int]:
        """Those of the board's groups that the member is in now; none on a board that is not one of groups."""
        named = {key for kind, key in self.audience if kind == "group"}
        mine = self.groups_now()
        return mine & named if named else mine

    @property
    def state(self) -> state.BoardState:
        return state.board_state(self.standing, self.dates, self.at)

    @property
    def first_minimum(self) -> int:
        return boards.first_post_minimum(self.checkpoints)

    def minimum_of(self, *, is_first: bool) -> int:
        """How many words a post must have to count here: one of the first kind, or a reply to others."""
        if is_first:
            return self.first_minimum
        return max((row.min_words for row in self.checkpoints if row.kind == "replies"), default=0)

    def why_not_read(self) -> values.Refusal | None:
        return state.why_not_read(self.standing, self.dates, self.at, actor=self.actor)

    def why_not_post(self, thread: Thread | None = None) -> values.Refusal | None:
        """Why this member cannot post here now, in a thread or a new one; None if they can."""
        if not self.member.may(Action.POST):
            return values.Refusal("reads_only")
        standing = (
            state.ThreadStanding(thread.closed_at is not None, thread.removed_at is not None)
            if thread
            else None
        )
        if thread is not None and thread.appears_at is not None and thread.appears_at > self.at:
            return values.Refusal("thread_waits")
        refusal = state.why_not_post(self.standing, self.dates, self.at, actor=self.actor, thread=standing)
        if refusal is None and thread is not None and not self._takes_replies:
            return values.Refusal("staff_only")
        if refusal is None and thread is not None:
            return groups.why_not_reply(self.board.groups, thread.group_id, self.own_groups, actor=self.actor)
        return refusal

    @property
    def _takes_replies(self) -> bool:
        board = self.board
        takes = board.form != "announcement" or board.announcements_answered
        return takes or self.member.may(Action.ANSWER_ANNOUNCEMENT)

    def next_limit(self, *, is_first: bool) -> datetime | None:
        """The limit ahead of the next checkpoint after the one that a first post, or a reply, can meet now."""
        if self.actor != "student":
            return None
        kinds = {row.id: row.kind for row in self.checkpoints}
        wanted = "first_post" if is_first else "replies"
        dates = self.dates.dates
        own = [
            place
            for place, date in enumerate(dates)
            if kinds.get(date.checkpoint_id) == wanted and (date.limit is None or date.limit > self.at)
        ]
        after = dates[own[0] + 1 :] if own else dates
        return min(
            (date.limit for date in after if date.limit is not None and date.limit > self.at), default=None
        )

    def why_not_ask_staff(self) -> values.Refusal | None:
        """Why this member cannot start a thread here now that only staff read; it counts for nothing, so any number may be."""
        if self.actor != "student" or not self.board.takes_staff_questions:
            return values.Refusal("no_staff_questions")
        return self.why_not_start(has_own_thread=False)

    def why_not_start(self, has_own_thread: bool) -> values.Refusal | None:
        """Why this member cannot start a thread here now."""
        if self.board.form == "single":
            return values.Refusal("single_thread")
        refusal = self.why_not_post()
        if refusal is not None:
            return refusal
        announces = self.board.form == "announcement"
        if (announces or not self.board.students_start) and not self.member.may(Action.START_ANNOUNCEMENT):
            silent = announces and not self.board.announcements_answered
            return values.Refusal("staff_announce" if silent else "staff_start")
        refusal = groups.why_not_start(
            self.board.groups, self.own_groups, actor=self.actor, everywhere=self.member.all_sections
        )
        if refusal is not None or self.actor == "staff":
            return refusal
        if self.board.form == "one_each" and has_own_thread:
            return values.Refusal("has_thread")
        return None


def board_view(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False
) -> BoardView:
    """The board as this member sees it; NotHere if they may not know of it."""
    board = boards.board_for(session, member, public_id, at, lock=lock)
    return view_of(session, member, board, at)


def view_of(session: Session, member: Member, board: Board, at: datetime) -> BoardView:
    if board in session and session.is_modified(board):  # a kept one is in none
        checkpoints = tuple(boards.checkpoints_of(session, [board.id])[board.id])
    else:
        checkpoints = boards.kept_board(session, board.id, board.version).checkpoints
    return _view_with(session, member, board, checkpoints, at)


def kept_view_of(session: Session, member: Member, board_id: int, version: int, at: datetime) -> BoardView:
    """The same of a board that is only to be read; nothing is asked if this version of it is kept."""
    kept = boards.kept_board(session, board_id, version)
    return _view_with(session, member, kept.board, kept.checkpoints, at)


def _view_with(
    session: Session, member: Member, board: Board, checkpoints: tuple[Checkpoint, ...], at: datetime
) -> BoardView:
    dates = dates_for(session, member, board.id, board.version, at)
    own_at = None
    if _wait_for_own(board, member, dates):
        own_at = others_opened_at(session, member, board.id, boards.first_post_minimum(checkpoints), at)
    return _in_groups(session, [_view(board, member, at, dates, checkpoints, own_at)])[0]


def views_of(session: Session, member: Member, rows: Sequence[Board], at: datetime) -> list[BoardView]:
    """`view_of` each of several boards of the member's course, in their order; a fixed number of statements."""
    changed = [board.id for board in rows if board in session and session.is_modified(board)]
    checkpoints = {
        board_id: kept.checkpoints
        for board_id, kept in boards.kept_boards(
            session, {board.id: board.version for board in rows if board.id not in changed}
        ).items()
    }
    if changed:
        checkpoints |= {key: tuple(found) for key, found in boards.checkpoints_of(session, changed).items()}
    dates = dates_for_boards(session, member, rows, at)
    own_at = others_opened_in(
        session,
        member,
        {
            board.id: boards.first_post_minimum(checkpoints[board.id])
            for board in rows
            if _wait_for_own(board, member, dates[board.id])
        },
        at,
    )
    return _in_groups(session, [
        _view(board, member, at, dates[board.id], checkpoints[board.id], own_at.get(board.id))
        for board in rows
    ])  # fmt: skip


def _in_groups(session: Session, views: list[BoardView]) -> list[BoardView]:
    """The views, those of boards of groups with the member's own groups; nothing is asked if there are none."""
    grouped = [view.board for view in views if view.board.groups != "none"]
    if not grouped:
        return views
    audiences = kept_audiences(session, grouped)
    first = views[0]
    reaches_all = first.actor == "staff" and first.member.all_sections

    def mine() -> frozenset[int]:
        return frozenset() if reaches_all else own_groups_of(session, first.member, first.at)

    return [
        replace(view, audience=audiences.get(view.board.id, frozenset()), groups_now=mine)
        if view.board.groups != "none"
        else view
        for view in views
    ]


def _wait_for_own(board: Board, member: Member, dates: values.StudentBoard) -> bool:
    """Whether one's own first post shows the others', or may show them before one's own time is over."""
    if boards.actor_of(member) != "student":
        return False
    if board.shown == "together":
        return dates.held_until is not None
    # Where students cannot write, they cannot have written first: what staff announce is for everyone to read.
    return board.shown == "after_own" and board.form != "announcement"


def _others_from(
    board: Board, actor: state.Actor, dates: values.StudentBoard, own_at: datetime | None
) -> datetime | None:
    """From when others' posts are shown, given when one's own first post opens them; None: at once, or not yet."""
    if actor == "staff":
        return None
    if board.shown == "together":
        return shown.together_visible_at(own_at, dates.together_at, dates.held_until)
    return own_at


def _view(
    board: Board,
    member: Member,
    at: datetime,
    dates: values.StudentBoard,
    checkpoints: tuple[Checkpoint, ...],
    own_at: datetime | None,
) -> BoardView:
    actor = boards.actor_of(member)
    others_from = _others_from(board, actor, dates, own_at)
    others_shown = actor == "staff" or board.shown == "at_once" or board.form == "announcement"
    if not others_shown and board.shown == "after_own":
        others_shown = actor == "observer" or shown.are_others_visible("after_own", others_from, at)
    elif not others_shown:
        others_shown = shown.are_others_visible("together", others_from, at)
    return BoardView(
        board,
        member,
        at,
        dates,
        boards.standing_of(board, member),
        actor,
        checkpoints,
        others_from,
        others_shown,
    )


def others_opened_at(
    session: Session, member: Member, board_id: int, minimum: int, at: datetime
) -> datetime | None:
    """When one's own first post opened the others' (docs/time.md, rule 23); what was opened stays open.

    The instant lies after `at` for a first post that waits to be shown.
    """
    return others_opened_in(session, member, {board_id: minimum}, at)[board_id]


def others_opened_in(
    session: Session, member: Member, minimums: Mapping[int, int], at: datetime
) -> dict[int, datetime | None]:
    """The same for several boards, given the words each asks of a first post, by board id; one statement."""
    found = {board_id: _opened.get((board_id, member.account_id)) for board_id in minimums}
    unknown = [board_id for board_id, opened_at in found.items() if opened_at is None]
    if not unknown or not member.account_id:
        return found
    facts = own_facts_in(session, unknown, member.account_id)
    for board_id in unknown:
        opened_at = found[board_id] = shown.opened_by_own_at(facts.get(board_id, []), minimums[board_id])
        # What waits may still be withdrawn, and then opens nothing.
        if opened_at is not None and opened_at <= at and not session.info.get("writing"):
            _opened.put((board_id, member.account_id), opened_at)
    return found


def post_facts(session: Session, *where: Any) -> list[values.PostFacts]:
    """Posts as the rules take them, with all their revisions: two statements whatever their number."""
    return [fact for facts in facts_by_board(session, *where).values() for fact in facts]


_parent = aliased(Post)
_FACTS = (
    select(Post.id, Post.board_id, Post.group_id, Post.author_id, Post.arrived_at, Post.appears_at, Post.parent_id, Post.opens_thread,
           Post.removed_at, Post.removed_by_id, Post.ruled_out_at, Post.held_at, Post.judge_revision,
           Post.anonymity, Board.form, _parent.author_id.label("parent_author_id"), _parent.anonymity.label("parent_anonymity"))
    .join(Board, Board.id == Post.board_id)
    .outerjoin(_parent, _parent.id == Post.parent_id)
    .where(not_withdrawn(), for_all())
    .order_by(Post.arrived_at, Post.id)
)  # fmt: skip
_WITH_TEXTS = (
    _FACTS.add_columns(
        Revision.number, Revision.arrived_at.label("written_at"), Revision.words.label("written_words")
    )
    .join(Revision, Revision.post_id == Post.id)
    .order_by(Revision.number)
)
_OWN_FACTS = OneOrMany(
    Post.board_id,
    lambda of_boards: _WITH_TEXTS.where(of_boards, Post.author_id == bindparam("author", type_=Integer())),
)


def own_facts(session: Session, board_id: int, account_id: int) -> list[values.PostFacts]:
    """One person's posts on one board as the rules take them, in the order in which they arrived; one statement."""
    return own_facts_in(session, [board_id], account_id).get(board_id, [])


def own_facts_in(
    session: Session, board_ids: Sequence[int], account_id: int
) -> dict[int, list[values.PostFacts]]:
    """The same for several boards, by board id; one statement. A board without such posts is left out."""
    rows = _OWN_FACTS.all(session, board_ids, {"author": account_id})
    posts: dict[int, Any] = {}
    revisions: dict[int, list[values.Revision]] = {}
    for row in rows:
        posts.setdefault(row.id, row)
        revisions.setdefault(row.id, []).append(
            values.Revision(row.written_at, row.written_words, row.judge_revision == row.number)
        )
    found: dict[int, list[values.PostFacts]] = {}
    for row in posts.values():
        found.setdefault(row.board_id, []).append(_facts(row, revisions[row.id]))
    return found


def facts_by_board(session: Session, *where: Any) -> dict[int, list[values.PostFacts]]:
    """`post_facts` by board id, in the order in which they arrived; a board without such posts is left out."""
    rows = session.execute(_FACTS.where(*where)).all()
    revisions: dict[int, list[values.Revision]] = {}
    marks = {row.id: row.judge_revision for row in rows}
    for post_id, number, arrived_at, words in session.execute(
        select(Revision.post_id, Revision.number, Revision.arrived_at, Revision.words)
        .join(Post, Post.id == Revision.post_id)
        .where(not_withdrawn(), for_all(), *where)
        .order_by(Revision.post_id, Revision.number)
    ):
        revisions.setdefault(post_id, []).append(values.Revision(arrived_at, words, marks[post_id] == number))
    found: dict[int, list[values.PostFacts]] = {}
    for row in rows:
        found.setdefault(row.board_id, []).append(_facts(row, revisions.get(row.id, ())))
    return found


def _facts(row: Any, revisions: Sequence[values.Revision]) -> values.PostFacts:
    return values.PostFacts(
        id=row.id,
        author_id=row.author_id,
        arrived_at=row.arrived_at,
        revisions=tuple(revisions),
        opens=row.parent_id is None and (row.opens_thread or row.form == "single"),
        # Each anonymous post of others is a person of its own in every figure (docs/time.md, rule 17).
        parent_author_id=row.parent_author_id
        if row.parent_anonymity in (None, "none") or row.parent_author_id == row.author_id
        else -row.parent_id,
        anonymous=row.anonymity != "none",
        removed_at=row.removed_at if row.removed_by_id == row.author_id else None,
        ruled_out=row.ruled_out_at is not None
        or (row.removed_at is not None and row.removed_by_id != row.author_id),
        appears_at=row.appears_at,
        held=row.held_at is not None,
        group_id=row.group_id,
    )
