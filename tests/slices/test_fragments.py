"""What is kept of pages is what would be made anew: for every reader, after whatever was done."""

import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from forum.accounts.commands import set_zone
from forum.boards.models import Board
from forum.core import caches
from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Thread
from tests.conftest import Site
from tests.world import WORLD_AT, World

READERS = ("ana", "ben", "chidi", "dana", "ines", "tariq", "olga")
OWN = re.compile(r'name="(?:csrf_token|key|at|arrival)" value="[^"]*"|data-now="[^"]*"')


def page_of(site: Site, short: str, path: str) -> str:
    return OWN.sub("", plainly(site.client(short), path))


def plainly(client: FlaskClient, path: str) -> str:
    """A page that is only compared here: what every page promises is looked at elsewhere."""
    answer = FlaskClient.open(client, path)
    assert answer.status_code == 200
    return answer.text


def deeds(site: Site, world: World, thread: str) -> list[Callable[[random.Random, int], None]]:
    """What people do in a thread, each under its own number."""

    def do(short: str, deed: Callable[..., object]) -> None:
        with site.app.app_context(), transaction() as session:
            at = WORLD_AT + timedelta(minutes=1)
            deed(session, member_of(session, world.people[short], world.course_id, at), at)

    floods = thread == world.threads["floods"]
    made = [(short, world.posts[short]) for short in ("ben", "chidi") if floods]

    def reply(chance: random.Random, number: int) -> None:
        short = chance.choice(["ana", "ben", "chidi", "dana", "ines"])
        parent = chance.choice([None, *[public_id for _who, public_id in made]])
        written = posts.write(
            f"Words of {short}, number {number}, *with* <b> & so on. " * 3, f"fragments-{number}"
        )

        def deed(session: object, member: object, at: object) -> None:
            made.append(
                (short, posts.post_reply(session, member, thread, written, at=at, parent_id=parent).public_id)
            )  # type: ignore[arg-type]

        do(short, deed)

    def remove(chance: random.Random, number: int) -> None:
        who, public_id = made.pop(chance.randrange(len(made))) if len(made) > 1 else made[0]
        do(
            chance.choice([who, "ines"]),
            lambda session, member, at: posts.remove_post(session, member, public_id, at=at),
        )

    def close(chance: random.Random, number: int) -> None:
        do("ines", lambda session, member, at: posts.set_thread_closed(session, member, thread, False, at=at))
        if chance.random() < 0.3:
            do(
                "ines",
                lambda session, member, at: posts.set_thread_pinned(session, member, thread, True, at=at),
            )

    def read(chance: random.Random, number: int) -> None:
        def deed(session: object, member: object, at: object) -> None:
            view = posts.thread_view(session, member, thread, at)  # type: ignore[attr-defined]
            posts.read_to(session, member, view, position=chance.randint(1, 5), as_of=at)  # type: ignore[arg-type]

        do(chance.choice(["ana", "dana", "olga"]), deed)

    def move(chance: random.Random, number: int) -> None:
        zone = chance.choice(["Asia/Tokyo", "Europe/Madrid", "America/Chicago"])
        do(
            "dana",
            lambda session, member, at: set_zone(
                session, member.account_id, zone, at - timedelta(seconds=60 - number)
            ),
        )

    return [reply, reply, reply, remove, close, read, move]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("board", ["floods", "sources"])
def test_a_kept_page_is_the_page_made_anew_whatever_was_done(
    site: Site, world: World, board: str, seed: int
) -> None:
    chance = random.Random(seed)
    thread = world.threads[board]
    path = f"{world.course}/threads/{thread}"
    site.at(WORLD_AT + timedelta(hours=1))
    able = deeds(site, world, thread)
    clients = {short: site.client(short) for short in READERS}

    def seen(short: str) -> str:
        return OWN.sub("", plainly(clients[short], path))

    for number in range(6):
        if board == "floods":
            chance.choice(able)(chance, number)
        else:
            able[0](random.Random(seed + number * 7), number) if number == 0 else None
        readers = chance.sample(READERS, 3)
        for short in READERS:
            seen(short)  # fills what is kept, for this reader and by others
        kept = {short: seen(short) for short in readers}
        for short in readers:
            caches.clear_all()
            assert kept[short] == seen(short), (short, number)


def test_readers_in_other_zones_and_roles_never_share_a_page(site: Site, world: World) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}"
    pages = {short: page_of(site, short, path) for short in READERS}
    assert "Chicago time" in pages["ana"]
    assert "Chicago time" not in pages["ben"] + pages["ines"]
    assert "Edit as staff" in pages["ines"]
    for short in ("ana", "ben", "chidi", "dana", "olga"):
        assert "as staff" not in pages[short]
    assert "Ben Achterberg</a>" in pages["ben"]
    assert ">Ben Achterberg</a>" not in pages["dana"].split("</header>")[0]
    assert f'/posts/{world.posts["ben"]}/edit"' in pages["ben"]
    assert f'/posts/{world.posts["ben"]}/edit"' not in pages["chidi"]


def test_a_page_that_was_not_changed_is_answered_304_and_a_post_changes_that(
    site: Site, world: World
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}"
    ana = site.client("ana")
    mark = ana.get(path).headers["ETag"]
    assert ana.get(path, headers={"If-None-Match": mark}).status_code == 304
    assert site.client("dana").get(path, headers={"If-None-Match": mark}).status_code == 200
    site.client("ben").send(f"{path}/replies", {"text": "One more letter was found.", "key": "key-of-ben-1"})
    assert ana.get(path, headers={"If-None-Match": mark}).status_code == 200


def test_a_sealed_page_does_not_change_when_others_write(site: Site, world: World) -> None:
    path = f"{world.course}/threads/{world.threads['sources']}"
    before = page_of(site, "dana", path)
    site.client("ben").send(f"{path}/replies", {"text": "SECRET-SECOND words.", "key": "key-of-ben-1"})
    assert page_of(site, "dana", path) == before
    assert "SECRET" not in before


def test_a_changed_board_or_course_is_seen_at_once(site: Site, world: World) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}"
    page_of(site, "ana", path)
    with site.app.app_context(), transaction() as session:
        board = session.get_one(
            Board, session.query(Thread.board_id).filter_by(public_id=path[-10:]).scalar()
        )
        board.title = "Another title of it"  # without a version: it is counted for whoever forgets
        session.get_one(Course, world.course_id)
    assert "Another title of it" in page_of(site, "ana", path)
    with site.app.app_context():
        db.session.remove()
