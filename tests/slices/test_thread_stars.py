"""What happens when somebody stars a thread: it is theirs alone, from the list and from the thread."""

import pytest
from sqlalchemy import func, select

from forum.core.db import db
from forum.posts.models import Star
from tests.conftest import Site
from tests.slices.writing_steps import started_by
from tests.world import WORLD_AT, World

STARRED = "Starred, take the star away"


def stars(site: Site) -> int:
    with site.app.app_context():
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(Star)) or 0


@pytest.mark.behavior("B040")
def test_a_star_from_the_thread_is_seen_by_nobody_else(site: Site, world: World) -> None:
    ana, ben = site.client("ana"), site.client("ben")
    url = f"{world.course}/threads/{world.threads['questions']}"
    before = ben.get(url)
    assert "Star this thread" in ana.get(url).text
    ana.get(url)  # kept by now
    pressed = ana.send(f"{url}/star", {"deed": "star"})
    assert pressed.status_code == 303
    assert pressed.headers["Location"] == url
    assert STARRED in ana.get(url).text
    after = ben.get(url)
    assert STARRED not in after.text
    assert before.headers["ETag"] == after.headers["ETag"]
    ana.send(f"{url}/star", {"deed": "unstar"})
    assert STARRED not in ana.get(url).text


@pytest.mark.behavior("B040", "B178")
def test_a_star_pressed_twice_is_one_and_taken_away_twice_is_none(site: Site, world: World) -> None:
    ana = site.client("ana")
    url = f"{world.course}/threads/{world.threads['questions']}/star"
    for deed, left in (("star", 1), ("star", 1), ("unstar", 0), ("unstar", 0)):
        assert ana.send(url, {"deed": deed}).status_code == 303
        assert stars(site) == left


@pytest.mark.behavior("B040")
def test_a_star_from_the_list_comes_back_to_its_filter(site: Site, world: World) -> None:
    thread, _post = started_by(site, "ben", world.boards["each"], "Delft", WORLD_AT)
    ana, ben = site.client("ana"), site.client("ben")
    board = f"{world.course}/boards/{world.boards['each']}"
    pressed = ana.send(
        f"{world.course}/threads/{thread}/star", {"deed": "star", "from_list": "1", "show": "unread"}
    )
    assert pressed.headers["Location"] == f"{board}?show=unread"
    assert STARRED in ana.get(board).text
    assert STARRED not in ben.get(board).text
    assert "Delft" in ana.get(f"{board}?show=starred").text
    assert "You have starred no thread of this board." in ben.get(f"{board}?show=starred").text


def test_only_what_one_sees_can_be_starred(site: Site, world: World) -> None:
    ana = site.client("ana")
    for thread in (world.threads["other"], world.threads["hidden"], "zzzz"):
        assert ana.send(f"{world.course}/threads/{thread}/star", {"deed": "star"}).status_code == 404
    known = f"{world.course}/threads/{world.threads['questions']}/star"
    assert ana.send(known, {"deed": "gild"}).status_code == 404
    assert ana.send(known, {"deed": "star", "from_list": "1", "after": "nonsense"}).status_code == 404
    assert stars(site) == 0
