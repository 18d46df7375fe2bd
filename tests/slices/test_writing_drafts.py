"""What is typed is kept: drafts by script and by button, the preview, pressing twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec
from forum.core.db import db
from forum.posts.models import Draft, Post
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, board_of, field, posts_by, reply, words_in
from tests.world import WORLD_AT, World

SAMPLES = [
    "Plain words, & < > \" ' as they were typed.",
    "# A heading\n\n- [ ] to do\n- [x] done\n\n1. one\n2. two",
    "| a | b |\n|---|---|\n| 1 | *2* |",
    "```python\ndef flood(river):\n    return river < 3\n```",
    "The height is $h = \\frac{a}{b}$ and\n\n$$\\sum_{i=1}^n i$$",
    "It was told[^1] twice[^2].\n\n[^1]: by Ben\n[^2]: by Ana",
    '> quoted\n\n~~gone~~ https://example.org/?a=1&b=2 <b onclick="x()">bold</b>',
]


def drafts_of(site: Site, short: str) -> list[Draft]:
    with site.app.app_context():
        db.session.rollback()
        return list(db.session.scalars(select(Draft).where(Draft.account_id == site.world.people[short])))


def save(client, site: Site, place: str, words: str, seq: int, key: str = "key-of-a-draft", **more):  # type: ignore[no-untyped-def]
    return client.send(f"{site.world.course}/drafts/{place}", {"text": words, "seq": seq, "key": key, **more})


def test_a_draft_saves_itself_and_is_there_on_return(site: Site, world: World) -> None:
    ana, place = site.client("ana"), f"thread:{world.threads['floods']}"
    told = save(ana, site, place, "Half a thou", 1).json
    assert told is not None
    assert told["words"] == 3
    assert told["seq"] == 1
    page = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert words_in(page) == "Half a thou"
    assert field(page, "key") == "key-of-a-draft"
    assert "Draft saved" in page


def test_an_older_save_changes_nothing_and_is_told(site: Site, world: World) -> None:
    ana, place = site.client("ana"), f"thread:{world.threads['floods']}"
    save(ana, site, place, "newer", 5)
    answer = save(ana, site, place, "older", 4)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["refused"] == "older"
    assert [draft.source for draft in drafts_of(site, "ana")] == ["newer"]


def test_of_two_windows_the_second_is_told_and_overwrites_only_when_asked_again(
    site: Site, world: World
) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", "from the first window", 1)
    answer = reply(ana, site, thread, "from the second", deed="draft", seq="0")
    assert answer.status_code == 409
    assert words_in(answer.text) == "from the second"
    assert "from the first window" in answer.text
    assert drafts_of(site, "ana")[0].source == "from the first window"
    assert (
        reply(ana, site, thread, "from the second", deed="draft", seq=field(answer.text, "seq")).status_code
        == 303
    )
    assert drafts_of(site, "ana")[0].source == "from the second"


def test_the_button_saves_a_draft_without_scripts(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    before = len(posts_by(site, "ana"))
    answer = reply(ana, site, thread, "kept by button", deed="draft")
    assert answer.status_code == 303
    page = ana.get(answer.location.split("#")[0]).text
    assert words_in(page) == "kept by button"
    assert "Only you can read it" in page
    assert len(posts_by(site, "ana")) == before


def test_a_draft_of_a_new_thread_keeps_its_title_and_one_of_an_edit_its_post(
    site: Site, world: World
) -> None:
    chidi = site.client("chidi")
    save(chidi, site, f"board:{world.boards['questions']}", "words", 1, title="Opening hours")
    page = chidi.get(f"{world.course}/boards/{world.boards['questions']}/new").text
    assert 'value="Opening hours"' in page
    assert words_in(page) == "words"
    save(chidi, site, f"edit:{world.posts['opening']}", "an edit begun", 1, key="key-of-the-edit")
    assert words_in(chidi.get(f"{world.course}/posts/{world.posts['opening']}/edit").text) == "an edit begun"
    save(chidi, site, f"post:{world.posts['ben']}", "an answer begun", 1, key="key-of-the-answer")
    assert words_in(chidi.get(f"{world.course}/posts/{world.posts['ben']}/reply").text) == "an answer begun"


def test_nobody_else_meets_a_draft(site: Site, world: World) -> None:
    place = f"thread:{world.threads['floods']}"
    save(site.client("ana"), site, place, "SECRET-OF-ANA", 1)
    for short in ("ben", "ines", "tariq", "olga", "ada"):
        client = site.client(short)
        for path in ("/mine", f"{world.course}/boards/{world.boards['floods']}", f"{world.course}"):
            assert "SECRET-OF-ANA" not in client.get(path, follow_redirects=True).text
    save(site.client("ben"), site, place, "of Ben", 1)
    assert drafts_of(site, "ana")[0].source == "SECRET-OF-ANA"


def test_posting_drops_the_draft_and_a_late_save_does_not_bring_it_back(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    save(ana, site, f"thread:{thread}", WORDS, 1)
    assert reply(ana, site, thread, WORDS, "key-of-a-draft").status_code == 303
    assert drafts_of(site, "ana") == []
    save(ana, site, f"thread:{thread}", WORDS, 2)
    assert drafts_of(site, "ana") == []
    save(ana, site, f"thread:{thread}", "Something else", 3)
    assert [draft.key == "key-of-a-draft" for draft in drafts_of(site, "ana")] == [False]


def test_a_draft_of_a_board_that_closed_stays_and_is_read_there(site: Site, world: World) -> None:
    ana, place = site.client("ana"), f"thread:{world.threads['floods']}"
    save(ana, site, place, "kept over the end", 1)
    site.at(WORLD_AT + timedelta(days=6))
    page = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert words_in(page) == "kept over the end"
    assert "is closed now" in page
    assert "kept over the end" in ana.get("/mine").text


def test_a_text_over_the_limit_comes_back_whole_beside_a_sentence(site: Site, world: World) -> None:
    ana, long = site.client("ana"), "word " * 4001
    answer = reply(ana, site, world.threads["floods"], long)
    assert answer.status_code == 422
    assert words_in(answer.text) == long
    assert "longer than 20,000 characters" in answer.text
    assert reply(ana, site, world.threads["floods"], ("x" * 9 + "\r\n") * 2000).status_code == 303
    assert save(ana, site, f"thread:{world.threads['floods']}", long, 9).status_code == 200
    assert words_in(ana.get(f"{world.course}/threads/{world.threads['floods']}").text) == long


def test_a_draft_beyond_its_limit_is_not_saved_and_says_so(site: Site, world: World) -> None:
    ana, place = site.client("ana"), f"thread:{world.threads['floods']}"
    assert save(ana, site, place, "x" * 500_000, 1).status_code == 200
    answer = save(ana, site, place, "x" * 500_001, 2)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "500,000" in answer.json["text"]
    assert len(drafts_of(site, "ana")[0].source) == 500_000


@pytest.mark.parametrize("seq", ["²", "9" * 40, "-1", ""])
def test_a_number_that_was_never_given_is_no_fault_of_ours(site: Site, world: World, seq: str) -> None:
    answer = site.client("ana").send(
        f"{world.course}/drafts/thread:{world.threads['floods']}", {"text": "a\x00b", "seq": seq}
    )
    assert answer.status_code == 200
    assert drafts_of(site, "ana")[0].source == "ab"


@pytest.mark.parametrize("place", ["thread:zzzzzzzzzz", "lesson:abc", "thread:", "x"])
def test_a_place_that_is_none_is_not_here(site: Site, world: World, place: str) -> None:
    assert save(site.client("ana"), site, place, "words", 1).status_code == 404


def test_the_preview_is_what_is_posted(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    for number, sample in enumerate(SAMPLES):
        key = f"key-of-sample-{number}"
        preview = ana.send(f"{world.course}/preview", {"text": sample.replace("\n", "\r\n"), "key": key}).text
        whole = reply(ana, site, thread, sample, key, deed="preview").text
        save(ana, site, f"thread:{thread}", sample, number + 1, key=key)
        assert reply(ana, site, thread, sample, key).status_code == 303
        html = posts_by(site, "ana")[-1].html
        assert html in preview
        assert html in whole
        assert html in ana.get(f"{world.course}/threads/{thread}").text
    assert len(posts_by(site, "ana")) == len(SAMPLES)


def test_a_preview_of_a_titled_text_is_what_is_posted(site: Site, world: World) -> None:
    ana, sample = site.client("ana"), SAMPLES[5]
    fields = {"text": sample, "title": "Notes", "key": "key-of-a-thread"}
    preview = ana.send(f"{world.course}/preview", fields).text
    ana.send(f"{world.course}/boards/{world.boards['questions']}/threads", fields)
    assert posts_by(site, "ana")[-1].html in preview


def test_pressing_twice_at_once_posts_once(site: Site, world: World) -> None:
    thread = world.threads["floods"]
    clients = [site.client("ana") for _ in range(4)]
    tokens = [client.token() for client in clients]
    gate = threading.Barrier(4)

    def press(number: int) -> tuple[int, str]:
        gate.wait()
        answer = clients[number].post(
            f"{world.course}/threads/{thread}/replies",
            data={"csrf_token": tokens[number], "text": WORDS, "key": "pressed-twice"},
        )
        return answer.status_code, answer.location

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(press, range(4)))
    assert len(answers) == 1
    assert answers.pop()[0] == 303
    assert len(posts_by(site, "ana")) == 1


def test_starting_a_thread_twice_at_once_starts_one(site: Site, world: World) -> None:
    clients = [site.client("ana") for _ in range(3)]
    fields = [
        {"csrf_token": client.token(), "text": WORDS, "title": "Once", "key": "pressed-twice"}
        for client in clients
    ]
    gate = threading.Barrier(3)

    def press(number: int) -> int:
        gate.wait()
        return (
            clients[number]
            .post(f"{world.course}/boards/{world.boards['each']}/threads", data=fields[number])
            .status_code
        )

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(press, range(3))) == {303}
    assert len(posts_by(site, "ana")) == 1


def test_back_with_an_old_key_and_the_same_words_leads_to_the_post_that_is_there(
    site: Site, world: World
) -> None:
    ana, thread = site.client("ana"), world.threads["floods"]
    first = reply(ana, site, thread, WORDS)
    ana.get(first.location, follow_redirects=True)
    site.at(WORLD_AT + timedelta(days=4))
    again = reply(ana, site, thread, WORDS)
    assert again.location == first.location
    assert "Tuesday 24 November 2026, 06:00" in ana.get(again.location, follow_redirects=True).text


def test_the_key_of_another_author_is_no_conflict(site: Site, world: World) -> None:
    assert reply(site.client("ana"), site, world.threads["floods"], WORDS).status_code == 303
    assert reply(site.client("chidi"), site, world.threads["floods"], "Other words.").status_code == 303


def test_what_was_typed_is_what_is_shown(site: Site, world: World) -> None:
    ana = site.client("ana")
    words = 'A "quote" & <angle> <script>alert(1)</script> <p onclick="x()">kept</p>'
    page = ana.get(reply(ana, site, world.threads["floods"], words).location, follow_redirects=True).text
    assert "&lt;angle&gt; &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert words_in(ana.get(f"{world.course}/posts/{posts_by(site, 'ana')[0].public_id}/edit").text) == words


def test_a_board_made_anew_takes_writing(site: Site, world: World) -> None:
    _board, thread = board_of(site, BoardSpec("Free talk", form="single"))
    assert thread is not None
    assert reply(site.client("ana"), site, thread, WORDS).status_code == 303
    with site.app.app_context():
        assert db.session.scalar(select(Post.words).where(Post.author_id == world.people["ana"])) == 17
