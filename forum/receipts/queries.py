"""What can be known of receipts: one for who may see it, one's own, and whether they hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.queries import students_seen_by
from ..core.errors import NotHere
from ..courses.models import Course
from ..courses.policy import Action, Member, Person
from ..courses.queries import member_of
from . import keys, tokens
from .evidence import kept_posts, posts_without_receipt
from .models import Receipt, ReceiptChain
from .rules import (
    SEGMENT,
    KeptPost,
    Link,
    Result,
    Statement,
    breaks_in,
    differences,
    differences_of_post,
    token_hash,
    words_digest,
)

PAGE = 20  # of one's own receipts
BATCH = 500


def _rows() -> Select[Any]:
    return (
        select(
            *Receipt.__table__.c, Course.public_id.label("course"), Course.slug, Course.title, Course.zone,
            Account.public_id.label("account"), Account.name.label("owner"),
        )
        .join(Course, Course.id == Receipt.course_id)
        .outerjoin(Account, Account.id == Receipt.account_id)
    )  # fmt: skip


def receipt_for(session: Session, person: Person, public_id: str, at: datetime) -> Any:
    """A receipt's row with its course and owner, for its owner and for staff of its course; else NotHere."""
    row = session.execute(_rows().where(Receipt.public_id == public_id)).first()
    if row is None:
        raise NotHere
    if row.account_id == person.account_id:
        return row
    member = member_of(session, person.account_id, row.course_id, at)
    if member is None or not _may_see(session, member, row.account_id, at):
        raise NotHere
    return row


def _may_see(session: Session, member: Member, account_id: int | None, at: datetime) -> bool:
    """Staff see the receipts of everyone, or of the students of their own sections."""
    if not member.may(Action.SEE_PARTICIPATION):
        return False
    if member.all_sections:
        return True
    return any(line.account_id == account_id for line in students_seen_by(session, member, at))


def receipts_of_post(
    session: Session, member: Member, post_id: int, author_id: int, at: datetime
) -> Sequence[Any]:
    """The receipts of a post and of its edits, in order, for its author and staff; else NotHere."""
    if member.account_id != author_id and not _may_see(session, member, author_id, at):
        raise NotHere
    return session.execute(_rows().where(Receipt.post_id == post_id).order_by(Receipt.id)).all()


def own_receipts(
    session: Session, account_id: int, *, before: str | None
) -> tuple[Sequence[Any], str | None]:
    """A page of one's own receipts, newest first, and where the next one begins: at a receipt of one's own."""
    statement = _rows().where(Receipt.account_id == account_id)
    if before:
        last = session.scalar(
            select(Receipt.id).where(Receipt.public_id == before, Receipt.account_id == account_id)
        )
        if last is None:
            raise NotHere
        statement = statement.where(Receipt.id < last)
    rows = session.execute(statement.order_by(Receipt.id.desc()).limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].public_id if len(rows) > PAGE else None


def refusal_of_words(
    session: Session, account_id: int, place: str, text: str, files: Sequence[str] = ()
) -> str | None:
    """The receipt (its public id) of the last words of a person that were refused at a place, if they were these.

    `files` are the SHA-256 of what was attached.
    """
    row = session.execute(
        select(Receipt.public_id, Receipt.token, Receipt.salt)
        .where(Receipt.account_id == account_id, Receipt.place == place, Receipt.kind == "refused")
        .order_by(Receipt.id.desc())
        .limit(1)
    ).first()
    if row is None or row.salt is None:
        return None
    statement = tokens.read(row.token, known_keys()).statement
    same = statement is not None and statement.words == words_digest(row.salt, text, files)
    return row.public_id if same else None


# --- does it hold? ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """What checking one token came to: by itself, beside its row, beside its post.

    `differs` names what does. `restored_at`: it is in no chain, and its course's was started anew after it was issued.
    """

    result: Result
    statement: Statement | None = None
    differs: tuple[str, ...] = ()
    row: Any = None
    restored_at: datetime | None = None


def known_keys() -> Mapping[str, Any]:
    return keys.public_keys(Path(current_app.instance_path))


def check_token(session: Session, token: str) -> Check:
    """Whether a token is ours, unchanged, and in its course's chain as it was given."""
    token = "".join(token.split())
    reading = tokens.read(token, known_keys())
    if reading.statement is None:
        return Check(reading.result)
    row = session.execute(_rows().where(Receipt.hash == token_hash(token))).first()
    if row is None:
        return Check(
            Result.NOT_IN_CHAIN, reading.statement, restored_at=_restored_after(session, reading.statement)
        )
    kept = kept_posts(session, [row.post_id] if row.post_id is not None else [])
    result, differs = _checked(link_of(row), kept)
    return Check(result, reading.statement, differs, row)


def check_row(session: Session, row: Any) -> Check:
    """The same of a receipt that was loaded already."""
    kept = kept_posts(session, [row.post_id] if row.post_id is not None else [])
    result, differs = _checked(link_of(row), kept)
    return Check(result, tokens.read(row.token, known_keys()).statement, differs, row)


def _restored_after(session: Session, statement: Statement) -> datetime | None:
    return session.scalar(
        select(func.min(Receipt.arrived_at))
        .join(Course, Course.id == Receipt.course_id)
        .where(
            Course.public_id == statement.course,
            Receipt.kind == SEGMENT,
            Receipt.arrived_at >= statement.issued_at,
        )
    )


def link_of(row: Any) -> Link:
    return Link(
        token=row.token, hash=row.hash, previous=row.previous, receipt=row.public_id, course=row.course, kind=row.kind,
        place=row.place, arrived_at=row.arrived_at, issued_at=row.created_at, account=row.account, salt=row.salt,
        post_id=row.post_id, revision=row.revision, due_at=row.due_at, limit_at=row.limit_at,
        appears_at=row.appears_at, verdict=row.verdict, detail=row.detail,
    )  # fmt: skip


def _checked(link: Link, kept: Mapping[int, KeptPost]) -> tuple[Result, tuple[str, ...]]:
    return checked(link, known_keys(), kept.get(link.post_id) if link.post_id is not None else None)


def checked(link: Link, known: Mapping[str, Any], kept: KeptPost | None) -> tuple[Result, tuple[str, ...]]:
    """What a link comes to beside the public keys and the post that is kept, and in what it differs."""
    reading = tokens.read(link.token, known)
    if reading.statement is None:
        return reading.result, ()
    if differs := differences(link, reading.statement):
        return Result.ROW_DIFFERS, differs
    if link.post_id is not None and (differs := differences_of_post(link, reading.statement, kept)):
        return Result.POST_DIFFERS, differs
    return (Result.ERASED if link.is_erased else Result.VALID), ()


@dataclass(frozen=True)
class ChainCheck:
    """What checking a course's chain came to.

    `checked` of `receipts` links were read with signature and post, all of them for their place in the chain.
    `problems` are (receipt, result or "break", what differs); `without` are posts that have no receipt.
    """

    head: str
    receipts: int
    checked: int
    erased: int
    segments: int
    problems: tuple[tuple[str, str, tuple[str, ...]], ...]
    without: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems and not self.without


def head_of(session: Session, course_id: int) -> tuple[str, int]:
    """The head of a course's chain, empty if there is none yet, and the number of its links."""
    head = session.scalar(select(ReceiptChain.head).where(ReceiptChain.course_id == course_id))
    count = session.scalar(select(func.count(Receipt.id)).where(Receipt.course_id == course_id))
    return head or "", count or 0


def check_chain(session: Session, course_id: int, *, newest: int | None = None) -> ChainCheck:
    """Check a whole chain: every link in its place, and the `newest` of them (all, if None) with signature and post.

    Only where all are checked the bytes of attached files are read; else it is seen that they are there.
    """
    head, _count = head_of(session, course_id)
    links = session.execute(
        select(Receipt.public_id, Receipt.hash, Receipt.previous, Receipt.created_at)
        .where(Receipt.course_id == course_id)
        .order_by(Receipt.id)
    ).all()
    problems: list[tuple[str, str, tuple[str, ...]]] = [
        (name, "break", ()) for name in breaks_in([(row[0], row[1], row[2]) for row in links], head)
    ]
    erased = segments = number = 0
    for link, kept in _links(session, course_id, newest, reads_files=newest is None):
        number += 1
        result, differs = checked(link, known_keys(), kept)
        erased += result is Result.ERASED
        segments += link.kind == SEGMENT
        if not result.is_good:
            problems.append((link.receipt, result.value, differs))
    without = posts_without_receipt(session, course_id, links[0].created_at) if links else []
    return ChainCheck(head, len(links), number, erased, segments, tuple(problems), tuple(without))


def _links(
    session: Session, course_id: int, newest: int | None, *, reads_files: bool
) -> Iterator[tuple[Link, KeptPost | None]]:
    """The links of a course from the newest back, each with its post as it is kept; two statements for BATCH of them."""
    left, before = newest, None
    while left is None or left > 0:
        statement = _rows().where(Receipt.course_id == course_id)
        if before is not None:
            statement = statement.where(Receipt.id < before)
        size = BATCH if left is None else min(BATCH, left)
        rows: Sequence[Row[Any]] = session.execute(statement.order_by(Receipt.id.desc()).limit(size)).all()
        if not rows:
            return
        ids = [row.post_id for row in rows if row.post_id is not None]
        kept = kept_posts(session, ids, reads_files=reads_files)
        for row in rows:
            yield link_of(row), kept.get(row.post_id) if row.post_id is not None else None
        before, left = rows[-1].id, None if left is None else left - len(rows)
