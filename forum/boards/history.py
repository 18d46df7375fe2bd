"""Who set which date when and why: what students see of the dates that concern them (docs/time.md, rule 6)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from ..core.prepared import Prepared
from .models import Board, DueRule, Extension
from .outages.models import AddedTime
from .rules import values

Told = Mapping[int, tuple[values.Reason, ...]]


def histories_for_student(
    session: Session,
    boards: Iterable[Board],
    account_id: int,
    section_ids: Iterable[int],
    group_ids: Iterable[int],
) -> Mapping[int, Told]:
    """By board and checkpoint id, the changes of a due date since students could see it, oldest first.

    Two statements, however many boards.
    """
    shown_at = {board.id: board.first_shown_at for board in boards if board.first_shown_at is not None}
    if not shown_at:
        return {}
    rules = due_versions(session, list(shown_at))
    extensions = own_extensions(session, list(shown_at), account_id)
    sections, groups = set(section_ids), set(group_ids)
    return {
        board_id: history_of(first, rules[board_id], extensions[board_id], sections, groups)
        for board_id, first in shown_at.items()
    }


def due_versions(session: Session, board_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Every version of every due date of several boards, by board id, in order; rows of no session. One statement."""
    found: dict[int, list[Any]] = {board_id: [] for board_id in board_ids}
    for rule in session.execute(
        select(DueRule.board_id, DueRule.checkpoint_id, DueRule.section_id, DueRule.group_id, DueRule.instant,
               DueRule.created_at, DueRule.reason)
        .where(DueRule.board_id.in_(board_ids), DueRule.what == "due")
        .order_by(DueRule.version, DueRule.id)
    ):  # fmt: skip
        found[rule.board_id].append(rule)
    return found


_OWN = select(*Extension.__table__.columns).order_by(Extension.created_at, Extension.id)
_ON_ONE_BOARD = Prepared(
    _OWN.where(
        Extension.board_id == bindparam("board", type_=Integer()),
        Extension.account_id == bindparam("account", type_=Integer()),
    )
)


def own_extensions(session: Session, board_ids: Sequence[int], account_id: int) -> dict[int, list[Extension]]:
    """One student's own extensions on several boards, withdrawn ones too, oldest first; one statement.

    The rows belong to no session: to be read only.
    """
    found: dict[int, list[Extension]] = {board_id: [] for board_id in board_ids}
    if not account_id:
        return found
    if len(board_ids) == 1:
        rows = _ON_ONE_BOARD.all(session, {"board": board_ids[0], "account": account_id})
        return {board_ids[0]: [Extension(**row._asdict()) for row in rows]}
    for row in session.execute(
        _OWN.where(Extension.board_id.in_(board_ids), Extension.account_id == account_id)
    ):
        found[row.board_id].append(Extension(**row._mapping))
    return found


def history_of(
    first_shown_at: datetime | None,
    rules: Iterable[Any],
    extensions: Iterable[Extension],
    section_ids: Collection[int],
    group_ids: Collection[int],
    added: Iterable[AddedTime] = (),
) -> Told:
    """What one student is told of a board's due dates, by checkpoint id, from its `due_versions`, their own extensions
    and what was added after outages.

    Codes: changed (was, due, at, why), extension_reason (at, why), extension_withdrawn (at, why), added_reason (at, why). A checkpoint id of
    0 stands for every checkpoint of the board. Nothing was told before the board was shown.
    """
    if first_shown_at is None:
        return {}
    found: dict[int, list[values.Reason]] = {}
    before: dict[tuple[object, ...], Any] = {}
    for rule in rules:
        if (rule.section_id is not None and rule.section_id not in section_ids) or (
            rule.group_id is not None and rule.group_id not in group_ids
        ):
            continue
        key = (rule.checkpoint_id, rule.section_id, rule.group_id)
        previous = before.get(key) or before.get((rule.checkpoint_id, None, None))
        before[key] = rule
        if previous is None or rule.created_at <= first_shown_at:
            continue
        told = {"was": previous.instant, "due": rule.instant, "at": rule.created_at, "why": rule.reason}
        found.setdefault(rule.checkpoint_id or 0, []).append(values.Reason("changed", told))
    for extension in extensions:
        reasons = found.setdefault(extension.checkpoint_id or 0, [])
        if extension.reason:
            told = {"at": extension.created_at, "why": extension.reason}
            reasons.append(values.Reason("extension_reason", told))
        if extension.withdrawn_at is not None:
            told = {"at": extension.withdrawn_at, "why": extension.withdrawal_reason or ""}
            reasons.append(values.Reason("extension_withdrawn", told))
    for each in added:
        told = {"at": each.created_at, "why": each.reason}
        found.setdefault(each.checkpoint_id or 0, []).append(values.Reason("added_reason", told))
    return {place: tuple(reasons) for place, reasons in found.items() if reasons}
