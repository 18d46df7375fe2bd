"""What an import did or would do, row by row, as values: added, changed, left, refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Deed(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Remark:
    """A code with what goes into its sentence."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file, or one person or course that it means. `line` from 1, 0 where there is none."""

    deed: Deed
    kind: str
    name: str = ""
    email: str = ""
    where: str = ""
    file: str = ""
    line: int = 0
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaving:
    """So many of a course's people would be taken out of it."""

    course: str
    leaving: int
    enrolled: int

    @property
    def asks(self) -> bool:
        """Whether that is more than a tenth, so that somebody must say yes to it."""
        return self.leaving * 10 > self.enrolled


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `fatal` remarks are of the whole file: nothing of it is used; `notes` only tell."""

    rows: tuple[Row, ...] = ()
    notes: tuple[Remark, ...] = ()
    fatal: tuple[Remark, ...] = ()
    leaving: tuple[Leaving, ...] = ()

    def count(self, deed: Deed) -> int:
        """How many rows of one deed."""
        return Counter(row.deed for row in self.rows)[deed]

    @property
    def asks(self) -> tuple[Leaving, ...]:
        """The courses that more than a tenth of their people would leave."""
        return tuple(each for each in self.leaving if each.asks)

    @property
    def changes_something(self) -> bool:
        """Whether carrying it out would write anything."""
        return any(row.deed in (Deed.ADDED, Deed.CHANGED, Deed.ENDED) for row in self.rows)


class NotCarriedOut(Exception):
    """An import was not carried out and nothing was written. `code`: `fatal`, `rows_refused`, `asks`."""

    def __init__(self, code: str, report: Report) -> None:
        super().__init__(code)
        self.code, self.report = code, report


def report_as_json(report: Report) -> dict[str, Any]:
    """The report as plain lists and dictionaries."""
    return {
        "rows": [
            [row.deed, row.kind, row.name, row.email, row.where, row.file, row.line, _plain(row.remarks)]
            for row in report.rows
        ],
        "notes": _plain(report.notes),
        "fatal": _plain(report.fatal),
        "leaving": [[each.course, each.leaving, each.enrolled] for each in report.leaving],
    }


def report_from_json(told: Mapping[str, Any]) -> Report:
    """The report that `report_as_json` made plain."""
    return Report(
        rows=tuple(_row(row) for row in told["rows"]),
        notes=_remarks(told["notes"]),
        fatal=_remarks(told["fatal"]),
        leaving=tuple(Leaving(*each) for each in told["leaving"]),
    )


def _row(told: list[Any]) -> Row:
    deed, kind, name, email, where, file, line, remarks = told
    return Row(Deed(deed), kind, name, email, where, file, line, _remarks(remarks))


def _plain(remarks: tuple[Remark, ...]) -> list[Any]:
    return [[remark.code, dict(remark.values)] for remark in remarks]


def _remarks(told: list[Any]) -> tuple[Remark, ...]:
    return tuple(Remark(code, values) for code, values in told)
