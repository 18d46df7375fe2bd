"""Steps that the slices of boards of questions share."""

from datetime import timedelta
from typing import Any

from forum.boards.commands import BoardSpec
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.writing_steps import board_of, started_by, written_by
from tests.world import WORLD_AT

ANSWER = "The keeper wrote twice, and both letters are in the second box of the archive."


def question_of(site: Site, title: str = "Which letters?", board: str | None = None) -> tuple[str, str, str]:
    """A board of questions with a question of Ana's: board, thread and opening post, by public ids."""
    if board is None:
        board, _thread = board_of(site, BoardSpec("Ask here", form="question"))
    thread, opening = started_by(site, "ana", board, title, WORLD_AT - timedelta(hours=3))
    return board, thread, opening


def answer_of(site: Site, short: str, thread: str, words: str = ANSWER) -> str:
    return written_by(site, short, thread, words, WORLD_AT - timedelta(hours=2))


def mark(client: CheckingClient, site: Site, post: str, deed: str) -> Any:
    return client.send(f"{site.world.course}/posts/{post}/marks", {"deed": deed})
