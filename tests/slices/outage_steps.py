"""Signs of life and outages in tests: left through the site's own door, at instants of the test's clock."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from forum.boards.models import Board
from forum.boards.outages.models import OutageRecord
from forum.boards.outages.recording import Beat, take_beat
from forum.boards.queries import students_of
from forum.boards.rules.outages import Outage
from forum.boards.rules.values import StudentBoard
from forum.boards.schedule import dates_of_everyone
from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.machines import heartbeat_secret
from tests.conftest import Site


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def beat(site: Site, instant: datetime) -> None:
    """One sign of life, as the heartbeat process leaves it."""
    site.at(instant)
    with site.app.app_context():
        secret = heartbeat_secret()
    answer = site.app.test_client().post("/heartbeat", headers={"X-Heartbeat": secret})
    assert answer.status_code == 200


def away(site: Site, start: datetime, until: datetime) -> None:
    """The site is there until `start` and again from `until` on."""
    beat(site, start)
    beat(site, until)


def beat_of(
    site: Site, host: str, instant: datetime, *, up: timedelta, boot: str = "one", last: int = 0
) -> None:
    """A sign of life of one host, whose clock may have been set: `up` is what it says that nobody can set."""
    with site.app.app_context(), transaction() as session:
        take_beat(session, Beat(host, instant, up, boot), {}, last)


def outages(site: Site) -> list[Outage]:
    """What is recorded, in order of start."""
    with site.app.app_context():
        rows = db.session.scalars(select(OutageRecord).order_by(OutageRecord.starts_at, OutageRecord.kind))
        return [Outage(row.starts_at, row.ends_at, row.kind) for row in rows]  # type: ignore[arg-type]


def dates_on(site: Site, name: str) -> dict[str, StudentBoard]:
    """Every date of a board, by student."""
    with site.app.app_context():
        session = db.session()
        board = session.scalars(select(Board).where(Board.public_id == site.world.boards[name])).one()
        course = session.get_one(Course, site.world.course_id)
        found = dates_of_everyone(
            session, board, course, students_of(session, course.id, site_now()), site_now()
        )
        shorts = {account_id: short for short, account_id in site.world.people.items()}
        return {shorts[one]: dates for one, dates in found.items()}


def site_now() -> datetime:
    from forum.core import clock

    return clock.now()


def versions(site: Site) -> list[int]:
    with site.app.app_context():
        return list(db.session.scalars(select(Board.version).order_by(Board.id)))
