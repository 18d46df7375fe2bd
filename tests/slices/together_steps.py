"""Steps that the slices of boards that show all posts together share: the board, its moment, and every page of it."""

import re
from datetime import UTC, date, datetime, time
from html import unescape

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.moments import Wall
from tests.conftest import Site
from tests.slices.writing_steps import board_of, started_by, written_by
from tests.world import WORLD_AT

LONG = "This source is a parish register that names each house which the water took away."
SECRET = "SECRET-OF-OTHERS"
FIRST = CheckpointSpec("first_post", min_words=10, due=Wall(date(2026, 11, 26)))
REPLIES = CheckpointSpec("replies", replies=1, people=1, due=Wall(date(2026, 11, 30)))
LIMIT = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)  # with its grace
SHOWN = Wall(date(2026, 11, 27), time(8))
SHOWN_AT = datetime(2026, 11, 27, 7, 1, tzinfo=UTC)  # when 08:00 is over in Madrid


def together_board(
    site: Site, *checkpoints: CheckpointSpec, form: str = "threads", shown: Wall = SHOWN
) -> str:
    """A published board that shows all posts together, by its public id."""
    spec = BoardSpec(
        "All at once", form=form, shown="together", together=shown, checkpoints=checkpoints or (FIRST,)
    )
    return board_of(site, spec)[0]


def sealed(site: Site, board: str, short: str = "ben") -> tuple[str, str]:
    """A thread with an answer, each with words that nobody else may see yet: thread and post, by public ids."""
    thread, opening = started_by(site, short, board, f"{SECRET}-TITLE", WORLD_AT, f"{SECRET} {LONG}")
    written_by(site, "ines", thread, f"{SECRET} {LONG}", WORLD_AT, opening)
    return thread, opening


def pages_of(site: Site, short: str, board: str, thread: str = "") -> dict[str, str]:
    """What a person is shown of a board on every page that could say something of it, without what changes anyway."""
    client, course = site.client(short), site.world.course
    paths = ["/", course, "/mine", f"{course}/boards/{board}", f"{course}/boards/{board}?show=new",
             f"{course}/boards/{board}/new"]  # fmt: skip
    if thread:
        paths += [f"{course}/threads/{thread}", f"{course}/threads/{thread}/next"]
    pages = {path: client.get(path, follow_redirects=True) for path in paths}
    return {
        path: re.sub(r'(name="(csrf_token|key)" value|data-now)="[^"]*"', "", unescape(page.text))
        + f"{page.status_code} {page.headers.get('ETag')} {page.headers.get('Last-Modified')}"
        for path, page in pages.items()
    }


def sees(site: Site, short: str, board: str, thread: str) -> bool:
    """Whether a person sees the sealed words in the list of the board and on the thread's own page; both or none."""
    client = site.client(short)
    listed = f"{SECRET}-TITLE" in client.get(f"{site.world.course}/boards/{board}").text
    page = client.get(f"{site.world.course}/threads/{thread}")
    assert listed == (page.status_code == 200 and SECRET in page.text)
    return listed
