"""CSV files that the forum gives out: what no spreadsheet runs, in the form that every spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# How a cell begins that a spreadsheet takes for a formula; the wide forms are what East Asian ones take too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BYTE_ORDER_MARK = "\ufeff"


def defuse_cell(value: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it; else as it is."""
    return "'" + value if value.startswith(_FORMULA_STARTS) else value


def write_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as CSV: UTF-8 with a byte order mark, commas, CRLF.

    Texts are defused, numbers are not; None is an empty cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-8", "replace")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) else defuse_cell(str(value))
