"""OneRoster: a school is read whole from files as they are; nothing private, no parent, no administrator."""

from __future__ import annotations

import tracemalloc
from datetime import date

import pytest

from forum.interop.archives import BadArchive
from forum.interop.oneroster import Mode, Role, School, Status, read_oneroster
from tests.files.archive_builder import zip_of
from tests.files.oneroster_builder import (
    CLASSES,
    COURSES,
    ENROLLMENTS,
    ROLES,
    SESSIONS,
    USERS_11,
    USERS_12,
    manifest,
    school_11,
    school_12,
    user_11,
    user_12,
)


def codes(school: School) -> list[tuple[str, str, int, str]]:
    return [(problem.code, problem.file, problem.line, problem.column) for problem in school.problems]


def test_a_school_in_1_1_without_courses_gets_them_from_its_classes() -> None:
    school = read_oneroster(school_11())
    assert school.version == "1.1"
    assert [(term.title, term.starts_on, term.ends_on) for term in school.terms] == [
        ("Fall 2026", date(2026, 9, 1), date(2026, 12, 20))
    ]
    assert [(org.key, org.name) for org in school.orgs] == [("o1", "North School")]
    assert [(c.key, c.title, c.code, c.derived) for c in school.courses] == [
        ("k1", "Rivers A", "RIV-A", True)
    ]
    assert [(c.key, c.course, c.terms) for c in school.classes] == [
        ("c1", "k1", ("t1",)),
        ("c2", "k1", ("t1",)),
    ]
    assert [(p.name, p.email, p.roles) for p in school.people] == [
        ("Tove Lind", "tove@example.org", (Role.INSTRUCTOR,)),
        ("Sam Oak", "sam@example.org", (Role.STUDENT,)),
    ]
    assert [(e.class_key, e.person, e.role, e.primary, e.starts_on) for e in school.enrollments] == [
        ("c1", "u1", Role.INSTRUCTOR, True, date(2026, 9, 1)),
        ("c1", "u2", Role.STUDENT, False, None),
    ]
    assert codes(school) == [
        ("derived_course", "classes.csv", 2, "courseSourcedId"),
        ("no_parents", "users.csv", 4, "role"),
    ]


def test_a_school_in_1_2_has_its_roles_in_a_file_of_their_own() -> None:
    school = read_oneroster(school_12())
    assert (school.version, school.modes["roles"], school.modes["orgs"]) == ("1.2", Mode.BULK, Mode.ABSENT)
    assert [(course.title, course.derived) for course in school.courses] == [("Rivers", False)]
    assert [(p.name, p.roles) for p in school.people] == [
        ("Tove Lind", (Role.INSTRUCTOR,)),
        ("Sam Oak", (Role.STUDENT,)),
    ]
    assert codes(school) == [("no_parents", "roles.csv", 3, "role")]


@pytest.mark.parametrize("made", [school_11, school_12])
def test_nothing_private_is_in_the_values(made: object) -> None:
    assert "SECRET" not in repr(read_oneroster(made()))  # type: ignore[operator]


def test_a_private_column_is_never_taken_for_a_misspelling_of_another() -> None:
    header = (
        USERS_11.replace(",email,", ",emial,").replace("phone", "fone").replace("identifier", "identifer")
    )
    school = read_oneroster(
        school_11(users=header + user_11("u1", "teacher", "Tove", "Lind", "tove@example.org"))
    )
    assert school.people[0].email == "tove@example.org"
    assert "SECRET" not in repr(school)


@pytest.mark.parametrize(
    "role",
    [
        "administrator",
        "siteAdministrator",
        "districtAdministrator",
        "systemAdministrator",
        "Sys-Admin",
        "principal",
    ],
)
def test_no_role_in_a_file_makes_an_administrator(role: str) -> None:
    users = USERS_11 + user_11("u1", role, "Ann", "Ito", "ann@example.org")
    enrollments = ENROLLMENTS + f"e1,,,c1,o1,u1,{role},,,\n"
    school = read_oneroster(school_11(users=users, enrollments=enrollments))
    assert [person.roles for person in school.people] == [()]
    assert school.enrollments == ()
    assert [code for code, *_rest in codes(school)].count("no_administrators") == 2


@pytest.mark.parametrize("role", ["parent", "guardian", "relative", "Guardian"])
def test_parents_are_never_among_the_people_and_never_enrolled(role: str) -> None:
    users = USERS_11 + user_11("u1", role, "Pat", "Oak", "pat@example.org")
    school = read_oneroster(school_11(users=users, enrollments=ENROLLMENTS + "e1,,,c1,o1,u1,student,,,\n"))
    assert (school.people, school.enrollments) == ((), ())
    assert ("no_parents", "enrollments.csv", 2, "userSourcedId") in codes(school)
    assert "pat@example.org" not in repr(school)
    roles = ROLES + f"r1,,,u2,primary,{role},,,o1\n"
    assert [person.key for person in read_oneroster(school_12(roles=roles)).people] == ["u1"]


def test_who_teaches_and_is_a_parent_too_teaches() -> None:
    users = USERS_11 + user_11("u1", '"parent,teacher"', "Tove", "Lind", "tove@example.org")
    assert read_oneroster(school_11(users=users)).people[0].roles == (Role.INSTRUCTOR,)


@pytest.mark.parametrize(
    ("role", "becomes"), [("aide", Role.OBSERVER), ("proctor", Role.OBSERVER), ("Teacher ", Role.INSTRUCTOR)]
)
def test_aides_and_proctors_read_only(role: str, becomes: Role) -> None:
    school = read_oneroster(school_11(enrollments=ENROLLMENTS + f"e1,,,c1,o1,u1,{role},,,\n"))
    assert [enrollment.role for enrollment in school.enrollments] == [becomes]


def test_an_unknown_role_enrolls_nobody_and_is_told() -> None:
    school = read_oneroster(school_11(enrollments=ENROLLMENTS + "e1,,,c1,o1,u1,wizard,,,\n"))
    assert school.enrollments == ()
    assert ("unknown_role", "enrollments.csv", 2, "role") in codes(school)


@pytest.mark.parametrize(
    ("written", "status", "told"),
    [
        ("", Status.ACTIVE, False),
        ("active", Status.ACTIVE, False),
        ("tobedeleted", Status.REMOVED, False),
        ("ToBeDeleted", Status.REMOVED, False),
        ("inactive", Status.INACTIVE, True),
        ("maybe", Status.INACTIVE, True),
    ],
)
def test_only_a_word_that_is_known_removes_or_adds(written: str, status: Status, told: bool) -> None:
    school = read_oneroster(school_11(enrollments=ENROLLMENTS + f"e1,{written},,c1,o1,u1,teacher,,,\n"))
    assert [enrollment.status for enrollment in school.enrollments] == [status]
    assert (("unknown_status", "enrollments.csv", 2, "status") in codes(school)) is told


def test_misspelled_headers_and_files_are_read_and_reported() -> None:
    school = read_oneroster(
        school_12(
            users=USERS_12.replace("preferred", "preffered")
            + user_12("u2", "Samuel", "Oak", "s@example.org", "Sam")
        )
    )
    assert school.people[0].name == "Sam Oak"
    assert [(p.code, p.values["written"]) for p in school.problems if p.code == "guessed_header"] == [
        ("guessed_header", "prefferedGivenName"),
        ("guessed_header", "prefferedMiddleName"),
        ("guessed_header", "prefferedFamilyName"),
    ]
    other = school_12(enrollments=None, Enrolments=ENROLLMENTS + "e1,,,c1,o1,u1,teacher,,,\n")
    school = read_oneroster(other)
    assert len(school.enrollments) == 1
    assert ("guessed_file", "enrollments.csv", 0, "") in codes(school)


def test_columns_in_another_order_and_more_of_them_are_no_matter() -> None:
    users = "Email,SOURCED ID,given_name,Family Name,role,shoe size\nsam@example.org,u2,Sam,Oak,student,44\n"
    school = read_oneroster(school_11(users=users))
    assert [(p.key, p.name, p.email) for p in school.people] == [("u2", "Sam Oak", "sam@example.org")]
    assert ("unknown_header", "users.csv", 1, "shoe size") in codes(school)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_and_line_end_is_read(encoding: str, newline: str) -> None:
    users = USERS_11 + user_11("u2", "student", "Zoë", "Müller", "zoe@example.org")
    school = read_oneroster(school_11(users=users.replace("\n", newline).encode(encoding)))
    assert [person.name for person in school.people] == ["Zoë Müller"]


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (("2026-09-01", "2026-12-20"), [date(2026, 9, 1), date(2026, 12, 20)]),
        (("2026-09-01T00:00:00.000Z", "20261220"), [date(2026, 9, 1), date(2026, 12, 20)]),
        (("1/09/2026", "20/12/2026"), [date(2026, 9, 1), date(2026, 12, 20)]),
        (("9/1/2026", "12/20/2026"), [date(2026, 9, 1), date(2026, 12, 20)]),
        (("1.9.2026", "20.12.2026"), [date(2026, 9, 1), date(2026, 12, 20)]),
        (("5/5/2026", "6/6/2026"), [date(2026, 5, 5), date(2026, 6, 6)]),
    ],
)
def test_dates_in_mixed_forms_are_read_by_what_the_file_shows(
    dates: tuple[str, str], read: list[date]
) -> None:
    school = read_oneroster(
        school_11(academicSessions=SESSIONS + f"t1,,,Fall,term,{dates[0]},{dates[1]},,2026\n")
    )
    assert [school.terms[0].starts_on, school.terms[0].ends_on] == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1/9/2026", "ambiguous_date"),
        ("soon", "bad_date"),
        ("2026-02-30", "bad_date"),
        ("1850-01-01", "date_out_of_bounds"),
    ],
)
def test_a_date_that_cannot_be_known_is_left_empty_and_told(written: str, code: str) -> None:
    school = read_oneroster(school_11(academicSessions=SESSIONS + f"t1,,,Fall,term,{written},,,2026\n"))
    assert school.terms[0].starts_on is None
    assert (code, "academicSessions.csv", 2, "startDate") in codes(school)


def test_rows_that_name_nobody_known_are_told_with_their_line_and_the_rest_is_read() -> None:
    enrollments = ENROLLMENTS + "e1,,,c9,o1,u1,teacher,,,\ne2,,,c1,o1,u9,student,,,\ne3,,,c1,o1,,student,,,\n"
    enrollments += '\n"e4",,,c1,o1,u1,"teacher\n",,,\ne4,,,c1,o1,u2,student,,,\ne5,,,c1,o1,u2,student,,,\n'
    school = read_oneroster(school_11(enrollments=enrollments))
    assert [enrollment.key for enrollment in school.enrollments] == ["e4", "e5"]
    assert [problem for problem in codes(school) if problem[1] == "enrollments.csv"] == [
        ("unknown_class", "enrollments.csv", 2, "classSourcedId"),
        ("unknown_person", "enrollments.csv", 3, "userSourcedId"),
        ("missing_value", "enrollments.csv", 4, "userSourcedId"),
        ("duplicate_key", "enrollments.csv", 8, "sourcedId"),
    ]


def test_a_delta_may_name_what_it_does_not_bring() -> None:
    said = manifest("1.1", users="absent", classes="absent", enrollments="delta")
    school = read_oneroster(
        school_11(manifest=said, users=None, classes=None, orgs=None, academicSessions=None)
    )
    assert [enrollment.person for enrollment in school.enrollments] == ["u1", "u2"]
    assert school.modes["enrollments"] is Mode.DELTA


def test_a_file_that_the_manifest_does_not_announce_is_read_and_removes_nobody() -> None:
    school = read_oneroster(school_11(manifest=manifest("1.1", users="bulk", classes="bulk", orgs="bulk")))
    assert school.modes["enrollments"] is Mode.DELTA
    assert ("not_announced", "enrollments.csv", 0, "") in codes(school)
    school = read_oneroster(school_11(orgs=None))
    assert ("missing_file", "orgs.csv", 0, "") in codes(school)


def test_without_a_manifest_all_that_is_there_is_taken_for_whole() -> None:
    school = read_oneroster(school_11(manifest=None))
    assert (school.version, school.modes["users"]) == ("1.1", Mode.BULK)
    assert codes(school)[0] == ("no_manifest", "manifest.csv", 0, "")


def test_classes_whose_course_is_missing_from_courses_get_one_and_it_is_told() -> None:
    classes = (
        CLASSES + "c1,,,Rivers A,,k1,RIV,,,o1,,,,\nc2,,,Lakes,,k2,LAK,,,o1,,,,\nc3,,,Alone,,,AL,,,o1,,,,\n"
    )
    school = read_oneroster(school_12(classes=classes, courses=COURSES + "k1,,,,Rivers,RIV,,o1\n"))
    assert [(course.key, course.derived) for course in school.courses] == [
        ("k1", False),
        ("k2", True),
        ("class:c3", True),
    ]
    assert [one.course for one in school.classes] == ["k1", "k2", "class:c3"]


def test_a_course_made_of_its_classes_is_removed_only_with_all_of_them() -> None:
    classes = CLASSES + "c1,tobedeleted,,Old,,k1,O,,,o1,,,,\nc2,,,New,,k1,N,,,o1,,,,\n"
    school = read_oneroster(school_11(classes=classes))
    assert [(course.title, course.status) for course in school.courses] == [("New", Status.ACTIVE)]


def test_a_quotation_mark_that_never_closes_is_told_and_what_came_before_is_read() -> None:
    users = USERS_11 + user_11("u2", "student", "Sam", "Oak", "sam@example.org") + '"u3,,,' + "x" * 200_000
    school = read_oneroster(school_11(users=users))
    assert [person.key for person in school.people] == ["u2"]
    assert ("broken_table", "users.csv", 3, "") in codes(school)


def test_a_bad_address_is_told_and_left_empty_and_control_characters_are_gone() -> None:
    users = USERS_11 + user_11("u2", "student", '"Sa\x07m\nX"', "Oak", "sam@@example")
    school = read_oneroster(school_11(users=users))
    assert (school.people[0].given, school.people[0].email) == ("Sam X", "")
    assert ("bad_email", "users.csv", 2, "email") in codes(school)


def test_an_account_that_is_switched_off_says_so() -> None:
    users = USERS_11 + user_11("u2", "student", "Sam", "Oak", "sam@example.org", enabled="FALSE")
    assert not read_oneroster(school_11(users=users)).people[0].enabled


def test_a_zip_of_something_else_is_refused() -> None:
    with pytest.raises(BadArchive) as caught:
        read_oneroster(zip_of({"holiday.csv": "a,b\n1,2\n"}))
    assert caught.value.code == "no_rosters"


def test_files_in_a_folder_are_found_and_litter_is_not() -> None:
    inside = {f"export/{name}": content for name, content in _files_of(school_11()).items()}
    school = read_oneroster(zip_of({**inside, "__MACOSX/export/._users.csv": "x"}))
    assert len(school.people) == 2


def test_thousands_of_people_are_read_within_bounds() -> None:
    users = "".join(user_11(f"u{n}", "student", f"S{n}", "Oak", f"s{n}@example.org") for n in range(4_000))
    archive = school_11(users=USERS_11 + users)
    tracemalloc.start()
    try:
        school = read_oneroster(archive)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
    assert len(school.people) == 4_000


def _files_of(archive: object) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(archive) as zipped:  # type: ignore[call-overload]
        return {name: zipped.read(name) for name in zipped.namelist()}
