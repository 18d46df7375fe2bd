"""Tables from outside (CSV): decoded, cut into rows with their lines, headers known though misspelled."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

LONGEST_CELL = 1000
_CLOSE_ENOUGH = 0.84
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a table. `file` "" where there is only one; `line` from 1, 0 for the whole file."""

    code: str
    file: str = ""
    line: int = 0
    column: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Headers:
    """Which cell of a row is which column; `guessed` as (written, taken for); `unknown` as written."""

    places: Mapping[str, int]
    guessed: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


class BrokenTable(Exception):
    """The rows from `line` on cannot be told apart: a quotation mark never closes, a cell has no end."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def encoding_of(pieces: Iterable[bytes]) -> str:
    """How a text is encoded: by its mark, by zeros as UTF-16 leaves them, UTF-8 if it is, or Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        for piece in pieces:
            if first:
                first = False
                if piece.startswith(_UTF16_MARKS):
                    return "utf-16"
                if piece.startswith(codecs.BOM_UTF8):
                    return "utf-8-sig"
                zeros = (piece[:200:2].count(0), piece[1:200:2].count(0))
                if max(zeros) > len(piece[:200]) // 4:
                    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def delimiter_of(head: str) -> str:
    """Comma, semicolon, tab or bar: which stands most often in the first line, outside quotation marks."""
    line = re.sub(r'"[^"]*"', "", head.lstrip("\r\n").partition("\n")[0].partition("\r")[0])
    return max(_DELIMITERS, key=lambda mark: (line.count(mark), -_DELIMITERS.index(mark)))


def rows_of(pieces: Iterable[bytes], encoding: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with its first line; cells cleaned. Raises BrokenTable."""
    text = io.TextIOWrapper(io.BufferedReader(_Pieces(pieces)), encoding, "replace", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    line = 0
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise BrokenTable(line) from None
        if any(cell.strip() for cell in cells):
            yield line, [clean_cell(cell) for cell in cells]


def clean_cell(cell: str) -> str:
    """A cell as one line, without control characters or blanks around it, cut at 1,000 characters."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())[:LONGEST_CELL]
    kept = "".join(
        " " if letter.isspace() else letter for letter in cell if letter.isprintable() or letter.isspace()
    )
    kept = kept.replace("\ufeff", "")
    return unicodedata.normalize("NFC", " ".join(kept.split()))[:LONGEST_CELL]


def match_headers(written: Sequence[str], known: Mapping[str, Sequence[str]]) -> Headers:
    """Columns by their headers: by name, by other names, by the closest name; each taken once.

    `known` holds the names of a column by the name it has here; the first is its proper one.
    """
    by_key = {_key(name): column for column, names in known.items() for name in (column, *names)}
    places: dict[str, int] = {}
    guessed: list[tuple[str, str]] = []
    later: list[tuple[int, str]] = []
    for place, header in enumerate(written):
        column = by_key.get(_key(header))
        if column is not None and column not in places:
            places[column] = place
        elif header and column is None:
            later.append((place, header))
    unknown = []
    for place, header in later:
        open_keys = [key for key, column in by_key.items() if column not in places]
        close = [key for key in open_keys if sorted(key) == sorted(_key(header))]  # letters changed places
        close = close or difflib.get_close_matches(_key(header), open_keys, 1, _CLOSE_ENOUGH)
        if close:
            column = by_key[close[0]]
            places[column] = place
            guessed.append((header, column))
        else:
            unknown.append(header)
    return Headers(places, tuple(guessed), tuple(unknown))


def read_date(text: str, day_first: bool | None) -> date:
    """The date in a cell: ISO, with or without a time, or in figures with `/`, `.` or `-`.

    `day_first` decides between 1/05/2023 and 5/1/2023; None if nothing in the file does. Raises ValueError;
    with the word `ambiguous` when only that is missing.
    """
    iso = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$", text)
    if iso:
        return _bounded(int(iso[1]), int(iso[2]), int(iso[3]))
    iso = re.match(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})$", text)
    if iso:
        return _bounded(int(iso[1]), int(iso[2]), int(iso[3]))
    figures = re.match(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[T ].*)?$", text)
    if not figures:
        raise ValueError("bad")
    first, second, year = int(figures[1]), int(figures[3]), int(figures[4])
    if first > 12 or figures[2] == ".":
        return _bounded(year, second, first)
    if second > 12 or first == second:
        return _bounded(year, first, second)
    if day_first is None:
        raise ValueError("ambiguous")
    return _bounded(year, second, first) if day_first else _bounded(year, first, second)


def is_day_first(cells: Iterable[str]) -> bool | None:
    """What the dates in figures of one file show of their order; None if nothing, or both."""
    day_first = month_first = False
    for cell in cells:
        figures = re.match(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}", cell)
        if figures:
            day_first |= int(figures[1]) > 12
            month_first |= int(figures[2]) > 12
    return None if day_first == month_first else day_first


def is_email(text: str) -> bool:
    """Whether it looks like an address that mail can be sent to: one `@`, a dotted host, no blanks."""
    return len(text) <= 254 and bool(
        re.fullmatch(
            r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\/.=+]+(?:\.[^\s@<>()\[\],;:\"\\/.=+]+)+", text
        )
    )


def _bounded(year: int, month: int, day: int) -> date:
    if not 2000 <= year <= 2200:
        raise ValueError("out_of_bounds")
    return date(year, month, day)


def _key(header: str) -> str:
    plain = unicodedata.normalize("NFKD", header).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


class _Pieces(io.RawIOBase):
    """A stream over pieces of bytes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._next: Callable[[], bytes] = iter(pieces).__next__
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            try:
                self._rest = self._next()
            except StopIteration:
                return 0
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
