"""The dates of a course as a file (CSV): written for spreadsheets, read back as they come from them. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from itertools import islice

from ...boards.rules.bounds import is_in_bounds
from ...core.csv_tables import (
    BrokenTable,
    delimiter_of,
    encoding_of,
    is_day_first,
    match_headers,
    read_date,
    rows_of,
)
from ...core.moments import Wall

LARGEST = 2 * 1024 * 1024
MOST_ROWS = 20_000
HEADERS = ("id", "module", "where", "what", "for", "date", "time", "zone", "instant")
_KNOWN: Mapping[str, Sequence[str]] = {
    "id": ("date id", "key"),
    "where": ("board", "lesson", "title", "place"),
    "what": ("which", "kind"),
    "for": ("section", "group", "audience", "for whom"),
    "date": ("due date", "day", "new date", "fecha"),
    "time": ("due time", "hour", "clock", "hora"),
    "module": ("week",),
    "zone": ("time zone", "timezone"),
    "instant": ("utc", "exact"),
}
_WHOLE_DAY = {"", "end", "end of day", "endofday", "start", "start of day", "24:00", "24:00:00", "all day"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What one line wants: the key of a date, or its place, name and part; the wall if it gives one."""

    line: int
    key: str
    where: str
    what: str
    part: str
    wall: Wall | None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in the file that was not taken as it stands."""

    code: str
    line: int = 0
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says. `fatal` is why nothing of it can be used; `timeless`: it has no column of times."""

    rows: tuple[SheetRow, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fatal: Remark | None = None
    timeless: bool = False


def read_sheet(content: bytes) -> Sheet:
    """Read a file; nothing that it says wrongly stops the rest of it.

    Remarks: guessed_header (written, column), bad_date, ambiguous_date, out_of_bounds, bad_time (value), time_alone.
    Fatal: empty, too_large, too_many_rows, broken_table, missing_column (column).
    """
    if len(content) > LARGEST:
        return Sheet(fatal=Remark("too_large"))
    encoding = encoding_of([content])
    delimiter = delimiter_of(content[:4096].decode(encoding, "replace"))
    try:
        lines = list(islice(rows_of([content], encoding, delimiter), MOST_ROWS + 2))
    except BrokenTable as broken:
        return Sheet(fatal=Remark("broken_table", broken.line))
    if not lines:
        return Sheet(fatal=Remark("empty"))
    if len(lines) > MOST_ROWS + 1:
        return Sheet(fatal=Remark("too_many_rows", values={"limit": MOST_ROWS}))
    headers = match_headers(lines[0][1], _KNOWN)
    if "date" not in headers.places:
        return Sheet(fatal=Remark("missing_column", 1, {"column": "date"}))
    if "id" not in headers.places and "what" not in headers.places:
        return Sheet(fatal=Remark("missing_column", 1, {"column": "id"}))
    reading = _Reading(headers.places, lines[1:])
    rows = tuple(reading.rows())
    guessed = [
        Remark("guessed_header", 1, {"written": written, "column": column})
        for written, column in headers.guessed
    ]
    return Sheet(rows, (*guessed, *reading.remarks), timeless="time" not in headers.places)


class _Reading:
    def __init__(self, places: Mapping[str, int], lines: Sequence[tuple[int, list[str]]]) -> None:
        self.places, self.lines = places, lines
        self.day_first = is_day_first(self._cell(cells, "date") for _line, cells in lines)
        self.remarks: list[Remark] = []

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self.places.get(column)
        return cells[place].removeprefix("'") if place is not None and place < len(cells) else ""

    def rows(self) -> Iterator[SheetRow]:
        for line, cells in self.lines:
            try:
                wall = self._wall(self._cell(cells, "date"), self._cell(cells, "time"))
            except _Unread as unread:
                self.remarks.append(Remark(unread.code, line, {"value": unread.value}))
                continue
            yield SheetRow(
                line, self._cell(cells, "id"), self._cell(cells, "where"), self._cell(cells, "what"),
                self._cell(cells, "for"), wall,
            )  # fmt: skip

    def _wall(self, on_text: str, minute_text: str) -> Wall | None:
        if not on_text:
            if minute_text and minute_text.casefold() not in _WHOLE_DAY:
                raise _Unread("time_alone", minute_text)
            return None
        wall = Wall(self._date(on_text), _minute(minute_text))
        if not is_in_bounds(wall):
            raise _Unread("out_of_bounds", on_text)
        return wall

    def _date(self, text: str) -> date:
        try:
            return read_date(text, self.day_first)
        except ValueError as error:
            code = {"ambiguous": "ambiguous_date", "out_of_bounds": "out_of_bounds"}.get(
                str(error), "bad_date"
            )
            raise _Unread(code, text) from None


class _Unread(Exception):
    def __init__(self, code: str, value: str) -> None:
        super().__init__(code)
        self.code, self.value = code, value


def _minute(text: str) -> time | None:
    """A time of day to the minute; None for the whole day. 00:00 stays what it is: somebody must say which night."""
    plain = " ".join(text.casefold().split())
    if plain in _WHOLE_DAY:
        return None
    found = re.fullmatch(r"(\d{1,2})[:.h](\d{2})(?:[:.]\d{2})?\s*([ap])?\.?(?:m\.?)?", plain)
    if not found:
        raise _Unread("bad_time", text)
    hour, minute, half = int(found[1]), int(found[2]), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise _Unread("bad_time", text)
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise _Unread("bad_time", text)
    return time(hour, minute)


def matched(
    rows: Iterable[SheetRow], known: Mapping[str, tuple[str, str, str]]
) -> tuple[dict[str, SheetRow], list[Remark]]:
    """The row of each date, by its key, and what was not taken: unknown_row, many_rows, duplicate_row (first).

    `known` is (where, what, for) by key. A row with a key that is known counts by it, one without by the three.
    """
    by_words: dict[tuple[str, str, str], list[str]] = {}
    for key, words in known.items():
        by_words.setdefault(_folded(words), []).append(key)
    found: dict[str, SheetRow] = {}
    remarks: list[Remark] = []
    for row in rows:
        keys = [row.key] if row.key in known else []
        if not row.key:
            keys = by_words.get(_folded((row.where, row.what, row.part)), [])
        told: dict[str, str | int] = {"value": row.key or f"{row.where}: {row.what}"}
        if len(keys) != 1:
            remarks.append(Remark("many_rows" if keys else "unknown_row", row.line, told))
        elif keys[0] in found:
            remarks.append(Remark("duplicate_row", row.line, {**told, "first": found[keys[0]].line}))
        else:
            found[keys[0]] = row
    return found, remarks


def _folded(words: tuple[str, str, str]) -> tuple[str, str, str]:
    where, what, part = (" ".join(word.removeprefix("'").casefold().split()) for word in words)
    return where, what, part
