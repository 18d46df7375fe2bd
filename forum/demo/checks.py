"""What must hold in a demo whatever the day on which it is laid: references, roles, order of events."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from forum.demo.faults import ContentError
from forum.demo.values import Demo, DemoBoard, DemoCourse, DemoPost, Moment

ROLES = frozenset({"student", "assistant", "instructor", "observer"})
FORMS = frozenset({"threads", "one_each", "single", "question", "announcement"})
SHOWN = frozenset({"at_once", "after_own", "together"})
CHECKPOINTS = ("first_post", "replies")
ATTACHMENT_BYTES = 100_000

# Summer and winter, and the weeks in which one side of an ocean has changed its clocks and the other has not.
ORDER_IS_CHECKED_ON = tuple(
    date(2026, month, day) for month, day in ((1, 15), (3, 12), (3, 30), (7, 15), (10, 27), (11, 4))
)


def check_demo(demo: Demo) -> None:
    """Raises ContentError at the first thing that does not hold."""
    _unique("demo.toml", "account", [one.key for one in demo.accounts])
    _unique("demo.toml", "email", [one.email.casefold() for one in demo.accounts])
    for course in demo.courses:
        _check_people(demo, course)
        for lesson in course.lessons:
            for attachment in lesson.attachments:
                if attachment.path.stat().st_size > ATTACHMENT_BYTES:
                    raise ContentError(attachment.path.name, "", "is larger than an attachment here may be")
        for board in course.boards:
            _check_board(course, board)
            _check_posts(course, board)
            _check_grades(course, board)
            for laid_on in ORDER_IS_CHECKED_ON:
                check_order(demo, course, board, laid_on)


def counted_words(text: str) -> int:
    """Words without quotations and fenced code; close to the forum's own count, not equal."""
    plain = re.sub(r"^(```|~~~).*?^\1[ ]*$", "", text, flags=re.MULTILINE | re.DOTALL)
    plain = "\n".join(line for line in plain.splitlines() if not line.lstrip().startswith(">"))
    return len(re.findall(r"\w+(?:['’]\w+)*", re.sub(r"https?://\S+", "", plain)))


def _unique(file: str, key: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ContentError(file, key, f"{value} stands there twice")


def _check_people(demo: Demo, course: DemoCourse) -> None:
    file = f"{course.key}/course.toml"
    known = {one.key for one in demo.accounts}
    sections = {one.key for one in course.sections}
    _unique(file, "enrollment", [one.account for one in course.enrollments])
    for one in course.enrollments:
        if one.account not in known:
            raise ContentError(file, f"enrollment[{one.account}]", "is nobody in demo.toml")
        if one.role not in ROLES:
            raise ContentError(file, f"enrollment[{one.account}].role", f"{one.role} is no role")
        if one.section is not None and one.section not in sections:
            raise ContentError(
                file, f"enrollment[{one.account}].section", f"{one.section} is no section here"
            )
    for section in course.sections:
        if section.teacher not in course.with_role("instructor", "assistant"):
            raise ContentError(file, f"section[{section.key}].teacher", "is not of the course's staff")
    _unique(file, "board", [one.key for one in course.boards])
    _unique(file, "lesson", [one.key for one in course.lessons])


def _check_board(course: DemoCourse, board: DemoBoard) -> None:
    file, key = f"{course.key}/course.toml", f"board[{board.key}]"
    if board.form not in FORMS:
        raise ContentError(file, f"{key}.form", f"{board.form} is no form")
    if board.shown not in SHOWN:
        raise ContentError(file, f"{key}.shown", f"{board.shown} is no way of showing posts")
    if (board.shown == "together") != (board.together is not None):
        raise ContentError(file, f"{key}.together_day", "belongs to boards that show all posts together")
    names = [one.key for one in board.checkpoints]
    if names != [one for one in CHECKPOINTS if one in names]:
        raise ContentError(
            file, f"{key}.checkpoint", "unknown, twice, or not in the order first_post, replies"
        )
    students = course.with_role("student")
    for extension in board.extensions:
        where = f"{key}.extension[{extension.student}]"
        if extension.student not in students:
            raise ContentError(file, where, "is no student of this course")
        if extension.by not in course.with_role("instructor"):
            raise ContentError(file, f"{where}.granted.by", "is no instructor of this course")
        if extension.checkpoint is not None and extension.checkpoint not in names:
            raise ContentError(file, f"{where}.checkpoint", "is no checkpoint of this board")
        for one in board.checkpoints:
            if extension.checkpoint in (None, one.key) and extension.day < one.day:
                raise ContentError(file, f"{where}.day", "is before the due rule that it extends")
    for request in board.requests:
        where = f"{key}.request[{request.student}]"
        if request.student not in students:
            raise ContentError(file, where, "is no student of this course")
        if request.checkpoint is not None and request.checkpoint not in names:
            raise ContentError(file, f"{where}.checkpoint", "is no checkpoint of this board")
        for one in board.checkpoints:
            if request.checkpoint in (None, one.key) and request.day <= one.day:
                raise ContentError(file, f"{where}.day", "is not after the due rule that it is about")
    days = [one.day for one in board.checkpoints]
    if board.together and days[:1] > [board.together.day]:
        raise ContentError(file, f"{key}.together_day", "is before the first post is due")
    if board.opens:
        days.insert(0, board.opens.day)
    if board.cut_off:
        days.append(board.cut_off.day)
    if days != sorted(days):
        raise ContentError(file, key, "opens, checkpoints and cut-off are not in this order")


def _check_posts(course: DemoCourse, board: DemoBoard) -> None:
    file = f"{course.key}/posts/{board.key}.toml"
    staff, students = course.with_role("instructor", "assistant"), course.with_role("student")
    seen: dict[str, DemoPost] = {}
    opened: set[str] = set()
    for post in board.posts:
        where = f"post[{post.key}]"
        if post.key in seen:
            raise ContentError(file, where, "stands there twice")
        if post.author not in staff | students:
            raise ContentError(file, f"{where}.author", f"{post.author} may not post in this course")
        if post.parent is not None and post.parent not in seen:
            raise ContentError(file, f"{where}.on", f"{post.parent} is no post that stands before it")
        if (post.title is not None) != (post.parent is None and board.form != "single"):
            raise ContentError(
                file, f"{where}.title", "an opening post has a title, and no other post has one"
            )
        if post.parent is None and board.form == "announcement" and post.author not in staff:
            raise ContentError(file, f"{where}.author", "only staff write announcements")
        if post.parent is None and board.form == "one_each":
            if post.author in opened and post.author in students:
                raise ContentError(file, where, f"{post.author} has a thread already")
            opened.add(post.author)
        if post.removal and post.removal.by not in staff | {post.author}:
            raise ContentError(file, f"{where}.removed.by", "is neither the author nor staff")
        seen[post.key] = post
    for draft in board.drafts:
        where = f"draft[{draft.author}]"
        if draft.author not in students:
            raise ContentError(file, where, "is no student of this course")
        if draft.parent is not None and draft.parent not in seen:
            raise ContentError(file, f"{where}.on", f"{draft.parent} is no post of this board")
    if board.drafts:
        _unique(file, "draft", [f"{one.author} on {one.parent}" for one in board.drafts])


def _check_grades(course: DemoCourse, board: DemoBoard) -> None:
    file = f"{course.key}/grades/{board.key}.toml"
    _unique(file, "grade", [one.student for one in board.grades])
    for grade in board.grades:
        where = f"grade[{grade.student}]"
        if grade.student not in course.with_role("student"):
            raise ContentError(file, where, "is no student of this course")
        if grade.by not in course.with_role("instructor", "assistant"):
            raise ContentError(file, f"{where}.by", f"{grade.by} may not grade here")
        given = dict(grade.scores)
        criteria = [one for one in board.rubric if one.key in given]
        if list(given) != [one.key for one in criteria]:
            raise ContentError(file, f"{where}.scores", "are not the rubric's criteria in their order")
        if board.released and not board.finished(grade):
            raise ContentError(file, f"{where}.scores", "lack a criterion, and the grades are released")
        for criterion in criteria:
            if given[criterion.key] not in {one.key for one in criterion.levels}:
                raise ContentError(
                    file, f"{where}.scores.{criterion.key}", f"{given[criterion.key]} is no level"
                )
    if board.released and board.released.by not in course.with_role("instructor"):
        raise ContentError(file, "release.by", "is no instructor of this course")


def check_order(demo: Demo, course: DemoCourse, board: DemoBoard, laid_on: date) -> None:
    """Raises ContentError if, laid on that date, something on the board happens out of its order."""
    file = f"{course.key}/posts/{board.key}.toml"
    opens = board.opens.on(laid_on) if board.opens else None
    students = course.with_role("student")
    starts = demo.starts.on(laid_on)
    arrived = {post.key: post.at.on(laid_on) for post in board.posts}
    minimum = board.checkpoints[0].minimum_words if board.checkpoints else 0
    first: dict[str, DemoPost] = {}
    for post in sorted(board.posts, key=lambda one: arrived[one.key]):
        where, at = f"post[{post.key}]", arrived[post.key]
        if post.parent is not None and arrived[post.parent] >= at:
            raise ContentError(file, where, f"comes before {post.parent}, which it answers")
        if opens and at < opens:
            raise ContentError(file, where, "comes before the board opens")
        told = [one.on(laid_on) for one in _told(post)]
        if any(later <= earlier for earlier, later in pairwise(told)):
            raise ContentError(file, where, "its edits and removal do not follow each other")
        if told[-1] >= starts:
            raise ContentError(file, where, "is told as past and is not before the day begins")
        if post.author not in students:
            continue
        closes = _closes(board, post.author, laid_on)
        if closes is not None and any(one.at.on(laid_on) >= closes for one in post.revisions):
            raise ContentError(file, where, "comes after the board takes nothing any more")
        if post.parent is None:
            if counted_words(post.text) >= minimum:
                first.setdefault(post.author, post)
        elif (board.together is not None and at < board.together.on(laid_on)) or (
            board.shown == "after_own" and post.author not in first
        ):
            raise ContentError(file, where, "answers what its author could not see yet")
    for draft in board.drafts:
        at = draft.at.on(laid_on)
        if at >= starts or (opens and at < opens) or (draft.parent and arrived[draft.parent] >= at):
            raise ContentError(file, f"draft[{draft.author}]", "is saved at a moment at which it cannot be")
    file = f"{course.key}/grades/{board.key}.toml"
    for grade in board.grades:
        at = grade.at.on(laid_on)
        if at >= starts or (board.cut_off and at < board.cut_off.on(laid_on)):
            raise ContentError(file, f"grade[{grade.student}]", "is given before the cut-off, or not yet")
        if board.released and at > board.released.at.on(laid_on):
            raise ContentError(file, f"grade[{grade.student}]", "is given after the release")
    if board.released and board.released.at.on(laid_on) >= starts:
        raise ContentError(file, "release", "is told as past and is not before the day begins")


def _told(post: DemoPost) -> Iterator[Moment]:
    yield from (one.at for one in post.revisions)
    if post.removal:
        yield post.removal.at


def _closes(board: DemoBoard, student: str, laid_on: date) -> datetime | None:
    """The student's cut-off: the board's, or the limit of their extension if later."""
    if board.cut_off is None:
        return None
    closes = [board.cut_off.on(laid_on)]
    for one in board.extensions:
        if one.student == student:
            due = Moment(one.day, one.until, board.cut_off.zone).on(laid_on)
            closes.append(due + timedelta(minutes=board.grace_minutes))
    return max(closes)
