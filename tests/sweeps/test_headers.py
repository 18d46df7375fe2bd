"""Do all answers carry what browsers need to keep people safe, and do sign-in and sessions hold?"""

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from forum import create_app, instances
from forum.accounts.commands import make_account, suspend
from forum.accounts.models import Account
from forum.core import clock
from forum.core.db import db, transaction
from tests.conftest import Site
from tests.sweeps.ground import READS, Browser, Ids, browser, first_values, routes, token_of
from tests.sweeps.signing_in import sign_in
from tests.world import PASSWORD, WORLD_AT

OFFSITE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https://evil.example/c", "http:evil.example", "http:/evil.example", "HTTP://evil.example",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "\r\n//evil.example", "/\r/evil.example",
    "javascript:alert(1)", "data:text/html,x", "//evil.example/%2f..", "/%0a/evil.example/..//evil.example",
    "http://localhost@evil.example", "//localhost:80@evil.example", "/.//evil.example", "/..//evil.example",
    "evil.example", "?next=//evil.example", "/\u2028/evil.example", "//\u3002evil.example", "/\\\\/evil.example",
]  # fmt: skip


def headers_missing(answer: Any) -> list[str]:
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    wanted = {
        "script": "script-src 'self'" in policy or "sandbox" in policy,
        "inline": "unsafe" not in policy,
        "default": "default-src 'none'" in policy,
        "frames": "frame-ancestors 'none'" in policy or "sandbox" in policy,
        "base": "base-uri 'none'" in policy or "sandbox" in policy,
        "object": "object-src 'none'" in policy or "sandbox" in policy,
        "form": "form-action 'self'" in policy or "sandbox" in policy,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "cache": any(word in headers.get("Cache-Control", "") for word in ("private", "no-store", "public")),
        "no server version": "Werkzeug" not in headers.get("Server", "") and "X-Powered-By" not in headers,
    }
    return [name for name, holds in wanted.items() if not holds]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["ines", "ana", "ada", None])
def test_every_answer_carries_its_headers(grown: Site, ids: Ids, short: str | None) -> None:
    client, wrong = browser(grown, short), []
    for route in routes(grown.app):
        path = route.path(first_values(route, ids))
        if route.endpoint == "accounts.sign_out":
            continue
        answers = [
            client.open(path, method=route.method),
            client.open(path, method="OPTIONS"),
            client.open(path, method="TRACE"),
        ]
        if route.method == "GET":
            answers.append(client.head(path))
            if tag := answers[0].headers.get("ETag"):
                answers.append(client.get(path, headers={"If-None-Match": tag}))
        for answer in answers:
            if missing := headers_missing(answer):
                wrong.append(f"{answer.request.method} {path} as {short}, {answer.status_code}: {missing}")
        if route.method not in READS or not path.startswith("/assets/"):
            cache = answers[0].headers.get("Cache-Control", "")
            if short is not None and "public" in cache:
                wrong.append(f"{path} as {short} may be kept by shared caches: {cache}")
    assert wrong == []


@pytest.mark.sqlite_only
def test_error_pages_and_304s_carry_their_headers_too(grown: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, world = browser(grown, "ana"), grown.world
    page = f"{world.course}/threads/{world.threads['floods']}"
    tag = ana.get(page).headers["ETag"]
    icon = ana.get("/assets/icon.svg")
    style = grown.app.extensions["forum_assets"].style.url
    answers = {
        304: ana.get(page, headers={"If-None-Match": tag}), 404: ana.get("/no-such-page"), 422: ana.post(f"{page}/replies"),
        405: ana.delete("/healthz"), 200: ana.get(style), 400: ana.get("/", headers={"Host": "evil.example"}),
        413: ana.post("/sign-in", data=b"x" * 10, headers={"Content-Length": "10"}), 301: ana.get("/healthz/"), 206: icon,
    }  # fmt: skip
    fail = grown.app.view_functions["machines.healthz"]

    def failing() -> str:
        raise RuntimeError("planted")

    failing.gate = fail.gate  # type: ignore[attr-defined]
    monkeypatch.setitem(grown.app.view_functions, "machines.healthz", failing)
    grown.app.logger.disabled = True
    answers[500] = ana.get("/healthz")
    grown.app.logger.disabled = False
    assert [answers[status].status_code for status in (304, 404, 422, 500, 400, 200)] == [
        304,
        404,
        422,
        500,
        400,
        200,
    ]
    assert {
        status: missing for status, answer in answers.items() if (missing := headers_missing(answer))
    } == {}
    assert "planted" not in answers[500].text
    assert "Traceback" not in answers[500].text


def cookies_of(answer: Any) -> list[str]:
    return answer.headers.getlist("Set-Cookie")  # type: ignore[no-any-return]


@pytest.mark.sqlite_only
def test_the_cookie_is_for_this_site_and_not_for_scripts(site: Site) -> None:
    (cookie,) = cookies_of(browser(site, None).get("/sign-in"))
    assert cookie.startswith("forum=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.fixture
def under_tls(tmp_path: Path) -> Any:
    app = create_app(
        {"INSTANCE": tmp_path, "SECRET_KEY": "x", "PUBLIC_URL": "https://forum.example", "DURABLE": False}
    )
    instances.prepare(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_under_tls_the_cookie_is_bound_to_the_host_and_plain_hosts_are_unknown(under_tls: Any) -> None:
    client = under_tls.test_client()
    answer = client.get("/sign-in", base_url="https://forum.example")
    (cookie,) = cookies_of(answer)
    assert cookie.startswith("__Host-forum=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert client.get("/sign-in", base_url="http://127.0.0.1:8000").status_code == 400
    assert client.get("/sign-in", base_url="https://evil.example").status_code == 400


@pytest.mark.parametrize(
    "origin",
    ["https://forum.example", "http://forum.example", "https://forum.example:444", "https://evil.example"],
)
def test_under_tls_only_the_configured_address_may_send_forms(under_tls: Any, origin: str) -> None:
    client = under_tls.test_client()
    token = token_of(_Based(client, "https://forum.example"))  # type: ignore[arg-type]
    data = {"csrf_token": token, "email": "a@example.org", "password": "wrong"}
    answer = client.post("/sign-in", data=data, base_url="https://forum.example",
                         headers={"Origin": origin, "Referer": "https://forum.example/sign-in"})  # fmt: skip
    assert ("do not go together" in answer.text) is (origin == "https://forum.example")


class _Based:
    def __init__(self, client: Any, base_url: str) -> None:
        self.client, self.base_url = client, base_url

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, base_url=self.base_url, **kwargs)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "", "a b", "127.0.0.2"]
)
def test_an_unknown_host_is_refused(site: Site, host: str) -> None:
    answer = browser(site, None).get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400 or (host == "" and "evil" not in answer.text)
    assert "evil" not in answer.text


# --- going on after signing in ----------------------------------------------------------------------------------------


def lands_on(location: str) -> tuple[str, str]:
    """Scheme and host to which a browser would go: it drops tabs and line breaks, and takes a backslash for a slash."""
    cleaned = "".join(char for char in location.strip() if char not in "\t\r\n").replace("\\", "/")
    parts = urlsplit(urljoin("http://localhost/sign-in", cleaned))
    return parts.scheme, parts.hostname or ""


def test_where_a_browser_would_land_is_judged_as_browsers_do() -> None:
    assert lands_on("/\\evil.example") == ("http", "evil.example")
    assert lands_on("/\t/evil.example") == ("http", "evil.example")
    assert lands_on("/c/x?y=//evil.example") == ("http", "localhost")


@pytest.mark.sqlite_only
def test_nobody_is_sent_to_another_site(site: Site) -> None:
    wrong = []
    signed_in = browser(site, "ana")
    zone = {"csrf_token": token_of(signed_in), "zone": "Europe/Madrid"}
    assert len(OFFSITE) >= 25
    for target in OFFSITE:
        answers = [
            signed_in.get("/sign-in", query_string={"next": target}),
            signed_in.post("/settings/zone", query_string={"next": target}, data=zone),
        ]
        if target in OFFSITE[::6]:
            answers.append(sign_in(site, browser(site, None), target=target))
        for answer in answers:
            if answer.status_code not in (302, 303) or lands_on(answer.location) != ("http", "localhost"):
                wrong.append(f"{target!r}: {answer.status_code} {answer.location}")
        page = browser(site, None).get("/sign-in", query_string={"next": target}).text
        found = re.search(r'name="next"[^>]* value="([^"]*)"', page)
        if found is None or lands_on(unescape(found.group(1))) != ("http", "localhost"):
            wrong.append(f"{target!r} stands in the form")
    assert wrong == []
    assert signed_in.get("/sign-in", query_string={"next": "/mine?a=b"}).location == "/mine?a=b"


# --- sessions -----------------------------------------------------------------------------------------------------------


def cookie_of(client: Browser) -> str:
    cookie = client.get_cookie("forum")
    assert cookie is not None
    return cookie.value


@pytest.mark.sqlite_only
def test_a_session_planted_before_signing_in_is_not_the_one_after(site: Site) -> None:
    client = browser(site, None)
    client.get("/sign-in")
    planted = cookie_of(client)
    assert sign_in(site, client).status_code == 303
    assert cookie_of(client) != planted
    attacker = browser(site, None)
    attacker.set_cookie("forum", planted)
    assert attacker.get("/mine").status_code == 302
    first = cookie_of(client)
    client.post("/sign-out", data={"csrf_token": token_of(client)})
    assert sign_in(site, client).status_code == 303
    attacker.set_cookie("forum", first)
    assert attacker.get("/mine").status_code == 302


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    client = browser(site, "ana")
    kept = cookie_of(client)
    assert client.get("/mine").status_code == 200
    assert client.post("/sign-out", data={"csrf_token": token_of(client)}).status_code == 303
    thief = browser(site, None)
    thief.set_cookie("forum", kept)
    assert thief.get("/mine").status_code == 302


def test_who_is_suspended_is_out_at_once_and_cannot_come_back(site: Site) -> None:
    client = browser(site, "ana")
    assert client.get("/mine").status_code == 200
    with site.app.app_context(), transaction() as session:
        account = session.get_one(Account, site.world.people["ana"])
        suspend(session, account, actor_id=site.world.people["ada"], at=clock.now())
    assert client.get("/mine").status_code == 302
    assert client.get(site.world.course).status_code == 302
    assert sign_in(site, browser(site, None)).status_code == 422


@pytest.mark.sqlite_only
def test_a_new_password_ends_every_other_session(site: Site) -> None:
    here, there = browser(site, "ana"), browser(site, "ana")
    fields = {
        "csrf_token": token_of(here),
        "current": PASSWORD,
        "password": "eleven blue lamps",
        "again": "eleven blue lamps",
    }
    answer = here.post("/settings/password", data=fields)
    assert answer.status_code == 303, answer.text
    assert (here.get("/mine").status_code, there.get("/mine").status_code) == (200, 302)


@pytest.mark.sqlite_only
def test_a_session_has_an_end(site: Site) -> None:
    from forum.accounts.rules import SESSION_IDLES

    client = browser(site, "ana")
    site.at(WORLD_AT + SESSION_IDLES)
    assert client.get("/mine").status_code == 302


# --- guessing ------------------------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_known_and_unknown_addresses_are_answered_alike(site: Site) -> None:
    def face(email: str, path: str) -> tuple[Any, ...]:
        client = browser(site, None)
        data = {"csrf_token": token_of(client), "email": email, "password": "not the password", "next": "/"}
        answer = client.post(path, data=data)
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("Date", "Set-Cookie", "Content-Length")
        }
        body = re.sub(r'csrf_token" value="[^"]+', "", answer.text).replace(email, "ADDRESS")
        return answer.status_code, headers, body

    known, unknown = site.world.emails["ana"], "xyz@example.org"
    assert face(known, "/sign-in") == face(unknown, "/sign-in")
    assert face(known, "/forgotten") == face(unknown, "/forgotten")


def test_an_invitation_opens_once(site: Site) -> None:
    from forum.accounts.commands import make_link

    with site.app.app_context(), transaction() as session:
        nora = make_account(session, name="Nora Field", email="nora@example.org", at=WORLD_AT)
        token = make_link(session, nora.id, "invitation", author_id=None, at=WORLD_AT)
    client = browser(site, None)
    assert token not in "".join(str(value) for value in client.get(f"/invitations/{token}").headers.values())
    fields = {"csrf_token": token_of(client), "password": "eleven blue lamps", "again": "eleven blue lamps"}
    assert client.post(f"/invitations/{token}", data=fields).status_code == 303
    assert browser(site, None).get(f"/invitations/{token}").status_code == 404
