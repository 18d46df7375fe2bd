"""Does a session end when it should, and is guessing held back at the quieter doors, too?"""

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum.accounts import commands, passwords
from forum.accounts.links import link_to
from forum.accounts.models import Account, SignInSession
from forum.accounts.rules import INVITATION_LASTS, RESET_LASTS, SESSION_LASTS
from forum.core.db import db, transaction
from tests.conftest import Site
from tests.sweeps.ground import Browser, browser, token_of
from tests.sweeps.signing_in import sign_in
from tests.world import PASSWORD, WORLD_AT

DAY = timedelta(days=1)


def sessions_open(site: Site, short: str) -> int:
    with site.app.app_context():
        return db.session.scalar(
            select(func.count()).where(
                SignInSession.account_id == site.world.people[short], SignInSession.ended_at.is_(None)
            )
        ) or 0  # fmt: skip


def link_for(site: Site, short: str, purpose: str) -> str:
    with site.app.app_context(), transaction() as session:
        return commands.make_link(session, site.world.people[short], purpose, author_id=None, at=WORLD_AT)


def change_password(site: Site, client: Browser, current: str = PASSWORD) -> int:
    fields = {
        "csrf_token": token_of(client),
        "current": current,
        "password": "eleven blue lamps",
        "again": "eleven blue lamps",
    }
    return client.post("/settings/password", data=fields).status_code


@pytest.mark.sqlite_only
def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    client = browser(site, None)
    token = token_of(client)
    fields = {"csrf_token": token, "email": site.world.emails["ana"], "password": PASSWORD, "next": "/"}
    assert client.post("/sign-in", data=fields).status_code == 303
    fields["csrf_token"] = token_of(client)
    assert sessions_open(site, "ana") == 1
    assert client.post("/sign-in", data=fields).status_code == 303
    assert sessions_open(site, "ana") == 1


@pytest.mark.sqlite_only
def test_a_session_in_daily_use_ends_too(site: Site) -> None:
    client, day = browser(site, "ana"), WORLD_AT
    while (day := day + DAY) < WORLD_AT + SESSION_LASTS:
        site.at(day)
        assert client.get("/mine").status_code == 200, day
    site.at(WORLD_AT + SESSION_LASTS - timedelta(microseconds=1))
    assert client.get("/mine").status_code == 200
    site.at(WORLD_AT + SESSION_LASTS)
    assert client.get("/mine").status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("purpose", "lasts"), [("invitation", INVITATION_LASTS), ("reset", RESET_LASTS)])
def test_a_link_works_until_its_time_is_over(site: Site, purpose: str, lasts: timedelta) -> None:
    token, client = link_for(site, "dana", purpose), browser(site, None)
    site.at(WORLD_AT + lasts - timedelta(microseconds=1))
    assert client.get(f"/invitations/{token}").status_code == 200
    site.at(WORLD_AT + lasts)
    assert client.get(f"/invitations/{token}").status_code == 404
    assert lasts in (timedelta(days=14), timedelta(hours=2))


@pytest.mark.sqlite_only
def test_a_newer_link_ends_the_one_before(site: Site) -> None:
    first, second = link_for(site, "dana", "reset"), link_for(site, "dana", "reset")
    client = browser(site, None)
    assert [client.get(f"/invitations/{token}").status_code for token in (first, second)] == [404, 200]


@pytest.mark.sqlite_only
def test_a_new_password_ends_every_open_link(site: Site) -> None:
    links = [link_for(site, "ana", purpose) for purpose in ("invitation", "reset")]
    ana, stranger = browser(site, "ana"), browser(site, None)
    assert [stranger.get(f"/invitations/{token}").status_code for token in links] == [200, 200]
    assert change_password(site, ana) == 303
    assert [stranger.get(f"/invitations/{token}").status_code for token in links] == [404, 404]


@pytest.mark.sqlite_only
def test_who_lost_the_right_to_administer_signs_in_again(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        ben = session.get_one(Account, site.world.people["ben"])
        commands.set_administrator(session, ben, True, actor_id=None, at=WORLD_AT)
    ben_here = browser(site, "ben")
    assert ben_here.get("/admin").status_code == 200
    with site.app.app_context(), transaction() as session:
        account = session.get_one(Account, site.world.people["ben"])
        commands.set_administrator(session, account, False, actor_id=None, at=WORLD_AT)
    assert ben_here.get("/admin").status_code == 302


@pytest.mark.sqlite_only
def test_guessing_the_current_password_of_an_open_session_is_held_back(site: Site) -> None:
    ana = browser(site, "ana")
    statuses = [change_password(site, ana, current=f"wrong again {number}") for number in range(11)]
    assert statuses == [422] * 10 + [429]
    assert change_password(site, ana) == 429, "the right one is no way round"
    site.at(WORLD_AT + timedelta(minutes=17))
    assert change_password(site, ana) == 303


@pytest.mark.sqlite_only
def test_asking_for_links_is_held_back_whoever_they_are_for(site: Site) -> None:
    client = browser(site, None)
    token = token_of(client)
    statuses = [
        client.post("/forgotten", data={"csrf_token": token, "email": f"s{number}@example.org"}).status_code
        for number in range(11)
    ]
    assert statuses == [303] * 10 + [429]
    assert sign_in(site, browser(site, None)).status_code == 303, "signing in is counted apart"


@pytest.mark.sqlite_only
def test_an_unknown_address_takes_as_long_as_a_wrong_password(site: Site) -> None:
    def quickest(email: str) -> float:
        taken = []
        for _time in range(5):
            began = time.perf_counter()
            assert commands.credentials_agree(db.session(), email, "not the password") is None
            taken.append(time.perf_counter() - began)
        return min(taken)

    with site.app.app_context():
        passwords.agrees(None, "makes what nobody has once")
        known, unknown = quickest(site.world.emails["ana"]), quickest("nobody@example.org")
        db.session.rollback()
    assert 1 / 3 < unknown / known < 3


@pytest.mark.sqlite_only
def test_a_link_leads_to_the_configured_address_whichever_host_was_asked(site: Site) -> None:
    for host in ("http://127.0.0.1", "http://127.0.0.1:8100", "http://localhost:9"):
        with site.app.test_request_context("/", base_url=host):
            assert link_to("a-token") == "http://localhost/invitations/a-token"
