"""Rosters from files: a dry run first, all or nothing, safe to run twice, and nobody harmed by a file."""

import csv
import io
import re
from datetime import timedelta

from sqlalchemy import func, select

from forum.accounts.models import Account, OneTimeToken, OutsideIdentity
from forum.accounts.rules import email_key
from forum.core.db import db, transaction
from forum.courses.models import Course, Enrollment
from forum.courses.queries import roster
from tests.conftest import Site
from tests.files.oneroster_builder import CLASSES, ENROLLMENTS, USERS_11, school_11, school_12, user_11
from tests.world import WORLD_AT

from .imports import counts_of, digest_of_tables, upload, upload_answer, words_of

CAST = "ana@example.org,Ana\nben@example.org,\nchidi@example.org,\ndana@example.org,\n"
HEAD = "E-mail,Name\n"


def lines_of(site: Site, course_id: int | None = None) -> dict[str, tuple[str, list[str], list[str]]]:
    with site.app.app_context():
        found = {
            line.email or line.name: (
                str(line.role),
                [t for _i, t in line.sections],
                [t for _i, t in line.groups],
            )
            for line in roster(db.session(), course_id or site.world.course_id, WORLD_AT + timedelta(hours=1))
        }
        db.session.remove()
    return found


def term_id(site: Site) -> str:
    with site.app.app_context():
        from forum.courses.models import Term

        return db.session.scalars(select(Term.public_id)).one()


def carry_out(client, address: str, **ticks: str):  # type: ignore[no-untyped-def]
    return client.send(address, ticks)


def test_a_dry_run_tells_row_by_row_and_changes_nothing(site: Site) -> None:
    ines = site.client("ines")
    before = digest_of_tables(site)
    roster_file = (
        HEAD.replace("Name", "Name,Role,Section")
        + CAST.replace(",Ana", ",Ana Lindqvist").replace("\n", ",,\n")
        + "new@example.org,Nora New,student,North\n"
    )
    page = ines.get(upload(ines, f"{site.world.course}/people/import", roster_file))
    assert counts_of(page.text) == {
        "added": 1,
        "changed": 0,
        "taken out": 0,
        "left as it is": 4,
        "refused": 0,
    }
    assert "new account, student; into section North" in words_of(page.text)
    assert digest_of_tables(site) == before


def test_a_roster_is_carried_out_and_leaves_everything_the_second_time(site: Site) -> None:
    ines = site.client("ines")
    file = (
        "Email;Full Nmae;Role;Secton;Group;Student ID\n"
        + "".join(f"{short}@example.org;;;;;{n}\n" for n, short in enumerate(("ana", "ben", "chidi", "dana")))
        + "nora@example.org;Nora New;TA;South;Reds;00107\n"
    )
    address = upload(ines, f"{site.world.course}/people/import", file)
    assert carry_out(ines, address).status_code == 303
    assert counts_of(ines.get(address).text)["added"] == 1
    assert lines_of(site)["nora@example.org"] == ("assistant", ["South"], ["Reds"])
    site.at(WORLD_AT + timedelta(minutes=5))
    before = digest_of_tables(site)
    again = upload(ines, f"{site.world.course}/people/import", file)
    assert counts_of(ines.get(again).text) == {
        "added": 0, "changed": 0, "taken out": 0, "left as it is": 5, "refused": 0,
    }  # fmt: skip
    assert carry_out(ines, again).status_code == 303
    after = digest_of_tables(site)
    assert {name for name in after if after[name] != before[name]} <= {"audit_entry"}


def test_one_bad_row_stops_the_whole_file_unless_told_otherwise(site: Site) -> None:
    ines = site.client("ines")
    file = (
        "email,name,role\n"
        + CAST.replace("\n", ",\n")
        + "new@example.org,New,student\nroot@example.org,Root,Site Admin\n"
    )
    address = upload(ines, f"{site.world.course}/people/import", file)
    before = digest_of_tables(site)
    answer = carry_out(ines, address)
    assert answer.status_code == 422
    assert "no file makes an administrator" in words_of(answer.text)
    assert digest_of_tables(site) == before
    assert carry_out(ines, address, partly="y").status_code == 303
    found = lines_of(site)
    assert "new@example.org" in found
    assert "root@example.org" not in found


def test_more_than_a_tenth_leaving_asks_first(site: Site) -> None:
    ines = site.client("ines")
    file = HEAD + CAST.replace("dana@example.org,\n", "")
    address = upload(ines, f"{site.world.course}/people/import", file)
    page = words_of(ines.get(address).text)
    assert "1 of 7 people" in page
    before = digest_of_tables(site)
    assert carry_out(ines, address).status_code == 422
    assert digest_of_tables(site) == before
    assert carry_out(ines, address, remove_anyway="y").status_code == 303
    assert "dana@example.org" not in lines_of(site)
    assert {"ines@example.org", "tariq@example.org", "olga@example.org"} <= lines_of(site).keys()


def test_a_tenth_itself_does_not_ask(site: Site) -> None:
    ines = site.client("ines")
    many = "".join(f"s{n}@example.org,Student {n}\n" for n in range(4))
    carry_out(ines, upload(ines, f"{site.world.course}/people/import", HEAD + CAST + many))
    site.at(WORLD_AT + timedelta(minutes=5))
    more = "".join(f"s{n}@example.org,\n" for n in range(3))
    eleven = upload(ines, f"{site.world.course}/people/import", HEAD + CAST + more)
    assert "1 of 11" not in words_of(ines.get(eleven).text)
    assert carry_out(ines, eleven).status_code == 303
    assert "s3@example.org" not in lines_of(site)
    site.at(WORLD_AT + timedelta(minutes=10))
    exactly = upload(
        ines, f"{site.world.course}/people/import", HEAD + CAST + more.replace("s2@example.org,\n", "")
    )
    assert carry_out(ines, exactly).status_code == 303, "1 of 10 is a tenth, not more"
    site.at(WORLD_AT + timedelta(minutes=15))
    over = upload(ines, f"{site.world.course}/people/import", HEAD + CAST + "s0@example.org,\n")
    assert carry_out(ines, over).status_code == 422, "1 of 9 is more than a tenth"


def test_a_file_that_is_only_a_part_takes_nobody_out(site: Site) -> None:
    ines = site.client("ines")
    address = upload(
        ines, f"{site.world.course}/people/import", HEAD + "zoe@example.org,Zoe\n", keep_others="y"
    )
    assert carry_out(ines, address).status_code == 303
    assert {"zoe@example.org", "dana@example.org"} <= lines_of(site).keys()


def test_an_instructors_file_changes_nobodys_account(site: Site) -> None:
    ines = site.client("ines")
    file = "email,name,id\n" + CAST.replace("\n", ",\n") + "ada@example.org,Owned,7\n"
    file = file.replace("ana@example.org,Ana,", "ana@example.org,Stolen Name,1")
    address = upload(ines, f"{site.world.course}/people/import", file)
    assert "the name stays" in words_of(ines.get(address).text)
    carry_out(ines, address)
    site.at(WORLD_AT + timedelta(minutes=5))
    moved = file.replace("ana@example.org", "thief@example.org")
    second = upload(ines, f"{site.world.course}/people/import", moved)
    assert "only an administrator" in words_of(ines.get(second).text)
    carry_out(ines, second)
    with site.app.app_context():
        names = dict(db.session.execute(select(Account.email_key, Account.name)).all())
    assert names["ana@example.org"] == "Ana Lindqvist"
    assert names["ada@example.org"] == "Ada Castellanos"
    assert "thief@example.org" not in names


def test_an_address_of_somebody_else_is_refused_in_words(site: Site) -> None:
    ines = site.client("ines")
    first = "email,name,id\n" + CAST.replace("ana@example.org,Ana", "ana@example.org,,1").replace(
        ",\n", ",,\n"
    )
    carry_out(ines, upload(ines, f"{site.world.course}/people/import", first))
    second = upload(
        ines, f"{site.world.course}/people/import", "email,name,id\nben@example.org,,1\n", keep_others="y"
    )
    page = words_of(ines.get(second).text)
    assert "ben@example.org belongs to somebody else here, Ben Achterberg" in page


def test_the_importer_is_neither_taken_out_nor_demoted(site: Site) -> None:
    ines = site.client("ines")
    file = "email,name,role\n" + CAST.replace("\n", ",\n") + "ines@example.org,,student\n"
    address = upload(ines, f"{site.world.course}/people/import", file)
    assert "your own role stays" in words_of(ines.get(address).text)
    assert carry_out(ines, address).status_code == 303
    assert lines_of(site)["ines@example.org"][0] == "instructor"


def test_an_assistant_with_the_right_to_manage_makes_no_instructors(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        session.get_one(Course, site.world.course_id).assistants_manage = True
    tariq = site.client("tariq")
    file = (
        "email,name,role\n"
        + CAST.replace("\n", ",\n")
        + "tariq@example.org,,assistant\nmia@example.org,,instructor\n"
    )
    page = tariq.get(upload(tariq, f"{site.world.course}/people/import", file))
    assert "Only an instructor gives" in words_of(page.text)


def test_links_are_fetched_as_one_csv_and_work_once(site: Site) -> None:
    ines = site.client("ines")
    address = upload(ines, f"{site.world.course}/people/import", HEAD + CAST + "nora@example.org,=Nora\n")
    carry_out(ines, address)
    answer = ines.send(f"{address}/links")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[:2] for row in rows[1:]] == [["'=Nora", "nora@example.org"]]
    assert "no-store" in answer.headers["Cache-Control"]
    link = re.sub(r"^https?://[^/]+", "", rows[1][2])
    stranger = site.client()
    assert stranger.get(link).status_code == 200
    assert stranger.send(link, {"password": "nine quiet lamps"}).status_code == 303
    assert site.client().get(link).status_code == 404
    with site.app.app_context():
        tokens = db.session.scalars(select(OneTimeToken.token_hash)).all()
    assert link.rpartition("/")[2] not in tokens


def test_a_report_is_its_uploaders_alone_and_expires(site: Site) -> None:
    ines = site.client("ines")
    address = upload(ines, f"{site.world.course}/people/import", HEAD + CAST)
    assert site.client("ada").get(address).status_code == 404
    assert ines.get(f"{site.world.course}/people/import/../../../x").status_code == 404
    site.at(WORLD_AT + timedelta(hours=2))
    assert ines.get(address).status_code == 404


def test_what_changed_since_the_dry_run_is_weighed_again(site: Site) -> None:
    ines = site.client("ines")
    file = HEAD + CAST + "nora@example.org,Nora\n"
    address = upload(ines, f"{site.world.course}/people/import", file)
    other = upload(ines, f"{site.world.course}/people/import", file)
    carry_out(ines, other)
    assert carry_out(ines, address).status_code == 303
    assert counts_of(ines.get(address).text)["added"] == 0
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).where(Account.email_key == "nora@example.org")) == 1


def test_only_those_who_manage_people_import(site: Site) -> None:
    for short in ("ana", "olga", "tariq"):
        assert site.client(short).get(f"{site.world.course}/people/import").status_code == 403
    assert site.client("ian").get(f"{site.world.course}/people/import").status_code == 404
    assert site.client("ines").get("/admin/imports/roster").status_code == 403


# --- OneRoster -----------------------------------------------------------------------------------------------------


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
