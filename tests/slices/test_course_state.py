"""An instructor opens and ends their course; a promise is not cut short by it."""

from tests.conftest import Site
from tests.world import World


def test_an_instructor_sees_the_state_and_may_not_end_an_open_course_before_its_last_day(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    assert "Open or end this course" in ines.get(f"{world.course}/manage/state").text
    answer = ines.send(f"{world.course}/manage/state", {"state": "ended"})
    assert answer.status_code == 422
    assert site.client("ana").get(world.course).status_code == 200


def test_an_instructor_opens_a_course_that_was_in_preparation(site: Site, world: World) -> None:
    from datetime import date

    from sqlalchemy import select

    from forum.core.db import transaction
    from forum.courses.commands import enroll, make_course
    from forum.courses.models import Term
    from forum.courses.policy import Role
    from tests.world import WORLD_AT

    with site.app.app_context(), transaction() as session:
        term = session.scalars(select(Term)).one()
        course = make_course(session, term, code="ART-1", title="Seeing", zone="Europe/Madrid", starts_on=date(2026, 9, 1),
                             ends_on=date(2026, 12, 20), at=WORLD_AT, author_id=None)  # fmt: skip
        for short, role in (("ines", Role.INSTRUCTOR), ("ana", Role.STUDENT)):
            enroll(session, course, world.people[short], role, at=WORLD_AT, author_id=None)
        slug = course.slug
    assert site.client("ana").get(f"/c/{slug}").status_code == 404
    answer = site.client("ines").send(f"/c/{slug}/manage/state", {"state": "open"})
    assert answer.status_code == 303
    assert site.client("ana").get(f"/c/{slug}").status_code == 200


def test_students_do_not_open_or_end_anything(site: Site, world: World) -> None:
    assert site.client("ana").send(f"{world.course}/manage/state", {"state": "archived"}).status_code == 403
