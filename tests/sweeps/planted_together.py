"""A board that shows all posts together, and what is written on it, for the sweeps."""

from datetime import date, datetime, time
from typing import Any

from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.core.moments import Wall
from forum.posts import commands as posts
from forum.posts.models import Thread
from tests.world import BEGAN_AT, WORLD_AT

WORD = "SECRET-TOGETHER"
SHOWN = Wall(
    date(2026, 11, 26), time(9)
)  # in Madrid; Chidi has a day more than the class, until the end of the 26th
FIRST = CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 11, 25)))


def plant_together(session: Any, ines: Any, ben: Any) -> None:
    """A thread of Ben's with an answer, a tag's worth of title, and a first text that he changed."""
    spec = BoardSpec(
        "One moment for all", form="threads", shown="together", together=SHOWN, checkpoints=(FIRST,)
    )
    board = save_board(session, ines, None, spec, at=BEGAN_AT)
    publish_board(session, ines, board, at=BEGAN_AT)
    at: datetime = WORLD_AT
    words = posts.write(f"{WORD} words that are long enough", "planted-together-1", title=f"{WORD} title")
    opening = posts.start_thread(session, ben, board.public_id, words, at=at)
    edited = posts.write(f"{WORD} words that are longer than they were", "planted-together-2")
    posts.edit_post(session, ben, opening.public_id, edited, at=at, revision=1, reason="")
    thread = session.get_one(Thread, opening.thread_id)
    posts.post_reply(
        session, ines, thread.public_id, posts.write(f"{WORD} answer", "planted-together-3"), at=at,
        parent_id=opening.public_id,
    )  # fmt: skip
