"""The people of a course in tests: their times, their place among the people, the link that a page shows."""

import re

from sqlalchemy import select

from forum.core.db import db
from forum.courses.models import Enrollment
from tests.conftest import Site
from tests.world import World


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
