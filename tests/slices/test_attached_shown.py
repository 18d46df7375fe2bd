"""A file sent with a post is shown with it, to whom the post is shown, and is nobody else's."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update

from forum.core.db import transaction
from forum.posts.models import Post
from tests.conftest import Site
from tests.slices.file_steps import (
    GPS,
    PDF,
    address,
    files_of,
    last_post,
    office,
    picture,
    reply_with,
    rows,
    send,
)
from tests.slices.lessons import on_disk
from tests.slices.writing_steps import WORDS
from tests.world import WORLD_AT


def thread_page(site: Site, short: str, thread: str = "floods") -> str:
    return site.client(short).get(f"{site.world.course}/threads/{site.world.threads[thread]}").text


@pytest.mark.behavior("B046", "B059")
def test_a_post_shows_its_files_to_all_who_see_it(site: Site) -> None:
    words = "Quotes \" and ' & <b>angle</b> brackets, exactly as typed."
    sent = reply_with(
        site.client("ana"), site, [(picture(), "map.jpg"), (PDF, "a plan & <more>.pdf")], text=words
    )
    assert sent.status_code == 303
    page = thread_page(site, "ben")
    assert "&lt;b&gt;angle&lt;/b&gt;" in page
    assert words in unescape(page)
    assert "&lt;more&gt;.pdf" in page
    assert "plan & <more>.pdf</a>" in unescape(page)
    assert re.search(r'<img src="[^"]+" alt="map.jpg" width="60" height="40"', page)
    assert f"PDF, {len(PDF)} bytes" in page
    got = site.client("ben").get(address(site, number=1))
    assert (got.status_code, got.data, got.mimetype) == (200, PDF, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox;")
    assert site.client("ben").get(address(site)).headers["Content-Disposition"].startswith("inline;")


def test_a_new_thread_and_a_reply_to_a_post_bring_files_too(site: Site) -> None:
    ana, world = site.client("ana"), site.world
    started = send(
        ana, f"{world.course}/boards/{world.boards['questions']}/threads", [(PDF, "a.pdf")], title="Maps"
    )
    assert started.status_code == 303
    assert ana.get(address(site)).data == PDF
    site.at(WORLD_AT + timedelta(minutes=1))
    answered = send(
        ana,
        f"{world.course}/posts/{world.posts['ben']}/replies",
        [(b"a;b\n1;2\n", "t.csv")],
        key="key-of-another",
    )
    assert answered.status_code == 303
    assert "CSV, 8 bytes" in thread_page(site, "chidi")
    assert [row.place_kind for row in rows(site)] == ["post", "post"]


def test_a_picture_tells_neither_where_nor_with_what_it_was_taken(site: Site) -> None:
    before = picture(exif=True, size=(60, 40))
    assert Image.open(io.BytesIO(before)).getexif().get_ifd(GPS)
    assert reply_with(site.client("ana"), site, [(before, "here.jpg")]).status_code == 303
    got = site.client("ben").get(address(site)).data
    image = Image.open(io.BytesIO(got))
    assert image.size == (40, 60), "it stands upright"
    assert not image.getexif()
    assert b"SECRET-CAMERA" not in got
    assert b"Exif" not in got
    (file,) = files_of(site)
    assert (file.width, file.height, file.media_type) == (40, 60, "image/jpeg")


def test_words_for_a_picture_are_its_alternative(site: Site) -> None:
    ana = site.client("ana")
    page = reply_with(ana, site, [(picture(), "map.jpg")], deed="preview").text
    (found,) = re.findall(r'name="(alt-[a-z0-9]+)"', page)
    marks = re.findall(r'name="files" value="([^"]+)"', page)[0]
    assert reply_with(ana, site, [], files=marks, **{found: "The ford at  Zaragoza"}).status_code == 303
    assert 'alt="The ford at Zaragoza"' in thread_page(site, "ben")


def change(site: Site, **values: Any) -> None:
    post = last_post(site)
    if not values:
        return
    if "private_with_id" in values:
        values["private_with_id"] = site.base.world.people[values["private_with_id"]]
    with site.app.app_context(), transaction() as session:
        session.execute(update(Post).where(Post.id == post.id).values(**values))


@pytest.mark.parametrize(
    ("values", "may"),
    [
        ({"held_at": WORLD_AT}, {"ana", "ines", "tariq"}),
        ({"private_with_id": "ana"}, {"ana", "ines", "tariq"}),
        ({"removed_at": WORLD_AT, "removed_by_id": None}, {"ines", "tariq"}),
        (
            {"appears_at": WORLD_AT + timedelta(days=1), "scheduled_for": WORLD_AT + timedelta(days=1)},
            {"ana"},
        ),
        ({}, {"ana", "ben", "chidi", "dana", "ines", "tariq", "olga"}),
    ],
    ids=["held", "private", "removed", "waiting", "plain"],
)
def test_a_file_is_had_by_those_who_see_its_post_and_by_nobody_else(
    site: Site, values: dict[str, Any], may: set[str]
) -> None:
    assert reply_with(site.client("ana"), site, [(PDF, "a.pdf")]).status_code == 303
    where = address(site)
    first = {short: site.client(short).get(where) for short in ("ana", "ben", "ines")}
    assert {answer.status_code for answer in first.values()} == {200}
    tag = first["ben"].headers["ETag"]
    change(site, **values)
    everybody = ("ana", "ben", "chidi", "dana", "ines", "tariq", "olga", "sam", "mia")
    for headers in ({}, {"If-None-Match": tag}, {"Range": "bytes=0-5"}):
        answers = {short: site.client(short).get(where, headers=headers).status_code for short in everybody}
        assert {short for short, status in answers.items() if status in (200, 206, 304)} == may, headers
        assert {status for short, status in answers.items() if short not in may} == {404}
    assert site.client(None).get(where).status_code == 302


def test_removing_a_post_closes_its_files_at_once(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, [(PDF, "SECRET-NAME.pdf")])
    where, post = address(site), last_post(site).public_id
    assert ana.send(f"{site.world.course}/posts/{post}/removal", {"deed": "remove"}).status_code == 303
    assert [site.client(short).get(where).status_code for short in ("ana", "ben", "ines")] == [404, 404, 200]
    assert "SECRET-NAME" not in thread_page(site, "ben")
    assert "SECRET-NAME" in thread_page(site, "ines")
    ana.send(f"{site.world.course}/posts/{post}/removal", {"deed": "restore"})
    assert site.client("ben").get(where).data == PDF


def test_where_ones_own_answer_opens_the_others_it_opens_their_files(site: Site) -> None:
    path = f"{site.world.course}/threads/{site.world.threads['sources']}/replies"
    assert send(site.client("chidi"), path, [(PDF, "SECRET-NAME.pdf")]).status_code == 303
    where, ana = address(site, "chidi"), site.client("ana")
    assert ana.get(where).status_code == 404
    site.at(WORLD_AT + timedelta(minutes=1))
    assert send(ana, path, [], key="key-of-ana").status_code == 303
    assert ana.get(where).data == PDF


def test_a_file_is_at_no_other_address(site: Site) -> None:
    reply_with(site.client("ana"), site, [(PDF, "a.pdf")])
    world, name = site.world, address(site).rpartition("/")[2]
    for path in (f"{world.course}/posts/{world.posts['ben']}/files/{name}", f"{world.other}/posts/{last_post(site).public_id}/files/{name}",
                 f"{world.course}/drafts/thread:{world.threads['floods']}/files/{name}"):  # fmt: skip
        assert site.client("ana").get(path).status_code == 404, path


def test_pressed_twice_stores_files_once(site: Site) -> None:
    ana, sent = site.client("ana"), [(picture(), "map.jpg"), (PDF, "a.pdf")]
    first, again = reply_with(ana, site, sent), reply_with(ana, site, sent)
    assert (first.status_code, again.status_code, first.location) == (303, 303, again.location)
    assert len(rows(site)) == len(on_disk(site)) == 2
    assert ana.get("/mine").text.count("Empty draft") == 0


def test_the_same_key_with_another_file_is_no_repeat(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, [(PDF, "a.pdf")])
    again = reply_with(ana, site, [(b"other words", "b.txt")])
    assert again.status_code == 409
    assert "b.txt" in again.text
    assert WORDS in again.text


def test_a_page_of_posts_with_files_asks_no_more_than_one_without(site: Site) -> None:
    from tests.slices.test_writing_costs import sent

    ana, path = site.client("ana"), f"{site.world.course}/threads/{site.world.threads['floods']}"
    ben = site.client("ben")
    ben.get(path)
    reply_with(ana, site, [], key="key-without")
    with sent(site) as (few, _locked):
        ben.get(path)
    for number in range(5):
        assert (
            reply_with(
                ana, site, [(office(), f"a{number}.docx")], key=f"key-with-{number}", text=f"{WORDS} {number}"
            ).status_code
            == 303
        )
    with sent(site) as (many, _locked):
        page = ben.get(path).text
    assert page.count("Word, ") == 5
    assert len(many) == len(few)
