"""Joining two accounts of one person: what is moved to the one that goes on, and what stays because both have it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, func, select, update
from sqlalchemy.orm import Session

from ..core.db import db
from ..core.errors import Refused
from ..ledger.commands import record
from .commands import end_all_sessions, revoke_links
from .models import Account, OutsideIdentity

# What an account did before stays told of that account; its sessions and links end instead of moving.
STAYS = frozenset({"account", "audit_entry", "sign_in_session", "one_time_token"})
INTERVALS = {"enrollment": "course_id", "section_membership": "section_id", "group_membership": "group_id",
             "account_zone": None}  # fmt: skip


@dataclass(frozen=True)
class JoinLine:
    """What happens to the rows of one table: how many move, how many stay since the other account has the like."""

    table: str
    moved: int
    left: int


def why_not_join(other: Account, account: Account, *, actor_id: int | None) -> str | None:
    """A code, or None: same_account, gone_account (joined or erased already), own_account, administrator (it must lose
    that role first), suspended."""
    if other.id == account.id:
        return "same_account"
    if any(each.joined_into_id is not None or each.erased_at is not None for each in (other, account)):
        return "gone_account"
    if other.id == actor_id:
        return "own_account"
    if other.is_administrator:
        return "administrator"
    if other.suspended_at is not None or account.suspended_at is not None:
        return "suspended"
    return None


def join_accounts(
    session: Session,
    other: Account,
    account: Account,
    *,
    actor_id: int | None,
    at: datetime,
    dry: bool = False,
) -> list[JoinLine]:
    """Move what `other` has to `account`, which goes on; with `dry` only tell. Gives a line for each table concerned.

    Rows that would stand twice where one may stand (a draft at one place, a grade on one board, a time in a course)
    stay with the other account and are counted as left. Its address leads to the one that goes on. Refused: join_ and
    a code of why_not_join.
    """
    if code := why_not_join(other, account, actor_id=actor_id):
        raise Refused(f"join_{code}")
    lines = []
    for table in sorted(db.metadata.tables.values(), key=lambda table: table.name):
        if table.name in STAYS:
            continue
        for column in _account_columns(table):
            moved, left = _move(session, table, column, other.id, account.id, at=at, dry=dry)
            if moved or left:
                lines.append(JoinLine(table.name, moved, left))
    lines = _summed(lines)
    if dry:
        return lines
    session.execute(
        update(OutsideIdentity)
        .where(OutsideIdentity.kind == "account", OutsideIdentity.row_id == other.id)
        .values(row_id=account.id)
    )
    session.execute(
        update(Account).where(Account.joined_into_id == other.id).values(joined_into_id=account.id)
    )
    end_all_sessions(session, other.id, at)
    revoke_links(session, other.id, at)
    other.joined_into_id = account.id
    account.password_hash = account.password_hash or other.password_hash
    account.version += 1
    session.flush()
    record(session, "joined", "account", account.id, actor_id=actor_id, at=at, other_id=other.id,
           **{line.table: line.moved for line in lines})  # fmt: skip
    return lines


def _account_columns(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if any(key.target_fullname == "account.id" for key in column.foreign_keys)
    ]


def _unique_keys(table: Table, column: Column[Any]) -> list[list[Column[Any]]]:
    """The further columns of each key of the table that `column` is part of."""
    keys: list[Iterable[Column[Any]]] = [table.primary_key.columns]
    keys += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    keys += [list(index.columns) for index in table.indexes if index.unique]
    return [
        [each for each in key if each.name != column.name]
        for key in keys
        if any(each.name == column.name for each in key)
    ]


def _move(
    session: Session,
    table: Table,
    column: Column[Any],
    other_id: int,
    account_id: int,
    *,
    at: datetime,
    dry: bool,
) -> tuple[int, int]:
    """Rows of one table: how many moved and how many stayed."""
    if table.name in INTERVALS and column.name == "account_id":
        return _move_intervals(session, table, column, other_id, account_id, at=at, dry=dry)
    keys = _unique_keys(table, column)
    if not keys:
        number = session.scalar(select(func.count()).select_from(table).where(column == other_id)) or 0
        if number and not dry:
            session.execute(update(table).where(column == other_id).values({column.name: account_id}))
        return number, 0
    own = list(table.primary_key.columns)
    theirs = session.execute(select(table).where(column == other_id)).mappings().all()
    taken = [
        {tuple(row) for row in session.execute(select(*key).where(column == account_id))} if key else set()
        for key in keys
    ]
    movable = [
        row
        for row in theirs
        if all(
            tuple(row[each.name] for each in key) not in known for key, known in zip(keys, taken, strict=True)
        )
    ]
    if not dry:
        for row in movable:
            here = and_(*(each == row[each.name] for each in own))
            session.execute(update(table).where(here).values({column.name: account_id}))
    return len(movable), len(theirs) - len(movable)


def _move_intervals(
    session: Session,
    table: Table,
    column: Column[Any],
    other_id: int,
    account_id: int,
    *,
    at: datetime,
    dry: bool,
) -> tuple[int, int]:
    """Times in a course, section or group, and zones: what both accounts have at once stays with the other and ends
    now; what the other had before moves."""
    whose = INTERVALS[table.name]
    part = table.c[whose] if whose else None
    columns = [table.c.id, table.c.from_at, table.c.until_at, *([part] if part is not None else [])]
    mine: dict[Any, list[Any]] = defaultdict(list)
    for row in session.execute(select(*columns).where(column == account_id)):
        mine[row[3] if part is not None else None].append(row)
    moved = left = 0
    theirs: Sequence[Any] = session.execute(select(*columns).where(column == other_id)).all()
    for row in theirs:
        clashing = [
            each
            for each in mine[row[3] if part is not None else None]
            if (row.until_at is None or each.from_at < row.until_at)
            and (each.until_at is None or row.from_at < each.until_at)
        ]
        first = min((each.from_at for each in clashing), default=None)
        here = update(table).where(table.c.id == row.id)
        if first is None:
            moved += 1
            values = {column.name: account_id}
        elif row.from_at < first:
            moved += 1
            values = {column.name: account_id, "until_at": first}
        else:
            left += 1
            values = {"until_at": max(at, row.from_at)} if row.until_at is None and row.from_at < at else {}
        if values and not dry:
            session.execute(here.values(values))
    return moved, left


def _summed(lines: Sequence[JoinLine]) -> list[JoinLine]:
    found: dict[str, JoinLine] = {}
    for line in lines:
        before = found.get(line.table, JoinLine(line.table, 0, 0))
        found[line.table] = JoinLine(line.table, before.moved + line.moved, before.left + line.left)
    return list(found.values())
