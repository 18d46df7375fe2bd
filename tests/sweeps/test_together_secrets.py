"""Until its moment nothing that is written on a board that shows all posts together comes through any door."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.boards.models import Board
from forum.core.db import transaction
from forum.courses.queries import member_of
from forum.posts import commands as posts
from tests.conftest import Site
from tests.sweeps.canaries import STUDENTS
from tests.sweeps.ground import Ids, Visit, browser, crawl, crawled
from tests.sweeps.planted_together import WORD
from tests.sweeps.test_secrets import error_pages, found_in
from tests.world import WORLD_AT

SHOWN_AT = datetime(2026, 11, 26, 8, 1, tzinfo=UTC)  # when 09:00 is over in Madrid
CHIDIS_LIMIT = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)  # Chidi has a day more than the class
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", [*sorted(STUDENTS), "olga"])
def test_no_door_tells_of_a_post_before_the_moment_and_then_its_pages_do(
    grown: Site, ids: Ids, short: str
) -> None:
    before = found_in(crawled(grown, short, ids, SHOWN_AT - MICROSECOND)[0], WORD)
    after = found_in(crawled(grown, short, ids, SHOWN_AT)[0], WORD)
    assert bool(before) is (short == "ben"), before
    assert bool(after) is (short != "chidi"), "Chidi has more time, and has not posted"


@pytest.mark.sqlite_only
def test_who_has_more_time_is_told_nothing_until_it_is_over(grown: Site, ids: Ids) -> None:
    assert found_in(crawled(grown, "chidi", ids, CHIDIS_LIMIT - MICROSECOND)[0], WORD) == []
    assert found_in(crawled(grown, "chidi", ids, CHIDIS_LIMIT)[0], WORD)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["dana", "chidi"])
def test_no_refusal_tells_it_either(grown: Site, ids: Ids, short: str) -> None:
    grown.at(SHOWN_AT - MICROSECOND)
    visits = error_pages(grown, short, ids)
    assert found_in(visits, WORD) == []
    assert not [visit.path for visit in visits if visit.status >= 500]


@pytest.mark.sqlite_only
def test_before_the_moment_a_post_of_another_changes_no_answer(grown: Site, ids: Ids) -> None:
    """Neither words nor a count, an order, an ETag or the length of any page: every door, before and after one more."""
    at = WORLD_AT + timedelta(hours=3)
    client = browser(grown, "dana")
    grown.at(at)
    before = crawl(client, grown, ids)
    with grown.app.app_context(), transaction() as session:
        for short in ("ben", "ana"):
            author = member_of(session, grown.world.people[short], grown.world.course_id, WORLD_AT)
            assert author is not None
            board = session.scalars(select(Board.public_id).where(Board.title == "One moment for all")).one()
            text = posts.write(f"{WORD} more words of theirs", posts.new_key(), title=f"{WORD} more")
            posts.start_thread(session, author, board, text, at=at)
    after = crawl(client, grown, ids)
    assert told(after) == told(before)


def told(visits: list[Visit]) -> dict[str, tuple[object, ...]]:
    """Every answer without what is drawn by lot each time."""
    drawn = re.compile(r'<input[^>]*name="(?:csrf_token|key|at)"[^>]*>|data-[a-z-]*(?:now|key|token)="[^"]*"')
    return {
        visit.path: (
            visit.status, drawn.sub("", visit.body),
            [header for header in visit.headers if header[0] in ("ETag", "Last-Modified")],
        )
        for visit in visits
    }  # fmt: skip
