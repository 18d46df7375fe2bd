"""What the pages that gather show: modules with what is in them, what is due next over all courses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..boards import queries as boards
from ..boards.sentences import Deadline, deadline_of, progress_words
from ..courses.models import Module
from ..courses.policy import Action, Member, Person, Role
from ..courses.queries import CourseLine, courses_of, member_of, modules_in
from ..lessons.models import Lesson
from ..lessons.queries import done_in, lessons_in
from ..posts.queries import BoardView, new_in_boards, view_of
from ..posts.standing import standing_of_one


@dataclass(frozen=True)
class Item:
    """A lesson or board in its module."""

    kind: str
    title: str
    url: str
    meta: list[str]
    state: tuple[str, str] | None
    new: int


@dataclass(frozen=True)
class ModuleLine:
    title: str
    hidden: bool
    items: list[Item]


def board_views(session: Session, member: Member, at: datetime) -> list[BoardView]:
    """Every board of a course as a member sees it; what is the same for all is computed once and kept."""
    return [view_of(session, member, board, at) for board in boards.boards_in(session, member, at)]


@dataclass(frozen=True)
class Due:
    """One thing that is due: its course and board, the deadline with what is done of it."""

    course: CourseLine
    board_title: str
    board_url: str
    deadline: Deadline
    due: datetime
    limit: datetime | None
    is_done: bool


@dataclass(frozen=True)
class Week:
    """This week of one person: what is due, nearest first; what is new; the courses."""

    due: list[Due]
    missing: list[Due]
    new: list[tuple[CourseLine, str, str, int]]
    courses: list[CourseLine]


def week_of(session: Session, person: Person, at: datetime) -> Week:
    """What is due next and what is new, over all courses of a person."""
    courses = courses_of(session, person.account_id, at)
    due: list[Due] = []
    missing: list[Due] = []
    new: list[tuple[CourseLine, str, str, int]] = []
    for line in courses:
        if line.state not in ("open", "ended"):
            continue
        member = member_of(session, person.account_id, line.id, at)
        if member is None or not member.may(Action.READ):
            continue
        views = board_views(session, member, at)
        if member.role is Role.STUDENT and line.state == "open":
            for view in views:
                _sort_due(session, line, view, due, missing)
        counts = new_in_boards(session, views)
        new += [
            (line, view.board.title, f"/c/{line.slug}/boards/{view.board.public_id}", counts[view.board.id])
            for view in views
            if counts.get(view.board.id)
        ]
    due.sort(key=lambda each: each.due)
    missing.sort(key=lambda each: each.due)
    return Week(due, missing, new, courses)


def _sort_due(session: Session, line: CourseLine, view: BoardView, due: list[Due], missing: list[Due]) -> None:
    if not any(date.due for date in view.dates.dates):
        return
    states = {met.checkpoint_id: met for met in standing_of_one(session, view)}
    rows = {row.id: row for row in view.checkpoints}
    for date in view.dates.dates:
        if date.due is None or date.checkpoint_id not in states:
            continue
        met = states[date.checkpoint_id]
        ahead = date.limit is None or view.at < date.limit
        if met.state in ("excused", "not_asked") or (not ahead and met.state != "missing"):
            continue
        cut_off = view.dates.cutoff_at
        if not ahead and cut_off is not None and view.at >= cut_off:
            continue
        each = Due(
            line, view.board.title, f"/c/{line.slug}/boards/{view.board.public_id}",
            deadline_of(
                date, rows[date.checkpoint_id], view.member, grace_minutes=view.board.grace_minutes,
                late_until=cut_off,
                done_text=progress_words(met, rows[date.checkpoint_id], view.member, cut_off=cut_off, at=view.at),
                state=met.state,
            ),
            date.due, date.limit, met.met_at is not None,
        )  # fmt: skip
        (due if ahead else missing).append(each)


@dataclass(frozen=True)
class HomeBoard:
    view: BoardView
    new: int


def home_of(
    session: Session, member: Member, at: datetime
) -> list[tuple[Module | None, list[Lesson | HomeBoard], frozenset[int]]]:
    """The modules of a course with lessons and boards in order, what is in no module at the end."""
    modules = modules_in(session, member, at)
    views = board_views(session, member, at)
    counts = new_in_boards(session, views)
    lessons = lessons_in(session, member, at)
    done = frozenset(done_in(session, member)) if member.account_id else frozenset()
    known = {module.id for module in modules}
    found: list[tuple[Module | None, list[Lesson | HomeBoard], frozenset[int]]] = []
    for module in [*modules, None]:
        module_id = module.id if module else None
        items: list[tuple[int, int, Lesson | HomeBoard]] = [
            (lesson.position, lesson.id, lesson)
            for lesson in lessons
            if lesson.module_id == module_id or (module is None and lesson.module_id not in known)
        ]
        items += [
            (view.board.position, view.board.id, HomeBoard(view, counts.get(view.board.id, 0)))
            for view in views
            if view.board.module_id == module_id or (module is None and view.board.module_id not in known)
        ]
        items.sort(key=lambda item: item[:2])
        if items or module is not None:
            found.append((module, [item for _position, _id, item in items], done))
    return found
