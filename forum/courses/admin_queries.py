"""What an administrator can know of the site: its courses by term, its health, its audit log."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..core.db import sqlite_is_sound
from ..core.files import File
from ..core.jobs import Heartbeat, Job
from ..ledger.models import AuditEntry
from .models import Course, Enrollment, Term
from .queries import holds_at

AUDIT_PAGE = 100


@dataclass(frozen=True)
class Health:
    """How the site stands at an instant; sizes in bytes. `sqlite_sound` is None on another database."""

    database: str
    sqlite_sound: bool | None
    jobs_waiting: int
    jobs_overdue: int
    jobs_failed: int
    last_heartbeat_at: datetime | None
    files: int
    files_bytes: int
    database_bytes: int | None
    free_bytes: int
    total_bytes: int


def health(session: Session, instance: Path, at: datetime) -> Health:
    """Three statements and a look at the disk."""
    dialect = session.get_bind().dialect.name
    waiting, overdue, failed = session.execute(
        select(
            func.count(Job.id).filter(Job.done_at.is_(None), Job.given_up_at.is_(None)),
            func.count(Job.id).filter(Job.done_at.is_(None), Job.given_up_at.is_(None), Job.due_at <= at),
            func.count(Job.id).filter(Job.given_up_at.is_not(None)),
        )
    ).one()
    heartbeat = session.scalar(select(func.max(Heartbeat.at)))
    files, size = session.execute(
        select(func.count(File.id), func.coalesce(func.sum(File.size), 0)).where(File.removed_at.is_(None))
    ).one()
    disk = shutil.disk_usage(instance)
    files_of_it = [file for name in ("forum.db", "forum.db-wal") if (file := instance / name).exists()]
    is_sqlite = dialect == "sqlite"
    return Health(
        database="SQLite" if is_sqlite else "PostgreSQL",
        sqlite_sound=sqlite_is_sound() if is_sqlite else None,
        jobs_waiting=waiting,
        jobs_overdue=overdue,
        jobs_failed=failed,
        last_heartbeat_at=heartbeat,
        files=files,
        files_bytes=int(size),
        database_bytes=sum(file.stat().st_size for file in files_of_it)
        if is_sqlite and files_of_it
        else None,
        free_bytes=disk.free,
        total_bytes=disk.total,
    )


def terms_in(session: Session) -> Sequence[tuple[Term, int]]:
    """Every term with the number of its courses, newest first."""
    rows = session.execute(
        select(Term, func.count(Course.id))
        .outerjoin(Course, Course.term_id == Term.id)
        .group_by(Term.id)
        .order_by(Term.starts_on.desc(), Term.id.desc())
    )
    return [(term, number) for term, number in rows]


def courses_by_term(session: Session, at: datetime) -> list[tuple[Term, list[tuple[Course, int]]]]:
    """Every term, newest first, with its courses by code and the number of their students; two statements."""
    students = (
        select(func.count(Enrollment.id))
        .where(Enrollment.course_id == Course.id, Enrollment.role == "student", holds_at(Enrollment, at))
        .correlate(Course)
        .scalar_subquery()
    )
    found: dict[int, list[tuple[Course, int]]] = {}
    for course, number in session.execute(select(Course, students).order_by(Course.code, Course.id)):
        found.setdefault(course.term_id, []).append((course, number))
    return [(term, found.get(term.id, [])) for term, _number in terms_in(session)]


@dataclass(frozen=True)
class AuditLine:
    """One deed, with names for the ids that the log keeps."""

    at: datetime
    deed: str
    subject_kind: str
    actor: str | None
    subject: str | None
    course_code: str | None
    course_slug: str | None
    facts: dict[str, Any]


def audit_page(
    session: Session, *, course_id: int | None, before: tuple[datetime, int] | None
) -> tuple[list[AuditLine], tuple[datetime, int] | None]:
    """A page of the audit log, newest first, and where the next one begins; at most five statements.

    A place in the log is an instant and how many entries of that very instant were shown already.
    """
    statement = (
        select(AuditEntry, Account.name, Course.code, Course.slug)
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
        .outerjoin(Course, Course.id == AuditEntry.course_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(AUDIT_PAGE + 1)
    )
    if course_id is not None:
        statement = statement.where(AuditEntry.course_id == course_id)
    if before is not None:
        statement = statement.where(AuditEntry.at <= before[0]).offset(before[1])
    rows = session.execute(statement).all()
    shown = rows[:AUDIT_PAGE]
    names = _subject_names(session, [row[0] for row in shown])
    lines = [
        AuditLine(entry.at, entry.deed, entry.subject_kind, actor, names.get((entry.subject_kind, entry.subject_id)),
                  code, slug, entry.facts)
        for entry, actor, code, slug in shown
    ]  # fmt: skip
    if len(rows) <= AUDIT_PAGE:
        return lines, None
    last_at = shown[-1][0].at
    same = sum(1 for row in shown if row[0].at == last_at)
    if before is not None and before[0] == last_at:
        same += before[1]
    return lines, (last_at, same)


def _subject_names(session: Session, entries: Sequence[AuditEntry]) -> dict[tuple[str, int | None], str]:
    """Names of the accounts, courses and terms that entries are about; of an enrollment its person's."""
    found: dict[tuple[str, int | None], str] = {}
    ids: dict[str, set[int]] = {}
    for entry in entries:
        if entry.subject_id is not None:
            ids.setdefault(entry.subject_kind, set()).add(entry.subject_id)
    for kind, statement in (
        ("account", select(Account.id, Account.name).where(Account.id.in_(ids.get("account", ())))),
        ("term", select(Term.id, Term.code).where(Term.id.in_(ids.get("term", ())))),
        ("course", select(Course.id, Course.code).where(Course.id.in_(ids.get("course", ())))),
        (
            "enrollment",
            select(Enrollment.id, Account.name)
            .join(Account, Account.id == Enrollment.account_id)
            .where(Enrollment.id.in_(ids.get("enrollment", ()))),
        ),
    ):
        if ids.get(kind):
            found |= {(kind, key): name for key, name in session.execute(statement)}
    return found
