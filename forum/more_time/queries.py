"""What can be known of requests for more time: one's own, and those of the students whom a member of staff sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ..accounts.models import Account
from ..boards.models import Board, Checkpoint, Extension
from ..core.caches import Cache
from ..core.errors import NotHere
from ..core.moments import zone
from ..courses.models import Course, Enrollment, SectionMembership, Term
from ..courses.policy import Action, Member, Role
from ..courses.queries import holds_at
from .models import TimeRequest
from .rules import term_ends_at, words_left

ANSWERED = 50  # of those answered last in the list of a course
_answerer = aliased(Account)


def term_end_of(session: Session, course_id: int) -> datetime:
    """The exclusive end of a course's term: until then reasons and answers are read."""
    row = session.execute(
        select(Term.ends_on, Course.zone)
        .join(Course, Course.term_id == Term.id)
        .where(Course.id == course_id)
    ).one()
    return term_ends_at(row.ends_on, zone(row.zone))


# --- one's own --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnRequest:
    """One request as its student sees it on their pages; its reason is only on the form where it can be changed."""

    board_id: int
    checkpoint_id: int | None
    public_id: str
    state: str
    wished_at: datetime
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None
    until: datetime | None
    no_due: bool
    hands_in: bool
    taken_in: int


@dataclass(frozen=True)
class _Own:
    requests: tuple[OwnRequest, ...]
    ends_at: datetime | None


_own: Cache[_Own] = Cache(20_000)


def own_requests(session: Session, member: Member, board_id: int, at: datetime) -> list[OwnRequest]:
    """The asking student's last request for each thing on a board, newest first; none that was withdrawn.

    Kept by the version of the account, which every change of a request counts up: at most two statements, and mostly
    none.
    """
    if not member.account_id or member.role is not Role.STUDENT:
        return []
    key = (member.course_id, member.account_id, member.account_version)
    known = _own.get(key)
    if known is None:
        rows = _own_rows(session, member)
        known = _Own(rows, term_end_of(session, member.course_id) if rows else None)
        if not session.info.get("writing"):
            _own.put(key, known, 1 + len(rows))
    found: dict[int | None, OwnRequest] = {}
    for row in known.requests:
        if row.board_id == board_id:
            found.setdefault(row.checkpoint_id, row)
    if known.ends_at is not None and at >= known.ends_at:
        return [_without_answer(row) for row in found.values()]
    return list(found.values())


def _own_rows(session: Session, member: Member) -> tuple[OwnRequest, ...]:
    rows = session.execute(
        select(TimeRequest, _answerer.name, Extension.due_at, Extension.cut_off_at, Extension.no_due)
        .select_from(TimeRequest)
        .outerjoin(_answerer, _answerer.id == TimeRequest.answered_by_id)
        .outerjoin(Extension, Extension.id == TimeRequest.extension_id)
        .where(
            TimeRequest.account_id == member.account_id, TimeRequest.course_id == member.course_id,
            TimeRequest.state != "withdrawn",
        )
        .order_by(TimeRequest.id.desc())
    )  # fmt: skip
    return tuple(
        OwnRequest(
            row.board_id, row.checkpoint_id, row.public_id, row.state, row.wished_at, row.asked_at, row.answered_at,
            name, row.answer, due_at or cut_off_at, bool(no_due), row.hands_in, row.taken_in,
        )
        for row, name, due_at, cut_off_at, no_due in rows
    )  # fmt: skip


def _without_answer(row: OwnRequest) -> OwnRequest:
    return replace(row, answer=None)


def own_request_on(account_id: Any, board_id: Any) -> ColumnElement[bool]:
    """The condition that `own_requests` may have something to show, of values, columns or bind parameters."""
    return (
        select(TimeRequest.id)
        .where(
            TimeRequest.account_id == account_id,
            TimeRequest.board_id == board_id,
            TimeRequest.state != "withdrawn",
        )
        .exists()
    )


def open_requests_by(session: Session, account_id: int, board_id: int) -> Sequence[TimeRequest]:
    """The open requests of one student on one board, with their reasons: for the student's own form."""
    return session.scalars(
        select(TimeRequest)
        .where(
            TimeRequest.account_id == account_id,
            TimeRequest.board_id == board_id,
            TimeRequest.state == "open",
        )
        .order_by(TimeRequest.id)
    ).all()


def own_request_for(session: Session, member: Member, public_id: str) -> TimeRequest:
    """One's own request in this course by its public id; else NotHere."""
    row = session.scalars(
        select(TimeRequest).where(
            TimeRequest.public_id == public_id, TimeRequest.account_id == member.account_id,
            TimeRequest.course_id == member.course_id,
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotHere
    return row


# --- those of others --------------------------------------------------------------------------------------------------


def _seen_by(member: Member, at: datetime) -> ColumnElement[bool]:
    """Requests of students who are in the member's course now, and of own sections where they see only those."""
    seen = and_(
        TimeRequest.course_id == member.course_id,
        TimeRequest.board_id.in_(select(Board.id).where(Board.removed_at.is_(None))),
        TimeRequest.account_id.in_(
            select(Enrollment.account_id).where(
                Enrollment.course_id == member.course_id,
                Enrollment.role == Role.STUDENT,
                holds_at(Enrollment, at),
            )
        ),
    )
    if member.all_sections:
        return seen
    own = select(SectionMembership.section_id).where(
        SectionMembership.account_id == member.account_id, holds_at(SectionMembership, at)
    )
    mine = select(SectionMembership.account_id).where(
        SectionMembership.section_id.in_(own), holds_at(SectionMembership, at)
    )
    return and_(seen, TimeRequest.account_id.in_(mine))


def count_open(session: Session, members: Sequence[Member], at: datetime) -> dict[int, int]:
    """How many open requests these members could answer, by course id; one statement for all courses, none for none."""
    asked = [_seen_by(member, at) for member in members if member.may(Action.EXTEND)]
    if not asked:
        return {}
    rows = session.execute(
        select(TimeRequest.course_id, func.count())
        .where(TimeRequest.state == "open", or_(*asked))
        .group_by(TimeRequest.course_id)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class SeenRequest:
    """A request with whom and what it is about, as a member of the staff sees it: `reason` only if they may."""

    row: TimeRequest
    board: Board
    checkpoint: Checkpoint | None
    student: Account
    answered_by: str | None
    reason: str | None
    answer: str | None
    extension: Extension | None


def _rows(member: Member, at: datetime) -> Any:
    return (
        select(TimeRequest, Board, Checkpoint, Account, _answerer.name, Extension)
        .join(Board, Board.id == TimeRequest.board_id)
        .join(Account, Account.id == TimeRequest.account_id)
        .outerjoin(Checkpoint, Checkpoint.id == TimeRequest.checkpoint_id)
        .outerjoin(_answerer, _answerer.id == TimeRequest.answered_by_id)
        .outerjoin(Extension, Extension.id == TimeRequest.extension_id)
        .where(_seen_by(member, at), TimeRequest.state != "withdrawn")
    )


def _seen(session: Session, member: Member, statement: Any, at: datetime) -> list[SeenRequest]:
    rows = session.execute(statement).all()
    if not rows:
        return []
    ends_at = term_end_of(session, member.course_id)
    sees_reasons = member.may(Action.SEE_REASONS)
    return [
        SeenRequest(
            row, board, checkpoint, student, name,
            words_left(row.reason, ends_at, at) if sees_reasons else None, words_left(row.answer, ends_at, at), extension,
        )
        for row, board, checkpoint, student, name, extension in rows
    ]  # fmt: skip


def open_requests(
    session: Session, member: Member, at: datetime, *, board_id: int | None = None
) -> list[SeenRequest]:
    """The open requests that this member may answer, of the course or of one board, oldest first; two statements."""
    statement = _rows(member, at).where(TimeRequest.state == "open")
    if board_id is not None:
        statement = statement.where(TimeRequest.board_id == board_id)
    return _seen(session, member, statement.order_by(TimeRequest.asked_at, TimeRequest.id), at)


def answered_requests(session: Session, member: Member, at: datetime) -> list[SeenRequest]:
    """Those that were answered last, newest first."""
    statement = (
        _rows(member, at)
        .where(TimeRequest.answered_at.is_not(None))
        .order_by(TimeRequest.answered_at.desc(), TimeRequest.id.desc())
        .limit(ANSWERED)
    )
    return _seen(session, member, statement, at)


def request_for(session: Session, member: Member, public_id: str, at: datetime) -> SeenRequest:
    """A request by its public id, open or answered, for who may see it; else NotHere."""
    found = _seen(session, member, _rows(member, at).where(TimeRequest.public_id == public_id), at)
    if not found:
        raise NotHere
    return found[0]
