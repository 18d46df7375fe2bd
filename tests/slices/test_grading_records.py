"""What a release touches, and what it leaves behind in the log."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from forum.core.db import db, transaction
from forum.ledger.models import AuditEntry
from forum.participation.models import Grade, GradeVersion

from ..conftest import Site
from ..world import WORLD_AT
from .grading import board_of, count, full_marks, make_rubric, release, save


def grades_on_two_boards(site: Site) -> None:
    """Ben has a grade on Floods and one on Sources, neither released."""
    make_rubric(site)
    save(site.client("ines"), site, "ben", full_marks(site))
    with site.app.app_context(), transaction() as session:
        session.add(
            Grade(board_id=board_of(site, "sources").id, account_id=site.world.people["ben"], version=1,
                  score=Decimal("8"), author_id=site.world.people["ines"], saved_at=WORLD_AT)
        )  # fmt: skip


def released(site: Site) -> dict[str, bool]:
    with site.app.app_context():
        return {
            name: db.session.scalars(select(Grade).where(Grade.board_id == board_of(site, name).id)).one().released_at is not None
            for name in ("floods", "sources")
        }  # fmt: skip


def test_a_release_of_one_board_leaves_the_others(site: Site) -> None:
    grades_on_two_boards(site)
    release(site.client("ines"), site)
    assert released(site) == {"floods": True, "sources": False}
    page = site.client("ben").get(f"{site.world.course}/grades").text
    assert "Floods" in page
    assert "One source each" not in page


@pytest.mark.parametrize("deed", ["release", "take_back"])
def test_releasing_and_taking_back_leave_who_when_and_whose(site: Site, deed: str) -> None:
    make_rubric(site)
    ines, people = site.client("ines"), site.world.people
    save(ines, site, "ben", full_marks(site))
    release(ines, site)
    if deed == "take_back":
        url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
        fields = {"whom": "everyone", "only_graded": "yes", "deed": "take_back", "reason": "too early"}
        assert ines.send(url, fields).status_code == 303
    name, version = {"release": ("released", "released"), "take_back": ("took_back", "taken_back")}[deed]
    with site.app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == name)).one()
        assert (entry.actor_id, entry.at, entry.course_id) == (people["ines"], WORLD_AT, site.world.course_id)
        assert (entry.subject_kind, entry.subject_id) == ("board", board_of(site, "floods").id)
        assert entry.facts == {"accounts": [people["ben"]]}
        kept = db.session.scalars(select(GradeVersion).where(GradeVersion.deed == version)).one()
        assert (kept.author_id, kept.at) == (people["ines"], WORLD_AT)
    assert count(site, Grade) == 1
