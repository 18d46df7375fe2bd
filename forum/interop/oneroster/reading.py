"""A OneRoster archive from its file to its values: who teaches and learns what, and nothing private."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from forum.core.csv_tables import is_email
from forum.interop.archives import BadArchive, Limits, open_archive
from forum.interop.oneroster.sheets import Row, Sheets
from forum.interop.oneroster.values import (
    Class,
    Course,
    Enrollment,
    Mode,
    Org,
    Person,
    Role,
    School,
    Status,
    Term,
)

# An aide and a proctor help in the room; that shows nobody grades. An instructor may give them more.
_ROLES = {
    "student": Role.STUDENT,
    "learner": Role.STUDENT,
    "teacher": Role.INSTRUCTOR,
    "instructor": Role.INSTRUCTOR,
    "aide": Role.OBSERVER,
    "proctor": Role.OBSERVER,
    "counselor": Role.OBSERVER,
}
_PARENTS = frozenset(("parent", "guardian", "relative"))
_ADMINISTRATORS = frozenset(
    (
        *("administrator", "admin", "districtadministrator", "siteadministrator", "systemadministrator"),
        *("sysadmin", "principal"),
    )
)
_LIMITS = Limits(entries=500, total_bytes=512 * 1024 * 1024, entry_bytes=128 * 1024 * 1024)


def read_oneroster(source: Path | str | BinaryIO, limits: Limits | None = None) -> School:
    """The school in a OneRoster 1.1 or 1.2 CSV archive.

    Reads the whole file once before anything else. Raises BadArchive, `no_rosters` if none of its files is
    there; what is wrong in single rows is told in `problems`. Passwords, phones, birth dates, sexes, agents
    and identifiers are skipped row by row, and parents are not among the people.
    """
    with open_archive(source, limits or _LIMITS) as archive:
        archive.check_every_byte()
        sheets = Sheets(archive)
        if all(mode is Mode.ABSENT for mode in sheets.modes.values()):
            raise BadArchive("no_rosters", name="")
        return _school(sheets)


def _school(sheets: Sheets) -> School:
    terms = tuple(_term(sheets, row) for row in sheets.rows("academicSessions"))
    orgs = tuple(_org(sheets, row) for row in sheets.rows("orgs"))
    named = tuple(_course(sheets, row) for row in sheets.rows("courses"))
    classes = tuple(_class(sheets, row) for row in sheets.rows("classes"))
    courses, classes = _with_derived_courses(sheets, named, classes)
    people, parents = _people(sheets)
    _tell_unknown_terms(sheets, terms, classes)
    enrollments = tuple(_enrollments(sheets, classes, people, parents))
    return School(
        version=sheets.version,
        modes=sheets.modes,
        terms=terms,
        orgs=orgs,
        courses=courses,
        classes=classes,
        people=people,
        enrollments=enrollments,
        problems=tuple(sheets.problems),
    )


def _term(sheets: Sheets, row: Row) -> Term:
    return Term(
        key=row["sourcedId"],
        line=row.line,
        title=row["title"],
        kind=row["type"],
        starts_on=sheets.day(row, "startDate"),
        ends_on=sheets.day(row, "endDate"),
        parent=row["parentSourcedId"],
        status=sheets.status(row),
    )


def _org(sheets: Sheets, row: Row) -> Org:
    return Org(
        row["sourcedId"], row.line, row["name"], row["type"], row["parentSourcedId"], sheets.status(row)
    )


def _course(sheets: Sheets, row: Row) -> Course:
    status = sheets.status(row)
    return Course(row["sourcedId"], row.line, row["title"], row["courseCode"], row["orgSourcedId"], status)


def _class(sheets: Sheets, row: Row) -> Class:
    return Class(
        key=row["sourcedId"],
        line=row.line,
        title=row["title"],
        code=row["classCode"],
        course=row["courseSourcedId"],
        org=row["schoolSourcedId"],
        terms=_keys(row["termSourcedIds"]),
        status=sheets.status(row),
    )


def _with_derived_courses(
    sheets: Sheets, named: tuple[Course, ...], classes: tuple[Class, ...]
) -> tuple[tuple[Course, ...], tuple[Class, ...]]:
    """A course for each class whose course no file names: made of its first class, removed ones last."""
    known = {course.key for course in named}
    derived: dict[str, Course] = {}
    whole: list[Class] = []
    for one in sorted(classes, key=lambda one: one.status is not Status.ACTIVE):
        key = one.course or f"class:{one.key}"
        if key in known or key in derived:
            continue
        derived[key] = Course(key, one.line, one.title, one.code, one.org, one.status, derived=True)
        row = Row("classes.csv", one.line, {})
        if sheets.modes["courses"] is Mode.BULK:
            sheets.tell("unknown_course", row, "courseSourcedId", key=key)
        sheets.tell("derived_course", row, "courseSourcedId", key=key, title=one.title)
    for one in classes:
        course = one.course or f"class:{one.key}"
        whole.append(Class(one.key, one.line, one.title, one.code, course, one.org, one.terms, one.status))
    return (*named, *derived.values()), tuple(whole)


def _tell_unknown_terms(sheets: Sheets, terms: tuple[Term, ...], classes: tuple[Class, ...]) -> None:
    known = {term.key for term in terms}
    if sheets.modes["academicSessions"] is not Mode.BULK:
        return
    for one in classes:
        for key in one.terms:
            if key not in known:
                sheets.tell("unknown_term", Row("classes.csv", one.line, {}), "termSourcedIds", key=key)


def _people(sheets: Sheets) -> tuple[tuple[Person, ...], frozenset[str]]:
    """The people who teach or learn or have no role yet, and the keys of those who are only parents."""
    roles, said = _roles_by_person(sheets)
    people: list[Person] = []
    parents: set[str] = set()
    for row in sheets.rows("users"):
        key = row["sourcedId"]
        own = list(roles.get(key, ()))
        words = set(said.get(key, ()))
        for word in _keys(row["role"]):
            role = _role(sheets, row, word)
            words.add(_word(word))
            if role is not None and role not in own:
                own.append(role)
        if words and words <= _PARENTS:
            parents.add(key)
            continue
        people.append(_person(sheets, row, tuple(own)))
    return tuple(people), frozenset(parents)


def _person(sheets: Sheets, row: Row, roles: tuple[Role, ...]) -> Person:
    email = row["email"]
    if email and not is_email(email):
        sheets.tell("bad_email", row, "email", value=email[:100])
        email = ""
    orgs = dict.fromkeys((*_keys(row["primaryOrgSourcedId"]), *_keys(row["orgSourcedIds"])))
    return Person(
        key=row["sourcedId"],
        line=row.line,
        username=row["username"],
        email=email,
        given=row["givenName"],
        middle=row["middleName"],
        family=row["familyName"],
        preferred_given=row["preferredGivenName"],
        preferred_family=row["preferredFamilyName"],
        enabled=row["enabledUser"].lower() not in ("false", "0", "no"),
        roles=roles,
        orgs=tuple(orgs),
        status=sheets.status(row),
    )


def _roles_by_person(sheets: Sheets) -> tuple[dict[str, list[Role]], dict[str, list[str]]]:
    roles: dict[str, list[Role]] = {}
    said: dict[str, list[str]] = {}
    for row in sheets.rows("roles"):
        if sheets.status(row) is Status.REMOVED:
            continue
        person = row["userSourcedId"]
        said.setdefault(person, []).append(_word(row["role"]))
        role = _role(sheets, row, row["role"])
        if role is not None and role not in roles.setdefault(person, []):
            roles[person].append(role)
    return roles, said


def _role(sheets: Sheets, row: Row, written: str) -> Role | None:
    """The role of a word; None, told, for administrators, parents and words that mean nothing here."""
    word = _word(written)
    if word in _ROLES:
        return _ROLES[word]
    code = (
        "no_administrators"
        if word in _ADMINISTRATORS
        else "no_parents"
        if word in _PARENTS
        else "unknown_role"
    )
    sheets.tell(code, row, "role", value=written[:40])
    return None


def _enrollments(
    sheets: Sheets, classes: tuple[Class, ...], people: tuple[Person, ...], parents: frozenset[str]
) -> list[Enrollment]:
    class_keys = {one.key for one in classes}
    person_keys = {person.key for person in people}
    found = []
    for row in sheets.rows("enrollments"):
        role = _role(sheets, row, row["role"])
        person, class_key = row["userSourcedId"], row["classSourcedId"]
        # In a delta the others may be known from before; what only this file could name must be in it.
        lost = class_key not in class_keys and sheets.modes["classes"] is Mode.BULK
        if lost:
            sheets.tell("unknown_class", row, "classSourcedId", key=class_key)
        if person in parents:
            sheets.tell("no_parents", row, "userSourcedId", key=person)
            lost = True
        elif person not in person_keys and sheets.modes["users"] is Mode.BULK:
            sheets.tell("unknown_person", row, "userSourcedId", key=person)
            lost = True
        if role is None or lost:
            continue
        found.append(
            Enrollment(
                key=row["sourcedId"],
                line=row.line,
                class_key=class_key,
                person=person,
                role=role,
                primary=row["primary"].lower() in ("true", "1", "yes"),
                starts_on=sheets.day(row, "beginDate"),
                ends_on=sheets.day(row, "endDate"),
                status=sheets.status(row),
            )
        )
    return found


def _word(role: str) -> str:
    return "".join(letter for letter in role.lower() if letter.isalpha())


def _keys(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.strip() for key in cell.split(",") if key.strip()))
