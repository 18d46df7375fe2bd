"""Steps that the slices of asking for more time share: the form, a request as it is kept, an instructor's answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from forum.boards.models import Board, Checkpoint
from forum.boards.schedule import dates_of_everyone
from forum.core.db import db, transaction
from forum.courses.models import Course, Enrollment, Section, SectionMembership
from forum.more_time.models import TimeRequest
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.world import BEGAN_AT, WORLD_AT

REASON = "SECRET-REASON: my grandmother is ill.\nI travel on Thursday."
FLOODS = [datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 28, 23, tzinfo=UTC)]
CUT_OFF = datetime(2026, 11, 29, 17, 1, tzinfo=UTC)
TERM_ENDS = datetime(2026, 12, 20, 23, tzinfo=UTC)  # end of 20 December in Madrid


def ask_path(site: Site, name: str = "floods") -> str:
    return f"{site.world.course}/boards/{site.world.boards[name]}/more-time"


def wish(on: str = "2026-12-02", **more: str) -> dict[str, str]:
    return {"checkpoint": "", "wished-on": on, "text": REASON, "key": "a-key-of-a-request", **more}


def ask(client: CheckingClient, site: Site, name: str = "floods", **more: str) -> Any:
    """Ask by the form; `on` is the wished date."""
    return client.send(ask_path(site, name), wish(**more))


def requests_now(site: Site) -> list[TimeRequest]:
    with site.app.app_context():
        db.session.rollback()
        found = list(db.session.scalars(select(TimeRequest).order_by(TimeRequest.id)))
        db.session.expunge_all()
        return found


def asked(site: Site, short: str = "ana", name: str = "floods", **more: str) -> TimeRequest:
    """A request that is open, by its page."""
    answer = ask(site.client(short), site, name, **more)
    assert answer.status_code == 303, answer.text
    return requests_now(site)[-1]


def answer_path(site: Site, row: TimeRequest) -> str:
    return f"{site.world.course}/manage/requests/{row.public_id}"


def seen_form(client: CheckingClient, site: Site, row: TimeRequest) -> dict[str, str]:
    """The form of the answer as an instructor sees it first."""
    page = client.get(answer_path(site, row))
    assert page.status_code == 200, page.text
    return fields_of(page.text, f"/requests/{row.public_id}")


def answered(client: CheckingClient, site: Site, row: TimeRequest, deed: str = "grant", **more: str) -> Any:
    """Grant as it was wished, or decline, in one press."""
    return client.send(answer_path(site, row), {**seen_form(client, site, row), **more, "deed": deed})


def checkpoints(site: Site, name: str = "floods") -> list[str]:
    """The public ids of what a board asks, in order."""
    with site.app.app_context():
        statement = select(Checkpoint.public_id).join(Board, Board.id == Checkpoint.board_id)
        statement = statement.where(Board.public_id == site.world.boards[name]).order_by(Checkpoint.position)
        return list(db.session.scalars(statement))


def dues_of(site: Site, short: str, name: str = "floods") -> list[datetime | None]:
    """When each thing that a board asks is due for one student."""
    world = site.world
    with site.app.app_context():
        board = db.session.scalars(select(Board).where(Board.public_id == world.boards[name])).one()
        course = db.session.get_one(Course, world.course_id)
        dates = dates_of_everyone(db.session(), board, course, {world.people[short]: BEGAN_AT}, WORLD_AT)
        return [date.due for date in dates[world.people[short]].dates]


def let_assistants_extend(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Course).where(Course.id == site.world.course_id).values(assistants_release=True)
        )


def only_own_section(site: Site, short: str, title: str) -> None:
    """Let a member of the staff see one section only."""
    with site.app.app_context(), transaction() as session:
        section = session.scalars(select(Section).where(Section.title == title)).one()
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == site.world.people[short])
            .values(all_sections=False)
        )
        session.add(
            SectionMembership(section_id=section.id, account_id=site.world.people[short],
                              from_at=WORLD_AT - timedelta(days=9))
        )  # fmt: skip
