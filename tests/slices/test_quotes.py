"""A quote is a reference: its words are there for who may read its source, as long as they may, and nowhere else."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from forum.boards.commands import BoardSpec
from forum.core.db import db, transaction
from forum.core.markup.quotes import QUOTE_LIMIT
from forum.core.words import count_words
from forum.posts import commands as posts
from forum.posts import queries
from forum.posts.models import Citation, Post, Revision, Thread
from tests.conftest import Site
from tests.slices.group_steps import groups_of, key_of
from tests.slices.take_away_steps import fetched
from tests.slices.test_fragments import OWN
from tests.slices.writing_steps import board_of, member, posts_by, reply, started_by, words_in, written_by
from tests.world import WORLD_AT

EARLIER = WORLD_AT - timedelta(hours=2)
PASSAGE = "CANARY-PASSAGE stood in the minutes"
SOURCE = f"Look at this. **{PASSAGE}**, twice.\n\nAnd a second paragraph."


def quoted(page: str) -> list[str]:
    """The quotes that stand on a page, in words."""
    found = re.findall(r'<blockquote class="quoted">(.*?)</blockquote>', page, re.S)
    return [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]


@pytest.fixture
def here(site: Site) -> tuple[str, str]:
    """A thread of Ben's and an answer of Ana's in it that is quoted below."""
    board, _ = board_of(site, BoardSpec("Bridges", form="threads"))
    thread, _opening = started_by(site, "ben", board, "Which bridge?", EARLIER)
    return thread, written_by(site, "ana", thread, SOURCE, EARLIER)


def mark_of(site: Site, source: str, passage: str = PASSAGE, short: str = "chidi") -> str:
    """The mark that the composer gets for a passage."""
    asked = urlencode({"quote": "1", "passage": passage})
    page = site.client(short).get(f"{site.world.course}/posts/{source}/reply?{asked}").text
    found = re.search(r"\[quote [^\]]+\]", words_in(page))
    assert found, page
    return found[0]


def quote(site: Site, thread: str, source: str, short: str = "chidi", words: str = "I doubt it.") -> str:
    mark = mark_of(site, source, short=short)
    return written_by(site, short, thread, f"{mark}\n\n{words}", EARLIER + timedelta(minutes=5))


def test_a_link_beside_a_post_opens_the_composer_with_the_quote(site: Site, here: tuple[str, str]) -> None:
    thread, source = here
    chidi, base = site.client("chidi"), site.world.course
    page = chidi.get(f"{base}/threads/{thread}").text
    assert f'href="{base}/posts/{source}/reply?quote=1" data-quote' in page
    form = chidi.get(f"{base}/posts/{source}/reply?quote=1")
    mark = words_in(form.text).strip()
    assert re.fullmatch(rf"\[quote {source}\.1\.0-\d+\]", mark)
    assert "They do not count as yours." in form.text
    preview = chidi.send(
        f"{base}/preview",
        {"text": f"{mark}\n\nI doubt it.", "key": "key-of-quote-1", "place": f"post:{source}"},
    )
    assert PASSAGE in quoted(preview.text)[0]
    sent = {"text": f"{mark}\n\nI doubt it.", "key": "key-of-quote-1", "deed": "post"}
    done = chidi.send(f"{base}/posts/{source}/replies", sent, follow_redirects=True)
    (shown,) = quoted(done.text)
    assert PASSAGE in shown
    assert "And a second paragraph." in shown
    assert shown.endswith("Ana Lindqvist wrote this")
    assert f'<a href="{base}/posts/{source}">' in done.text


def test_the_marked_words_are_quoted_and_stand_nowhere_in_the_text_that_quotes(
    site: Site, here: tuple[str, str]
) -> None:
    thread, source = here
    post = quote(site, thread, source)
    page = site.client("dana").get(f"{site.world.course}/threads/{thread}").text
    assert quoted(page) == [f"{PASSAGE} Ana Lindqvist wrote this"]
    with site.app.app_context():
        row = db.session.scalars(select(Post).where(Post.public_id == post)).one()
        text = db.session.scalars(select(Revision).where(Revision.post_id == row.id)).one()
        kept = db.session.scalars(select(Citation)).one()
        assert "CANARY" not in row.html + text.html + text.source
        assert (kept.post_id, kept.revision, kept.passage) == (row.id, 1, PASSAGE)
        assert row.words == text.words == 3  # those of the quote are not the author's own


def test_a_passage_over_paragraphs_and_one_that_is_not_there(site: Site, here: tuple[str, str]) -> None:
    thread, source = here
    url = f"{site.world.course}/posts/{source}/reply?"
    mark = mark_of(site, source, "twice.\n\n  And a second")
    written_by(site, "chidi", thread, f"{mark} \n no blank line around it", EARLIER)
    long = site.client("chidi").get(url + urlencode({"quote": 1, "passage": "Look at", "until": "a second"}))
    assert f"[quote {source}.1.0-" in long.text
    missing = site.client("chidi").get(url + urlencode({"quote": 1, "passage": "Never said"}))
    assert "were not found in the post, so its beginning is quoted" in missing.text
    page = site.client("dana").get(f"{site.world.course}/threads/{thread}").text
    assert quoted(page) == ["twice. And a second Ana Lindqvist wrote this"]
    assert "no blank line around it" in page


@pytest.mark.behavior("B056")
def test_when_its_source_is_removed_the_quote_says_by_whom_and_not_what(
    site: Site, here: tuple[str, str]
) -> None:
    thread, source = here
    post = quote(site, thread, source)
    readers = {short: site.client(short) for short in ("ana", "chidi", "dana", "ines", "olga")}
    base = site.world.course
    pages = (f"{base}/threads/{thread}", f"{base}/posts/{post}/reply", f"{base}/posts/{post}/revisions")
    for client in readers.values():
        assert PASSAGE in client.get(pages[0]).text  # and is kept
    etag = readers["dana"].get(pages[0]).headers["ETag"]
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ana"), source, at=WORLD_AT)
    for short in ("chidi", "dana", "olga"):
        for path in pages:
            answer = readers[short].get(path, headers={"If-None-Match": etag})
            may = short != "olga" or "reply" not in path
            assert (answer.status_code, "CANARY" in answer.text) == (200 if may else 403, False)
        assert quoted(readers[short].get(pages[0]).text) == ["The quoted post was removed by its author."]
    # Staff can still look at what was removed, in its own place and not in the quote.
    assert quoted(readers["ines"].get(pages[0]).text) == ["The quoted post was removed by its author."]
    with site.app.app_context(), transaction() as session:
        posts.restore_post(session, member(site, "ana"), source, at=WORLD_AT)
        posts.remove_post(session, member(site, "ines"), source, at=WORLD_AT, reason="Not here")
    assert quoted(readers["dana"].get(pages[0]).text) == ["The quoted post was removed by staff."]
    with site.app.app_context(), transaction() as session:
        posts.restore_post(session, member(site, "ines"), source, at=WORLD_AT)
    assert quoted(readers["dana"].get(pages[0]).text) == [f"{PASSAGE} Ana Lindqvist wrote this"]


def test_a_quote_of_what_one_may_not_read_has_no_words_and_no_name(site: Site, here: tuple[str, str]) -> None:
    """Held posts, and private ones: each reader gets what they may read now, whatever is kept for others."""
    thread, source = here
    quote(site, thread, source)
    url = f"{site.world.course}/threads/{thread}"
    readers = {short: site.client(short) for short in ("ana", "chidi", "dana", "ines")}
    for change, see in (
        ({"held_at": WORLD_AT}, {"ana", "ines"}),
        ({"held_at": None, "private_with_id": site.world.people["chidi"]}, {"ana", "chidi", "ines"}),
        ({"private_with_id": None}, set(readers)),
    ):
        with site.app.app_context(), transaction() as session:
            session.execute(update(Post).where(Post.public_id == source).values(**change))
            session.execute(
                update(Thread).where(Thread.public_id == thread).values(version=Thread.version + 1)
            )
        for short in readers:
            (shown,) = quoted(readers[short].get(url).text)
            assert (PASSAGE in shown, "Ana" in shown) == (short in see, short in see), (short, change)
            if short not in see:
                assert shown == "A post was quoted here that is not shown to you, or not any more."


def test_a_quote_of_another_thread_follows_that_thread(site: Site, here: tuple[str, str]) -> None:
    """It is removed, and it is of a group whose threads others do not read. Nothing here is told of either."""
    thread, source = here
    with site.app.app_context():
        board = board_with(site, thread)
    other, _opening = started_by(site, "dana", board, "Another one", EARLIER)
    quote(site, other, source)
    readers = {short: site.client(short) for short in ("chidi", "dana", "ines")}
    url = f"{site.world.course}/threads/{other}"
    for short in readers:
        assert quoted(readers[short].get(url).text) == [f"{PASSAGE} Ana Lindqvist wrote this"]
    group = key_of(site, groups_of(site, Alpha="chidi ana ben")["Alpha"])
    with site.app.app_context(), transaction() as session:
        session.execute(update(Thread).where(Thread.public_id == thread).values(group_id=group))
    for short in readers:
        assert (PASSAGE in quoted(readers[short].get(url).text)[0]) == (short != "dana")
    hidden = readers["dana"].get(url).headers["ETag"]
    assert readers["dana"].get(url, headers={"If-None-Match": hidden}).status_code == 304
    with site.app.app_context(), transaction() as session:
        session.execute(update(Thread).where(Thread.public_id == thread).values(group_id=None))
    assert PASSAGE in readers["dana"].get(url, headers={"If-None-Match": hidden}).text
    with site.app.app_context(), transaction() as session:
        posts.set_thread_removed(session, member(site, "ines"), thread, True, at=WORLD_AT)
    for short in readers:
        assert "CANARY" not in readers[short].get(url).text


def board_with(site: Site, thread: str) -> str:
    return queries.thread_view(db.session(), member(site, "ines"), thread, WORLD_AT).board.board.public_id


def test_words_that_the_source_had_before_stay_quoted_and_are_told_to_be_old(
    site: Site, here: tuple[str, str]
) -> None:
    thread, source = here
    quote(site, thread, source)
    dana = site.client("dana")
    dana.get(f"{site.world.course}/threads/{thread}")
    with site.app.app_context(), transaction() as session:
        text = posts.write("I take it back.", posts.new_key())
        posts.edit_post(session, member(site, "ana"), source, text, at=WORLD_AT, revision=1)
    page = dana.get(f"{site.world.course}/threads/{thread}").text
    assert quoted(page) == [f"{PASSAGE} Ana Lindqvist wrote this (and changed the post since)"]


def test_a_mark_of_ones_own_making_opens_nothing(site: Site, here: tuple[str, str]) -> None:
    """Of a removed post, of another board, of a draft's text, of signs that are not there, of more than a passage."""
    thread, source = here
    gone = written_by(site, "ben", thread, "CANARY-GONE words", EARLIER)
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ben"), gone, at=WORLD_AT)
    elsewhere = site.world.posts["ines"]
    for number, mark in enumerate(
        (f"{gone}.1.0-10", f"{elsewhere}.1.0-10", f"{source}.2.0-10", f"{source}.1.10-10", f"{source}.1.0-{QUOTE_LIMIT + 1}",
         "zzzz.1.0-10", f"{source}.1.90-999")
    ):  # fmt: skip
        sent = reply(
            site.client("chidi"), site, thread, f"[quote {mark}]\n\nWords.", key=f"key-of-mark-{number}"
        )
        assert sent.status_code == 303
    with site.app.app_context():
        assert db.session.scalars(select(Citation)).all() == []
    page = site.client("dana").get(f"{site.world.course}/threads/{thread}").text
    assert set(quoted(page)) == {"A post was quoted here that is not shown to you, or not any more."}
    assert "CANARY-GONE" not in page


def test_what_waits_or_is_private_and_quotes_changes_nothing_for_others(
    site: Site, here: tuple[str, str]
) -> None:
    """Neither the page nor its ETag tells that such a post came."""
    thread, source = here
    quote(site, thread, source)
    dana, url = site.client("dana"), f"{site.world.course}/threads/{thread}"
    before = dana.get(url)
    mark = mark_of(site, source)
    with site.app.app_context(), transaction() as session:
        posts.post_reply(
            session, member(site, "chidi"), thread, posts.write(f"{mark}\n\nLater.", "key-of-later"), at=WORLD_AT,
            shown_from=WORLD_AT + timedelta(hours=1),
        )  # fmt: skip
    after = dana.get(url)
    assert after.headers["ETag"] == before.headers["ETag"]
    assert OWN.sub("", after.text) == OWN.sub("", before.text)
    assert quoted(site.client("chidi").get(url).text) == [f"{PASSAGE} Ana Lindqvist wrote this"] * 2
    site.at(WORLD_AT + timedelta(hours=2))
    assert len(quoted(dana.get(url).text)) == 2


def test_lists_differences_and_other_doors_tell_of_a_quote_without_its_words(
    site: Site, here: tuple[str, str]
) -> None:
    thread, source = here
    post = quote(site, thread, source)
    base = site.world.course
    assert posts_by(site, "chidi")[-1].public_id == post
    mine = site.client("chidi").get("/mine").text
    assert "I doubt it." in mine
    with site.app.app_context(), transaction() as session:
        text = posts.write("I doubt it all.", posts.new_key())
        posts.edit_post(session, member(site, "chidi"), post, text, at=WORLD_AT, revision=1)
    history = site.client("dana").get(f"{base}/posts/{post}/revisions").text
    assert "[a quoted passage]" in history
    flag = site.client("dana").get(f"{base}/posts/{post}/flag").text
    for page in (mine, history, flag):
        assert "[quote" not in page
        assert "CANARY" not in page


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[quote abc.1.0-9]\n\nThree own words", 3),
        ("Two words\n  [quote abc.1.0-9]\t", 2),
        ("A [quote abc.1.0-9] inside", 6),
        ("```\n[quote abc.1.0-9]\n```", 0),
    ],
)
def test_quoted_words_are_not_counted(source: str, words: int) -> None:
    """docs/time.md, rule 17. A mark that has no line to itself is words as others are."""
    assert count_words(source) == words


def test_what_one_takes_away_has_no_words_of_others_in_it(site: Site, here: tuple[str, str]) -> None:
    thread, source = here
    quote(site, thread, source)
    entries = fetched(site.client("chidi"))
    document = entries["my-posts.html"].decode()
    assert "I doubt it." in document
    assert "A passage of another post is quoted here; the thread shows it." in document
    assert not [name for name, content in entries.items() if b"CANARY" in content]


def test_words_from_before_a_post_was_for_all_stay_unquoted(site: Site, here: tuple[str, str]) -> None:
    """Quoted while only staff read it, changed, and opened to the course: what it said before is not told."""
    thread, source = here
    mark = mark_of(site, source)
    with site.app.app_context(), transaction() as session:
        text = posts.write("I take it back.", posts.new_key())
        posts.edit_post(session, member(site, "ana"), source, text, at=WORLD_AT, revision=1)
    quote(site, thread, source, words="Now")
    written_by(site, "chidi", thread, f"{mark}\n\nBefore.", WORLD_AT)
    dana, url = site.client("dana"), f"{site.world.course}/threads/{thread}"
    assert PASSAGE in dana.get(url).text
    opened = WORLD_AT + timedelta(minutes=1)
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.public_id == source).values(appears_at=opened))
    site.at(opened + timedelta(minutes=1))
    shown = quoted(dana.get(url).text)
    assert "CANARY" not in dana.get(url).text
    assert sorted(shown) == sorted(
        [
            "I take it back. Ana Lindqvist wrote this",
            "A post was quoted here that is not shown to you, or not any more.",
        ]
    )
    written_by(site, "chidi", thread, f"{mark}\n\nOnce more.", opened + timedelta(minutes=1))
    assert "CANARY" not in dana.get(url).text


def test_an_anonymous_author_is_not_named_by_a_quote_nor_by_its_preview(
    site: Site, here: tuple[str, str]
) -> None:
    thread, source = here
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.public_id == source).values(anonymity="peers"))
    mark = mark_of(site, source)
    sent = {"text": f"{mark}\n\nWords.", "key": "key-of-quote-2", "place": f"thread:{thread}"}
    chidi = site.client("chidi")
    preview = chidi.send(f"{site.world.course}/preview", sent).text
    quote(site, thread, source)
    for page in (preview, chidi.get(f"{site.world.course}/threads/{thread}").text):
        assert quoted(page) == [f"{PASSAGE} a student wrote this"]
        assert "Lindqvist" not in page


def test_a_printed_thread_has_the_passage_for_who_may_read_it(site: Site, here: tuple[str, str]) -> None:
    thread, source = here
    assert quote(site, thread, source)
    path = f"{site.world.course}/threads/{thread}/print"
    assert quoted(site.client("ana").get(path).text) == quoted(
        site.client("ana").get(path.removesuffix("/print")).text
    )
    assert len(quoted(site.client("ana").get(path).text)) == 1
