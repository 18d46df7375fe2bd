"""Laying the demo's boards with what was said, drafted, extended and graded on them, each by the rooms' own commands."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.commands import BoardSpec, CheckpointSpec, grant_extension, publish_board, save_board
from ..boards.models import Board, Checkpoint
from ..boards.queries import checkpoints_of
from ..core.db import upsert
from ..core.moments import Wall
from ..courses.models import Course
from ..courses.policy import Member
from ..courses.queries import member_of
from ..more_time.commands import ask_for_more_time
from ..participation.commands import (
    CriterionSpec,
    LevelSpec,
    release_grades,
    save_grade,
    save_rubric,
    write_feedback,
)
from ..participation.queries import rubric_of, student_for
from ..participation.rules import Judgment
from ..posts import commands as posts
from ..posts.models import Post, ReadMark, Thread
from ..posts.rules import Place
from .values import DemoBoard, Moment


def lay_board(
    session: Session, instructor: Member, course: Course, told: DemoBoard, module_id: int, position: int,
    people: Mapping[str, Account], day: date, *, published_at: datetime,
) -> None:  # fmt: skip
    """One board, published at `published_at`, with all that happened on it up to now."""
    spec = BoardSpec(
        title=told.title, form=told.form, shown=told.shown, prompt=told.prompt, module_id=module_id,
        opens=_wall(told.opens, day), cut_off=_wall(told.cut_off, day), grace_minutes=told.grace_minutes,
        together=_wall(told.together, day),
        checkpoints=tuple(
            CheckpointSpec(
                each.key, replies=each.replies, people=each.people, min_words=each.minimum_words,
                due=Wall(day + timedelta(days=each.day), each.until),
                whose_zone="own" if each.own_zone else "course",
            )
            for each in told.checkpoints
        ),
    )  # fmt: skip
    board = save_board(session, instructor, None, spec, at=published_at)
    board.position = position
    publish_board(session, instructor, board, at=published_at)
    prompt = posts.prompt_thread(session, board, at=published_at) if told.form == "single" else None
    checkpoints = {row.kind: row for row in checkpoints_of(session, [board.id])[board.id]}
    _lay_extensions(session, instructor, board, told, checkpoints, people, day)
    _lay_requests(session, course, board, told, checkpoints, people, day)
    _lay_writing(session, course, board, told, prompt, people, day)
    _lay_grading(session, instructor, course, board, told, people, day, published_at=published_at)


def _wall(moment: Moment | None, day: date) -> Wall | None:
    return None if moment is None else Wall(day + timedelta(days=moment.day), moment.time)


def _lay_extensions(
    session: Session, instructor: Member, board: Board, told: DemoBoard, checkpoints: Mapping[str, Checkpoint],
    people: Mapping[str, Account], day: date,
) -> None:  # fmt: skip
    for each in told.extensions:
        grant_extension(
            session, instructor, board, at=each.at.on(day), account_id=people[each.student].id,
            checkpoint_id=checkpoints[each.checkpoint].id if each.checkpoint else None,
            due=Wall(day + timedelta(days=each.day), each.until), reason=each.reason,
        )  # fmt: skip


def _lay_requests(
    session: Session, course: Course, board: Board, told: DemoBoard, checkpoints: Mapping[str, Checkpoint],
    people: Mapping[str, Account], day: date,
) -> None:  # fmt: skip
    for each in told.requests:
        at = each.at.on(day)
        ask_for_more_time(
            session, _member(session, people[each.student], course, at), board.public_id,
            checkpoint=checkpoints[each.checkpoint].public_id if each.checkpoint else None,
            wished=Wall(day + timedelta(days=each.day), each.until), reason=each.reason, at=at, key=posts.new_key(),
        )  # fmt: skip


def _lay_writing(
    session: Session, course: Course, board: Board, told: DemoBoard, prompt: Thread | None,
    people: Mapping[str, Account], day: date,
) -> None:  # fmt: skip
    made: dict[str, Post] = {}
    for number, each in enumerate(sorted(told.posts, key=lambda post: (post.at.on(day), post.key))):
        at = each.at.on(day)
        member = _member(session, people[each.author], course, at)
        written = posts.write(
            each.revisions[0].text, f"demo-{board.public_id}-{number}", title=each.title or ""
        )
        if each.parent is not None:
            parent = made[each.parent]
            thread = session.get_one(Thread, parent.thread_id)
            posted = posts.post_reply(
                session, member, thread.public_id, written, at=at, parent_id=parent.public_id,
                shown_from=each.shown.on(day) if each.shown else None,
            )  # fmt: skip
        elif prompt is not None:
            posted = posts.post_reply(session, member, prompt.public_id, written, at=at)
        else:
            posted = posts.start_thread(session, member, board.public_id, written, at=at)
        post = made[each.key] = session.get_one(Post, posted.id)
        if each.pinned:
            session.get_one(Thread, post.thread_id).pinned = True
        session.flush()
    later = [(edit.at.on(day), each, edit) for each in told.posts for edit in each.revisions[1:]]
    for at, each, edit in sorted(later, key=lambda one: one[0]):
        post = made[each.key]
        session.refresh(post)
        written = posts.write(edit.text, f"demo-edit-{post.public_id}-{post.revision}")
        member = _member(session, people[each.author], course, at)
        posts.edit_post(session, member, post.public_id, written, at=at, revision=post.revision)
    for each in told.posts:
        if each.removal is not None:
            at = each.removal.at.on(day)
            member = _member(session, people[each.removal.by], course, at)
            posts.remove_post(session, member, made[each.key].public_id, at=at, reason=each.removal.reason)
    _lay_drafts(session, course, board, told, prompt, made, people, day)
    _lay_marks(session, course, told, made, people, day)


def _lay_drafts(
    session: Session, course: Course, board: Board, told: DemoBoard, prompt: Thread | None,
    made: Mapping[str, Post], people: Mapping[str, Account], day: date,
) -> None:  # fmt: skip
    for each in told.drafts:
        if each.parent is not None:
            place = Place("post", made[each.parent].public_id)
        elif prompt is not None:
            place = Place("thread", prompt.public_id)
        else:
            place = Place("board", board.public_id)
        written = posts.write(each.text, posts.new_key(), title=each.title or "")
        posts.save_draft(session, people[each.author].id, course.id, place, written, at=each.at.on(day))


def _lay_marks(
    session: Session, course: Course, told: DemoBoard, made: Mapping[str, Post], people: Mapping[str, Account],
    day: date,
) -> None:  # fmt: skip
    """Who wrote in a thread had read it until then; what came later is new to them."""
    for each in sorted(told.posts, key=lambda post: post.at.on(day)):
        post = made[each.key]
        upsert(
            session, ReadMark.__table__,
            {"account_id": people[each.author].id, "thread_id": post.thread_id, "position": post.position,
             "at": each.at.on(day)},
            keys=["account_id", "thread_id"], update=["position", "at"],
        )  # fmt: skip


def _lay_grading(
    session: Session, instructor: Member, course: Course, board: Board, told: DemoBoard,
    people: Mapping[str, Account], day: date, *, published_at: datetime,
) -> None:  # fmt: skip
    if not told.rubric:
        return
    criteria = [
        CriterionSpec(
            line.name, tuple(LevelSpec(level.name, Decimal(level.points), level.description) for level in line.levels)
        )
        for line in told.rubric
    ]  # fmt: skip
    save_rubric(session, instructor, board, criteria, None, at=published_at)
    rubric = rubric_of(session, board.id)
    ids = {
        (line.key, level.key): (shown.id, row.id)
        for line, shown in zip(told.rubric, rubric.criteria, strict=True)
        for level, row in zip(line.levels, shown.levels, strict=True)
    }
    graded: list[int] = []
    for grade in sorted(told.grades, key=lambda one: (one.at.on(day), one.student)):
        at = grade.at.on(day)
        grader = _member(session, people[grade.by], course, at)
        account = people[grade.student]
        student = student_for(session, grader, account.public_id, at)
        judgment = Judgment(dict(ids[criterion, level] for criterion, level in grade.scores))
        save_grade(
            session, grader, board, student, judgment, write_feedback(grade.feedback), version=0, at=at
        )
        graded.append(account.id)
    if told.released is not None:
        at = told.released.at.on(day)
        release_grades(session, _member(session, people[told.released.by], course, at), board, graded, at=at)


def _member(session: Session, account: Account, course: Course, at: datetime) -> Member:
    member = member_of(session, account.id, course.id, at)
    assert member is not None
    return member
