"""What happens when somebody marks a post as new by hand."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.core.db import db
from forum.posts.models import ReadMark
from tests.conftest import Site
from tests.slices.writing_steps import board_of, started_by, written_by
from tests.world import WORLD_AT, World

EARLIER = WORLD_AT - timedelta(hours=2)


@pytest.fixture
def talk(site: Site) -> tuple[str, list[str]]:
    """A thread that Ben opened, and four posts in it, the third of them Dana's own; Dana has read it all."""
    board, _ = board_of(site, BoardSpec("Bridges", form="threads"))
    thread, opening = started_by(site, "ben", board, "Which bridge?", EARLIER)
    found = [opening]
    for number, short in enumerate(("ana", "dana", "chidi"), start=1):
        found.append(written_by(site, short, thread, f"Words {number}.", EARLIER + timedelta(minutes=number)))
    read = {"position": "4", "at": WORLD_AT.isoformat()}
    assert site.client("dana").send(f"{site.world.course}/threads/{thread}/read", read).status_code == 303
    return thread, found


def new_in(page: str) -> int:
    found = re.search(r"(\d+) posts? (?:is|are) new here", page)
    return int(found[1]) if found else 0


@pytest.mark.behavior("B175")
def test_from_the_post_on_all_is_new_until_it_is_said_to_be_read(
    site: Site, world: World, talk: tuple[str, list[str]]
) -> None:
    thread, found = talk
    dana, url = site.client("dana"), f"{world.course}/threads/{thread}"
    page = dana.get(url).text
    assert new_in(page) == 0
    assert f'form="as-new" formaction="{world.course}/posts/{found[1]}/new"' in page
    done = dana.send(f"{world.course}/posts/{found[1]}/new", {})
    assert done.headers["Location"] == f"{world.course}/posts/{found[1]}"
    for _look in range(2):  # looking at it reads nothing
        page = dana.get(url).text
        assert new_in(page) == 2  # her own is never new
        assert page.index("New since you were here") < page.index(f'id="p-{found[1]}"')
        assert page.index(f'id="p-{found[0]}"') < page.index("New since you were here")
    # Nobody else's mark changes: Ana has read nothing yet, but wrote one and answered one.
    assert new_in(site.client("ana").get(url).text) == 2
    position, at = re.findall(r'name="(?:position|at)" value="([^"]*)"', page)[:2]
    dana.send(f"{url}/read", {"position": position, "at": at})
    assert new_in(dana.get(url).text) == 0


def test_pressed_twice_or_on_a_later_post_it_never_makes_read(
    site: Site, world: World, talk: tuple[str, list[str]]
) -> None:
    thread, found = talk
    dana, url = site.client("dana"), f"{world.course}/threads/{thread}"
    for post in (found[1], found[1], found[3]):
        dana.send(f"{world.course}/posts/{post}/new", {})
        assert new_in(dana.get(url).text) == 2


def test_where_nothing_was_read_nothing_is_kept(
    site: Site, world: World, talk: tuple[str, list[str]]
) -> None:
    _thread, found = talk
    assert site.client("chidi").send(f"{world.course}/posts/{found[1]}/new", {}).status_code == 303
    with site.app.app_context():
        marks = db.session.scalars(select(ReadMark.account_id)).all()
        assert world.people["chidi"] not in marks


def test_ones_own_post_and_one_that_is_not_ones_to_see_are_refused(
    site: Site, world: World, talk: tuple[str, list[str]]
) -> None:
    _thread, found = talk
    own = site.client("dana").send(f"{world.course}/posts/{found[2]}/new", {})
    assert own.status_code == 409
    assert "This is your own post, which is never new to you." in own.text
    assert site.client("dana").send(f"{world.course}/posts/zzzz/new", {}).status_code == 404
    assert site.client("mia").send(f"{world.course}/posts/{found[1]}/new", {}).status_code == 404
