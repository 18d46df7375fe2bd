"""Editing keeps every text; removing leaves a line; what is judged stays as it stood."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db
from forum.core.moments import Wall
from forum.posts.models import Revision
from tests.conftest import Site
from tests.slices.writing_steps import (
    WORDS,
    board_of,
    field,
    posts_by,
    reply,
    started_by,
    words_in,
    written_by,
)
from tests.world import WORLD_AT, World

LIMIT = datetime.fromisoformat("2026-11-26T23:05:00+00:00")
CUT_OFF = datetime.fromisoformat("2026-11-29T17:01:00+00:00")


def edit(client, site: Site, post: str, words: str, revision: int = 1, **more: str):  # type: ignore[no-untyped-def]
    fields = {"text": words, "revision": str(revision), "key": "key-of-an-edit", **more}
    return client.send(f"{site.world.course}/posts/{post}/edit", fields)


def texts_of(site: Site, short: str) -> list[str]:
    post = posts_by(site, short)[0]
    with site.app.app_context():
        return list(
            db.session.scalars(
                select(Revision.source).where(Revision.post_id == post.id).order_by(Revision.number)
            )
        )


def test_rule_16_every_text_is_kept_the_first_too_and_shown_by_words(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], "The keeper wrote once.\nThen silence.", WORLD_AT)
    ana = site.client("ana")
    assert edit(ana, site, post, "The keeper wrote twice.\r\nThen silence.").status_code == 303
    assert texts_of(site, "ana") == [
        "The keeper wrote once.\nThen silence.",
        "The keeper wrote twice.\nThen silence.",
    ]
    page = site.client("ben").get(f"{world.course}/posts/{post}/revisions").text
    assert "<del>once.</del><ins>twice.</ins>" in page
    assert page.count("<ins>") == 1
    assert "As first posted" in page
    assert (
        "Edited Tuesday" in site.client("ben").get(f"{world.course}/threads/{world.threads['floods']}").text
    )


def test_saving_twice_or_unchanged_makes_one_text(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    ana = site.client("ana")
    assert edit(ana, site, post, WORDS).status_code == 303
    assert edit(ana, site, post, "New words").status_code == 303
    assert edit(ana, site, post, "New words").status_code == 303
    assert texts_of(site, "ana") == [WORDS, "New words"]


def test_two_who_edit_at_once_see_both_texts(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    assert edit(site.client("ines"), site, post, "As Ines has it").status_code == 303
    ana = site.client("ana")
    answer = edit(ana, site, post, "As Ana has it")
    assert answer.status_code == 409
    assert words_in(answer.text) == "As Ana has it"
    assert "As Ines has it" in answer.text
    assert edit(ana, site, post, "As Ana has it", int(field(answer.text, "revision"))).status_code == 303
    assert texts_of(site, "ana") == [WORDS, "As Ines has it", "As Ana has it"]


def test_a_draft_of_an_edit_says_when_the_post_was_changed_after_it(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    ana = site.client("ana")
    ana.send(f"{world.course}/drafts/edit:{post}", {"text": "begun", "seq": 1, "key": "key-of-the-edit"})
    site.at(WORLD_AT + timedelta(minutes=1))
    edit(site.client("ines"), site, post, "As Ines has it")
    page = ana.get(f"{world.course}/posts/{post}/edit").text
    assert words_in(page) == "begun"
    assert "As Ines has it" in page


def test_editing_ends_with_the_cut_off_and_with_the_thread(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    ana = site.client("ana")
    site.at(CUT_OFF - timedelta(microseconds=1))
    assert edit(ana, site, post, "In time").status_code == 303
    site.at(CUT_OFF)
    answer = edit(ana, site, post, "Too late", 2)
    assert answer.status_code == 409
    assert words_in(answer.text) == "Too late"
    assert "Too late" in ana.get("/mine").text
    assert edit(site.client("ines"), site, post, "As staff", 2).status_code == 303


def test_an_earlier_answer_in_a_closed_thread_is_not_edited(site: Site, world: World) -> None:
    thread, opening = started_by(site, "chidi", world.boards["questions"], "One", WORLD_AT)
    other, _opening = started_by(site, "chidi", world.boards["questions"], "Another", WORLD_AT)
    post = written_by(site, "ana", thread, WORDS, WORLD_AT, opening)
    ines, ana = site.client("ines"), site.client("ana")
    ines.send(f"{world.course}/threads/{thread}/state", {"deed": "close"})
    assert edit(ana, site, post, "Changed").status_code == 409
    page = ana.get(f"{world.course}/threads/{thread}").text
    assert "closed by staff" in page
    assert f"/posts/{opening}/reply" not in page
    assert f"/posts/{post}/edit" not in page
    assert reply(ana, site, other, "Elsewhere", "key-elsewhere").status_code == 303
    assert reply(ines, site, thread, "Staff still can").status_code == 303
    assert "Reopen this thread" in ines.get(f"{world.course}/threads/{thread}").text
    ines.send(f"{world.course}/threads/{thread}/state", {"deed": "reopen"})
    assert edit(ana, site, post, "Changed").status_code == 303


def test_staff_edit_a_post_and_it_says_who_and_when(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    assert edit(site.client("ines"), site, post, "Mended", reason="A name was wrong").status_code == 303
    page = site.client("ben").get(f"{world.course}/posts/{post}/revisions").text
    assert "Inés Aranda, <time" in page
    assert "A name was wrong" in page
    assert edit(site.client("ben"), site, post, "Not mine", 2).status_code == 404


def test_the_author_changes_the_title_and_nobody_else_does(site: Site, world: World) -> None:
    thread, opening = started_by(site, "ana", world.boards["questions"], "Old title", WORLD_AT)
    assert edit(site.client("ana"), site, opening, WORDS, title="New title").status_code == 303
    assert "New title" in site.client("ben").get(f"{world.course}/threads/{thread}").text
    answer = written_by(site, "ben", thread, WORDS, WORLD_AT, opening)
    edit(site.client("ben"), site, answer, "Words", title="Not mine to give")
    assert "New title" in site.client("ben").get(f"{world.course}/threads/{thread}").text


def test_the_page_of_an_edit_says_what_is_judged_after_the_limit(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    ana = site.client("ana")
    site.at(LIMIT)
    page = ana.get(f"{world.course}/posts/{post}/edit").text
    assert "What is judged is the text as it stood at the limit" in page
    edit(ana, site, post, "Short.")
    assert "on time" in ana.get(f"{world.course}/boards/{world.boards['floods']}").text


def test_removed_words_are_nowhere_and_a_line_and_the_replies_stay(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], "SECRET-REMOVED words of mine", WORLD_AT)
    edit(site.client("ana"), site, post, "SECRET-REMOVED words, changed")
    written_by(
        site, "ben", world.threads["floods"], "A reply that stays", WORLD_AT + timedelta(minutes=1), post
    )
    site.at(WORLD_AT + timedelta(minutes=1))
    ana = site.client("ana")
    assert "You can restore it" in ana.get(f"{world.course}/posts/{post}/removal").text
    assert ana.send(f"{world.course}/posts/{post}/removal", {"deed": "remove"}).status_code == 303
    thread = f"{world.course}/threads/{world.threads['floods']}"
    for short in ("ben", "chidi", "olga"):
        client = site.client(short)
        for path in (thread, f"{world.course}/posts/{post}/reply", "/mine", "/", world.course):
            assert "SECRET-REMOVED" not in client.get(path, follow_redirects=True).text
        assert client.get(f"{world.course}/posts/{post}/revisions").status_code == 404
        assert client.get(f"{world.course}/posts/{post}/edit").status_code == (
            403 if short == "olga" else 404
        )
    page = site.client("ben").get(thread).text
    assert "removed by its author" in page
    assert "A reply that stays" in page
    assert "Ana Lindqvist" not in page
    assert "SECRET-REMOVED" in site.client("ines").get(thread).text
    assert "SECRET-REMOVED" not in ana.get("/mine").text
    assert ana.send(f"{world.course}/posts/{post}/removal", {"deed": "restore"}).status_code == 303
    assert "SECRET-REMOVED" in site.client("ben").get(thread).text


def test_what_staff_removed_its_author_cannot_bring_back(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    site.client("ines").send(f"{world.course}/posts/{post}/removal", {"deed": "remove", "reason": "Not here"})
    answer = site.client("ana").send(f"{world.course}/posts/{post}/removal", {"deed": "restore"})
    assert answer.status_code == 403
    assert (
        "removed by staff" in site.client("ana").get(f"{world.course}/threads/{world.threads['floods']}").text
    )


def test_a_removed_opening_takes_its_title_and_name_with_it(site: Site, world: World) -> None:
    thread, opening = started_by(site, "ana", world.boards["questions"], "SECRET-TITLE", WORLD_AT)
    written_by(site, "ben", thread, "A reply that stays", WORLD_AT, opening)
    site.client("ana").send(f"{world.course}/posts/{opening}/removal", {"deed": "remove"})
    chidi = site.client("chidi")
    for path in (f"{world.course}/threads/{thread}", f"{world.course}/boards/{world.boards['questions']}"):
        page = chidi.get(path).text
        assert "SECRET-TITLE" not in page
        assert "Ana Lindqvist" not in page
    assert "A reply that stays" in chidi.get(f"{world.course}/threads/{thread}").text
    assert "SECRET-TITLE" in site.client("ines").get(f"{world.course}/threads/{thread}").text


def test_removed_before_the_limit_and_brought_back_after_it_is_late(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, LIMIT - timedelta(minutes=10))
    ana, board = site.client("ana"), f"{world.course}/boards/{world.boards['floods']}"
    site.at(LIMIT - timedelta(minutes=9))
    assert "Done" in ana.get(board).text
    ana.send(f"{world.course}/posts/{post}/removal", {"deed": "remove"})
    site.at(LIMIT + timedelta(days=1))
    assert "Not posted" in ana.get(board).text
    ana.send(f"{world.course}/posts/{post}/removal", {"deed": "restore"})
    assert "1 day late" in ana.get(board).text
    assert ana.get(f"{world.course}/posts/{post}/revisions").status_code == 200


def test_removed_after_the_limit_still_counts(site: Site, world: World) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, LIMIT - timedelta(minutes=10))
    ana = site.client("ana")
    site.at(LIMIT + timedelta(days=1))
    assert "still counts" in ana.get(f"{world.course}/posts/{post}/removal").text
    ana.send(f"{world.course}/posts/{post}/removal", {"deed": "remove"})
    assert "on time" in ana.get(f"{world.course}/boards/{world.boards['floods']}").text


def test_the_verdict_speaks_of_the_checkpoint_that_the_post_meets(site: Site, world: World) -> None:
    _, thread = board_of(site, BoardSpec(
        "Two steps", form="single", checkpoints=(
            CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 11, 25))),
            CheckpointSpec("replies", replies=2, people=2, due=Wall(date(2026, 11, 27))),
        ),
    ))  # fmt: skip
    assert thread is not None
    first = written_by(site, "ben", thread, WORDS, WORLD_AT)
    second = written_by(site, "chidi", thread, WORDS, WORLD_AT)
    ana = site.client("ana")

    def told(answer):  # type: ignore[no-untyped-def]
        return ana.get(answer.location, follow_redirects=True).text

    assert "It has 2 of at least 5 words, so it does not count yet: 3 more are asked." in told(
        reply(ana, site, thread, "Two words", "key-000001")
    )
    assert "On time, 1 day 11 hours before it was due." in told(reply(ana, site, thread, WORDS, "key-000002"))
    site.at(WORLD_AT + timedelta(days=2))  # past the first due date, before the second
    path = f"{world.course}/posts/%s/replies"
    assert "That is 1 of 2, to 1 of 2 people." in told(
        ana.send(path % first, {"text": "Yes", "key": "key-000003"})
    )
    assert "On time, 1 day 11 hours before it was due." in told(
        ana.send(path % second, {"text": "No", "key": "key-000004"})
    )
    extra = told(reply(ana, site, thread, WORDS, "key-000005"))
    assert "late" not in extra.split("<h1>")[0]
    dana = site.client("dana")
    assert (
        "That is 13 hours late."
        in dana.get(reply(dana, site, thread, WORDS, "key-000006").location, follow_redirects=True).text
    )
