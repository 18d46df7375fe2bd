"""Is every door guarded, and does it let pass exactly whom the product's table names?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum import create_app
from forum.core.access import needs, public, refuse_ungated_routes
from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course
from forum.courses.policy import Action
from tests.conftest import Site
from tests.sweeps.doors import right_asked, right_at
from tests.sweeps.ground import (
    EVERYBODY,
    READS,
    Ids,
    Route,
    browser,
    crawled,
    every_path,
    first_values,
    routes,
)
from tests.world import WORLD_AT

# product.md, "Who may do what", restated: who passes a gate in a course that is open. S student, A assistant,
# I instructor, O observer, D administrator who is not enrolled.
PASSES = {
    "READ": "SAIO",
    "READ_UNPUBLISHED": "AI",
    "POST": "SAI",
    "ASK_FOR_TIME": "S",
    "ASK_STAFF": "S",
    "POST_ANY_TIME": "AI",
    "REPLY_PRIVATELY": "AI",
    "START_ANNOUNCEMENT": "AI",
    "ANSWER_ANNOUNCEMENT": "AI",
    "FLAG": "SAIO",
    "MODERATE": "AI",
    "SEE_OWN_GRADES": "S",
    "SEE_PARTICIPATION": "AI",
    "GRADE": "AI",
    "RELEASE": "I",
    "EXTEND": "I",
    "SEE_REASONS": "I",
    "SEE_NAMES": "AI",
    "MANAGE_CONTENT": "I",
    "MANAGE_PEOPLE": "ID",
    "SEE_PEOPLE": "SAIOD",
    "SET_UP": "ID",
    "SEE_AS_STUDENT": "AI",
    "ADMINISTER": "D",
}
ROLES = {
    "ada": "D",
    "ines": "I",
    "tariq": "A",
    "olga": "O",
    "ana": "S",
    "ben": "S",
    "chidi": "S",
    "dana": "S",
}
PAGE_STATUSES = {200, 206, 302, 303, 304, 403, 404, 405, 409}
# Rights that views and commands ask for, behind a gate that asks for another.
NO_DOOR_ASKS = {
    "READ_UNPUBLISHED",
    "POST_ANY_TIME",
    "START_ANNOUNCEMENT",
    "ANSWER_ANNOUNCEMENT",
    "SEE_OWN_GRADES",
    "SEE_REASONS",
    "SEE_NAMES",
}
IF_ALLOWED = {"RELEASE": "assistants_release", "EXTEND": "assistants_release",
              "MANAGE_CONTENT": "assistants_manage", "MANAGE_PEOPLE": "assistants_manage"}  # fmt: skip
ARCHIVED_KEEPS = {"READ", "READ_UNPUBLISHED", "SEE_OWN_GRADES", "SEE_PARTICIPATION", "SEE_REASONS", "SEE_NAMES",
                  "SEE_AS_STUDENT", "SET_UP", "SEE_PEOPLE", "ADMINISTER"}  # fmt: skip


def expected(route: Route, short: str | None, *, state: str = "open", allowed: str = "") -> set[int]:
    """The statuses with which a gate may answer this person; {200} is: passes."""
    gate = route.gate
    assert gate is not None
    if gate.kind == "public":
        return {200}
    if short is None:
        return {302} if route.method in READS else {401}
    if gate.kind == "signed_in":
        return {200}
    assert gate.action is not None
    name, role = gate.action.name, ROLES.get(short, "")
    if "course" not in route.arguments:
        return {200} if role == "D" and name == "ADMINISTER" else {403}
    if not role:
        return {404}  # a course of others does not exist
    if state == "preparation" and role in "SO":
        return {404}
    passes = role in PASSES[name] or (role == "A" and IF_ALLOWED.get(name, "-") == allowed)
    if state == "preparation" and role == "D" and name in ("MANAGE_CONTENT", "READ_UNPUBLISHED"):
        passes = True
    if state == "archived" and name not in ARCHIVED_KEEPS:
        passes = False
    return {200} if passes else {403}


@pytest.fixture
def stubbed(grown: Site) -> Iterator[Site]:
    """Every view answers "passed" and nothing else, so that the gate alone decides."""
    app, views = grown.app, dict(grown.app.view_functions)

    def stub_of(view: Any) -> Any:
        def passed(**_values: Any) -> str:
            return "passed"

        passed.gate = view.gate  # type: ignore[attr-defined]
        return passed

    app.view_functions.update({endpoint: stub_of(view) for endpoint, view in views.items()})
    app.config["WTF_CSRF_ENABLED"] = False
    yield grown
    app.config["WTF_CSRF_ENABLED"] = True
    app.view_functions.clear()
    app.view_functions.update(views)


def sweep(site: Site, ids: Ids, chosen: list[Route], **how: str) -> list[str]:
    wrong = []
    for short in EVERYBODY:
        client = browser(site, short)
        for route in chosen:
            answer = client.open(route.path(first_values(route, ids)), method=route.method)
            if answer.status_code not in expected(route, short, **how):
                wrong.append(
                    f"{route} as {short}: {answer.status_code}, not {expected(route, short, **how)} ({how})"
                )
            elif answer.status_code == 302:
                assert answer.location.startswith("/sign-in"), route
    return wrong


def one_of_each_action(site: Site) -> list[Route]:
    found: dict[Any, Route] = {}
    for route in routes(site.app):
        if route.gate and route.gate.action and "course" in route.arguments:
            found.setdefault(route.gate.action, route)
    return list(found.values())


def test_every_action_of_the_policy_stands_in_the_matrix() -> None:
    assert set(PASSES) == {action.name for action in Action}


@pytest.mark.sqlite_only
def test_every_gate_is_the_one_that_the_product_names(site: Site) -> None:
    """The matrix trusts the right that a gate names; this does not."""
    wrong = [
        f"{route}: {right_asked(route)}, not {right}"
        for route in routes(site.app)
        if (right := right_at(route)) is not None and right_asked(route) != right
    ]
    assert wrong == []
    assert {right_at(route) for route in routes(site.app)} >= set(PASSES) - NO_DOOR_ASKS


def test_every_route_lets_pass_exactly_whom_the_product_names(stubbed: Site, ids: Ids) -> None:
    assert sweep(stubbed, ids, routes(stubbed.app)) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("state", ["preparation", "archived"])
def test_a_course_that_is_not_open_lets_pass_fewer(stubbed: Site, ids: Ids, state: str) -> None:
    with stubbed.app.app_context(), transaction() as session:
        course = session.get_one(Course, stubbed.world.course_id)
        courses.set_state(session, course, state, at=WORLD_AT, author_id=None)
    assert sweep(stubbed, ids, one_of_each_action(stubbed), state=state) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("allowed", ["assistants_release", "assistants_manage"])
def test_an_assistant_passes_where_the_instructor_allowed_it(stubbed: Site, ids: Ids, allowed: str) -> None:
    with stubbed.app.app_context(), transaction() as session:
        setattr(
            session.scalars(select(Course).where(Course.id == stubbed.world.course_id)).one(), allowed, True
        )
    assert sweep(stubbed, ids, one_of_each_action(stubbed), allowed=allowed) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", EVERYBODY)
def test_no_page_fails_and_none_is_given_to_whom_its_gate_refuses(
    grown: Site, ids: Ids, short: str | None
) -> None:
    """Behind the gate too: no 500 at any address, with any id, for anybody."""
    by_path = {
        path: route for route in routes(grown.app) if route.method == "GET" for path in every_path(route, ids)
    }
    visits, _changed = crawled(grown, short, ids, WORLD_AT + timedelta(minutes=90))
    wrong = []
    for visit in visits:
        route = by_path.get(visit.path)
        passes = route is None or 200 in expected(route, short)
        if visit.status not in (PAGE_STATUSES if passes else expected(route, short)):  # type: ignore[arg-type]
            wrong.append(f"GET {visit.path} as {short}: {visit.status}")
    assert wrong == []
    assert {visit.path for visit in visits} >= set(by_path)


def test_the_sweeps_know_what_every_parameter_of_an_address_stands_for(grown: Site, ids: Ids) -> None:
    unknown = sorted({f"<{name}> in {route.rule.rule}" for route in routes(grown.app) for name in route.arguments
                      if not ids.knows(route.kind(name))})  # fmt: skip
    assert unknown == [], "teach tests/sweeps/ground.py (TABLE_OF, WORDS_FOR) and plant a row in planted.py"


# --- a door without a gate --------------------------------------------------------------------------------------------


def test_an_application_with_a_route_without_a_gate_does_not_start(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import forum

    install = forum.install_rooms

    def with_one_more(app: Any) -> None:
        install(app)
        app.add_url_rule("/left-open", "left_open", lambda: "open")

    monkeypatch.setattr(forum, "install_rooms", with_one_more)
    with pytest.raises(RuntimeError, match=r"/left-open \(left_open\)"):
        create_app({"INSTANCE": tmp_path, "SECRET_KEY": "x", "DURABLE": False})


@pytest.mark.sqlite_only
def test_a_route_added_later_without_a_gate_is_refused_at_the_request(site: Site) -> None:
    app = site.app
    before = dict(app.view_functions)
    app.view_functions["machines.healthz"] = lambda: "open"  # a view that lost its gate
    try:
        for short in ("ada", "ines", None):
            assert browser(site, short).get("/healthz").status_code == 403
        with pytest.raises(RuntimeError, match="/healthz"):
            refuse_ungated_routes(app)
    finally:
        app.view_functions.update(before)
    with app.app_context():
        db.session.remove()


def test_each_public_route_says_why() -> None:
    with pytest.raises(TypeError):
        public()  # type: ignore[call-arg]
    assert needs(Action.READ)(lambda: "").gate.action is Action.READ


@pytest.mark.sqlite_only
def test_every_public_route_gives_a_reason(site: Site) -> None:
    assert [str(route) for route in routes(site.app) if route.gate and route.gate.kind == "public"
            and len(route.gate.because or "") < 15] == []  # fmt: skip
