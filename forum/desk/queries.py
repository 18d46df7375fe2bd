"""What the pages that gather show: modules with what is in them, what is due next over all courses."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..boards import queries as boards
from ..boards.rules import values
from ..boards.sentences import Deadline, deadline_of, more_time_url, progress_words
from ..core.times import Moment, due_moment
from ..core.words import minutes_to_read
from ..courses.models import Module
from ..courses.policy import Action, Member, Person, Role
from ..courses.queries import CourseLine, courses_of, member_of, modules_in
from ..lessons.models import Lesson
from ..lessons.queries import lessons_with_done
from ..more_time.queries import count_open
from ..participation.progress import Progress, own_progress
from ..posts.queries import BoardView, New, new_in_boards, views_of
from ..posts.standing import standings_of


@dataclass(frozen=True)
class Item:
    """A lesson or board in its module."""

    kind: str
    title: str
    url: str
    meta: list[str]
    state: tuple[str, str] | None
    new: int
    ask_url: str | None = None


@dataclass(frozen=True)
class ModuleLine:
    title: str
    hidden: bool
    items: list[Item]
    progress: str = ""


def board_views(session: Session, member: Member, at: datetime) -> list[BoardView]:
    """Every board of a course as a member sees it; a fixed number of statements."""
    return views_of(session, member, boards.boards_in(session, member, at), at)


@dataclass(frozen=True)
class Due:
    """What is due on one board: its course, and each deadline with what is done of it, nearest first."""

    course: CourseLine
    board_title: str
    board_url: str
    deadlines: list[Deadline]
    due: datetime
    shown_after: Moment | None = None  # when all posts are shown together, if that is ahead


@dataclass(frozen=True)
class NewLine:
    """A board with something new in it."""

    course: CourseLine
    title: str
    url: str
    posts: int
    minutes: int


@dataclass(frozen=True)
class Week:
    """This week of one person: what is due, nearest first; what can still be posted late; what is new; the courses;
    how many requests for more time they could answer in each."""

    due: list[Due]
    missing: list[Due]
    new: list[NewLine]
    courses: list[CourseLine]
    asked: list[tuple[CourseLine, int]]


def week_of(session: Session, person: Person, at: datetime) -> Week:
    """What is due next and what is new, over all courses of a person."""
    courses = courses_of(session, person.account_id, at)
    week = Week([], [], [], courses, [])
    members: list[Member] = []
    for line in courses:
        if line.state not in ("open", "ended"):
            continue
        member = member_of(session, person.account_id, line.id, at)
        if member is None or not member.may(Action.READ):
            continue
        members.append(member)
        views = board_views(session, member, at)
        if member.role is Role.STUDENT and line.state == "open":
            asking = [view for view in views if any(date.due for date in view.dates.dates)]
            standings = standings_of(session, asking)
            for view in asking:
                _sort_due(line, view, standings[view.board.id], week)
        counts = new_in_boards(session, views)
        week.new.extend(
            _new_line(line, view, counts[view.board.id]) for view in views if view.board.id in counts
        )
    asked = count_open(session, members, at)
    week.asked.extend((line, asked[line.id]) for line in courses if line.id in asked)
    week.due.sort(key=lambda each: each.due)
    week.missing.sort(key=lambda each: each.due)
    return week


def _new_line(line: CourseLine, view: BoardView, new: New) -> NewLine:
    minutes = max(1, minutes_to_read(new.words))
    return NewLine(
        line, view.board.title, f"/c/{line.slug}/boards/{view.board.public_id}", new.posts, minutes
    )


def _sort_due(line: CourseLine, view: BoardView, standing: tuple[values.Met, ...], week: Week) -> None:
    states = {met.checkpoint_id: met for met in standing}
    rows = {row.id: row for row in view.checkpoints}
    ahead: list[tuple[datetime, Deadline]] = []
    missing: list[tuple[datetime, Deadline]] = []
    cut_off = view.dates.cutoff_at
    for date in view.dates.dates:
        met = states.get(date.checkpoint_id)
        if date.due is None or met is None or met.state in ("excused", "not_asked"):
            continue
        is_ahead = date.limit is None or view.at < date.limit
        if not is_ahead and (met.state != "missing" or (cut_off is not None and view.at >= cut_off)):
            continue
        row = rows[date.checkpoint_id]
        deadline = deadline_of(
            date, row, view.member, grace_minutes=view.board.grace_minutes, late_until=cut_off,
            done_text=progress_words(met, row, view.member, cut_off=cut_off, at=view.at), state=met.state,
            ask_url=more_time_url(view.member, view.board, row),
        )  # fmt: skip
        (ahead if is_ahead else missing).append((date.due, deadline))
    url = f"/c/{line.slug}/boards/{view.board.public_id}"
    shown_at = view.dates.together_at
    shown_after = None
    if shown_at is not None and view.at < shown_at:
        shown_after = due_moment(shown_at, view.member.zone, view.member.course_zone)
    for found, into in ((ahead, week.due), (missing, week.missing)):
        if found:
            deadlines = [deadline for _due, deadline in found]
            into.append(Due(line, view.board.title, url, deadlines, found[0][0], shown_after))


@dataclass(frozen=True)
class HomeBoard:
    """A board on the home of its course; `progress` of its reader, if they are a student and it asks something."""

    view: BoardView
    new: int
    progress: Progress | None = None


def has_progress(member: Member) -> bool:
    """Whether there is anybody whose progress the home of a course could tell: a student who is one."""
    return member.role is Role.STUDENT and bool(member.account_id)


def home_of(
    session: Session, member: Member, at: datetime
) -> list[tuple[Module | None, list[Lesson | HomeBoard], frozenset[int]]]:
    """The modules of a course with lessons and boards in order, what is in no module at the end."""
    modules = modules_in(session, member, at)
    views = board_views(session, member, at)
    counts = new_in_boards(session, views)
    lessons, done = lessons_with_done(session, member, at)
    progress = own_progress(session, views) if has_progress(member) else {}
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
            (
                view.board.position,
                view.board.id,
                HomeBoard(
                    view,
                    counts[view.board.id].posts if view.board.id in counts else 0,
                    progress.get(view.board.id),
                ),
            )
            for view in views
            if view.board.module_id == module_id or (module is None and view.board.module_id not in known)
        ]
        items.sort(key=lambda item: item[:2])
        if items or module is not None:
            found.append((module, [item for _position, _id, item in items], done))
    return found
