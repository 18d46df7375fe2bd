"""What a roster wants of the site, in one form for plain CSV files and for OneRoster archives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from ..core.csv_tables import RowProblem
from ..courses.policy import Role
from . import oneroster
from .archives import shown
from .reports import Deed, Remark, Row
from .rosters import Roster, read_roster

THIS_COURSE = ""
# A person in two classes of one course has the role that may do more.
STRENGTH = {Role.INSTRUCTOR: 3, Role.ASSISTANT: 2, Role.STUDENT: 1, Role.OBSERVER: 0}

_CSV_FATAL = frozenset(("too_large", "too_many_rows", "empty", "broken_table", "missing_column"))
_CSV_REFUSED = frozenset(
    (
        "missing_value",
        "bad_email",
        "duplicate_email",
        "duplicate_id",
        "unknown_role",
        "no_administrators",
        "no_parents",
    )
)
_SCHOOL_FATAL = frozenset(("too_large", "broken_table", "missing_column"))
_SCHOOL_REFUSED = frozenset(
    ("missing_value", "duplicate_key", "unknown_role", "unknown_class", "unknown_person")
)


@dataclass(frozen=True, slots=True)
class WantedCourse:
    """A course that a file names by `key`."""

    key: str
    title: str
    code: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """A person that a file names; `key` is the registrar's, "" if there is none; `known`: only looked up."""

    key: str
    email: str
    name: str
    file: str = ""
    line: int = 0
    known: bool = False
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class WantedPlace:
    """A person (by place in `people`) in a course: role, sections as (key, title), groups by title."""

    course: str
    person: int
    role: Role
    sections: list[tuple[str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)


@dataclass(slots=True)
class Wanted:
    """All that a file wants.

    `whole` are the keys of courses of which it names everybody, `gone` whom it takes out, as (course, person's key).
    """

    source: str
    courses: dict[str, WantedCourse] = field(default_factory=dict)
    people: list[WantedPerson] = field(default_factory=list)
    places: list[WantedPlace] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    gone: set[tuple[str, str]] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    fatal: list[Remark] = field(default_factory=list)

    def take_problems(
        self, problems: tuple[RowProblem, ...], fatal: frozenset[str], refused: frozenset[str]
    ) -> None:
        """Sorts what the reader found wrong: of the whole file, of rows that are refused, and what is only told."""
        for problem in problems:
            values = {**problem.values, "file": problem.file, "line": problem.line, "column": problem.column}
            remark = Remark(problem.code, values)
            if problem.code in fatal:
                self.fatal.append(remark)
            elif problem.code in refused:
                self.rows.append(
                    Row(Deed.REFUSED, "row", file=problem.file, line=problem.line, remarks=(remark,))
                )
            else:
                self.notes.append(remark)


def wanted_by_csv(content: bytes, source: str) -> Wanted:
    """What a plain roster of one course wants; the course's key is THIS_COURSE."""
    roster: Roster = read_roster(content)
    wanted = Wanted(source, whole={THIS_COURSE})
    wanted.take_problems(roster.problems, _CSV_FATAL, _CSV_REFUSED)
    if not roster.rows and not wanted.fatal and not wanted.rows:
        wanted.fatal.append(Remark("empty"))
    for place, row in enumerate(roster.rows):
        wanted.people.append(WantedPerson(row.registrar_id, row.email, row.name[:200], line=row.line))
        sections = [("", row.section[:200])] if row.section else []
        groups = [row.group[:200]] if row.group else []
        wanted.places.append(WantedPlace(THIS_COURSE, place, Role(row.role.value), sections, groups))
    return wanted


def wanted_by_oneroster(
    file: Path | str | BinaryIO, source: str, *, by_class: bool, today: date, since: date
) -> Wanted:
    """What a OneRoster archive wants: one course per course, its classes its sections, or one per class.

    Raises BadArchive. Enrollments that ended after `since`, the term's first day, and before `today` want nothing; ends
    before the term are another term's, and say nothing about this one.
    """
    school = oneroster.read_oneroster(file)
    wanted = Wanted(source)
    wanted.take_problems(school.problems, _SCHOOL_FATAL, _SCHOOL_REFUSED)
    _School(school, wanted, by_class, today, since).take()
    return wanted


class _School:
    def __init__(
        self, school: oneroster.School, wanted: Wanted, by_class: bool, today: date, since: date
    ) -> None:
        self.school, self.wanted, self.by_class = school, wanted, by_class
        self.today, self.since = today, since
        self.people = {person.key: person for person in school.people}
        self.classes = {each.key: each for each in school.classes}
        self.numbers: dict[str, int] = {}
        self.places: dict[tuple[str, str], WantedPlace] = {}
        self.unsure: set[str] = set()

    def take(self) -> None:
        self._take_courses()
        self.sections = self._section_titles()
        for enrollment in self.school.enrollments:
            self._take_enrollment(enrollment)
        if self.school.modes["enrollments"] is oneroster.Mode.BULK:
            self.wanted.whole = {self._course_of(each) for each in self.school.classes} - self.unsure

    def _take_courses(self) -> None:
        active = [each for each in self.school.classes if each.status is oneroster.Status.ACTIVE]
        if self.by_class:
            for each in active:
                title = each.title or each.code or each.key
                self.wanted.courses[each.key] = WantedCourse(
                    each.key, title[:300], (each.code or title)[:60], "classes.csv", each.line
                )
            return
        taught = {each.course for each in active}
        for course in self.school.courses:
            if course.status is oneroster.Status.ACTIVE and course.key in taught:
                title = course.title or course.code or course.key
                file = "classes.csv" if course.derived else "courses.csv"
                self.wanted.courses[course.key] = WantedCourse(
                    course.key, title[:300], (course.code or title)[:60], file, course.line
                )

    def _course_of(self, each: oneroster.Class) -> str:
        return each.key if self.by_class else each.course

    def _section_titles(self) -> Mapping[str, str]:
        """A title for each class, unlike every other of its course."""
        titles: dict[str, str] = {}
        taken: dict[tuple[str, str], int] = {}
        for each in self.school.classes:
            title = (each.title or each.code or each.key)[:180]
            if (each.course, title.casefold()) in taken:
                title = f"{title} ({(each.code or each.key)[:15]})"
            number = taken[each.course, title.casefold()] = taken.get((each.course, title.casefold()), 0) + 1
            titles[each.key] = title if number == 1 else f"{title} {number}"
        return titles

    def _take_enrollment(self, enrollment: oneroster.Enrollment) -> None:
        each = self.classes.get(enrollment.class_key)
        if each is None:
            self._say(enrollment, Deed.REFUSED, "class_not_in_file", key=shown(enrollment.class_key))
            return
        person = self.people.get(enrollment.person)
        course = self._course_of(each)
        is_gone = oneroster.Status.REMOVED in (enrollment.status, each.status) or (
            person is not None and person.status is oneroster.Status.REMOVED
        )
        if is_gone:
            self.wanted.gone.add((course, enrollment.person))
            return
        if enrollment.ends_on is not None and self.since < enrollment.ends_on <= self.today:
            self._say(enrollment, Deed.LEFT, "over", on=enrollment.ends_on.isoformat())
            self.wanted.gone.add((course, enrollment.person))
            return
        if person is not None and not person.enabled:
            self._say(enrollment, Deed.LEFT, "not_enabled")
            self.wanted.gone.add((course, enrollment.person))
            return
        if course not in self.wanted.courses or oneroster.Status.INACTIVE in (enrollment.status, each.status):
            self.unsure.add(course)  # what is inactive neither adds nor takes out
            return
        self._place(course, enrollment, each)

    def _place(self, course: str, enrollment: oneroster.Enrollment, each: oneroster.Class) -> None:
        role = Role(enrollment.role.value)
        place = self.places.get((course, enrollment.person))
        if place is None:
            place = WantedPlace(course, self._number(enrollment.person), role, roles=[role])
            self.places[course, enrollment.person] = place
            self.wanted.places.append(place)
        if role not in place.roles:
            place.roles.append(role)
        place.role = max(place.role, role, key=lambda one: STRENGTH[one])
        if not self.by_class:
            section = (each.key, self.sections[each.key])
            if section not in place.sections:
                place.sections.append(section)

    def _number(self, key: str) -> int:
        if key not in self.numbers:
            self.numbers[key] = len(self.wanted.people)
            person = self.people.get(key)
            if person is None:
                self.wanted.people.append(WantedPerson(key, "", "", "enrollments.csv", 0, known=True))
            else:
                name = (person.name or person.username or person.email or person.key)[:200]
                self.wanted.people.append(WantedPerson(key, person.email, name, "users.csv", person.line))
        return self.numbers[key]

    def _say(self, enrollment: oneroster.Enrollment, deed: Deed, code: str, **values: str | int) -> None:
        person = self.people.get(enrollment.person)
        self.wanted.rows.append(
            Row(
                deed,
                "enrollment",
                person.name if person else "",
                person.email if person else "",
                file="enrollments.csv",
                line=enrollment.line,
                remarks=(Remark(code, values),),
            )
        )
