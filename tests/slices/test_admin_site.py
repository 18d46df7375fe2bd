"""What happens when someone administers the site: terms, courses, their states and dates, the audit log."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec, save_board
from forum.boards.models import Board, DueRule
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses import commands as courses
from forum.courses.models import Course, Module, Section, Term
from forum.courses.queries import member_of
from forum.ledger.models import AuditEntry
from tests.conftest import Site
from tests.world import WORLD_AT, World

COURSE = {
    "title": "Cities and their rivers", "zone": "Europe/Madrid", "starts_on": "2026-09-01", "ends_on": "2026-12-20",
}  # fmt: skip


def course_of(site: Site, slug: str) -> Course:
    with site.app.app_context():
        course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
        db.session.expunge(course)
        return course


def admin_url(site: Site, slug: str) -> str:
    return f"/admin/courses/{course_of(site, slug).public_id}"


def admin_routes(site: Site) -> list[tuple[str, str]]:
    """Every route of administration with each of its methods; ids are filled with anything."""
    return [
        (method, re.sub(r"<[^>]+>", "aaaaaaaaaa", rule.rule))
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


@pytest.mark.parametrize("who", ["ines", "tariq", "ana", "olga", "sam"])
def test_nobody_but_administrators_passes_any_door_of_administration(site: Site, who: str) -> None:
    routes = admin_routes(site)
    assert len(routes) > 20
    client = site.client(who)
    token = client.token()
    for method, path in routes:
        answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert answer.status_code == 403, (method, path)


def test_who_is_not_signed_in_is_asked_to(site: Site) -> None:
    client = site.client()
    for method, path in admin_routes(site):
        if method == "GET":
            assert client.get(path).location.startswith("/sign-in"), path


def test_the_overview_says_how_the_site_stands(site: Site) -> None:
    page = site.client("ada").get("/admin").text
    assert ("SQLite" in page) or ("PostgreSQL" in page)
    assert "none failed" in page
    assert "none yet" in page  # no heartbeat has been left
    assert "not set up" in page  # mail


def test_a_failed_job_and_a_stopped_heartbeat_are_said(site: Site) -> None:
    from forum.core.jobs import Heartbeat, Job

    with site.app.app_context(), transaction() as session:
        session.add(Heartbeat(host="here", at=WORLD_AT - timedelta(hours=3)))
        session.add(
            Job(kind="mail", unique_key="a", facts={}, due_at=WORLD_AT, given_up_at=WORLD_AT, attempts=8)
        )
        session.add(
            Job(kind="mail", unique_key="b", facts={}, due_at=WORLD_AT - timedelta(hours=1), attempts=0)
        )
    page = site.client("ada").get("/admin").text
    assert "1 failed for good" in page
    assert "3 hours ago" in page
    assert "1 job waits" in page


def test_a_term_is_made_and_changed_and_its_code_is_its_own(site: Site) -> None:
    ada = site.client("ada")
    fields = {
        "code": "2027-spring",
        "title": "Spring 2027",
        "starts_on": "2027-01-11",
        "ends_on": "2027-05-28",
    }
    assert ada.send("/admin/terms/new", fields).status_code == 303
    assert "Spring 2027" in ada.get("/admin/terms").text
    again = ada.send("/admin/terms/new", fields)
    assert again.status_code == 422
    assert "Another term has this code." in again.text
    assert 'value="Spring 2027"' in again.text
    with site.app.app_context():
        public_id = db.session.scalars(select(Term.public_id).where(Term.code == "2027-spring")).one()
    changed = ada.send(f"/admin/terms/{public_id}", {**fields, "title": "Spring term"})
    assert changed.status_code == 303
    assert "Spring term" in ada.get("/admin/terms").text
    unchanged = ada.send(f"/admin/terms/{public_id}", {**fields, "title": "Spring term"})
    assert unchanged.status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": "2026-08-01"}, "The last day lies before the first."),
        ({"ends_on": "2226-08-01"}, "Dates lie between the years 2000 and 2200."),
        ({"code": "  "}, "Please fill this in."),
    ],
)
def test_a_term_that_cannot_be_is_refused_beside_the_field(
    site: Site, fields: dict[str, str], sentence: str
) -> None:
    typed = {
        "code": "x",
        "title": "A title typed",
        "starts_on": "2026-09-01",
        "ends_on": "2026-12-20",
        **fields,
    }
    answer = site.client("ada").send("/admin/terms/new", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "A title typed" in answer.text


def test_a_course_is_made_in_preparation_and_its_code_is_the_terms_own(site: Site) -> None:
    ada = site.client("ada")
    with site.app.app_context():
        term = db.session.scalars(select(Term.public_id)).one()
    fields = {**COURSE, "term": term, "code": "GEOG 110", "title": "Maps"}
    made = ada.send(
        "/admin/courses/new", {**fields, "state": "open", "assistants_manage": "1", "slug": "admin"}
    )
    assert made.status_code == 303
    course = course_of(site, "geog-110-2026-fall")
    assert (course.state, course.assistants_manage) == ("preparation", False)
    again = ada.send("/admin/courses/new", fields)
    assert again.status_code == 422
    assert "Another course of this term has this code." in again.text
    nowhere = ada.send("/admin/courses/new", {**fields, "code": "G2", "zone": "Mars/Olympus"})
    assert nowhere.status_code == 422
    assert "Maps" in ada.get("/admin/courses").text
    assert ada.get(made.location).status_code == 200


def test_once_open_a_course_ends_no_earlier_and_may_end_later(site: Site, world: World) -> None:
    ada, url = site.client("ada"), admin_url(site, world.slug)
    earlier = ada.send(url, {**COURSE, "ends_on": "2026-12-19"})
    assert earlier.status_code == 422
    assert "can only move later" in earlier.text
    assert course_of(site, world.slug).ends_on == date(2026, 12, 20)
    assert ada.send(url, COURSE).status_code == 303
    assert ada.send(url, {**COURSE, "ends_on": "2026-12-21"}).status_code == 303
    assert course_of(site, world.slug).ends_on == date(2026, 12, 21)


def test_a_new_zone_never_makes_the_end_earlier(site: Site, world: World) -> None:
    ada, url = site.client("ada"), admin_url(site, world.slug)
    east = ada.send(url, {**COURSE, "zone": "Asia/Tokyo"})
    assert east.status_code == 422
    assert course_of(site, world.slug).zone == "Europe/Madrid"
    # a day later in Tokyo ends after the day before in Madrid
    assert ada.send(url, {**COURSE, "zone": "Asia/Tokyo", "ends_on": "2026-12-21"}).status_code == 303
    assert course_of(site, world.slug).zone == "Asia/Tokyo"
    assert ada.send(url, {**COURSE, "zone": "America/Chicago", "ends_on": "2026-12-21"}).status_code == 303


def test_a_new_zone_opens_modules_no_later(site: Site, world: World) -> None:
    opens = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)  # 09:00 in Madrid
    with site.app.app_context(), transaction() as session:
        module = session.scalars(select(Module)).first()
        assert module is not None
        module.opens_on, module.opens_minute, module.opens_at = date(2026, 12, 1), "09:00", opens
    ada, url = site.client("ada"), admin_url(site, world.slug)
    ada.send(url, {**COURSE, "zone": "America/Chicago"})
    with site.app.app_context():
        assert db.session.scalars(select(Module.opens_at)).first() == opens
    ada.send(url, {**COURSE, "zone": "Asia/Tokyo", "ends_on": "2026-12-22"})
    with site.app.app_context():
        assert db.session.scalars(select(Module.opens_at)).first() == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def test_a_section_with_its_own_end_keeps_it_over_a_change_of_zone(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.scalars(select(Course).where(Course.slug == world.slug)).one()
        section = courses.section_called(session, course, "North")
        courses.save_section(
            session, course, section, title="North", ends_on=date(2026, 12, 30), at=WORLD_AT, author_id=None
        )
    answer = site.client("ada").send(
        admin_url(site, world.slug), {**COURSE, "zone": "Asia/Tokyo", "ends_on": "2026-12-21"}
    )
    assert answer.status_code == 422
    assert "the end of section North can only move later" in answer.text


def test_a_section_that_the_course_overtakes_ends_with_the_course(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.scalars(select(Course).where(Course.slug == world.slug)).one()
        section = courses.section_called(session, course, "North")
        courses.save_section(
            session, course, section, title="North", ends_on=date(2026, 12, 30), at=WORLD_AT, author_id=None
        )
    site.client("ada").send(admin_url(site, world.slug), {**COURSE, "ends_on": "2027-01-15"})
    with site.app.app_context():
        assert db.session.scalars(select(Section.ends_on).where(Section.title == "North")).one() is None


def test_dates_that_students_saw_keep_their_instant_and_unseen_ones_follow_the_zone(
    site: Site, world: World
) -> None:
    def instants(name: str) -> dict[str, datetime | None]:
        with site.app.app_context():
            board = db.session.scalars(select(Board.id).where(Board.public_id == world.boards[name])).one()
            return {
                rule.what: rule.instant
                for rule in db.session.scalars(select(DueRule).where(DueRule.board_id == board))
            }

    with site.app.app_context(), transaction() as session:
        ines = member_of(session, world.people["ines"], world.course_id, WORLD_AT)
        assert ines is not None
        board = session.scalars(select(Board).where(Board.public_id == world.boards["hidden"])).one()
        spec = BoardSpec(
            "HIDDEN-BOARD-TITLE",
            form="single",
            opens=Wall(date(2026, 12, 2), time(9)),
            cut_off=Wall(date(2026, 12, 9)),
        )
        save_board(session, ines, board, spec, at=WORLD_AT)
    shown = instants("later")
    site.client("ada").send(admin_url(site, world.slug), {**COURSE, "zone": "America/Chicago"})
    later = {**shown, "due": datetime(2026, 12, 6, 6, 0, tzinfo=UTC)}
    assert instants("later") == later, "the end of Saturday in Chicago; it opens when it was to open"
    assert instants("hidden") == {
        "opens": datetime(2026, 12, 2, 15, 0, tzinfo=UTC), "cut_off": datetime(2026, 12, 10, 6, 0, tzinfo=UTC)
    }  # fmt: skip
    site.client("ada").send(
        admin_url(site, world.slug), {**COURSE, "zone": "Asia/Tokyo", "ends_on": "2026-12-22"}
    )
    assert instants("later") == {**later, "opens": datetime(2026, 12, 1, 0, 0, tzinfo=UTC)}
    board_page = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "end of Thursday" in board_page, (
        "as it was in Chicago, which is later than in Tokyo: the promise holds"
    )


def test_states_change_only_where_no_promise_breaks(site: Site, world: World) -> None:
    ada, url = site.client("ada"), f"{admin_url(site, world.slug)}/state"
    for state, sentence in (("ended", "Students may still post until the end of"), ("archived", "Students may still post"),
                            ("preparation", "can&#39;t go back into preparation")):  # fmt: skip
        answer = ada.send(url, {"state": state})
        assert answer.status_code == 422, state
        assert sentence in answer.text
    assert ada.send(url, {"state": "on fire"}).status_code == 422
    assert course_of(site, world.slug).state == "open"
    over = datetime(2026, 12, 20, 23, 0, tzinfo=UTC)  # the end of the last day in Madrid
    site.at(over - timedelta(microseconds=1))
    assert site.client("ada").send(url, {"state": "ended"}).status_code == 422
    site.at(over)
    ada = site.client("ada")
    for state in ("ended", "archived", "ended", "open"):
        assert ada.send(url, {"state": state}).status_code == 303, state
        assert course_of(site, world.slug).state == state


def test_a_course_nobody_saw_goes_back_into_preparation(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.scalars(select(Course).where(Course.slug == world.other_slug)).one()
        courses.unenroll(session, course, world.people["mia"], at=WORLD_AT, author_id=None)
    ada = site.client("ada")
    assert ada.send(f"{admin_url(site, world.other_slug)}/state", {"state": "preparation"}).status_code == 303
    assert site.client("mia").get(world.other).status_code == 404


def test_the_audit_log_is_newest_first_filtered_and_paged_without_a_gap(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        for number in range(260):  # 130 of one instant: a page ends in the middle of it
            at = WORLD_AT + timedelta(seconds=max(0, number - 130))
            session.add(AuditEntry(at=at, actor_id=world.people["ada"], course_id=world.other_course_id, deed=f"deed{number:03}",
                                   subject_kind="account", subject_id=world.people["mia"], facts={}))  # fmt: skip
    ada = site.client("ada")
    found: list[str] = []
    url = f"/admin/audit?course={world.other_slug}"
    pages = 0
    while url:
        text = ada.get(url).text
        found += re.findall(r"<td>(deed\d{3})</td>", text)
        pages += 1
        older = re.search(r'rel="next" href="([^"]+)"', text)
        url = older.group(1).replace("&amp;", "&") if older else ""
    assert found == [f"deed{number:03}" for number in reversed(range(260))]
    assert pages == 3
    assert "Mia Tanaka" in ada.get("/admin/audit").text
    assert "deed259" not in ada.get(f"/admin/audit?course={world.slug}").text


@pytest.mark.parametrize("place", ["x", "1", "-", "9" * 30 + "-1", "1-x", "²-1"])
def test_a_place_in_the_log_that_is_none_is_not_here(site: Site, place: str) -> None:
    assert site.client("ada").get(f"/admin/audit?before={place}").status_code == 404


def test_the_audit_log_carries_no_internal_ids(site: Site, world: World) -> None:
    text = site.client("ada").get("/admin/audit").text
    assert "account_id" not in text
    assert "account id" not in text
