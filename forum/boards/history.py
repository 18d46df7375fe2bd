"""Who set which date when and why: what students see of the dates that concern them (docs/time.md, rule 6)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .models import Board, DueRule, Extension
from .rules import values


def history_for_student(
    session: Session, board: Board, account_id: int, section_ids: Iterable[int], group_ids: Iterable[int]
) -> dict[int, tuple[values.Reason, ...]]:
    """By checkpoint id, the changes of its due date since students could see it, oldest first; two statements.

    Codes: changed (was, due, at, why), extension_reason (at, why), extension_withdrawn (at, why). A checkpoint id
    of 0 stands for every checkpoint of the board.
    """
    if board.first_shown_at is None:
        return {}
    found: dict[int, list[values.Reason]] = {}
    rules = session.scalars(
        select(DueRule)
        .where(
            DueRule.board_id == board.id, DueRule.what == "due",
            or_(DueRule.section_id.is_(None), DueRule.section_id.in_(list(section_ids))),
            or_(DueRule.group_id.is_(None), DueRule.group_id.in_(list(group_ids))),
        )
        .order_by(DueRule.version, DueRule.id)
    ).all()  # fmt: skip
    before: dict[tuple[object, ...], DueRule] = {}
    for rule in rules:
        key = (rule.checkpoint_id, rule.section_id, rule.group_id)
        previous = before.get(key) or before.get((rule.checkpoint_id, None, None))
        before[key] = rule
        if previous is None or rule.created_at <= board.first_shown_at:
            continue
        told = {"was": previous.instant, "due": rule.instant, "at": rule.created_at, "why": rule.reason}
        found.setdefault(rule.checkpoint_id or 0, []).append(values.Reason("changed", told))
    for extension in _own_extensions(session, board, account_id):
        place = extension.checkpoint_id or 0
        if extension.reason:
            told = {"at": extension.created_at, "why": extension.reason}
            found.setdefault(place, []).append(values.Reason("extension_reason", told))
        if extension.withdrawn_at is not None:
            told = {"at": extension.withdrawn_at, "why": extension.withdrawal_reason or ""}
            found.setdefault(place, []).append(values.Reason("extension_withdrawn", told))
    return {place: tuple(reasons) for place, reasons in found.items()}


def _own_extensions(session: Session, board: Board, account_id: int) -> Sequence[Extension]:
    if not account_id:
        return []
    return session.scalars(
        select(Extension)
        .where(Extension.board_id == board.id, Extension.account_id == account_id)
        .order_by(Extension.created_at, Extension.id)
    ).all()
