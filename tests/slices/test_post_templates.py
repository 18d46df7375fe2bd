"""Templates of boards: chosen by staff, offered to whoever writes a first post; their own words count for nothing."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.boards.post_templates import beyond
from forum.core.db import db
from forum.core.moments import Wall
from forum.posts.models import Draft, Post
from tests.conftest import Site
from tests.slices.board_steps import board_row, made, opened
from tests.slices.writing_steps import WORDS, board_of, field, posts_by, reply, words_in
from tests.world import WORLD_AT, World

TEMPLATE = "## What happened\n\n**Where:**\n\n*Say it in one sentence.*\n"


def own_template(form: str, **more: object) -> BoardSpec:
    return BoardSpec("With a template", form=form, template="own", template_source=TEMPLATE, **more)  # type: ignore[arg-type]


def start(client, site: Site, board: str, text: str, key: str = "key-template-1", **more: str):  # type: ignore[no-untyped-def]
    return client.send(
        f"{site.world.course}/boards/{board}/threads", {"text": text, "title": "Mine", "key": key, **more}
    )


def offer(page: str) -> str | None:
    found = re.search(r'<a href="([^"]+)">Start from the template</a>', page)
    return unescape(found.group(1)) if found else None


@pytest.mark.parametrize(
    ("kind", "told"), [("memo", "What I recommend"), ("decision", "What follows from it"), ("question", "I am stuck")]
)  # fmt: skip
def test_staff_choose_a_template_that_the_forum_brings_and_see_it_before(
    site: Site, world: World, kind: str, told: str
) -> None:
    ines = site.client("ines")
    path = made(ines, world, template=kind)
    fields = opened(ines, path)
    assert fields["template"] == kind
    assert fields["template_text"] == ""
    seen = ines.send(path, {**fields, "title": "Not saved yet", "deed": "preview-template"})
    assert told in seen.text
    assert "Not saved yet" in seen.text
    row = board_row(site, path.rsplit("/", 1)[1])
    assert (row.template, told in row.template_source) == (kind, True)
    before = row.version
    ines.send(path, {**fields, "deed": "save"})  # unchanged: nothing is
    assert board_row(site, row.public_id).version == before


def test_staff_write_a_template_of_their_own_and_an_empty_one_is_refused_beside_its_field(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    path = made(ines, world, template="own", template_text=TEMPLATE)
    assert board_row(site, path.rsplit("/", 1)[1]).template_source == TEMPLATE
    fields = opened(ines, path)
    assert fields["template_text"].replace("\r\n", "\n") == TEMPLATE
    refused = ines.send(path, {**fields, "template_text": "  ", "deed": "save"})
    assert refused.status_code == 422
    assert 'id="template_text-error"' in refused.text
    assert board_row(site, path.rsplit("/", 1)[1]).template_source == TEMPLATE
    shown = ines.send(path, {**fields, "template_text": "## Seen *first*", "deed": "preview-template"})
    assert re.search(r"<h3[^>]*>Seen <em>first</em></h3>", shown.text)


def test_an_empty_composer_is_filled_by_a_link_without_scripts(site: Site, world: World) -> None:
    board, _thread = board_of(site, own_template("question"))
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{board}/new").text
    assert words_in(page) == ""
    link = offer(page)
    assert link is not None
    filled = ana.get(link).text
    assert words_in(filled) == TEMPLATE
    assert offer(filled) is None
    assert "Words: 0" in filled
    with site.app.app_context():  # looking saves nothing
        assert db.session.scalars(select(Draft).where(Draft.account_id == world.people["ana"])).all() == []


def test_on_a_board_of_one_discussion_the_answer_to_the_prompt_is_offered_it_and_replies_are_not(
    site: Site, world: World
) -> None:
    _board, thread = board_of(site, own_template("single"))
    ana, path = site.client("ana"), f"{world.course}/threads/{thread}"
    assert thread is not None
    for _again in range(2):  # kept pages too
        link = offer(ana.get(path).text)
        assert link == f"{path}?template=1#reply"
        assert words_in(ana.get(link).text) == TEMPLATE
        assert words_in(ana.get(path).text) == ""
    assert reply(ana, site, thread, f"{TEMPLATE}\n{WORDS}").status_code == 303
    post = posts_by(site, "ana")[-1]
    answer = site.client("ben").get(f"{world.course}/posts/{post.public_id}/reply").text
    assert "Start from the template" not in answer
    assert "The template of this board" not in answer


def test_words_that_are_kept_are_never_covered(site: Site, world: World) -> None:
    board, _thread = board_of(site, own_template("threads"))
    ana = site.client("ana")
    new = f"{world.course}/boards/{board}/new"
    ana.send(
        f"{world.course}/drafts/board:{board}", {"text": "Mine already.", "key": "key-mine-1", "seq": "1"}
    )
    page = ana.get(f"{new}?template=1").text
    assert words_in(page) == "Mine already."
    assert offer(page) is None
    assert "The template of this board" in page  # to look at beside the words
    sent = start(ana, site, board, "Typed, not saved.", title="", key="key-mine-2")
    assert sent.status_code == 422
    assert words_in(sent.text) == "Typed, not saved."
    assert "template" not in ana.get(f"{world.course}/boards/{world.boards['questions']}/new?template=1").text


def test_a_post_that_is_only_the_template_is_refused_in_words_and_kept(site: Site, world: World) -> None:
    board, _thread = board_of(site, own_template("one_each"))
    ana = site.client("ana")
    for number, text in enumerate((TEMPLATE, "**Where:**\n\n", TEMPLATE.replace("\n", "\r\n") + "\r\n  ")):
        refused = start(ana, site, board, text, key=f"key-only-{number}0")
        assert refused.status_code == 409, text
        assert "This is only the template so far" in refused.text
        assert words_in(refused.text).strip() == text.replace("\r\n", "\n").strip()
    assert posts_by(site, "ana") == []
    assert start(ana, site, board, TEMPLATE + "\nIt rained.", key="key-only-9").status_code == 303
    post = posts_by(site, "ana")[-1]
    assert post.words == 2
    page = ana.get(f"{world.course}/posts/{post.public_id}/edit").text
    refused = ana.send(
        f"{world.course}/posts/{post.public_id}/edit",
        {"text": TEMPLATE, "title": "Mine", "revision": field(page, "revision"), "key": "key-only-8"},
    )
    assert refused.status_code == 409
    assert "This is only the template so far" in refused.text


def test_the_words_of_the_template_meet_no_minimum(site: Site, world: World) -> None:
    asked = (CheckpointSpec("first_post", min_words=8, due=Wall(date(2026, 11, 26))),)
    board, _thread = board_of(site, own_template("threads", checkpoints=asked))
    ana = site.client("ana")
    text = TEMPLATE.replace("**Where:**", "**Where:** at the old bridge")
    saved = ana.send(
        f"{world.course}/drafts/board:{board}", {"text": text, "key": "key-min-1", "seq": "1"}
    ).get_json()
    assert saved["words"] == 4
    assert "Words: 4 of at least 8" in ana.get(f"{world.course}/boards/{board}/new").text
    sent = start(ana, site, board, text, key="key-min-1")
    told = ana.get(sent.location).text
    assert "It has 4 of at least 8 words" in told
    assert posts_by(site, "ana")[-1].words == 4
    post = posts_by(site, "ana")[-1]
    page = ana.get(f"{world.course}/posts/{post.public_id}/edit").text
    fields = {
        "title": "Mine", "revision": field(page, "revision"), "key": "key-min-2",
        "text": text.replace("old bridge", "old bridge by the mill upstream"),
    }  # fmt: skip
    assert ana.send(f"{world.course}/posts/{post.public_id}/edit", fields).status_code == 303
    with site.app.app_context():
        assert db.session.scalar(select(Post.words).where(Post.public_id == post.public_id)) == 8


def test_a_draft_that_is_only_the_template_is_not_posted_for_anybody(site: Site, world: World) -> None:
    due = Wall(date(2026, 11, 26))
    board, _thread = board_of(
        site, own_template("threads", checkpoints=(CheckpointSpec("first_post", due=due),))
    )
    ana = site.client("ana")
    entrusted = start(ana, site, board, TEMPLATE, deed="entrust")
    assert entrusted.status_code == 303
    site.at(WORLD_AT + timedelta(days=4))
    assert "no draft was saved here" in ana.get(f"{world.course}/boards/{board}/new").text
    assert posts_by(site, "ana") == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (TEMPLATE, ""),
        ("", ""),
        ("  ## What happened  ", ""),
        ("**Where:** here", "here"),
        ("**Where:**here", "**Where:**here"),  # no line of the template
        ("Rain.\n## What happened\nMore rain.", "Rain. More rain."),
        ("Say it in one sentence.", "Say it in one sentence."),
    ],
)
def test_what_stands_beyond_a_template_is_told_line_by_line(text: str, left: str) -> None:
    assert " ".join(beyond(text, TEMPLATE).split()) == left
    assert beyond(text, "") == text
