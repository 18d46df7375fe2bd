"""What a OneRoster file comes to: a school's terms, courses, classes, people and enrollments; no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forum.core.csv_tables import RowProblem


class Status(StrEnum):
    """What the file says of a row. `INACTIVE` (not in the standard): neither adds nor removes."""

    ACTIVE = "active"
    REMOVED = "removed"
    INACTIVE = "inactive"


class Mode(StrEnum):
    """What the manifest says of a file. What a `BULK` file does not name is gone; with `DELTA` it stays."""

    BULK = "bulk"
    DELTA = "delta"
    ABSENT = "absent"


class Role(StrEnum):
    """The roles that a file can give."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of the school year; dates as written (the standard means the end to be exclusive)."""

    key: str
    line: int
    title: str
    kind: str
    starts_on: date | None
    ends_on: date | None
    parent: str
    status: Status


@dataclass(frozen=True, slots=True)
class Org:
    """A school, department or district."""

    key: str
    line: int
    name: str
    kind: str
    parent: str
    status: Status


@dataclass(frozen=True, slots=True)
class Course:
    """A course; `derived` if no file names it and it was made of its first class (`line` is that class's)."""

    key: str
    line: int
    title: str
    code: str
    org: str
    status: Status
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """A class: a section of its course. `terms` are keys of terms."""

    key: str
    line: int
    title: str
    code: str
    course: str
    org: str
    terms: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who teaches or learns. `roles` is what the school calls them; enrollments decide."""

    key: str
    line: int
    username: str
    email: str
    given: str
    middle: str
    family: str
    preferred_given: str
    preferred_family: str
    enabled: bool
    roles: tuple[Role, ...]
    orgs: tuple[str, ...]
    status: Status

    @property
    def name(self) -> str:
        """The name to be shown: the preferred one where there is one."""
        return " ".join(
            part
            for part in (self.preferred_given or self.given, self.preferred_family or self.family)
            if part
        )


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A person in a class, from a day until another (as written, the end exclusive)."""

    key: str
    line: int
    class_key: str
    person: str
    role: Role
    primary: bool
    starts_on: date | None
    ends_on: date | None
    status: Status


@dataclass(frozen=True, slots=True)
class School:
    """All of it. `modes` by file name without ending; `problems` by file and line.

    Codes of problems: `no_manifest`, `unknown_version`, `missing_file`, `not_announced`, `guessed_file`,
    `encoding`, `too_large`, `guessed_header`, `unknown_header`, `missing_column`, `broken_table`,
    `missing_value`, `duplicate_key`, `unknown_status`, `bad_date`, `ambiguous_date`, `date_out_of_bounds`,
    `bad_email`, `no_administrators`, `no_parents`, `unknown_role`, `unknown_class`, `unknown_person`,
    `unknown_course`, `unknown_term`, `derived_course`.
    """

    version: str
    modes: Mapping[str, Mode]
    terms: tuple[Term, ...]
    orgs: tuple[Org, ...]
    courses: tuple[Course, ...]
    classes: tuple[Class, ...]
    people: tuple[Person, ...]
    enrollments: tuple[Enrollment, ...]
    problems: tuple[RowProblem, ...]
