"""What the server tells while somebody writes."""

from datetime import timedelta

from forum.boards.commands import BoardSpec, CheckpointSpec
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, board_of, written_by
from tests.world import WORLD_AT


def test_each_save_tells_words_minutes_and_outline(site: Site) -> None:
    world, ana = site.world, site.client("ana")
    place = f"{world.course}/drafts/thread:{world.threads['floods']}"
    text = "# One\n\n" + "word " * 300 + "\n\n# Two *more*\n"
    told = ana.send(place, {"text": text, "seq": "1", "key": "a" * 32}).get_json()
    assert told["words"] == 303
    assert told["reading"] == "1 minute to read"
    assert told["outline"] == [
        {"line": 0, "depth": 0, "text": "One"},
        {"line": 4, "depth": 0, "text": "Two more"},
    ]
    page = ana.get(f"{world.course}/threads/{world.threads['floods']}").text
    assert '<li data-depth="0" data-line="4">Two more</li>' in page
    assert "<p data-reading>1 minute to read</p>" in page


def test_a_reply_is_counted_against_the_replies_minimum(site: Site) -> None:
    spec = BoardSpec(
        "Bridges", form="single", prompt="Which?",
        checkpoints=(CheckpointSpec("first_post", min_words=40), CheckpointSpec("replies", replies=1, people=1, min_words=15)),
    )  # fmt: skip
    _board, thread = board_of(site, spec)
    assert thread is not None
    post = written_by(site, "ben", thread, WORDS, WORLD_AT - timedelta(hours=2))
    own = written_by(site, "ana", thread, WORDS, WORLD_AT - timedelta(hours=1))
    ana, course = site.client("ana"), site.world.course
    assert "of at least 15" in ana.get(f"{course}/posts/{post}/reply").text
    assert "of at least 40" in ana.get(f"{course}/posts/{own}/edit").text
    assert "of at least 40" in ana.get(f"{course}/threads/{thread}").text
