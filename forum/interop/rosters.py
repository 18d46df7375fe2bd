"""A plain roster of one course (CSV): who, in which role, section and group, as registrars write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from forum.core.csv_tables import (
    BrokenTable,
    RowProblem,
    delimiter_of,
    encoding_of,
    is_email,
    match_headers,
    rows_of,
)

LARGEST_ROSTER = 16 * 1024 * 1024
_MOST_ROWS = 50_000

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "e-mail",
        "e-mail address",
        "email address",
        "mail",
        "correo",
        "primary email",
        "student email",
        "school email",
    ),
    "name": ("full name", "display name", "student name", "student", "person"),
    "given": ("given name", "first name", "firstname", "forename", "preferred name", "nombre"),
    "family": ("family name", "last name", "lastname", "surname", "apellidos"),
    "role": ("course role", "enrollment role", "type", "status role"),
    "section": ("class section", "section name", "section id", "class", "tutorial"),
    "group": ("group name", "team", "project group"),
    "registrar_id": (
        *("registrar's id", "registrar id", "student id", "student number", "id", "id number", "sis id"),
        *("sis user id", "user id", "external id", "matriculation number", "sourcedid"),
    ),
}
# Columns that rosters have and that are not read; named so that none is taken for a misspelling of another.
_PRIVATE: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    (
        *("password", "phone", "sms", "mobile", "sex", "gender", "birth date", "date of birth", "birthday"),
        *("parent", "parent email", "guardian", "guardian email", "address", "username", "login id", "grade"),
        *("middle name", "notes", "status", "start date", "end date"),
    ),
    (),
)


class Role(StrEnum):
    """The roles of a course."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"
    OBSERVER = "observer"


_ROLES: Mapping[str, Role] = {
    "": Role.STUDENT,
    **dict.fromkeys(("student", "learner", "participant", "pupil", "s", "studentenrollment"), Role.STUDENT),
    **dict.fromkeys(
        (
            *("assistant", "ta", "teaching assistant", "tutor", "grader", "marker", "taenrollment"),
            *("non-editing teacher",),
        ),
        Role.ASSISTANT,
    ),
    **dict.fromkeys(
        ("instructor", "teacher", "professor", "lecturer", "t", "editing teacher", "teacherenrollment"),
        Role.INSTRUCTOR,
    ),
    **dict.fromkeys(
        ("observer", "guest", "auditor", "guest (reads only)", "observerenrollment"), Role.OBSERVER
    ),
}
_ADMINISTRATOR = re.compile(r"admin|principal|root|owner|manager")
_PARENT = re.compile(r"parent|guardian|relative")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person; `line` is where the row begins. `name` is whole, also where the file has two columns."""

    line: int
    email: str
    name: str
    role: Role
    section: str
    group: str
    registrar_id: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows that can be used, in order, and what was wrong or guessed.

    Codes: of the whole file `too_large`, `too_many_rows`, `empty`, `encoding`, `broken_table`,
    `guessed_header`, `unknown_header`, `not_read`, `missing_column`; of rows that are left out
    `missing_value`, `bad_email`, `duplicate_email` (values: `first`), `duplicate_id`, `unknown_role`,
    `no_administrators`, `no_parents`; of rows that are kept `formula_cell`, `extra_cells`, `no_name`.
    """

    rows: tuple[RosterRow, ...]
    problems: tuple[RowProblem, ...]


def read_roster(content: bytes) -> Roster:
    """The roster in a CSV file of any usual encoding and delimiter; never raises."""
    return _Reading().roster(content)


class _Reading:
    def __init__(self) -> None:
        self.problems: list[RowProblem] = []
        self.rows: list[RosterRow] = []
        self._emails: dict[str, int] = {}
        self._ids: dict[str, int] = {}

    def roster(self, content: bytes) -> Roster:
        if len(content) > LARGEST_ROSTER:
            self._tell("too_large", limit=LARGEST_ROSTER)
            return Roster((), tuple(self.problems))
        encoding = encoding_of([content])
        if encoding == "cp1252":
            self._tell("encoding", encoding=encoding)
        head = content[:8192].decode(encoding, "replace").lstrip("\ufeff")
        # A first line like `sep=;` is Excel's own: it names the delimiter and is no row.
        said = re.match(r"\"?sep=(.)\"?\s*[\r\n]", head, re.IGNORECASE)
        try:
            self._read(content, encoding, said[1] if said else delimiter_of(head), skip=1 if said else 0)
        except BrokenTable as broken:
            self._tell("broken_table", broken.line)
        return Roster(tuple(self.rows), tuple(self.problems))

    def _read(self, content: bytes, encoding: str, delimiter: str, skip: int) -> None:
        places: Mapping[str, int] | None = None
        width = count = 0
        for line, cells in islice(rows_of([content], encoding, delimiter), skip, None):
            if places is None:
                places, width = self._places(cells), len(cells)
                if places is None:
                    return
                continue
            count += 1
            if count > _MOST_ROWS:
                self._tell("too_many_rows", line, limit=_MOST_ROWS)
                return
            if any(cells[width:]):
                self._tell("extra_cells", line)
            self._take(line, {column: cells[at] for column, at in places.items() if at < len(cells)})
        if places is None:
            self._tell("empty")

    def _places(self, cells: list[str]) -> Mapping[str, int] | None:
        headers = match_headers([_unwrapped(cell) for cell in cells], {**_COLUMNS, **_PRIVATE})
        places = dict(headers.places)
        if "email" not in places and sum(map(is_email, cells)) == 1:
            # No headers at all, but an address: what else is where cannot be known.
            self._tell("missing_column", 1, "email")
            return None
        for written, column in headers.guessed:
            self._tell("guessed_header", 1, column, written=written[:100])
        for written in headers.unknown:
            self._tell("unknown_header", 1, written[:100])
        for column in sorted(places.keys() & _PRIVATE.keys()):
            self._tell("not_read", 1, column)
            del places[column]
        if "email" not in places:
            self._tell("missing_column", 1, "email")
            return None
        if "given" in places and "family" not in places and "name" not in places:
            places["name"] = places.pop("given")
        return places

    def _take(self, line: int, cells: dict[str, str]) -> None:
        for column, cell in cells.items():
            cells[column] = _unwrapped(cell)
            if column != "email" and cells[column].startswith(("=", "+", "-", "@")):
                self._tell("formula_cell", line, column, value=cells[column][:60])
        email = cells.get("email", "").removeprefix("mailto:")
        role = self._role(line, cells.get("role", ""))
        if not email:
            self._tell("missing_value", line, "email")
        elif not is_email(email):
            self._tell("bad_email", line, "email", value=email[:100])
        elif self._is_new(line, email, cells.get("registrar_id", "")) and role is not None:
            name = cells.get("name") or " ".join(filter(None, (cells.get("given"), cells.get("family"))))
            if not name and cells.keys() & {"name", "given", "family"}:
                self._tell("no_name", line, "name")
            self.rows.append(
                RosterRow(
                    line=line,
                    email=email,
                    name=_turned(name),
                    role=role,
                    section=cells.get("section", ""),
                    group=cells.get("group", ""),
                    registrar_id=cells.get("registrar_id", ""),
                )
            )

    def _is_new(self, line: int, email: str, registrar_id: str) -> bool:
        first = self._emails.setdefault(email.casefold(), line)
        if first != line:
            self._tell("duplicate_email", line, "email", value=email, first=first)
            return False
        first = self._ids.setdefault(registrar_id, line) if registrar_id else line
        if first != line:
            self._tell("duplicate_id", line, "registrar_id", value=registrar_id, first=first)
            return False
        return True

    def _role(self, line: int, written: str) -> Role | None:
        role = _ROLES.get(written.casefold())
        if role is None:
            low = written.casefold()
            code = "no_administrators" if _ADMINISTRATOR.search(low) else "unknown_role"
            code = "no_parents" if _PARENT.search(low) else code
            self._tell(code, line, "role", value=written[:60])
        return role

    def _tell(self, code: str, line: int = 0, column: str = "", **values: str | int) -> None:
        self.problems.append(RowProblem(code, "", line, column, values))


def _unwrapped(cell: str) -> str:
    """The cell without what spreadsheets put around it: ="00123" keeps zeros, an apostrophe defuses."""
    kept = re.fullmatch(r'="([^"]*)"', cell)
    if kept:
        return kept[1].strip()
    return cell[1:] if re.match(r"'[=+\-@]", cell) else cell


def _turned(name: str) -> str:
    """The name, given name first: of `Lovelace, Ada` it makes `Ada Lovelace`."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() and "," not in given else name
