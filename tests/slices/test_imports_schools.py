"""OneRoster: whole schools come in, come again, and leave what was made by hand."""

import io
from datetime import timedelta

from sqlalchemy import select

from forum.accounts.models import Account, OutsideIdentity
from forum.accounts.rules import email_key
from forum.core.db import db, transaction
from forum.courses.models import Course, Enrollment
from tests.conftest import Site
from tests.files.oneroster_builder import CLASSES, ENROLLMENTS, USERS_11, school_11, school_12, user_11
from tests.world import WORLD_AT

from .imports import (
    CAST,
    HEAD,
    carry_out,
    counts_of,
    digest_of_tables,
    lines_of,
    term_id,
    upload,
    upload_answer,
    words_of,
)


def school(site: Site, archive: io.BytesIO, each: str = "course", **more: str):  # type: ignore[no-untyped-def]
    ada = site.client("ada")
    address = upload(
        ada, "/admin/imports/roster", archive, term=term_id(site), each=each, zone="Europe/Madrid", **more
    )
    return ada, address


def course_called(site: Site, code: str) -> Course:
    with site.app.app_context():
        course = db.session.scalars(select(Course).where(Course.code == code)).one()
        db.session.expunge(course)
        return course


def test_a_school_without_courses_csv_comes_in_with_classes_as_sections(site: Site) -> None:
    ada, address = school(site, school_11())
    page = ada.get(address)
    assert "the course was made of its class" in words_of(page.text)
    assert carry_out(ada, address).status_code == 303
    course = course_called(site, "RIV-A")
    assert course.state == "preparation"
    assert course.zone == "Europe/Madrid"
    assert lines_of(site, course.id) == {
        "tove@example.org": ("instructor", ["Rivers A"], []), "sam@example.org": ("student", ["Rivers A"], []),
    }  # fmt: skip
    with site.app.app_context():
        emails = set(db.session.scalars(select(Account.email)))
        text = repr([tuple(row) for row in db.session.execute(select(Account.__table__))])
        text += repr([tuple(row) for row in db.session.execute(select(OutsideIdentity.__table__))])
    assert "pat@example.org" not in emails, "parents are not kept"
    assert "SECRET" not in text, "nothing private is kept"


def test_a_school_twice_is_left_as_it_is(site: Site) -> None:
    ada, address = school(site, school_12())
    carry_out(ada, address)
    site.at(WORLD_AT + timedelta(minutes=5))
    ada, again = school(site, school_12())
    assert counts_of(ada.get(again).text)["added"] == 0
    assert counts_of(ada.get(again).text)["changed"] == 0
    before = digest_of_tables(site)
    assert carry_out(ada, again).status_code == 303
    after = digest_of_tables(site)
    assert {name for name in after if after[name] != before[name]} <= {"audit_entry"}


def test_one_course_per_class_if_so_chosen(site: Site) -> None:
    ada, address = school(site, school_11(), each="class")
    carry_out(ada, address)
    assert lines_of(site, course_called(site, "RIV-A").id).keys() == {"tove@example.org", "sam@example.org"}
    assert lines_of(site, course_called(site, "RIV-B").id) == {}


def test_who_is_in_two_classes_has_one_role_and_two_sections(site: Site) -> None:
    enrollments = ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\ne2,,,c2,o1,u1,student,false,,\n"
    ada, address = school(site, school_11(enrollments=enrollments))
    assert "the one that may do more counts: instructor" in words_of(ada.get(address).text)
    carry_out(ada, address)
    assert lines_of(site, course_called(site, "RIV-A").id)["tove@example.org"] == (
        "instructor", ["Rivers A", "Rivers B"], [],
    )  # fmt: skip


def test_what_the_next_bulk_file_does_not_name_leaves_but_hand_made_stays(site: Site) -> None:
    ada, address = school(site, school_11())
    carry_out(ada, address)
    course = course_called(site, "RIV-A")
    with site.app.app_context(), transaction() as session:
        from forum.courses.commands import enroll
        from forum.courses.policy import Role

        enroll(
            session,
            session.get_one(Course, course.id),
            site.world.people["mia"],
            Role.STUDENT,
            at=WORLD_AT,
            author_id=None,
        )
    site.at(WORLD_AT + timedelta(minutes=5))
    ada, again = school(site, school_11(enrollments=ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\n"))
    assert "1 of 3 people" in words_of(ada.get(again).text)
    assert carry_out(ada, again).status_code == 422
    assert carry_out(ada, again, remove_anyway="y").status_code == 303
    with site.app.app_context():
        left = db.session.execute(
            select(Account.email, Enrollment.until_at).join(Enrollment, Enrollment.account_id == Account.id)
            .where(Enrollment.course_id == course.id)
        ).all()  # fmt: skip
    assert {email for email, until in left if until is not None} == {"sam@example.org"}


def test_an_administrators_file_changes_names_and_addresses_by_the_schools_id(site: Site) -> None:
    ada, address = school(site, school_11())
    carry_out(ada, address)
    site.at(WORLD_AT + timedelta(minutes=5))
    users = USERS_11 + user_11("u1", "teacher", "Tove", "Lind", "tove@example.org")
    users += user_11("u2", "student", "Samuel", "Oak", "samuel@example.org")
    ada, again = school(site, school_11(users=users))
    page = words_of(ada.get(again).text)
    assert "address sam@example.org becomes samuel@example.org" in page
    assert "name “Sam Oak” becomes “Samuel Oak”" in page
    carry_out(ada, again)
    with site.app.app_context():
        account = db.session.scalars(
            select(Account).where(Account.email_key == email_key("samuel@example.org"))
        ).one()
        assert account.name == "Samuel Oak"


def test_an_administrators_account_is_never_changed_by_a_file(site: Site) -> None:
    users = USERS_11 + user_11("u1", "teacher", "Evil", "Twin", "ada@example.org")
    ada, address = school(
        site, school_11(users=users, enrollments=ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\n")
    )
    carry_out(ada, address)
    site.at(WORLD_AT + timedelta(minutes=5))
    users = USERS_11 + user_11("u1", "teacher", "Evil", "Twin", "evil@example.org")
    ada, again = school(
        site, school_11(users=users, enrollments=ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\n")
    )
    carry_out(ada, again)
    with site.app.app_context():
        account = db.session.get_one(Account, site.world.people["ada"])
        assert (account.name, account.email) == ("Ada Castellanos", "ada@example.org")


def test_a_course_of_the_same_code_in_the_term_is_taken_for_the_same(site: Site) -> None:
    classes = CLASSES + 'c1,,,Rivers A,09,k1,hist-204,scheduled,R1,o1,"t1",Geo,G,1\n'
    ada, address = school(site, school_11(classes=classes))
    assert "taken for the same" in words_of(ada.get(address).text)
    assert carry_out(ada, address).status_code == 303
    found = lines_of(site)
    assert "tove@example.org" in found
    assert "ana@example.org" in found, "who was enrolled by hand stays"


def test_what_is_no_school_is_refused_in_words_with_nothing_written(site: Site) -> None:
    ada = site.client("ada")
    before = digest_of_tables(site)
    for content in (b"", b"hello", b"PK\x03\x04rubbish"):
        answer = upload_answer(
            ada, "/admin/imports/roster", content, term=term_id(site), each="course", zone="UTC"
        )
        assert answer.status_code == 422
        assert "Nothing was written" in words_of(answer.text)
    assert digest_of_tables(site) == before


def test_many_people_are_read_in_a_few_statements(site: Site) -> None:
    from sqlalchemy import event

    ines = site.client("ines")
    many = "".join(f"p{n}@example.org,Person {n}\n" for n in range(1200))
    address = upload(ines, f"{site.world.course}/people/import", HEAD + CAST + many)
    counted = []
    with site.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    ines.get(address)
    assert len(counted) < 40
    counted.clear()
    carry_out(ines, address)
    assert sum(statement.startswith("SELECT") for statement in counted) < 60


def test_an_enrollment_that_ended_this_term_is_over_and_one_of_an_old_term_says_nothing(site: Site) -> None:
    enrollments = ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,2022-03-15,2022-06-15\n"
    enrollments += "e2,,,c1,o1,u2,student,false,2026-09-01,2026-10-01\n"
    ada, address = school(site, school_11(enrollments=enrollments))
    assert "was over on 2026-10-01" in words_of(ada.get(address).text)
    assert carry_out(ada, address).status_code == 303
    assert lines_of(site, course_called(site, "RIV-A").id).keys() == {"tove@example.org"}


def test_who_has_signed_in_keeps_the_name_that_a_file_would_change(site: Site) -> None:
    ada, address = school(site, school_11())
    carry_out(ada, address)

    def names() -> dict[str | None, str]:
        wanted = ("tove@example.org", "sam@example.org")
        with site.app.app_context():
            rows = db.session.execute(select(Account.email, Account.name).where(Account.email.in_(wanted)))
            return {row.email: row.name for row in rows}

    before = names()
    with site.app.app_context(), transaction() as session:
        tove = session.scalars(select(Account).where(Account.email == "tove@example.org")).one()
        tove.first_signed_in_at = WORLD_AT
        sam = session.scalars(select(Account).where(Account.email == "sam@example.org")).one()
        sam.first_signed_in_at = None
    users = USERS_11 + user_11("u1", "teacher", "Tova", "Lund", "tove@example.org")
    users += user_11("u2", "student", "Samuel", "Oakes", "sam@example.org")
    site.at(WORLD_AT + timedelta(minutes=5))
    ada, again = school(site, school_11(users=users))
    carry_out(ada, again)
    assert names() == {"tove@example.org": before["tove@example.org"], "sam@example.org": "Samuel Oakes"}


def test_who_imports_a_school_is_not_taken_out_of_their_own_course(site: Site) -> None:
    users = USERS_11 + user_11("u1", "teacher", "Ada", "Castellanos", "ada@example.org")
    users += user_11("u4", "teacher", "Tove", "Lind", "tove@example.org")
    both = ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\ne4,,,c1,o1,u4,teacher,true,,\n"
    ada, address = school(site, school_11(users=users, enrollments=both))
    carry_out(ada, address)
    course = course_called(site, "RIV-A")
    assert lines_of(site, course.id).keys() == {"ada@example.org", "tove@example.org"}
    site.at(WORLD_AT + timedelta(minutes=5))
    without = ENROLLMENTS + "e9,,,c2,o1,u4,teacher,true,,\n"
    ada, again = school(site, school_11(users=users, enrollments=without), each="course")
    assert carry_out(ada, again, remove_anyway="y").status_code == 303
    assert "ada@example.org" in lines_of(site, course.id)
