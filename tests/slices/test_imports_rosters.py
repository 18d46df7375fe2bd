"""Rosters from files: a dry run first, all or nothing, safe to run twice, and nobody harmed by a file."""

import csv
import io
import re
from datetime import timedelta

from sqlalchemy import func, select

from forum.accounts.models import Account, OneTimeToken
from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.interop import kept
from forum.interop.roster_views import ROWS_SHOWN
from tests.conftest import Site
from tests.world import WORLD_AT

from .imports import (
    CAST,
    HEAD,
    carry_out,
    counts_of,
    digest_of_tables,
    lines_of,
    upload,
    words_of,
)


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


def test_a_long_report_is_saved_whole_as_csv(site: Site) -> None:
    ines = site.client("ines")
    rows = "".join(f"new{number}@example.org,=New {number}\n" for number in range(ROWS_SHOWN + 20))
    report = upload(ines, f"{site.world.course}/people/import", HEAD + CAST + rows)
    page = ines.get(report).text
    assert page.count('<th scope="row">') == ROWS_SHOWN
    assert f"The first {ROWS_SHOWN} of {ROWS_SHOWN + 24} are shown here." in words_of(page)
    answer = ines.get(f"{report}/rows.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    head, *lines = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    assert head == ["Who or what", "What happens", "Why", "E-mail", "Course", "Line"]
    assert len(lines) == ROWS_SHOWN + 24
    assert {line[3] for line in lines} >= {f"new{number}@example.org" for number in range(ROWS_SHOWN + 20)}
    assert not any(line[0].startswith("=") for line in lines), "no cell is run by a spreadsheet"
    assert site.client("ada").get(f"{report}/rows.csv").status_code == 404
    carry_out(ines, report, remove_anyway="y")
    after = csv.reader(io.StringIO(ines.get(f"{report}/rows.csv").get_data().decode("utf-8-sig")))
    assert len(list(after)) == ROWS_SHOWN + 25


def test_refused_rows_take_nobody_out_even_when_the_rest_is_carried_out(site: Site) -> None:
    ines = site.client("ines")
    file = "email,name,role\nana@example.org,,\nroot@example.org,Root,Site Admin\n"
    address = upload(ines, f"{site.world.course}/people/import", file)
    assert counts_of(ines.get(address).text)["taken out"] == 0
    assert carry_out(ines, address, partly="y", remove_anyway="y").status_code == 303
    assert {"ben@example.org", "chidi@example.org", "dana@example.org"} <= lines_of(site).keys()


def test_no_file_makes_an_administrator_whatever_its_columns_say(site: Site) -> None:
    def administrators() -> set[str | None]:
        with site.app.app_context():
            return set(db.session.scalars(select(Account.email).where(Account.is_administrator)))

    assert administrators() == {"ada@example.org"}
    file = "email,name,role,is_administrator,admin,administrator\n" + "".join(
        f"{email},Nora New,student,1,true,yes\n" for email in ("nora@example.org", "ana@example.org")
    )
    for short in ("ines", "ada"):
        client = site.client(short)
        address = upload(client, f"{site.world.course}/people/import", file, keep_others="y")
        assert carry_out(client, address).status_code == 303
        assert "nora@example.org" in lines_of(site)
        assert administrators() == {"ada@example.org"}


def test_a_file_is_carried_out_once_even_if_pressed_twice_at_once(site: Site) -> None:
    ines = site.client("ines")
    address = upload(ines, f"{site.world.course}/people/import", HEAD + CAST)
    who = {
        "kind": "course-roster",
        "account_id": site.world.people["ines"],
        "course_id": site.world.course_id,
    }
    with site.app.app_context():
        waiting = kept.kept_for(address.rpartition("/")[2], at=WORLD_AT, **who)  # type: ignore[arg-type]
    with kept.carrying_out(waiting):
        assert carry_out(ines, address).status_code == 409
