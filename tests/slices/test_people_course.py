"""What happens with the people of a course: seen, put in, moved, ended, invited; and what nobody can do there."""

import csv
import io
import itertools
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts.models import Account
from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course, GroupMembership, Section, SectionMembership
from forum.courses.policy import Role
from tests.conftest import Site
from tests.slices.people_steps import link_in, place_of, times_of
from tests.world import BEGAN_AT, WORLD_AT, World


@pytest.mark.parametrize(
    ("who", "sees_addresses"),
    [("ana", False), ("olga", False), ("tariq", True), ("ines", True), ("ada", True)],
)
def test_names_are_for_all_and_addresses_for_staff(
    site: Site, world: World, who: str, sees_addresses: bool
) -> None:
    page = site.client(who).get(f"{world.course}/people").text
    assert "Ben Achterberg" in page
    assert "North" in page
    assert ("ben@example.org" in page) is sees_addresses
    assert ("Put a person in" in page) is (who in ("ines", "ada"))


def test_staff_of_one_section_see_the_addresses_of_that_section(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        courses.enroll(session, course, world.people["tariq"], Role.ASSISTANT, at=WORLD_AT - timedelta(days=1), author_id=None,
                       all_sections=False)  # fmt: skip
        north = courses.section_called(session, course, "North")
        courses.put_in_section(
            session, course, world.people["tariq"], north.id, at=WORLD_AT - timedelta(days=1)
        )
    page = site.client("tariq").get(f"{world.course}/people").text
    assert "ana@example.org" in page
    assert "chidi@example.org" not in page
    assert "Chidi Okafor" in page


def test_an_existing_account_is_enrolled_by_its_address(site: Site, world: World) -> None:
    answer = site.client("ines").send(
        f"{world.course}/people/new",
        {"email": "SAM@example.org", "role": "student", "section": world.sections["North"]},
    )
    assert answer.status_code == 303
    sam = site.client("sam")
    assert sam.get(world.course).status_code == 200
    assert "Sam Nobody" in sam.get(f"{world.course}/people").text


def test_an_unknown_address_makes_an_account_and_shows_a_link_that_works_once(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    fields = {
        "email": "nia@example.org",
        "name": "Nia Okoro",
        "role": "student",
        "is_administrator": "1",
        "password_hash": "x",
    }
    shown = ines.send(f"{world.course}/people/new", fields)
    assert shown.status_code == 200
    link = link_in(shown.text)
    with site.app.app_context():
        account = db.session.scalars(select(Account).where(Account.email_key == "nia@example.org")).one()
        assert (account.is_administrator, account.password_hash) == (False, None)
    nia = site.client()
    assert nia.send(link, {"password": "nine brown cows"}).status_code == 303
    assert nia.get(world.course).status_code == 200
    assert site.client().get(link).status_code == 404


@pytest.mark.parametrize("role", ["administrator", "visitor", "owner", ""])
def test_no_role_beyond_the_four_is_given(site: Site, world: World, role: str) -> None:
    ines = site.client("ines")
    assert (
        ines.send(f"{world.course}/people/new", {"email": "sam@example.org", "role": role}).status_code == 422
    )
    assert (
        ines.send(f"{world.course}/people/{place_of(site, world, 'ben')}", {"role": role}).status_code == 422
    )
    assert times_of(site, world.people["sam"], world.course_id) == []
    with site.app.app_context(), transaction() as session, pytest.raises(ValueError):
        courses.enroll(
            session,
            session.get_one(Course, world.course_id),
            world.people["sam"],
            Role.ADMINISTRATOR,
            at=WORLD_AT,
            author_id=None,
        )


def test_extra_fields_change_nothing_but_what_the_form_asks(site: Site, world: World) -> None:
    ines, url = site.client("ines"), f"{world.course}/people/{place_of(site, world, 'ben')}"
    before = times_of(site, world.people["ben"], world.course_id)
    extra = {"account_id": world.people["sam"], "course_id": world.other_course_id, "posts_held": "1", "is_administrator": "1",
             "from_at": "0", "until_at": "0", "name": "Other", "email": "o@example.org"}  # fmt: skip
    assert ines.send(url, {"role": "student", "section": world.sections["North"], **extra}).status_code == 303
    after = times_of(site, world.people["ben"], world.course_id)
    assert [(each.id, each.from_at, each.until_at, each.posts_held) for each in after] == [
        (each.id, each.from_at, each.until_at, each.posts_held) for each in before
    ]
    with site.app.app_context():
        ben = db.session.get_one(Account, world.people["ben"])
        assert (ben.name, ben.email, ben.is_administrator) == ("Ben Achterberg", "ben@example.org", False)


def test_a_changed_role_is_a_new_time_and_the_old_one_stays(site: Site, world: World) -> None:
    ines, ben = site.client("ines"), site.client("ben")
    url = f"{world.course}/people/{place_of(site, world, 'ben')}"
    assert ines.send(url, {"role": "observer", "section": world.sections["North"]}).status_code == 303
    before, after = times_of(site, world.people["ben"], world.course_id)
    assert (before.role, before.from_at, before.until_at) == ("student", BEGAN_AT, WORLD_AT)
    assert (after.role, after.from_at, after.until_at) == ("observer", WORLD_AT, None)
    assert ben.get(world.course).location.startswith("/sign-in")  # a new session for the new role
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    assert site.client("ben").send(path, {"text": "Words of a guest.", "key": "key-ben-1"}).status_code in (
        403,
        409,
    )
    assert ines.get(url).status_code == 404  # that time is over


def test_another_section_holds_from_now_on(site: Site, world: World) -> None:
    ines, url = site.client("ines"), f"{world.course}/people/{place_of(site, world, 'ben')}"
    assert ines.send(url, {"role": "student", "section": world.sections["South"]}).status_code == 303
    assert ines.send(url, {"role": "student", "section": world.sections["South"]}).status_code == 303
    with site.app.app_context():
        rows = db.session.execute(
            select(Section.title, SectionMembership.from_at, SectionMembership.until_at)
            .join(Section, Section.id == SectionMembership.section_id)
            .where(SectionMembership.account_id == world.people["ben"])
            .order_by(SectionMembership.from_at)
        ).all()
        assert [tuple(row) for row in rows] == [("North", BEGAN_AT, WORLD_AT), ("South", WORLD_AT, None)]


def test_groups_are_made_ticked_and_unticked(site: Site, world: World) -> None:
    ines = site.client("ines")
    for title in ("Herons", "Storks"):
        assert (
            ines.send(f"{world.course}/people/groups", {"title": title, "set_title": "Teams"}).status_code
            == 303
        )
    assert (
        ines.send(f"{world.course}/people/groups", {"title": "Storks", "set_title": "Teams"}).status_code
        == 422
    )
    url = f"{world.course}/people/{place_of(site, world, 'ben')}"
    ids = re.findall(r'name="groups" type="checkbox" value="([^"]+)"', ines.get(url).text)
    assert len(ids) == 2
    ines.send(url, {"role": "student", "groups": ids})
    assert "Herons, Storks" in ines.get(f"{world.course}/people").text
    site.at(WORLD_AT + timedelta(hours=1))
    ines.send(url, {"role": "student", "groups": ids[:1]})
    with site.app.app_context():
        rows = db.session.scalars(
            select(GroupMembership).where(GroupMembership.account_id == world.people["ben"])
        ).all()
        assert sorted(row.until_at is None for row in rows) == [False, True]


def test_a_sections_own_end_is_later_than_the_courses_and_moves_only_later(site: Site, world: World) -> None:
    ines, url = site.client("ines"), f"{world.course}/people/sections/{world.sections['North']}"
    assert ines.send(url, {"title": "North", "ends_on": "2026-12-10"}).status_code == 422
    assert ines.send(url, {"title": "North", "ends_on": "2027-01-10"}).status_code == 303
    for earlier in ("2027-01-09", ""):
        answer = ines.send(url, {"title": "North", "ends_on": earlier})
        assert answer.status_code == 422, earlier
    assert ines.send(url, {"title": "South", "ends_on": "2027-01-10"}).status_code == 422  # taken
    assert ines.send(url, {"title": "Far north", "ends_on": "2027-01-11"}).status_code == 303


def test_an_ended_enrollment_shuts_the_door_at_the_next_request(site: Site, world: World) -> None:
    ines, ben = site.client("ines"), site.client("ben")
    post = f"{world.course}/posts/{world.posts['ben']}"
    assert ben.get(world.course).status_code == 200
    assert ines.send(f"{world.course}/people/{place_of(site, world, 'ben')}/ending").status_code == 303
    for path in (
        world.course,
        f"{world.course}/people",
        post,
        f"{world.course}/boards/{world.boards['floods']}",
    ):
        assert ben.get(path).status_code == 404, path
    assert (
        ben.send(
            f"{world.course}/threads/{world.threads['floods']}/replies", {"text": "x", "key": "key-ben-2"}
        ).status_code
        == 404
    )
    assert "tax rolls" in site.client("ana").get(f"{world.course}/threads/{world.threads['floods']}").text
    site.at(WORLD_AT + timedelta(days=1))
    site.client("ines").send(f"{world.course}/people/new", {"email": "ben@example.org", "role": "student"})
    assert len(times_of(site, world.people["ben"], world.course_id)) == 2
    assert ben.get(world.course).status_code == 200


def test_a_moment_behind_nothing_overlaps(site: Site, world: World) -> None:
    """Two requests at once: the one that arrived first is carried out last."""
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        late, early = WORLD_AT, WORLD_AT - timedelta(milliseconds=3)
        courses.enroll(session, course, world.people["sam"], Role.STUDENT, at=late, author_id=None)
        courses.enroll(session, course, world.people["sam"], Role.OBSERVER, at=early, author_id=None)
        courses.unenroll(session, course, world.people["sam"], at=early, author_id=None)
        courses.enroll(session, course, world.people["sam"], Role.STUDENT, at=early, author_id=None)
    found = times_of(site, world.people["sam"], world.course_id)
    assert len(found) == 3
    for before, after in itertools.pairwise(found):
        assert before.until_at is not None
        assert before.from_at < before.until_at <= after.from_at


def test_instructors_get_no_link_for_who_is_elsewhere_too_or_administers(site: Site, world: World) -> None:
    """Whoever opens a link is that person: it would lead into courses that are not the instructor's."""
    with site.app.app_context(), transaction() as session:
        for short in ("mia", "ada", "ben"):
            session.get_one(Account, world.people[short]).password_hash = None
        course = session.get_one(Course, world.course_id)
        for short in ("mia", "ada"):
            courses.enroll(
                session,
                course,
                world.people[short],
                Role.STUDENT,
                at=WORLD_AT - timedelta(days=1),
                author_id=None,
            )
    ines = site.client("ines")
    for short, status in (("mia", 409), ("ada", 409), ("ben", 200), ("ana", 409)):
        answer = ines.send(f"{world.course}/people/{place_of(site, world, short)}/invitation")
        assert answer.status_code == status, short
    file = ines.send(f"{world.course}/people/invitations.csv").get_data(as_text=True).lstrip("\ufeff")
    rows = {row["E-mail"]: row["Invitation link"] for row in csv.DictReader(io.StringIO(file))}
    assert set(rows) == {"mia@example.org", "ada@example.org", "ben@example.org"}
    assert not rows["mia@example.org"]
    assert not rows["ada@example.org"]
    assert rows["ben@example.org"]


def test_the_invitations_of_a_course_are_one_file_of_links_that_work_once(site: Site, world: World) -> None:
    ines = site.client("ines")
    for number, name in enumerate(("=cmd|' /C calc'!A0", "@SUM(1)", "Nia Okoro")):
        ines.send(
            f"{world.course}/people/new", {"email": f"n{number}@example.org", "name": name, "role": "student"}
        )
    assert ines.get(f"{world.course}/people/invitations.csv").status_code in (404, 405)
    answer = ines.send(f"{world.course}/people/invitations.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {row["Name"] for row in rows} == {"'=cmd|' /C calc'!A0", "'@SUM(1)", "Nia Okoro"}
    path = rows[0]["Invitation link"].removeprefix("http://localhost")
    assert site.client().send(path, {"password": "nine brown cows"}).status_code == 303
    assert site.client().get(path).status_code == 404
    second = rows[1]["Invitation link"].removeprefix("http://localhost")
    ines.send(f"{world.course}/people/invitations.csv")
    assert site.client().get(second).status_code == 404  # a new file makes the links of the old one useless
    site.at(WORLD_AT + timedelta(days=15))
    third = rows[2]["Invitation link"].removeprefix("http://localhost")
    assert site.client().get(third).status_code == 404


def test_a_list_of_many_takes_no_more_statements_than_a_list_of_few(site: Site, world: World) -> None:
    from sqlalchemy import event

    from forum.accounts.commands import make_account

    seen: list[str] = []
    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: seen.append(statement))
    ines = site.client("ines")
    ines.get(f"{world.course}/people")
    seen.clear()
    ines.get(f"{world.course}/people")
    few = len(seen)
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.course_id)
        for number in range(40):
            account = make_account(
                session, name=f"Many {number}", email=f"m{number}@example.org", at=WORLD_AT
            )
            courses.enroll(session, course, account.id, Role.STUDENT, at=WORLD_AT, author_id=None)
    seen.clear()
    assert "Many 39" in ines.get(f"{world.course}/people").text
    assert len(seen) == few
