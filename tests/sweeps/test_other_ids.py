"""Are "there is no such thing" and "it is not yours" one answer? Another course's id in each position of each address."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Site
from tests.sweeps.ground import (
    FIELDS,
    NOWHERE,
    Browser,
    Ids,
    Route,
    browser,
    changed,
    digest_of,
    first_values,
    routes,
    token_of,
)

PASSING = {"Date", "Set-Cookie", "X-Request-Id"}


def face(answer: TestResponse, value: str) -> tuple[Any, ...]:
    """All of an answer that anybody could tell it from another by: the id itself and the token are cut out."""
    body = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
    body = re.sub(r'name="(?:kept-)?(?:arrival|key)" value="[^"]*"', "", body).replace(value, "ID")
    headers = tuple(
        (name, text.replace(value, "ID"))
        for name, text in answer.headers.items()
        if name not in PASSING and name != "Content-Length"
    )
    return answer.status_code, headers, body


def strangers(site: Site, ids: Ids, name: str, short: str) -> list[str]:
    """Ids that are not this person's to know: another course's, and what their own course hides from students."""
    world = site.world
    if name == "course":
        return [] if short == "ada" else [world.other_slug]
    found = ids.values(name, ours=False)[:2]
    if short == "ana":
        found += {
            "board": [world.boards["hidden"]],
            "thread": [world.threads["hidden"]],
            "post": [world.posts["sealed"]],
        }.get(name, [])
    return found


def cases(site: Site, ids: Ids, short: str) -> Iterator[tuple[Route, dict[str, str], str, str]]:
    """Each route, the values that fill it, the name of the position asked about, and a stranger's id for it."""
    for route in routes(site.app):
        if "course" not in route.arguments and short != "ana":
            continue
        for name in route.arguments:
            if route.gate is not None and route.gate.kind == "public":
                continue
            for value in strangers(site, ids, route.kind(name), short):
                yield route, first_values(route, ids), name, value


def ask(client: Browser, route: Route, path: str, token: str) -> TestResponse:
    data = {"csrf_token": token, **FIELDS} if route.method != "GET" else None
    return client.open(path, method=route.method, data=data)


def test_what_is_not_yours_and_what_is_not_there_are_one_answer_for_an_instructor(
    grown: Site, ids: Ids
) -> None:
    one_answer(grown, ids, "ines")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["ana", "ada"])
def test_what_is_not_yours_and_what_is_not_there_are_one_answer(grown: Site, ids: Ids, short: str) -> None:
    one_answer(grown, ids, short)


def one_answer(grown: Site, ids: Ids, short: str) -> None:
    client = browser(grown, short)
    token = token_of(client)
    before, last, wrong, asked = digest_of(grown.app), "", [], 0
    for route, values, name, value in cases(grown, ids, short):
        nowhere = (
            (NOWHERE * 4)[: len(value)]
            if ":" not in value
            else value.split(":")[0] + ":" + NOWHERE[: len(value.split(":")[1])]
        )
        theirs = ask(client, route, route.path({**values, name: value}), token)
        absent = ask(client, route, route.path({**values, name: nowhere}), token)
        asked += 1
        if theirs.status_code < 400 or face(theirs, value) != face(absent, nowhere):
            wrong.append(
                f"{route}, <{name}>={value}: {theirs.status_code} {len(theirs.text)} and {absent.status_code} {len(absent.text)}"
            )
        if route.method != "GET" and str(route) != last:
            last, after = str(route), digest_of(grown.app)
            wrong += [f"{route} as {short} changed {table}" for table in changed(before, after)]
            before = after
    after = digest_of(grown.app)
    assert changed(before, after) == []
    assert wrong == []
    assert asked > 20 or short == "ada"


@pytest.mark.sqlite_only
def test_signed_out_no_address_tells_whether_anything_is_there(grown: Site, ids: Ids) -> None:
    client = browser(grown, None)
    for route, values, name, value in cases(grown, ids, "ines"):
        nowhere = (NOWHERE * 4)[: len(value)]
        answers = [
            client.open(route.path({**values, name: each}), method=route.method) for each in (value, nowhere)
        ]
        assert face(answers[0], value) == face(answers[1], nowhere), route


@pytest.mark.sqlite_only
def test_the_comparison_sees_a_letter_a_header_and_a_status(grown: Site) -> None:
    from werkzeug.wrappers import Response

    def made(status: int = 404, body: str = "nothing", **headers: str) -> tuple[Any, ...]:
        answer = Response(body, status, headers=headers)
        return face(TestResponse(answer.response, str(status), answer.headers, None), "ID")  # type: ignore[arg-type]

    assert made() == made()
    assert len({made(), made(403), made(body="nothing."), made(ETag="x")}) == 4
