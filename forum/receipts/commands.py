"""What can be done with receipts: issue one, start a new segment of the chain, forget whose they are.

All run inside transaction(), in that of the deed that they prove: no post without its receipt, no receipt without its post.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from flask import current_app
from sqlalchemy import Integer, String, bindparam, select, update
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..core.db import new_public_id, upsert
from ..core.prepared import Prepared, inserting
from ..courses.models import Course
from ..ledger.commands import record
from . import keys, tokens
from .models import Receipt, ReceiptChain
from .rules import SALT_BYTES, SEGMENT, Statement, owner_digest, token_hash, verdict_of, words_digest


@dataclass(frozen=True)
class Arrived:
    """What arrived: words for a place, and the post and text that they became. `files` are SHA-256 in hexadecimal.

    `refusal` is the class of a refusal (`rules.class_of_refusal`).
    """

    kind: str
    place: str
    text: str
    post_id: int | None = None
    post: str | None = None
    revision: int | None = None
    files: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class HeldAgainst:
    """The due instant that an arrival was held against, and the limit, which is that with grace; None for none."""

    due_at: datetime | None = None
    limit_at: datetime | None = None


_HEAD = Prepared(
    select(ReceiptChain.head, Course.public_id.label("course"), Account.public_id.label("account"))
    .select_from(ReceiptChain)
    .join(Course, Course.id == ReceiptChain.course_id)
    .join(Account, Account.id == bindparam("account_id", type_=Integer()))
    .where(ReceiptChain.course_id == bindparam("course_id", type_=Integer()))
    .with_for_update(of=ReceiptChain)
)

_ADD = inserting(Receipt.__table__)
_MOVE = Prepared(
    update(ReceiptChain)
    .where(ReceiptChain.course_id == bindparam("of_course", type_=Integer()),
           ReceiptChain.head == bindparam("before", type_=String()))
    .values(head=bindparam("after", type_=String()))
    .returning(ReceiptChain.course_id)
)  # fmt: skip


def issue_receipt(
    session: Session, account_id: int, course_id: int, arrived: Arrived, against: HeldAgainst, *, at: datetime,
    issued_at: datetime, appears_at: datetime | None = None,
) -> str:  # fmt: skip
    """Sign what arrived at `at` and add it to the course's chain; the public id of the receipt.

    Call it last, drafts too come before: it holds the head of the chain until the commit. `issued_at` is the instant of the request, later
    than the arrival where that was signed before; `appears_at` is that of a scheduled post.
    """
    told = {"course_id": course_id, "account_id": account_id}
    found = _HEAD.first(session, told)
    if found is None:
        upsert(
            session,
            ReceiptChain.__table__,
            {"course_id": course_id, "head": ""},
            keys=["course_id"],
            update=[],
        )
        found = _HEAD.first(session, told)
        assert found is not None
    salt = secrets.token_hex(SALT_BYTES)
    statement = Statement(
        receipt=new_public_id(), kind=arrived.kind, course=found.course, place=arrived.place, previous=found.head,
        arrived_at=at, issued_at=issued_at, post=arrived.post, revision=arrived.revision,
        owner=owner_digest(salt, found.account), words=words_digest(salt, arrived.text, arrived.files),
        due_at=against.due_at, limit_at=against.limit_at, appears_at=appears_at,
        verdict="refused" if arrived.kind == "refused" else verdict_of(at, against.limit_at), detail=arrived.refusal,
    )  # fmt: skip
    _append(session, course_id, statement, account_id=account_id, post_id=arrived.post_id, salt=salt)
    return statement.receipt


def start_segment(session: Session, course_id: int, reason: str, *, at: datetime) -> str:
    """Sign that the chain of a course goes on from its present head, after a restore; the new head.

    What was issued after the backup and is lost with it is then known to be missing for that reason.
    """
    row = session.execute(
        select(ReceiptChain.head, Course.public_id)
        .join(Course, Course.id == ReceiptChain.course_id)
        .where(ReceiptChain.course_id == course_id)
        .with_for_update(of=ReceiptChain)
    ).one()
    statement = Statement(
        receipt=new_public_id(), kind=SEGMENT, course=row.public_id, place="", previous=row.head, arrived_at=at,
        issued_at=at, detail=reason,
    )  # fmt: skip
    head = _append(session, course_id, statement)
    record(
        session, "started", "receipt_segment", None, actor_id=None, at=at, course_id=course_id, reason=reason
    )
    return head


def _append(
    session: Session, course_id: int, statement: Statement, *, account_id: int | None = None,
    post_id: int | None = None, salt: str | None = None,
) -> str:  # fmt: skip
    key = keys.signing_key(Path(current_app.instance_path))
    statement = replace(statement, issuer=str(current_app.config["PUBLIC_URL"]))
    token = tokens.sign(statement, key.key, key.id)
    head = token_hash(token)
    _ADD.one(
        session,
        {
            "public_id": statement.receipt, "course_id": course_id, "account_id": account_id, "post_id": post_id,
            "revision": statement.revision, "kind": statement.kind, "place": statement.place,
            "arrived_at": statement.arrived_at, "due_at": statement.due_at, "limit_at": statement.limit_at,
            "appears_at": statement.appears_at, "verdict": statement.verdict, "detail": statement.detail,
            "token": token, "previous": statement.previous, "hash": head, "salt": salt,
            "created_at": statement.issued_at,
        },
    )  # fmt: skip
    moved = _MOVE.first(session, {"of_course": course_id, "before": statement.previous, "after": head})
    if moved is None:
        raise RuntimeError("the head of the chain moved while it was held")
    return head


def forget_salt(session: Session, account_id: int) -> int:
    """Take the salts and the owner from the receipts of a person who is erased; how many they were.

    Without its salt a token says nothing of who wrote what. The chain stays whole: such a link verifies as erased.
    """
    gone = session.execute(
        update(Receipt).where(Receipt.account_id == account_id).values(salt=None, account_id=None)
    )
    return int(cast(Any, gone).rowcount)
