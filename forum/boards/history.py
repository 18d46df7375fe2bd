"""Who set which date when and why: what students see of the dates that concern them (docs/time.md, rule 6)."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .models import Board, DueRule, Extension
from .rules import values


def histories_for_student(
    session: Session,
    boards: Iterable[Board],
    account_id: int,
    section_ids: Iterable[int],
    group_ids: Iterable[int],
) -> Mapping[int, Mapping[int, tuple[values.Reason, ...]]]:
    """By board and checkpoint id, the changes of a due date since students could see it, oldest first.

    Two statements, however many boards. Codes: changed (was, due, at, why), extension_reason (at, why),
    extension_withdrawn (at, why). A checkpoint id of 0 stands for every checkpoint of the board.
    """
    shown_at = {board.id: board.first_shown_at for board in boards if board.first_shown_at is not None}
    if not shown_at:
        return {}
    found: dict[int, dict[int, list[values.Reason]]] = {board_id: {} for board_id in shown_at}
    rules = session.scalars(
        select(DueRule)
        .where(
            DueRule.board_id.in_(list(shown_at)), DueRule.what == "due",
            or_(DueRule.section_id.is_(None), DueRule.section_id.in_(list(section_ids))),
            or_(DueRule.group_id.is_(None), DueRule.group_id.in_(list(group_ids))),
        )
        .order_by(DueRule.version, DueRule.id)
    ).all()  # fmt: skip
    before: dict[tuple[object, ...], DueRule] = {}
    for rule in rules:
        key = (rule.board_id, rule.checkpoint_id, rule.section_id, rule.group_id)
        previous = before.get(key) or before.get((rule.board_id, rule.checkpoint_id, None, None))
        before[key] = rule
        if previous is None or rule.created_at <= shown_at[rule.board_id]:
            continue
        told = {"was": previous.instant, "due": rule.instant, "at": rule.created_at, "why": rule.reason}
        found[rule.board_id].setdefault(rule.checkpoint_id or 0, []).append(values.Reason("changed", told))
    for extension in _own_extensions(session, list(shown_at), account_id):
        reasons = found[extension.board_id].setdefault(extension.checkpoint_id or 0, [])
        if extension.reason:
            told = {"at": extension.created_at, "why": extension.reason}
            reasons.append(values.Reason("extension_reason", told))
        if extension.withdrawn_at is not None:
            told = {"at": extension.withdrawn_at, "why": extension.withdrawal_reason or ""}
            reasons.append(values.Reason("extension_withdrawn", told))
    return {
        board_id: {place: tuple(reasons) for place, reasons in places.items() if reasons}
        for board_id, places in found.items()
    }


def _own_extensions(session: Session, board_ids: Sequence[int], account_id: int) -> Sequence[Extension]:
    if not account_id:
        return []
    return session.scalars(
        select(Extension)
        .where(Extension.board_id.in_(board_ids), Extension.account_id == account_id)
        .order_by(Extension.created_at, Extension.id)
    ).all()
