"""Which sections and groups people are in, and which they were in before a change of them (docs/time.md, rule 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from ..courses.models import GroupMembership, SectionMembership


@dataclass(frozen=True)
class Left:
    """The sections and groups that somebody was in until an instant, at which they were put elsewhere."""

    until_at: datetime
    section_ids: frozenset[int]
    group_ids: frozenset[int]


@dataclass(frozen=True)
class Parts:
    """The sections and groups of one person at an instant, and what they were in before, oldest first."""

    section_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    left: tuple[Left, ...] = ()

    @property
    def sections_ever(self) -> frozenset[int]:
        return self.section_ids.union(*(left.section_ids for left in self.left))

    @property
    def groups_ever(self) -> frozenset[int]:
        return self.group_ids.union(*(left.group_ids for left in self.left))


NONE = Parts()


def parts_of(session: Session, account_ids: Sequence[int], at: datetime) -> dict[int, Parts]:
    """The parts of people, by account id; who was never in any is missing. One statement."""
    kinds = (
        (SectionMembership, SectionMembership.section_id, True),
        (GroupMembership, GroupMembership.group_id, False),
    )
    intervals: dict[int, list[Any]] = {}
    for row in session.execute(
        union_all(*(
            select(table.account_id, part.label("part_id"), table.from_at, table.until_at,
                   literal(is_section).label("is_section"))
            .where(table.account_id.in_(account_ids), table.from_at <= at)
            for table, part, is_section in kinds
        ))
    ):  # fmt: skip
        intervals.setdefault(row.account_id, []).append(row)
    return {account_id: _parts(rows, at) for account_id, rows in intervals.items()}


def _parts(rows: Sequence[Any], at: datetime) -> Parts:
    changes = {row.from_at for row in rows} | {
        row.until_at for row in rows if row.until_at is not None and row.until_at <= at
    }
    left = tuple(Left(until_at, *_held(rows, until_at, just_before=True)) for until_at in sorted(changes))
    return Parts(*_held(rows, at), left)


def _held(
    rows: Sequence[Any], at: datetime, *, just_before: bool = False
) -> tuple[frozenset[int], frozenset[int]]:
    """The sections and the groups that hold at an instant, or that held until it."""
    held = [
        row for row in rows
        if (row.from_at < at if just_before else row.from_at <= at)
        and (row.until_at is None or (row.until_at >= at if just_before else row.until_at > at))
    ]  # fmt: skip
    return (
        frozenset(row.part_id for row in held if row.is_section),
        frozenset(row.part_id for row in held if not row.is_section),
    )
