"""Steps that the slices of posts shown later share: handing one in, its row, the doors at which it could be read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Post
from tests.client import CheckingClient
from tests.conftest import Site
from tests.world import World

CANARY = "CANARY-WAITS: the ferryman wrote down every flood that he saw from his house on the bank."
MOMENT = timedelta(microseconds=1)
MADRID_8 = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # tomorrow 08:00 in Madrid
CHICAGO_8 = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
OTHERS = ("ana", "chidi", "dana", "ines", "tariq", "olga", "ada")
DUE = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)  # end of Thursday in Madrid; 5 minutes of grace


def thread_of(world: World, board: str) -> str:
    return f"{world.course}/threads/{world.threads[board]}"


def hand_in(
    client: CheckingClient, path: str, text: str = CANARY, key: str = "later-0001", **fields: str
) -> Any:
    return client.send(path, {"text": text, "key": key, "deed": "tomorrow", **fields})


def post_row(site: Site, key: str = "later-0001") -> Any:
    with site.app.app_context():
        return db.session.execute(
            select(Post.id, Post.public_id, Post.arrived_at, Post.appears_at, Post.position, Post.path, Post.removed_at)
            .where(Post.key == key)
        ).one()  # fmt: skip


def etag(client: FlaskClient, path: str, known: str = "") -> tuple[int, str]:
    answer = FlaskClient.open(client, path, headers={"If-None-Match": known} if known else {})
    return answer.status_code, answer.headers.get("ETag", "")


def doors(world: World, post_id: str) -> list[str]:
    """Every page on which words of a post of the boards floods and questions could stand."""
    course = world.course
    boards = [f"{course}/boards/{world.boards[name]}" for name in ("floods", "questions")]
    return [
        "/", "/mine", course, *boards, thread_of(world, "floods"), thread_of(world, "questions"), f"{course}/posts/{post_id}",
        f"{course}/posts/{post_id}/revisions", f"{course}/posts/{post_id}/receipts", f"{course}/posts/{post_id}/reply",
        f"{course}/posts/{post_id}/edit", f"{course}/posts/{post_id}/removal", f"{course}/dates",
        *(f"{board}/participation" for board in boards), *(f"{board}/participation.csv" for board in boards),
        *(f"{board}/grading/{world.public['ben']}" for board in boards), f"{course}/grades",
    ]  # fmt: skip
