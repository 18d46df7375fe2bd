"""What happens when Ana takes away what she wrote."""

from datetime import timedelta

import html5lib
import pytest
from sqlalchemy import update

from forum.core.db import transaction
from forum.core.files import path_of
from forum.courses.models import Enrollment
from forum.receipts.rules import words_digest
from tests.conftest import Site
from tests.slices.file_steps import PDF, picture, reply_with, rows
from tests.slices.later_steps import hand_in, thread_of
from tests.slices.moderation_steps import act
from tests.slices.receipt_steps import checked
from tests.slices.take_away_steps import document, fetched, markdown, receipts
from tests.slices.writing_steps import WORDS, posts_by, reply
from tests.world import WORLD_AT

ANSWER = "I looked at the *second* letter and it names the bridge, the keeper and the hour of the flood."


def answered(site: Site, words: str = ANSWER, key: str = "take-away-1") -> str:
    ana = site.client("ana")
    path = f"{site.world.course}/posts/{site.world.posts['ben']}/replies"
    assert ana.send(path, {"text": words, "key": key}).status_code == 303
    return posts_by(site, "ana")[-1].public_id


def test_the_page_lists_the_courses_in_which_one_wrote(site: Site) -> None:
    ana = site.client("ana")
    page = ana.get("/mine/take-away").text
    assert "You have written nothing yet" in page
    assert ".zip" not in page
    for path in (
        "/mine/take-away.zip",
        f"/mine/take-away/{site.world.slug}.zip",
        "/mine/take-away/none.zip",
    ):
        assert ana.get(path).status_code == 404
    answered(site)
    page = ana.get("/mine/take-away").text
    assert f"/mine/take-away/{site.world.slug}.zip" in page
    assert "1 post " in page
    assert "1 proof of arrival" in page
    assert "/mine/take-away" in ana.get("/mine").text
    assert site.client().get("/mine/take-away.zip").status_code == 302


@pytest.mark.behavior("B203")
def test_a_post_comes_with_place_times_and_the_address_of_what_it_answers(site: Site) -> None:
    post = answered(site)
    inside = fetched(site.client("ana"), f"/mine/take-away/{site.world.slug}.zip")
    told, read = markdown(inside), document(inside)
    assert ANSWER in told  # as it was typed
    assert "<em>second</em>" in read  # as the site shows it
    for text in (told, read):
        assert f"http://localhost{site.world.course}/posts/{post}" in text
        assert f"http://localhost{site.world.course}/posts/{site.world.posts['ben']}" in text
        assert "Tuesday 24 November 2026, 06:00" in text  # Chicago
        assert "Tuesday 24 November 2026, 13:00 Madrid time" in text
        assert "three letters from upstream" not in text
        assert "Achterberg" not in text
    assert "Floods: what did they know?" in read
    assert "markdown/01-HIST-204-01-Floods-what-did-they-know.md" in inside


def test_every_own_text_is_there_and_none_that_staff_wrote(site: Site) -> None:
    post = answered(site)
    path = f"{site.world.course}/posts/{post}/edit"
    later = ANSWER + " And the mayor knew."
    assert site.client("ana").send(path, {"text": later, "revision": "1"}).status_code == 303
    by_staff = {"text": "SECRET-BY-STAFF words in its place.", "revision": "2", "reason": "SECRET-WHY"}
    assert site.client("ines").send(path, by_staff).status_code == 303
    inside = fetched(site.client("ana"))
    told, read = markdown(inside), document(inside)
    assert told.index(later) < told.index("An earlier text") < told.rindex(ANSWER)
    assert "Changed by staff, Tuesday 24 November 2026, 06:00" in told
    assert "Earlier texts of it" in read
    assert b"SECRET" not in b"".join(inside.values())


def test_what_was_removed_is_there_and_marked_by_whom(site: Site) -> None:
    own, taken = answered(site), answered(site, ANSWER + " Once more.", "take-away-2")
    assert (
        site.client("ana").send(f"{site.world.course}/posts/{own}/removal", {"deed": "remove"}).status_code
        == 303
    )
    assert act(site, taken, "remove", "SECRET-WHY").status_code == 303
    inside = fetched(site.client("ana"))
    told = markdown(inside)
    assert "Removed by you, Tuesday 24 November 2026, 06:00" in told
    assert "Removed by staff, Tuesday 24 November 2026, 06:00" in told
    assert told.count("names the bridge") == 2
    assert b"SECRET-WHY" not in b"".join(inside.values())


def test_drafts_and_what_is_shown_later_are_there(site: Site) -> None:
    ana, world = site.client("ana"), site.world
    assert hand_in(ana, f"{thread_of(world, 'floods')}/replies", WORDS).status_code == 303
    path = f"{world.course}/drafts/board:{world.boards['questions']}"
    assert (
        ana.send(
            path, {"text": "A *draft* of mine.", "title": "To ask", "key": "draft-key-1", "seq": "1"}
        ).status_code
        < 300
    )
    inside = fetched(ana)
    told = markdown(inside)
    assert "Handed in to be shown from" in told
    assert "A *draft* of mine." in told
    assert "## To ask" in told
    assert "markdown/01-HIST-204-00-Drafts.md" in inside


def test_proofs_hold_and_fit_the_words_beside_them(site: Site) -> None:
    answered(site)
    (row,) = receipts(fetched(site.client("ana")))
    assert checked(site, row["token"]).result.is_good
    statement = checked(site, row["token"]).statement
    assert statement is not None
    assert statement.words == words_digest(row["salt"], row["words"])
    assert row["words"] == ANSWER
    inside = fetched(site.client("ana"))
    assert row["token"] in document(inside)
    assert row["receipt"] in markdown(inside)
    assert b'"kty": "EC"' in inside["keys.json"]
    assert b'"d"' not in inside["keys.json"]


def test_files_lie_beside_the_document_under_safe_names(site: Site) -> None:
    ana = site.client("ana")
    parts = [(PDF, "../../etc/Notes.PDF"), (picture("PNG"), "CON.png"), (picture("PNG", (30, 30)), "con.PNG")]
    assert reply_with(ana, site, parts).status_code == 303
    inside = fetched(ana)
    assert inside["files/0001-Notes.pdf"] == PDF
    assert {"files/0002-CON.png", "files/0003-con.png"} <= set(inside)
    assert 'src="files/0002-CON.png"' in document(inside)
    assert "](../files/0001-Notes.pdf)" in markdown(inside)


def test_files_that_are_too_much_or_lost_are_named_with_their_address(site: Site) -> None:
    ana = site.client("ana")
    assert reply_with(ana, site, [(PDF, "kept.pdf"), (picture("PNG"), "large.png")]).status_code == 303
    lost, large = rows(site)
    path_of_lost = None
    with site.app.app_context():
        path_of_lost = path_of(lost.stored_as)
    path_of_lost.unlink()
    before = site.app.config["TAKE_AWAY_MB"]
    site.app.config["TAKE_AWAY_MB"] = 0
    try:
        inside = fetched(ana)
    finally:
        site.app.config["TAKE_AWAY_MB"] = before
    assert [name for name in inside if name.startswith("files/")] == []
    read = document(inside)
    assert "too much for one download" in read
    assert "large.png" in read.partition("<h2>")[0]
    for file in (lost, large):
        assert f"/files/{file.public_id}" in read


def test_hostile_words_stay_words(site: Site) -> None:
    ana, world = site.client("ana"), site.world
    title = "</title><script>alert(1)</script> [x](javascript:y) # `z`"
    text = "<img src=x onerror=alert(1)> [a](javascript:b) ![c](https://elsewhere.example.org/d.png) <style>p{}</style>\n\n[home](/mine)"
    assert (
        ana.send(f"{world.course}/boards/{world.boards['questions']}/threads",
                 {"title": title, "text": text, "key": "take-away-hostile"}).status_code
        == 303
    )  # fmt: skip
    inside = fetched(ana)
    read = document(inside)
    root = html5lib.HTMLParser(strict=True).parse(read)
    tags = [each.tag.rpartition("}")[2] for each in root.iter() if isinstance(each.tag, str)]
    assert not {"script", "iframe", "object", "form", "style", "img"} & set(tags)
    assert tags.count("link") == 1
    for each in root.iter():
        assert not [name for name in each.attrib if name.startswith("on")]
        assert not each.attrib.get("href", "").startswith(("javascript", "/"))
    assert '<link rel="stylesheet" href="my-posts.css">' in read
    assert "my-posts.css" in inside
    assert 'href="http://localhost/mine"' in read
    assert r"\<script\>alert(1)\</script\> \[x\](javascript:y) \# \`z\`" in markdown(inside)
    assert text in markdown(inside)


def test_who_left_the_course_still_has_their_words_and_not_its_titles(site: Site) -> None:
    answered(site)
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == site.world.people["ana"])
            .values(until_at=WORLD_AT)
        )
    inside = fetched(site.client("ana"))
    assert ANSWER in markdown(inside)
    assert "A board that you do not see now" in document(inside)
    assert b"what did they know" not in b"".join(inside.values())


def test_posts_of_one_board_are_one_file_in_the_order_in_which_they_arrived(site: Site) -> None:
    ana = site.client("ana")
    for number in range(3):
        site.at(WORLD_AT + timedelta(minutes=number))
        words = f"{WORDS} Number {number}."
        assert reply(ana, site, site.world.threads["floods"], words, f"take-away-{number}").status_code == 303
    told = markdown(fetched(ana))
    places = [told.index(f"Number {number}.") for number in range(3)]
    assert places == sorted(places)


def test_downloads_are_counted_for_each_person(site: Site) -> None:
    answered(site)
    ana = site.client("ana")
    answers = [ana.get("/mine/take-away.zip", buffered=True) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "Retry-After" in answers[-1].headers
