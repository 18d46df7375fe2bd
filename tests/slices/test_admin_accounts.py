"""What happens when an administrator looks after accounts: links, suspending, the role, joining two of one person."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum.accounts.commands import make_account
from forum.accounts.models import Account
from forum.core.db import db, transaction
from forum.core.jobs import Job
from forum.courses import commands as courses
from forum.courses.models import Course, Enrollment
from forum.courses.policy import Role
from forum.participation.models import Grade
from forum.posts.models import Draft, Post, ReadMark
from tests.conftest import Site
from tests.world import WORLD_AT, World


def account_of(site: Site, email: str) -> Account:
    with site.app.app_context():
        account = db.session.scalars(select(Account).where(Account.email_key == email)).one()
        db.session.expunge(account)
        return account


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/invitations/[^"]+)"', page)
    assert found, page
    return found.group(1)


def test_accounts_are_found_by_whole_address_or_beginning_of_a_name(site: Site) -> None:
    ada = site.client("ada")

    def names(query: str) -> set[str]:
        text = ada.get("/admin/accounts", query_string={"q": query}).text
        return set(re.findall(r'<a href="/admin/accounts/[a-z0-9]{10}">([^<]+)</a>', text))

    assert names("ANA@example.org") == {"Ana Lindqvist"}
    assert names("ana@example") == set()
    assert names("lindq") == {"Ana Lindqvist"}
    assert names("Inés Aranda") == {"Inés Aranda"}
    assert names("aranda i") == {"Inés Aranda"}
    assert names("%") == set()
    assert names("_") == set()
    assert len(names("")) == 11


def test_the_list_of_accounts_is_paged_without_gap_or_double(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        for number in range(120):
            make_account(session, name=f"Same Name{number % 3}", email=f"n{number}@example.org", at=WORLD_AT)
    ada, url, found = site.client("ada"), "/admin/accounts?q=name", []
    while url:
        text = ada.get(url).text
        found += re.findall(r"(n\d+@example.org)", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        url = following.group(1).replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found)) == 120
    assert ada.get("/admin/accounts?after=nosuchone1").status_code == 404


def test_an_account_is_made_and_no_extra_field_makes_it_more(site: Site) -> None:
    ada = site.client("ada")
    extra = {
        "is_administrator": "1",
        "role": "administrator",
        "password_hash": "x",
        "suspended_at": "1",
        "joined_into_id": "1",
    }
    made = ada.send("/admin/accounts/new", {"name": "Nia Okoro", "email": "Nia@Example.org", **extra})
    assert made.status_code == 303
    account = account_of(site, "nia@example.org")
    assert (
        account.is_administrator,
        account.password_hash,
        account.suspended_at,
        account.joined_into_id,
    ) == (False, None, None, None)
    changed = ada.send(made.location, {"name": "Nia O.", "email": "nia@example.org", **extra})
    assert changed.status_code == 303
    account = account_of(site, "nia@example.org")
    assert (account.name, account.is_administrator, account.password_hash) == ("Nia O.", False, None)


def test_an_address_in_use_is_refused_with_what_was_typed(site: Site) -> None:
    answer = site.client("ada").send("/admin/accounts/new", {"name": "Ana Again", "email": "ANA@example.org"})
    assert answer.status_code == 422
    assert "Another account has this address." in answer.text
    assert "Ana Again" in answer.text


def test_an_invitation_link_works_once_and_expires(site: Site) -> None:
    ada = site.client("ada")
    url = ada.send("/admin/accounts/new", {"name": "Nia Okoro", "email": "nia@example.org"}).location
    shown = ada.send(f"{url}/links", {"deed": "make"})
    assert shown.headers["Cache-Control"] == "no-store"
    first = link_in(shown.text)
    second = link_in(ada.send(f"{url}/links").text)
    nia = site.client()
    assert nia.get(first).status_code == 404  # a new link makes the one before useless
    assert nia.get(second).status_code == 200
    assert nia.send(second, {"password": "nine brown cows"}).status_code == 303
    assert site.client().get(second).status_code == 404
    reset = link_in(ada.send(f"{url}/links").text)
    site.at(WORLD_AT + timedelta(hours=2))
    assert site.client().get(reset).status_code == 404


def test_an_unused_invitation_ends_after_fourteen_days(site: Site) -> None:
    ada = site.client("ada")
    url = ada.send("/admin/accounts/new", {"name": "Nia Okoro", "email": "nia@example.org"}).location
    link = link_in(ada.send(f"{url}/links").text)
    site.at(WORLD_AT + timedelta(days=14) - timedelta(microseconds=1))
    assert site.client().get(link).status_code == 200
    site.at(WORLD_AT + timedelta(days=14))
    assert site.client().get(link).status_code == 404


def test_a_link_is_mailed_as_well_where_there_is_mail(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site.app.config, "SMTP_URL", "smtp://127.0.0.1:1")
    url = f"/admin/accounts/{site.world.public['ana']}"
    shown = site.client("ada").send(f"{url}/links")
    assert "It is on its way by mail as well." in shown.text
    with site.app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert job.facts["to"] == "ana@example.org"
        assert link_in(shown.text) in job.facts["text"]


def test_a_changed_address_makes_old_links_useless(site: Site, world: World) -> None:
    ada, url = site.client("ada"), f"/admin/accounts/{world.public['ana']}"
    link = link_in(ada.send(f"{url}/links").text)
    ada.send(url, {"name": "Ana Lindqvist", "email": "ana.new@example.org"})
    assert site.client().get(link).status_code == 404


def test_suspension_ends_sessions_at_the_next_request_and_can_be_lifted(site: Site, world: World) -> None:
    ada, ana = site.client("ada"), site.client("ana")
    assert ana.get(world.course).status_code == 200
    ada.send(f"/admin/accounts/{world.public['ana']}/suspension", {"deed": "suspend"})
    assert ana.get(world.course).location.startswith("/sign-in")
    typed = {"email": "ana@example.org", "password": "seven grey herons", "next": "/"}
    assert site.client().send("/sign-in", typed).status_code == 422
    ada.send(f"/admin/accounts/{world.public['ana']}/suspension", {"deed": "lift"})
    assert ana.get(world.course).location.startswith("/sign-in")  # the old session stays dead
    assert site.client().send("/sign-in", typed).status_code == 303


def test_the_last_administrator_stays_one(site: Site, world: World) -> None:
    ada, url = site.client("ada"), f"/admin/accounts/{world.public['ada']}"
    assert ada.send(f"{url}/administrator", {"deed": "take"}).status_code == 409
    assert ada.send(f"{url}/suspension", {"deed": "suspend"}).status_code == 409
    assert account_of(site, "ada@example.org").is_administrator
    assert (
        ada.send(f"/admin/accounts/{world.public['ines']}/administrator", {"deed": "give"}).status_code == 303
    )
    ada.send(f"/admin/accounts/{world.public['ines']}/suspension", {"deed": "suspend"})
    assert (
        ada.send(f"{url}/administrator", {"deed": "take"}).status_code == 409
    )  # a suspended one does not count
    ada.send(f"/admin/accounts/{world.public['ines']}/suspension", {"deed": "lift"})
    assert ada.send(f"{url}/administrator", {"deed": "take"}).status_code == 303
    assert ada.get("/admin").location.startswith("/sign-in")


def test_who_becomes_or_stops_being_administrator_signs_in_anew(site: Site, world: World) -> None:
    ada, ines = site.client("ada"), site.client("ines")
    url = f"/admin/accounts/{world.public['ines']}/administrator"
    ada.send(url, {"deed": "give"})
    assert ines.get("/admin").location.startswith("/sign-in")
    ines = site.client("ines")
    assert ines.get("/admin").status_code == 200
    ada.send(url, {"deed": "take"})
    assert ines.get("/admin").location.startswith("/sign-in")
    assert site.client("ines").get("/admin").status_code == 403


# --- joining -------------------------------------------------------------------------------------------------------


def joined(site: Site, world: World, into: str, other: str) -> str:
    """Look first, then join; gives the page of the look."""
    ada, url = site.client("ada"), f"/admin/accounts/{world.public[into]}/joining"
    look = ada.send(url, {"other": f"{other}@example.org"})
    assert look.status_code == 200
    assert ada.send(url, {"other": f"{other}@example.org", "deed": "join"}).status_code == 303
    return look.text


def test_looking_first_changes_nothing(site: Site, world: World) -> None:
    ada, url = site.client("ada"), f"/admin/accounts/{world.public['ana']}/joining"
    look = ada.send(url, {"other": "ben@example.org"})
    assert re.search(r">posts</th><td class=\"num\">2</td><td class=\"num\">0</td>", look.text)
    with site.app.app_context():
        assert (
            db.session.scalar(select(func.count(Post.id)).where(Post.author_id == world.people["ben"])) == 2
        )
        assert db.session.get_one(Account, world.people["ben"]).joined_into_id is None


def test_a_joined_account_keeps_its_posts_and_its_address_leads_on(site: Site, world: World) -> None:
    ana = site.client("ana")
    old = site.client("ben")
    assert "Ben Achterberg" in ana.get(f"{world.course}/threads/{world.threads['floods']}").text
    joined(site, world, "ana", "ben")
    with site.app.app_context():
        count = db.session.scalar
        assert count(select(func.count(Post.id)).where(Post.author_id == world.people["ana"])) == 2
        assert count(select(func.count(Post.id)).where(Post.author_id == world.people["ben"])) == 0
        assert count(select(func.count(Draft.id)).where(Draft.account_id == world.people["ana"])) == 1
        assert db.session.get_one(Account, world.people["ben"]).joined_into_id == world.people["ana"]
    page = ana.get(f"{world.course}/threads/{world.threads['floods']}").text
    assert "tax rolls" in page
    assert "Ben Achterberg" not in page  # the kept page is made anew
    assert "Ben Achterberg" not in site.client("ines").get(f"{world.course}/people").text
    assert old.get(world.course).location.startswith("/sign-in")
    client = site.client()
    assert (
        client.send(
            "/sign-in", {"email": "ben@example.org", "password": "seven grey herons", "next": "/"}
        ).status_code
        == 303
    )
    assert "Ana Lindqvist" in client.get("/").text


def test_what_both_have_is_told_and_left(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        from forum.boards.models import Board
        from forum.posts.models import Thread

        board = session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one()
        thread = session.scalars(select(Thread).where(Thread.public_id == world.threads["floods"])).one()
        for short, score in (("ana", 3), ("ben", 5)):
            session.add(
                Grade(board_id=board.id, account_id=world.people[short], score=score, saved_at=WORLD_AT)
            )
            session.add(
                ReadMark(account_id=world.people[short], thread_id=thread.id, position=1, at=WORLD_AT)
            )
    text = joined(site, world, "ana", "ben")
    assert re.search(r">grades</th><td class=\"num\">0</td><td class=\"num\">1</td>", text)
    assert re.search(r">read marks</th><td class=\"num\">0</td><td class=\"num\">1</td>", text)
    with site.app.app_context():
        grade = db.session.scalars(select(Grade).where(Grade.account_id == world.people["ana"])).one()
        assert grade.score == 3
        assert (
            db.session.scalars(select(Grade).where(Grade.account_id == world.people["ben"])).one().score == 5
        )


def test_times_in_a_course_join_without_overlap(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, world.other_course_id)
        courses.enroll(session, course, world.people["ben"], Role.STUDENT, at=WORLD_AT, author_id=None)
        history = session.get_one(Course, world.course_id)
        courses.enroll(
            session,
            history,
            world.people["mia"],
            Role.STUDENT,
            at=WORLD_AT - timedelta(days=5),
            author_id=None,
        )
        courses.unenroll(
            session, history, world.people["mia"], at=WORLD_AT - timedelta(days=4), author_id=None
        )
    joined(site, world, "ben", "mia")
    with site.app.app_context():
        rows = db.session.execute(
            select(Enrollment.course_id, Enrollment.from_at, Enrollment.until_at)
            .where(Enrollment.account_id == world.people["ben"])
            .order_by(Enrollment.course_id, Enrollment.from_at)
        ).all()
        by_course = {
            course_id: [row for row in rows if row.course_id == course_id]
            for course_id in {row.course_id for row in rows}
        }
        assert len(by_course[world.other_course_id]) == 2  # Mia's time before, ended where Ben's began
        assert (
            by_course[world.other_course_id][0].until_at
            == by_course[world.other_course_id][1].from_at
            == WORLD_AT
        )
        assert len(by_course[world.course_id]) == 1  # Mia's lay inside Ben's and stayed with her account


@pytest.mark.parametrize(
    ("into", "other", "sentence"),
    [
        ("ana", "ana", "This is the same account."),
        ("ana", "ada", "This is your own account."),
        ("ana", "nobody", "No account has this address."),
    ],
)
def test_a_joining_that_cannot_be_is_refused(
    site: Site, world: World, into: str, other: str, sentence: str
) -> None:
    answer = site.client("ada").send(
        f"/admin/accounts/{world.public[into]}/joining", {"other": f"{other}@example.org", "deed": "join"}
    )
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_administrator_is_not_joined_away(site: Site, world: World) -> None:
    ada = site.client("ada")
    ada.send(f"/admin/accounts/{world.public['ines']}/administrator", {"deed": "give"})
    answer = ada.send(
        f"/admin/accounts/{world.public['ana']}/joining", {"other": "ines@example.org", "deed": "join"}
    )
    assert answer.status_code == 422
    assert not account_of(site, "ana@example.org").is_administrator


def test_a_joined_account_can_be_changed_no_more(site: Site, world: World) -> None:
    joined(site, world, "ana", "ben")
    ada, url = site.client("ada"), f"/admin/accounts/{world.public['ben']}"
    assert "joined into another one" in ada.get(url).text
    for address in ("administrator", "suspension", "links", "joining"):
        answer = ada.send(f"{url}/{address}", {"deed": "give", "other": "chidi@example.org"})
        assert answer.status_code == 409, address
