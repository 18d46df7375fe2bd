"""What rows of ours are called elsewhere: looked up in bulk, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import OutsideIdentity

_AT_ONCE = 500  # parameters of one statement
T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one statement."""
    left = iter(values)
    while part := list(islice(left, _AT_ONCE)):
        yield part


def rows_called(session: Session, source: str, kind: str, outside_ids: Iterable[str]) -> dict[str, int]:
    """Which rows go by these names in a source."""
    found: dict[str, int] = {}
    for part in in_parts(sorted(set(outside_ids))):
        statement = select(OutsideIdentity.outside_id, OutsideIdentity.row_id).where(
            OutsideIdentity.source == source,
            OutsideIdentity.kind == kind,
            OutsideIdentity.outside_id.in_(part),
        )
        found.update((outside_id, row_id) for outside_id, row_id in session.execute(statement))
    return found


def names_of(session: Session, source: str, kind: str, row_ids: Iterable[int]) -> dict[int, str]:
    """What these rows are called in a source."""
    found: dict[int, str] = {}
    for part in in_parts(sorted(set(row_ids))):
        statement = select(OutsideIdentity.row_id, OutsideIdentity.outside_id).where(
            OutsideIdentity.source == source, OutsideIdentity.kind == kind, OutsideIdentity.row_id.in_(part)
        )
        found.update((row_id, outside_id) for row_id, outside_id in session.execute(statement))
    return found


def keep_names(session: Session, source: str, kind: str, rows: Mapping[str, int]) -> None:
    """From now on these names mean these rows."""
    kept: dict[str, OutsideIdentity] = {}
    for part in in_parts(sorted(rows)):
        statement = select(OutsideIdentity).where(
            OutsideIdentity.source == source,
            OutsideIdentity.kind == kind,
            OutsideIdentity.outside_id.in_(part),
        )
        kept.update((row.outside_id, row) for row in session.scalars(statement))
    new: list[OutsideIdentity] = []
    for outside_id, row_id in rows.items():
        if outside_id in kept:
            kept[outside_id].row_id = row_id
        else:
            new.append(OutsideIdentity(source=source, kind=kind, outside_id=outside_id, row_id=row_id))
    session.add_all(new)
    session.flush()


def rows_in(session: Session, table: type[T], column: Any, values: Sequence[Any]) -> list[T]:
    """All rows of a table whose column holds one of the values."""
    found: list[T] = []
    for part in in_parts(values):
        found += session.scalars(select(table).where(column.in_(part))).all()
    return found
