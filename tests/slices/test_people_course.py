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
from forum.courses.models import Course, Enrollment, GroupMembership, Section, SectionMembership
from forum.courses.policy import Role
from tests.conftest import Site
from tests.world import BEGAN_AT, WORLD_AT, World


def times_of(site: Site, account_id: int, course_id: int) -> list[Enrollment]:
    with site.app.app_context():
        return list(
            db.session.scalars(
                select(Enrollment)
                .where(Enrollment.account_id == account_id, Enrollment.course_id == course_id)
                .order_by(Enrollment.from_at)
            )
        )


def place_of(site: Site, world: World, short: str, course_id: int | None = None) -> str:
    """The public id of somebody's present enrollment."""
    return next(
        each.public_id
        for each in times_of(site, world.people[short], course_id or world.course_id)
        if each.until_at is None
    )


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/invitations/[^"]+)"', page)
    assert found, page
    return found.group(1)


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


@pytest.mark.parametrize("who", ["ana", "olga", "tariq"])
def test_who_may_not_manage_people_passes_no_door_of_it(site: Site, world: World, who: str) -> None:
    client, ben = site.client(who), place_of(site, world, "ben")
    token = client.token()
    for method, path in (
        ("GET", "new"), ("POST", "new"), ("GET", ben), ("POST", ben), ("POST", f"{ben}/ending"), ("POST", f"{ben}/invitation"),
        ("POST", "invitations.csv"), ("GET", "sections"), ("POST", "sections"), ("GET", "groups"), ("POST", "groups"),
    ):  # fmt: skip
        answer = client.open(
            f"{world.course}/people/{path}", method=method, data={"csrf_token": token, "role": "instructor"}
        )
        assert answer.status_code == 403, (method, path)


def test_a_student_cannot_move_themselves(site: Site, world: World) -> None:
    ana = site.client("ana")
    own = place_of(site, world, "ana")
    assert (
        ana.send(
            f"{world.course}/people/{own}", {"role": "student", "section": world.sections["South"]}
        ).status_code
        == 403
    )


def test_strangers_do_not_know_of_the_people(site: Site, world: World) -> None:
    for who in ("sam", "mia"):
        assert site.client(who).get(f"{world.course}/people").status_code == 404


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


def test_another_courses_ids_are_not_here(site: Site, world: World) -> None:
    ines = site.client("ines")
    mia = place_of(site, world, "mia", world.other_course_id)
    with site.app.app_context(), transaction() as session:
        other = session.get_one(Course, world.other_course_id)
        section = courses.section_called(session, other, "Theirs").public_id
        group = courses.group_called(session, other, "Theirs").public_id
    for method, path in (
        ("GET", mia), ("POST", mia), ("POST", f"{mia}/ending"), ("POST", f"{mia}/invitation"),
        ("GET", f"sections/{section}"), ("POST", f"sections/{section}"), ("GET", f"groups/{group}"), ("POST", f"groups/{group}"),
    ):  # fmt: skip
        data = (
            {"csrf_token": ines.token(), "role": "student", "title": "Mine now"} if method == "POST" else None
        )
        assert ines.open(f"{world.course}/people/{path}", method=method, data=data).status_code == 404, (
            method,
            path,
        )
    ben = f"{world.course}/people/{place_of(site, world, 'ben')}"
    assert ines.send(ben, {"role": "student", "section": section}).status_code == 422
    assert ines.send(ben, {"role": "student", "groups": [group]}).status_code == 422


def test_nobody_changes_their_own_place(site: Site, world: World) -> None:
    ines, own = site.client("ines"), place_of(site, world, "ines")
    assert "Somebody else has to change it" in ines.get(f"{world.course}/people/{own}").text
    assert ines.send(f"{world.course}/people/{own}", {"role": "student"}).status_code == 422
    assert ines.send(f"{world.course}/people/{own}/ending").status_code == 409
    assert (
        ines.send(f"{world.course}/people/new", {"email": "ines@example.org", "role": "student"}).status_code
        == 422
    )
    assert place_of(site, world, "ines") == own


def test_an_assistant_who_manages_people_makes_and_unmakes_no_instructor(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        session.get_one(Course, world.course_id).assistants_manage = True
    tariq, url = site.client("tariq"), f"{world.course}/people"
    assert tariq.send(f"{url}/new", {"email": "sam@example.org", "role": "instructor"}).status_code == 422
    assert tariq.send(f"{url}/new", {"email": "ines@example.org", "role": "student"}).status_code == 422
    assert tariq.send(f"{url}/{place_of(site, world, 'ines')}", {"role": "student"}).status_code in (409, 422)
    assert tariq.send(f"{url}/{place_of(site, world, 'ines')}/ending").status_code == 409
    assert tariq.send(f"{url}/{place_of(site, world, 'tariq')}", {"role": "instructor"}).status_code in (
        409,
        422,
    )
    assert tariq.send(f"{url}/new", {"email": "sam@example.org", "role": "assistant"}).status_code == 303
    assert len(times_of(site, world.people["ines"], world.course_id)) == 1


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


# --- an administrator's visit --------------------------------------------------------------------------------------


def test_an_administrator_enters_with_a_reason_that_instructors_see_for_a_day(
    site: Site, world: World
) -> None:
    ada, url = site.client("ada"), f"{world.course}/manage/visit"
    assert ada.get(world.course).status_code == 403
    assert ada.send(url, {"reason": "   "}).status_code == 422
    assert ada.send(url, {"reason": "A student reported <b>a post</b>."}).status_code == 303
    assert ada.get(world.course).status_code == 200
    page = site.client("ines").get(f"{world.course}/people").text
    assert "A student reported &lt;b&gt;a post&lt;/b&gt;." in page
    assert "reported" not in site.client("ana").get(f"{world.course}/people").text
    assert (
        ada.send(
            f"{world.course}/threads/{world.threads['floods']}/replies", {"text": "x", "key": "key-ada-1"}
        ).status_code
        == 403
    )
    site.at(WORLD_AT + timedelta(hours=24) - timedelta(microseconds=1))
    assert ada.get(world.course).status_code == 200
    site.at(WORLD_AT + timedelta(hours=24))
    assert ada.get(world.course).status_code == 403


@pytest.mark.parametrize("who", ["ines", "ana", "tariq"])
def test_only_an_administrator_from_outside_makes_a_visit(site: Site, world: World, who: str) -> None:
    client = site.client(who)
    assert client.get(f"{world.course}/manage/visit").status_code == 403
    assert client.send(f"{world.course}/manage/visit", {"reason": "curious"}).status_code == 403
    assert client.send(f"{world.other}/manage/visit", {"reason": "curious"}).status_code == 404


def test_an_administrator_puts_the_first_instructor_in_without_entering(site: Site, world: World) -> None:
    ada = site.client("ada")
    assert (
        ada.send(f"{world.other}/people/new", {"email": "ines@example.org", "role": "instructor"}).status_code
        == 303
    )
    assert site.client("ines").get(world.other).status_code == 200
    assert ada.get(world.other).status_code == 403
