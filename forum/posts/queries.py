"""What can be known of threads and posts: one visibility clause for every door."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, String, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..boards import queries as boards
from ..boards.models import Board, Checkpoint
from ..boards.rules import shown, state, values
from ..boards.schedule import dates_for
from ..core.caches import Cache
from ..core.db import Instant
from ..core.errors import NotHere
from ..core.prepared import Prepared
from ..courses.models import Enrollment, Group, GroupMembership
from ..courses.policy import Action, Member
from ..courses.queries import holds_at, may_see_unpublished
from .models import Draft, Post, ReadMark, Revision, Thread
from .rules import PAGE, Place

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

    @property
    def state(self) -> state.BoardState:
        return state.board_state(self.standing, self.dates, self.at)

    @property
    def first_minimum(self) -> int:
        return boards.first_post_minimum(self.checkpoints)

    def why_not_read(self) -> values.Refusal | None:
        return state.why_not_read(self.standing, self.dates, self.at, actor=self.actor)

    def why_not_post(self, thread: Thread | None = None) -> values.Refusal | None:
        """Why this member cannot post here now, in a thread or a new one; None if they can."""
        if not self.member.may(Action.POST):
            return values.Refusal("reads_only")
        standing = state.ThreadStanding(thread.closed_at is not None, thread.removed_at is not None) if thread else None
        refusal = state.why_not_post(self.standing, self.dates, self.at, actor=self.actor, thread=standing)
        if refusal is None and self.actor == "student" and self.board.form == "announcement":
            return values.Refusal("staff_only")
        return refusal

    def why_not_start(self, has_own_thread: bool) -> values.Refusal | None:
        """Why this member cannot start a thread here now."""
        if self.board.form == "single":
            return values.Refusal("single_thread")
        refusal = self.why_not_post()
        if refusal is not None or self.actor == "staff":
            return refusal
        if not self.board.students_start:
            return values.Refusal("staff_start")
        if self.board.form == "one_each" and has_own_thread:
            return values.Refusal("has_thread")
        return None


def board_view(session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False) -> BoardView:
    """The board as this member sees it; NotHere if they may not know of it."""
    board = boards.board_for(session, member, public_id, at, lock=lock)
    return view_of(session, member, board, at)


def view_of(session: Session, member: Member, board: Board, at: datetime) -> BoardView:
    if session.is_modified(board):
        checkpoints = tuple(boards.checkpoints_of(session, [board.id])[board.id])
    else:
        checkpoints = boards.kept_board(session, board.id, board.version).checkpoints
    dates = dates_for(session, member, board.id, board.version, at)
    actor = boards.actor_of(member)
    others_from = None
    # Where students cannot write, they cannot have written first: what staff announce is for everyone to read.
    others_shown = actor == "staff" or board.shown == "at_once" or board.form == "announcement"
    if not others_shown and actor == "student" and board.shown == "after_own":
        others_from = others_opened_at(session, member, board.id, boards.first_post_minimum(checkpoints))
        others_shown = shown.are_others_visible("after_own", others_from, at)
    elif not others_shown and actor == "observer":
        others_shown = board.shown == "after_own"
    return BoardView(
        board, member, at, dates, boards.standing_of(board, member), actor, checkpoints, others_from, others_shown
    )


def others_opened_at(session: Session, member: Member, board_id: int, minimum: int) -> datetime | None:
    """When one's own first post opened the others' (docs/time.md, rule 23); what was opened stays open."""
    if not member.account_id:
        return None
    key = (board_id, member.account_id)
    if (known := _opened.get(key)) is not None:
        return known
    facts = post_facts(session, Post.board_id == board_id, Post.author_id == member.account_id)
    opened_at = shown.opened_by_own_at(facts, minimum)
    if opened_at is not None and not session.info.get("writing"):
        _opened.put(key, opened_at)
    return opened_at


def post_facts(session: Session, *where: Any) -> list[values.PostFacts]:
    """Posts as the rules take them, with all their revisions: two statements whatever their number."""
    parent = _parent
    rows = session.execute(
        select(Post.id, Post.author_id, Post.arrived_at, Post.appears_at, Post.parent_id, Post.opens_thread,
               Post.removed_at, Post.removed_by_id, Post.ruled_out_at, Post.held_at, Post.judge_revision,
               Board.form, parent.author_id.label("parent_author_id"))
        .join(Board, Board.id == Post.board_id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .where(*where)
        .order_by(Post.arrived_at, Post.id)
    ).all()  # fmt: skip
    revisions: dict[int, list[values.Revision]] = {}
    marks = {row.id: row.judge_revision for row in rows}
    for post_id, number, arrived_at, words in session.execute(
        select(Revision.post_id, Revision.number, Revision.arrived_at, Revision.words)
        .join(Post, Post.id == Revision.post_id)
        .where(*where)
        .order_by(Revision.post_id, Revision.number)
    ):
        revisions.setdefault(post_id, []).append(values.Revision(arrived_at, words, marks[post_id] == number))
    return [
        values.PostFacts(
            id=row.id,
            author_id=row.author_id,
            arrived_at=row.arrived_at,
            revisions=tuple(revisions.get(row.id, ())),
            opens=row.opens_thread or (row.form == "single" and row.parent_id is None),
            parent_author_id=row.parent_author_id,
            removed_at=row.removed_at if row.removed_by_id == row.author_id else None,
            ruled_out=row.ruled_out_at is not None
            or (row.removed_at is not None and row.removed_by_id != row.author_id),
            appears_at=row.appears_at,
            held=row.held_at is not None,
        )
        for row in rows
    ]


# --- the visibility clause -----------------------------------------------------------------------------------------


def seen_posts(view: BoardView) -> Any:
    """Which posts of a board this member may see at this instant; removed ones are shown as placeholders."""
    return post_clause(view.member, view.actor, view.at, others=view.others_shown)


def post_clause(member: Member, actor: state.Actor, at: datetime, *, others: bool) -> Any:
    own = Post.author_id == member.account_id
    seen = and_(Post.appears_at <= at)
    if actor == "staff":
        return and_(or_(seen, own))
    visible = and_(seen, Post.held_at.is_(None), Post.private_to == "")
    return or_(and_(visible, literal(others)), own) if member.account_id else and_(visible, literal(others))


def thread_clause(member: Member, actor: state.Actor) -> Any:
    """Which threads of a visible board a member may see, by groups and removal; posts have a clause of their own."""
    seen_group_id = member.seen_group_id if member.as_student else None
    return _thread_clause(
        member.account_id, member.course_id, seen_group_id, staff=actor == "staff", as_student=member.as_student
    )


def _thread_clause(account_id: Any, course_id: Any, seen_group_id: Any, *, staff: bool, as_student: bool) -> Any:
    if staff:
        return and_(True)
    mine = select(GroupMembership.group_id).where(GroupMembership.account_id == account_id)
    if as_student:
        mine = select(Group.id).where(Group.id == seen_group_id, Group.course_id == course_id)
    return and_(
        Thread.removed_at.is_(None),
        or_(Thread.group_id.is_(None), Board.groups == "visible", Thread.group_id.in_(mine)),
    )


# --- one thread --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """How far someone has read a thread: to a position, as of the instant of the page that showed it."""

    position: int
    at: datetime


@dataclass(frozen=True)
class ThreadView:
    """A thread as one member sees it: the thread, its board, their read mark and their draft of an answer.

    Where it was only to be read, `thread` is a named tuple of the row, and the board's row belongs to no session.
    """

    thread: Thread
    board: BoardView
    mark: Mark | None
    draft: Draft | None
    last_scheduled: datetime | None


_THREAD = Thread.__table__
_THREAD_COLUMNS = tuple(column for column in _THREAD.columns)
_now = bindparam("at", type_=Instant())


@cache
def _thread_seen(unpublished: bool, staff: bool, as_student: bool) -> Prepared:
    """A thread by its public id under the visibility clause, for each kind of viewer."""
    reader = bindparam("reader", type_=Integer())
    waiting = (
        select(func.max(Post.appears_at))
        .where(Post.thread_id == Thread.id, Post.appears_at > Post.arrived_at, Post.appears_at <= _now)
        .correlate(Thread)
        .scalar_subquery()
    )
    statement = (
        select(*_THREAD_COLUMNS, Board.version.label("board_version"), ReadMark.position.label("mark_position"),
               ReadMark.at.label("mark_at"), Draft.id.label("draft_id"), waiting.label("last_scheduled"))
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .outerjoin(ReadMark, and_(ReadMark.thread_id == Thread.id, ReadMark.account_id == reader))
        .outerjoin(Draft, and_(Draft.account_id == reader, Draft.place == bindparam("place", type_=String())))
        .where(Thread.public_id == bindparam("thread", type_=String()))
    )  # fmt: skip
    course = bindparam("course", type_=Integer())
    seen_group = bindparam("seen_group", type_=Integer())
    statement = boards.only_visible(statement, course, _now, unpublished=unpublished)
    return Prepared(
        statement.where(_thread_clause(reader, course, seen_group, staff=staff, as_student=as_student))
    )


def thread_view(
    session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False
) -> ThreadView:
    """The thread by its public id with all that its page asks of it; NotHere if it is not for this member.

    With `lock`, or inside a transaction, the thread and the draft are rows that may be changed; the board is not.
    """
    actor = boards.actor_of(member)
    row = _thread_seen(may_see_unpublished(member), actor == "staff", member.as_student).first(
        session,
        {"thread": public_id, "course": member.course_id, "reader": member.account_id, "at": at,
         "place": f"thread:{public_id}", "seen_group": member.seen_group_id},
    )  # fmt: skip
    if row is None:
        raise NotHere
    thread = row
    if lock or session.info.get("writing"):
        found = select(Thread).where(Thread.id == row.id).execution_options(populate_existing=lock)
        thread = session.scalars(found.with_for_update() if lock else found).one()
    view = view_of(session, member, boards.kept_board(session, row.board_id, row.board_version).board, at)
    refusal = view.why_not_read()
    if refusal is not None and refusal.code != "not_yet_open":
        raise NotHere
    if not view.others_shown and not thread.is_prompt and thread.author_id != member.account_id:
        raise NotHere
    return ThreadView(
        thread,
        view,
        Mark(row.mark_position, row.mark_at) if row.mark_at is not None else None,
        session.get(Draft, row.draft_id) if row.draft_id is not None else None,
        row.last_scheduled,
    )


def was_removed(session: Session, member: Member, public_id: str, at: datetime) -> bool:
    """Whether there was such a thread on a board that this member sees, and staff removed it."""
    statement = select(Thread.id).join(Board, Board.id == Thread.board_id).where(Thread.public_id == public_id)
    statement = boards.visible_boards(statement, member, at).where(Thread.removed_at.is_not(None))
    return session.execute(statement).first() is not None


def was_in_removed(session: Session, member: Member, post_public_id: str, at: datetime) -> bool:
    """The same for the thread that a post is in."""
    thread = session.scalar(
        select(Thread.public_id).join(Post, Post.thread_id == Thread.id).where(Post.public_id == post_public_id)
    )
    return thread is not None and was_removed(session, member, thread, at)


def single_thread_of(session: Session, board_id: int) -> Thread:
    thread = session.scalars(select(Thread).where(Thread.board_id == board_id, Thread.is_prompt)).first()
    if thread is None:
        raise NotHere
    return thread


_parent = aliased(Post)
_parent_author = aliased(Account)
_POST_COLUMNS = (
    Post.id, Post.public_id, Post.author_id, Post.parent_id, Post.position, Post.path, Post.depth, Post.opens_thread,
    Post.arrived_at, Post.appears_at, Post.html, Post.words, Post.revision, Post.edited_at, Post.removed_at,
    Post.removed_by_id, Post.held_at, Post.renderer_version, Account.name.label("author"),
    _parent.position.label("parent_position"), _parent.public_id.label("parent_public_id"),
    _parent.removed_at.label("parent_removed_at"), _parent_author.name.label("parent_author"),
    Enrollment.role.label("author_role"),
)  # fmt: skip


def posts_page(
    session: Session, view: ThreadView, *, start: bytes | None = None, limit: int = PAGE
) -> tuple[Sequence[Row[Any]], bytes | None, bytes | None]:
    """Posts of a thread in the order of its tree from `start` (a path) on, and where the next and previous page begin.

    Three statements at most, whatever the thread holds: pages are found by key, not by counting.
    """
    clause = and_(Post.thread_id == view.thread.id, seen_posts(view.board))
    statement = (
        select(*_POST_COLUMNS)
        .select_from(Post)
        .join(Account, Account.id == Post.author_id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(_parent_author, _parent_author.id == _parent.author_id)
        .outerjoin(
            Enrollment,
            and_(
                Enrollment.course_id == Post.course_id,
                Enrollment.account_id == Post.author_id,
                holds_at(Enrollment, Post.arrived_at),
            ),
        )
        .where(clause)
        .order_by(Post.path, Post.id)
        .limit(limit + 1)
    )
    if start:
        statement = statement.where(Post.path >= start)
    rows = session.execute(statement).all()
    after = rows[limit].path if len(rows) > limit else None
    before = None
    if start:
        earlier = session.scalars(
            select(Post.path).where(clause, Post.path < start).order_by(Post.path.desc()).limit(limit)
        ).all()
        before = earlier[-1] if earlier else None
    return rows[:limit], after, before


@dataclass(frozen=True)
class Counts:
    """Of the posts that a member may see in a thread: how many there are, and, with placeholders of removed ones,
    how many answers in all and before a page. Nothing of it tells of a post that they may not see."""

    posts: int
    answers: int
    answers_before: int


def count_seen(session: Session, view: ThreadView, start: bytes | None = None) -> Counts:
    answers = Post.opens_thread.is_(False)
    row = session.execute(
        select(
            func.count().filter(Post.removed_at.is_(None)),
            func.count().filter(answers),
            func.count().filter(answers, Post.path < (start or b"")),
        ).where(Post.thread_id == view.thread.id, seen_posts(view.board))
    ).one()
    return Counts(*row)


def page_start_of(session: Session, view: ThreadView, post: Post) -> bytes | None:
    """Where a page of the thread begins that has this post on it; None for its first page."""
    seen = and_(Post.thread_id == view.thread.id, seen_posts(view.board), Post.path < post.path)
    before, in_branch = session.execute(
        select(func.count(), func.count().filter(Post.path >= post.path[:4])).where(seen)
    ).one()
    if before < PAGE:
        return None
    return post.path[:4] if in_branch < PAGE else post.path


def is_opening_removed(session: Session, thread_id: int) -> bool:
    """Whether the post that opened a thread was removed, and its title with it."""
    return bool(
        session.scalar(
            select(exists().where(Post.thread_id == thread_id, Post.opens_thread, Post.removed_at.is_not(None)))
        )
    )


@dataclass(frozen=True)
class PostView:
    post: Post
    thread: ThreadView
    author: str


def post_view(session: Session, member: Member, public_id: str, at: datetime, *, lock: bool = False) -> PostView:
    """One post by its public id with its thread; NotHere if it is not for this member."""
    row = session.execute(
        select(Post.id, Thread.public_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.public_id == public_id, Post.course_id == member.course_id)
    ).first()
    if row is None:
        raise NotHere
    thread = thread_view(session, member, row.public_id, at, lock=lock)
    post = session.scalars(
        select(Post).where(Post.id == row.id, seen_posts(thread.board)).execution_options(populate_existing=lock)
    ).first()
    if post is None:
        raise NotHere
    author = session.get_one(Account, post.author_id).name
    return PostView(post, thread, author)


def revisions_of(session: Session, post_id: int) -> Sequence[tuple[Revision, str]]:
    return [
        (revision, name)
        for revision, name in session.execute(
            select(Revision, Account.name)
            .join(Account, Account.id == Revision.author_id)
            .where(Revision.post_id == post_id)
            .order_by(Revision.number)
        )
    ]


def source_of(session: Session, post: Post) -> str:
    """The latest text of a post as it was typed."""
    return (
        session.scalar(select(Revision.source).where(Revision.post_id == post.id, Revision.number == post.revision))
        or ""
    )


# --- the threads of a board ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ThreadLine:
    public_id: str
    title: str | None
    author: str | None
    pinned: bool
    closed: bool
    posts: int
    new: int
    last_at: datetime
    own: bool
    removed: bool


_answer = aliased(Post)


def is_new_clause(account_id: int, at: datetime) -> Any:
    """A post is new to a reader who has not read to it nor answered it: the one notion of new.

    ReadMark is joined by thread. Its position is asked as well as its instant, since a post that arrived before
    a page was made may have been stored after it.
    """
    return and_(
        Post.author_id != account_id,
        Post.removed_at.is_(None),
        Post.appears_at <= at,
        or_(ReadMark.position.is_(None), Post.appears_at > ReadMark.at, Post.position > ReadMark.position),
        ~exists().where(_answer.parent_id == Post.id, _answer.author_id == account_id, _answer.removed_at.is_(None)),
    )


def count_new(session: Session, view: ThreadView) -> int:
    """How many posts of a thread are new to this member, on whichever of its pages."""
    account_id = view.board.member.account_id
    return (
        session.scalar(
            select(func.count())
            .select_from(Post)
            .outerjoin(ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == account_id))
            .where(Post.thread_id == view.thread.id, seen_posts(view.board), is_new_clause(account_id, view.board.at))
        )
        or 0
    )


ListKey = tuple[int, datetime, int]


def threads_page(
    session: Session, view: BoardView, *, after: ListKey | None = None, limit: int = 50
) -> tuple[list[ThreadLine], ListKey | None]:
    """Threads of a board: pinned ones, then open, then closed ones, each with the newest activity first.

    Also the key (group, instant, id) after which the next page goes on. A thread whose opening post was removed
    shows neither its title nor its author.
    """
    member, at = view.member, view.at
    clause = and_(Thread.board_id == view.board.id, thread_clause(member, view.actor))
    if not view.others_shown:
        clause = and_(clause, Thread.author_id == member.account_id)
    counted = (
        select(
            Post.thread_id,
            func.count().label("seen"),
            func.max(Post.appears_at).label("last_at"),
            func.count().filter(is_new_clause(member.account_id, at)).label("new"),
        )
        .select_from(Post)
        .outerjoin(ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == member.account_id))
        .where(Post.board_id == view.board.id, Post.removed_at.is_(None), seen_posts(view))
        .group_by(Post.thread_id)
        .subquery()
    )
    last_at = func.coalesce(counted.c.last_at, Thread.created_at)
    group = case((Thread.pinned, 0), (Thread.closed_at.is_(None), 1), else_=2)
    opening = aliased(Post)
    statement = (
        select(Thread.id, Thread.public_id, Thread.title, Thread.pinned, Thread.closed_at, Thread.author_id,
               Thread.removed_at, Account.name, counted.c.seen, counted.c.new, last_at.label("last_at"),
               group.label("list_group"), opening.removed_at.label("opening_removed_at"))
        .select_from(Thread)
        .join(Board, Board.id == Thread.board_id)
        .outerjoin(Account, Account.id == Thread.author_id)
        .outerjoin(opening, and_(opening.thread_id == Thread.id, opening.opens_thread))
        .outerjoin(counted, counted.c.thread_id == Thread.id)
        .where(clause, or_(Thread.removed_at.is_(None), Thread.is_prompt.is_(False)))
        .order_by(group, last_at.desc(), Thread.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        instant = literal(after[1], Instant())
        statement = statement.where(
            or_(group > after[0],
                and_(group == after[0],
                     or_(last_at < instant, and_(last_at == instant, Thread.id < after[2])))),
        )  # fmt: skip
    rows = session.execute(statement).all()
    lines = [
        ThreadLine(row.public_id, None if row.opening_removed_at else row.title,
                   None if row.opening_removed_at else row.name, row.pinned, row.closed_at is not None, row.seen or 0,
                   row.new or 0, row.last_at, row.author_id == member.account_id, row.removed_at is not None)
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    more = (last.list_group, last.last_at, last.id) if last is not None else None
    return lines, more


def own_first_words(session: Session, view: BoardView) -> int | None:
    """The words of one's longest post that can be the first one of a board; None if there is none."""
    first = Post.opens_thread if view.board.form != "single" else Post.parent_id.is_(None)
    return session.scalar(
        select(func.max(Post.words)).where(
            Post.board_id == view.board.id, Post.author_id == view.member.account_id, Post.removed_at.is_(None), first
        )
    )


def has_own_thread(session: Session, view: BoardView) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Thread.board_id == view.board.id,
                    Thread.author_id == view.member.account_id,
                    Thread.removed_at.is_(None),
                )
            )
        )
    )


# --- drafts ---------------------------------------------------------------------------------------------------------------


def draft_at(session: Session, account_id: int, place: Place) -> Draft | None:
    """The author's own draft for a place; there is no other way to a draft."""
    return session.scalars(select(Draft).where(Draft.account_id == account_id, Draft.place == str(place))).first()


@dataclass(frozen=True)
class New:
    """How much is new in a board: posts, and the words in them."""

    posts: int
    words: int


def new_in_boards(session: Session, views: Sequence[BoardView]) -> dict[int, New]:
    """How much is new to a member in each of several boards of one course; one statement for each way
    in which posts are shown to them."""
    found: dict[int, New] = {}
    for others in (True, False):
        part = [view for view in views if view.others_shown is others and view.why_not_read() is None]
        if not part:
            continue
        first = replace(part[0])
        for board_id, number, words in session.execute(
            select(Post.board_id, func.count(), func.sum(Post.words))
            .select_from(Post)
            .join(Thread, Thread.id == Post.thread_id)
            .join(Board, Board.id == Post.board_id)
            .outerjoin(
                ReadMark, and_(ReadMark.thread_id == Post.thread_id, ReadMark.account_id == first.member.account_id)
            )
            .where(
                Post.board_id.in_([view.board.id for view in part]),
                seen_posts(first),
                thread_clause(first.member, first.actor),
                Thread.removed_at.is_(None),
                is_new_clause(first.member.account_id, first.at),
            )
            .group_by(Post.board_id)
        ):
            found[board_id] = New(number, int(words or 0))
    return found


