"""Is everything that changes something asked for by a form of this site, in this session?"""

import pytest

from forum.accounts.models import SignInSession
from tests.conftest import Site
from tests.sweeps.ground import (
    FIELDS,
    READS,
    Ids,
    Route,
    browser,
    changed,
    digest_of,
    first_values,
    routes,
    token_of,
)

FOREIGN = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://localhost:81",
    "https://localhost",
    "null",
]
# Doors for machines that hold a secret of their own instead of a session: they take no cookie, so no browser can be
# made to open them.
WITH_OWN_SECRET = {"machines.heartbeat"}


def actor(route: Route) -> str | None:
    """Who may do most at a route."""
    if route.gate is None or route.gate.kind != "needs":
        return "ana"
    if "course" not in route.arguments or (route.gate.action and route.gate.action.name == "ADMINISTER"):
        return "ada"
    return (
        "ana"
        if route.gate.action
        and route.gate.action.name in ("POST", "ASK_STAFF", "ASK_FOR_TIME", "SEE_OWN_GRADES")
        else "ines"
    )


def writing_routes(site: Site) -> list[Route]:
    return [
        route
        for route in routes(site.app)
        if route.method not in READS and route.endpoint not in WITH_OWN_SECRET
    ]


HOW = ["no token", "another's token", "a token of before signing in", "a broken token", *FOREIGN]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("how", HOW)
def test_nothing_changes_without_this_sessions_token_or_from_elsewhere(
    grown: Site, ids: Ids, how: str
) -> None:
    clients = {short: browser(grown, short) for short in ("ada", "ines", "ana", "ben", None)}
    tokens = {short: token_of(client) for short, client in clients.items()}
    before, wrong = digest_of(grown.app), []
    for route in writing_routes(grown):
        short = actor(route)
        sent = {
            "no token": "", "another's token": tokens["ben"], "a token of before signing in": tokens[None],
            "a broken token": tokens[short][:-2] + "xx",
        }.get(how, tokens[short])  # fmt: skip
        headers = {"Origin": how} if how in FOREIGN else {}
        data = FIELDS | ({"csrf_token": sent} if sent else {})
        answer = clients[short].open(
            route.path(first_values(route, ids)), method=route.method, data=data, headers=headers
        )
        after = digest_of(grown.app)
        if answer.status_code != 422 or changed(before, after):
            wrong.append(f"{route} as {short}, {how}: {answer.status_code}, changed {changed(before, after)}")
        before = after
    assert wrong == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("origin", [None, "http://localhost"])
def test_the_same_requests_with_their_token_are_taken(grown: Site, ids: Ids, origin: str | None) -> None:
    """Otherwise the refusals above would prove nothing: each answer here is another than "send this once more"."""
    for route in writing_routes(grown):
        if route.endpoint == "accounts.sign_out":
            continue
        client = browser(grown, actor(route))
        data = FIELDS | {"csrf_token": token_of(client)}
        answer = client.open(
            route.path(first_values(route, ids)),
            method=route.method,
            data=data,
            headers={"Origin": origin} if origin else {},
        )
        assert "Please send this once more" not in answer.text, route


def test_words_refused_for_their_token_come_back(site: Site) -> None:
    world, ana = site.world, browser(site, "ana")
    answer = ana.post(
        f"{world.course}/threads/{world.threads['floods']}/replies",
        data={"text": "My <own> words", "key": "k" * 9},
    )
    assert answer.status_code == 422
    assert "My &lt;own&gt; words" in answer.text


def test_the_heartbeat_opens_with_the_secret_of_the_instance_and_nothing_else(site: Site) -> None:
    from forum.core.jobs import Heartbeat
    from forum.machines import heartbeat_secret
    from tests.slices.test_writing import count

    with site.app.app_context():
        secret = heartbeat_secret()
    ada = browser(site, "ada")
    for given in ({}, {"X-Heartbeat": "x"}, {"X-Heartbeat": secret[:-1]}):
        assert ada.post("/heartbeat", headers=given).status_code >= 400
    assert count(site, Heartbeat) == 0
    assert browser(site, None).post("/heartbeat", headers={"X-Heartbeat": secret}).status_code == 200
    assert count(site, Heartbeat) == 1
    assert count(site, SignInSession) == 1
