"""The bytes of every attached file, asked for at its own address by everybody: they come to whom its post or draft is shown."""

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.core.files import File
from forum.courses.models import Course
from forum.posts.models import Draft, Post
from tests.conftest import Site
from tests.sweeps.canaries import CANARIES
from tests.sweeps.ground import EVERYBODY, Ids, browser


def addresses(site: Site) -> list[str]:
    """Where each attached file is, whosoever's."""
    found = []
    with site.app.app_context():
        for kind, place, named in (
            ("post", Post, lambda row: f"posts/{row.public_id}"), ("draft", Draft, lambda row: f"drafts/{row.place}"),
        ):  # fmt: skip
            rows = db.session.execute(
                select(File.public_id, place, Course.slug)
                .join(place, place.id == File.place_id)
                .join(Course, Course.id == File.course_id)
                .where(File.place_kind == kind)
            ).all()
            found += [f"/c/{slug}/{named(row)}/files/{file_id}" for file_id, row, slug in rows]
    return found


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", EVERYBODY)
def test_nobody_gets_the_bytes_of_a_file_that_is_not_theirs(grown: Site, ids: Ids, short: str | None) -> None:
    client, every = browser(grown, short), addresses(grown)
    assert len(every) >= 9
    got = "".join(
        answer.get_data(as_text=True) for path in every if (answer := client.get(path)).status_code == 200
    )
    words = [canary for canary in CANARIES if canary.text.startswith("SECRET-")]
    assert [canary.text for canary in words if short not in canary.may and canary.text in got] == []
    theirs = {
        "ben": "SECRET-DRAFT",
        "chidi": "SECRET-HELD",
        "ines": "SECRET-PRIVATE",
        "mia": "SECRET-OTHER-COURSE",
    }
    assert theirs.get(short or "", "") in got
