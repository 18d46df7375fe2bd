"""The CSV files of a OneRoster archive: found, decoded, their rows cut down to the columns that are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from forum.core.csv_tables import (
    BrokenTable,
    Headers,
    RowProblem,
    delimiter_of,
    encoding_of,
    is_day_first,
    match_headers,
    read_date,
    rows_of,
)
from forum.interop.archives import Archive
from forum.interop.oneroster.columns import DATES, KNOWN, READ, REQUIRED
from forum.interop.oneroster.values import Mode, Status

LARGEST_SHEET = 64 * 1024 * 1024
_HEAD = 4096
_CLOSE_ENOUGH = 0.84
_STATUSES = {
    "": Status.ACTIVE,
    "active": Status.ACTIVE,
    "tobedeleted": Status.REMOVED,
    "deleted": Status.REMOVED,
    "inactive": Status.INACTIVE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """The cells that are read, by column, and where they stood."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class Sheets:
    """All the CSV files of an archive, and what is wrong with them, in `problems`."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.problems: list[RowProblem] = []
        self._paths = self._found()
        properties = self._properties()
        self.version = properties.get("oneroster.version", "")
        if self.version not in ("1.1", "1.2"):
            self._tell("unknown_version", "manifest", value=self.version[:20])
        self.modes = {name: self._mode(name, properties) for name in KNOWN}
        self._day_first: dict[str, bool | None] = {}

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of one file with all that it must have; the others are told."""
        if self.modes[name] is Mode.ABSENT:
            return
        seen: set[str] = set()
        for row in self._all_rows(name):
            empty = next((column for column in REQUIRED[name] if not row[column]), None)
            if empty is not None:
                self.tell("missing_value", row, empty)
            elif row["sourcedId"] in seen:
                self.tell("duplicate_key", row, "sourcedId", key=row["sourcedId"])
            else:
                if row["sourcedId"]:
                    seen.add(row["sourcedId"])
                yield row

    def status(self, row: Row) -> Status:
        """What the row says of itself; an unknown word is told and neither adds nor removes."""
        status = _STATUSES.get("".join(row["status"].lower().split()))
        if status is None or status is Status.INACTIVE:
            self.tell("unknown_status", row, "status", value=row["status"][:40])
        return status or Status.INACTIVE

    def day(self, row: Row, column: str) -> date | None:
        """The date in that column; None, told, if it is none or can be read two ways."""
        if not row[column]:
            return None
        try:
            return read_date(row[column], self._day_first.get(row.file))
        except ValueError as error:
            code = {"ambiguous": "ambiguous_date", "out_of_bounds": "date_out_of_bounds"}.get(
                str(error), "bad_date"
            )
            self.tell(code, row, column, value=row[column][:40])
            return None

    def tell(self, code: str, row: Row, column: str = "", **values: str | int) -> None:
        """Keeps a problem of a row."""
        self.problems.append(RowProblem(code, row.file, row.line, column, values))

    def _tell(self, code: str, name: str, line: int = 0, column: str = "", **values: str | int) -> None:
        self.problems.append(RowProblem(code, f"{name}.csv", line, column, values))

    def _found(self) -> dict[str, str]:
        names = {name.lower(): name for name in (*KNOWN, "manifest", "userProfiles", "demographics")}
        found: dict[str, str] = {}
        others: list[tuple[str, str]] = []
        for entry in self.archive.entries:
            file = entry.path.rpartition("/")[2].lower()
            if not file.endswith(".csv") or entry.path.startswith("__MACOSX/") or file.startswith("._"):
                continue
            stem = file.removesuffix(".csv")
            if stem in names:
                found.setdefault(names[stem], entry.path)
            else:
                others.append((stem, entry.path))
        for stem, path in others:
            key = "".join(letter for letter in stem if letter.isalnum())
            open_names = [lowered for lowered, name in names.items() if name not in found]
            close = difflib.get_close_matches(key, open_names, 1, _CLOSE_ENOUGH)
            if close:
                found[names[close[0]]] = path
                self._tell("guessed_file", names[close[0]], written=path[:200])
        return found

    def _properties(self) -> dict[str, str]:
        if "manifest" not in self._paths:
            self._tell("no_manifest", "manifest")
            return {"oneroster.version": "1.2" if "roles" in self._paths else "1.1"}
        properties = {}
        try:
            for _line, cells in self._cut("manifest"):
                if len(cells) > 1:
                    properties[cells[0].lower()] = cells[1].lower()
        except BrokenTable as broken:
            self._tell("broken_table", "manifest", broken.line)
        return properties

    def _mode(self, name: str, properties: Mapping[str, str]) -> Mode:
        said = properties.get(f"file.{name.lower()}", "")
        if name not in self._paths:
            if said in ("bulk", "delta"):
                self._tell("missing_file", name)
            return Mode.ABSENT
        if said in ("bulk", "delta"):
            return Mode(said)
        if "manifest" not in self._paths:
            return Mode.BULK
        # It is there although the manifest does not announce it: read, but it shall remove nobody.
        self._tell("not_announced", name)
        return Mode.DELTA

    def _cut(self, name: str) -> Iterator[tuple[int, list[str]]]:
        path = self._paths[name]
        if self.archive.size(path) > LARGEST_SHEET:
            self._tell("too_large", name, limit=LARGEST_SHEET)
            return
        encoding = encoding_of(self.archive.pieces(path))
        if encoding not in ("utf-8", "utf-8-sig"):
            self._tell("encoding", name, encoding=encoding)
        head = self.archive.head(path, _HEAD).decode(encoding, "replace")
        yield from rows_of(self.archive.pieces(path), encoding, delimiter_of(head))

    def _headers(self, name: str, cells: list[str]) -> Headers:
        headers = match_headers(cells, dict.fromkeys(KNOWN[name], ()))
        for written, column in headers.guessed:
            self._tell("guessed_header", name, 1, column, written=written[:100])
        for written in headers.unknown:
            self._tell("unknown_header", name, 1, written[:100])
        for column in REQUIRED[name]:
            if column not in headers.places:
                self._tell("missing_column", name, 1, column)
        return headers

    def _all_rows(self, name: str) -> Iterator[Row]:
        dates = [column for column in READ[name] if column in DATES]
        if dates:
            cells = (row[column] for row in list(self._read(name, quiet=True)) for column in dates)
            self._day_first[f"{name}.csv"] = is_day_first(cells)
        yield from self._read(name)

    def _read(self, name: str, quiet: bool = False) -> Iterator[Row]:
        told = len(self.problems)
        headers: Headers | None = None
        try:
            for line, cells in self._cut(name):
                if headers is None:
                    headers = self._headers(name, cells)
                    continue
                wanted = ((column, headers.places.get(column, len(cells))) for column in READ[name])
                yield Row(
                    f"{name}.csv",
                    line,
                    {column: cells[place] for column, place in wanted if place < len(cells)},
                )
        except BrokenTable as broken:
            self._tell("broken_table", name, broken.line)
        if quiet:
            del self.problems[told:]
