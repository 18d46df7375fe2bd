"""Files belong to the draft as soon as they came: nothing that follows loses them, and nobody else gets them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from forum.core import clock, jobs
from forum.core.db import db, transaction
from forum.core.errors import Refused
from forum.core.jobs import Job
from forum.posts import commands as posts
from forum.posts.models import Draft
from tests.conftest import Site
from tests.slices.file_steps import (
    PDF,
    draft_files,
    files_of,
    last_post,
    marks,
    picture,
    reply_with,
    rows,
    send,
)
from tests.slices.lessons import on_disk
from tests.slices.writing_steps import WORDS, field, member, posts_by, words_in
from tests.world import WORLD_AT

TWO = [(picture(), "map.png"), (PDF, "plan.pdf")]


def thread(site: Site, name: str = "floods") -> str:
    return f"{site.world.course}/threads/{site.world.threads[name]}"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"deed": "preview"}, 200), ({"deed": "draft"}, 303), ({"text": ""}, 422), ({"text": "x" * 20_001}, 422),
     ({"deed": "chosen", "show_on": "2020-01-01", "show_at": "08:00"}, 422)],
    ids=["preview", "draft", "nothing_written", "too_long", "wrong_date"],
)  # fmt: skip
def test_files_survive_what_posts_nothing(site: Site, fields: dict[str, str], status: int) -> None:
    ana = site.client("ana")
    assert reply_with(ana, site, TWO, **fields).status_code == status
    assert [each.name for each in draft_files(site)] == ["map.png", "plan.pdf"]
    page = ana.get(thread(site)).text
    assert "map.png" in page
    assert "plan.pdf" in page
    sent = reply_with(ana, site, [], files=marks(page), key=field(page, "key"))
    assert sent.status_code == 303
    assert [each.name for each in files_of(site)] == ["map.png", "plan.pdf"]
    assert draft_files(site) == []
    assert {row.place_kind for row in rows(site)} == {"post"}


def test_a_draft_may_have_files_alone_and_is_listed_by_their_names(site: Site) -> None:
    ana = site.client("ana")
    assert reply_with(ana, site, TWO, text="", deed="draft").status_code == 303
    assert "map.png, plan.pdf" in ana.get("/mine").text
    assert [each.name for each in draft_files(site)] == ["map.png", "plan.pdf"]


def test_a_refusal_after_the_cut_off_keeps_files_and_proves_them(site: Site) -> None:
    site.at(WORLD_AT + timedelta(days=6))
    ana = site.client("ana")
    answer = reply_with(ana, site, TWO)
    assert answer.status_code == 409
    assert "plan.pdf" in answer.text
    assert words_in(answer.text).strip() == WORDS
    assert [each.name for each in draft_files(site)] == ["map.png", "plan.pdf"]


def test_files_of_a_draft_are_its_authors_alone(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, [(PDF, "SECRET-NAME.pdf")], deed="draft")
    (file,) = draft_files(site)
    where = f"{site.world.course}/drafts/thread:{site.world.threads['floods']}/files/{file.id}"
    assert ana.get(where).data == PDF
    assert {site.client(short).get(where).status_code for short in ("ben", "ines", "sam", "mia")} == {404}
    assert "SECRET-NAME" not in site.client("ines").get(thread(site)).text


def test_another_persons_file_is_taken_into_no_post(site: Site) -> None:
    reply_with(site.client("ana"), site, [(PDF, "plan.pdf")], deed="draft")
    (file,) = draft_files(site)
    stolen = reply_with(site.client("ben"), site, [], files=f"{file.id}.{file.sent}", key="key-of-ben")
    assert stolen.status_code == 422
    with site.app.app_context():
        text = posts.write(WORDS, "key-of-ben-2", files=[file])
        with pytest.raises(Refused), transaction() as session:
            posts.post_reply(session, member(site, "ben"), site.world.threads["floods"], text, at=WORLD_AT)
    assert [row.place_kind for row in rows(site)] == ["draft"]
    assert len(posts_by(site, "ben")) == 2


def test_what_is_taken_away_leaves_the_draft_at_once(site: Site) -> None:
    ana = site.client("ana")
    page = reply_with(ana, site, TWO, deed="preview").text
    first, second = draft_files(site)
    assert reply_with(ana, site, [], files=marks(page), drop=first.id, deed="draft").status_code == 303
    assert draft_files(site) == [second]
    where = f"{site.world.course}/drafts/thread:{site.world.threads['floods']}/files/{first.id}"
    assert ana.get(where).status_code == 404


@pytest.mark.parametrize(
    ("sent_again", "late"), [(b"a;b", False), (b"a;c", True)], ids=["the_same", "another"]
)
def test_signed_out_files_are_named_and_sent_again_count_from_then(
    site: Site, sent_again: bytes, late: bool
) -> None:
    limit = WORLD_AT.replace(day=26, hour=23, minute=4)
    site.at(limit)
    ana, key = site.client("ana"), "key-of-the-night"
    reply_with(ana, site, [(PDF, "plan.pdf")], deed="draft", key=key)
    carried, token = marks(ana.get(thread(site)).text), ana.token()
    ana.post("/sign-out", data={"csrf_token": token})
    out = send(ana, f"{thread(site)}/replies", [(b"a;b", "t.csv")], key=key, files=carried)
    assert out.status_code == 401
    assert "could not be kept" in out.text
    assert "t.csv" in out.text
    arrival, again = field(out.text, "kept-arrival"), site.client("ana")
    site.at(limit + timedelta(minutes=10))
    answer = send(
        again, f"{thread(site)}/replies", [(sent_again, "t.csv")], key=key, files=carried, arrival=arrival
    )
    assert answer.status_code == 303
    assert [each.name for each in files_of(site)] == ["plan.pdf", "t.csv"]
    assert last_post(site).arrived_at == (limit + timedelta(minutes=10) if late else limit)


# --- edits ------------------------------------------------------------------------------------------------------------


def edit_page(site: Site) -> tuple[str, str]:
    path = f"{site.world.course}/posts/{last_post(site).public_id}/edit"
    return path, site.client("ana").get(path).text


@pytest.mark.behavior("B059")
def test_an_edit_lists_the_same_files_and_taking_one_away_keeps_the_text(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, TWO)
    first, second = files_of(site)
    where = f"{site.world.course}/posts/{last_post(site).public_id}/files/"
    path, page = edit_page(site)
    assert marks(page) == f"{first.id}.{first.sent} {second.id}.{second.sent}"
    sent = send(ana, path, [], files=marks(page), revision="1", drop=first.id)
    assert sent.status_code == 303
    assert files_of(site) == (second,)
    shown = site.client("ben").get(thread(site)).text
    assert WORDS in shown
    assert "map.png" not in shown
    assert "plan.pdf" in shown
    assert {short: site.client(short).get(where + first.id).status_code for short in ("ben", "ana", "ines")} == {
        "ben": 404, "ana": 200, "ines": 200,
    }  # fmt: skip
    edits = site.client("ben").get(f"{site.world.course}/posts/{last_post(site).public_id}/revisions").text
    assert "the file “map.png”" in edits
    assert first.id not in edits
    own = ana.get(f"{site.world.course}/posts/{last_post(site).public_id}/revisions").text
    assert first.id in own


def test_an_edit_adds_a_file_and_is_no_edit_pressed_twice(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, TWO[:1])
    path, page = edit_page(site)
    for _press in range(2):
        assert (
            send(ana, path, [(b"new words", "more.txt")], files=marks(page), revision="1").status_code == 303
        )
    assert [each.name for each in files_of(site)] == ["map.png", "more.txt"]
    assert last_post(site).revision == 2
    assert len(rows(site)) == len(on_disk(site)) == 2
    assert {row.place_kind for row in rows(site)} == {"post"}


def test_a_draft_of_an_edit_holds_what_the_edit_is_to_have(site: Site) -> None:
    ana = site.client("ana")
    reply_with(ana, site, TWO)
    path, page = edit_page(site)
    send(
        ana,
        path,
        [(b"new words", "more.txt")],
        files=marks(page),
        revision="1",
        drop=files_of(site)[0].id,
        deed="draft",
    )
    _path, page = edit_page(site)
    assert re.findall(r">(map\.png|plan\.pdf|more\.txt)</a>", page) == ["plan.pdf", "more.txt"]
    assert [each.name for each in files_of(site)] == ["map.png", "plan.pdf"], "nothing is changed by a draft"
    assert send(ana, path, [], files=marks(page), revision="1").status_code == 303
    assert [each.name for each in files_of(site)] == ["plan.pdf", "more.txt"]


def test_a_withdrawn_post_gives_its_files_back_to_the_draft(site: Site) -> None:
    ana = site.client("ana")
    assert reply_with(ana, site, TWO, deed="tomorrow").status_code == 303
    page = ana.get("/mine").text
    assert "plan.pdf" in page
    assert "plan.pdf" not in site.client("ben").get(thread(site)).text
    where = f"{site.world.course}/posts/{last_post(site).public_id}"
    assert ana.send(f"{where}/waiting", {"deed": "withdraw"}).status_code == 303
    assert [each.name for each in draft_files(site)] == ["map.png", "plan.pdf"]
    page = ana.get(thread(site)).text
    assert reply_with(ana, site, [], files=marks(page), key=field(page, "key")).status_code == 303
    assert [each.name for each in files_of(site)] == ["map.png", "plan.pdf"]


# --- what nobody has any more -----------------------------------------------------------------------------------------


def do_jobs(site: Site, at: Any) -> None:
    site.at(at)
    with site.app.app_context():
        while jobs.run_one():
            pass


def test_files_of_drafts_that_are_gone_are_cleared_after_some_days_and_others_never(site: Site) -> None:
    ana, ben = site.client("ana"), site.client("ben")
    reply_with(ana, site, TWO, deed="draft")
    reply_with(ben, site, [(b"kept words", "kept.txt")], deed="draft", key="key-of-ben")
    posted = reply_with(site.client("chidi"), site, [(b"posted words", "posted.txt")], key="key-of-chidi")
    assert posted.status_code == 303
    with site.app.app_context(), transaction() as session:
        session.execute(delete(Draft).where(Draft.account_id == site.world.people["ana"]))
    do_jobs(site, WORLD_AT + timedelta(days=6))
    assert len(rows(site)) == len(on_disk(site)) == 4
    do_jobs(site, WORLD_AT + timedelta(days=9))
    assert sorted(row.name for row in rows(site)) == ["kept.txt", "posted.txt"]
    assert len(on_disk(site)) == 2
    do_jobs(site, WORLD_AT + timedelta(days=300))
    assert sorted(row.name for row in rows(site)) == ["kept.txt", "posted.txt"]
    with site.app.app_context():
        ahead = db.session.scalars(
            select(Job.due_at).where(Job.kind == "clear_attachments", Job.done_at.is_(None))
        ).all()
        assert len(ahead) == 1, "somebody looks again as long as a draft has files"
        assert clock.now() < ahead[0]


def test_no_bytes_stay_of_a_form_that_failed_half_way(site: Site) -> None:
    ana = site.client("ana")
    with site.app.app_context(), transaction() as session:
        session.execute(text("DROP TABLE job"))
    assert reply_with(ana, site, TWO).status_code == 500
    assert on_disk(site) == set()
    assert rows(site) == []


# --- sent by the page's script ----------------------------------------------------------------------------------------


def sent_alone(site: Site, short: str, place: str, parts: list[tuple[bytes, str]], **more: Any) -> Any:
    return send(site.client(short), f"{site.world.course}/drafts/{place}/files", parts, **more)


def test_a_file_sent_alone_is_the_drafts_and_its_list_comes_back(site: Site) -> None:
    place = f"thread:{site.world.threads['floods']}"
    first = sent_alone(site, "ana", place, [(PDF, "plan.pdf")], text="")
    assert (first.status_code, "plan.pdf" in first.text) == (200, True)
    second = sent_alone(site, "ana", place, [(b"MZ\0\0", "run.exe")], text="", files=marks(first.text))
    assert second.status_code == 422
    assert "run.exe" in second.text
    assert marks(second.text) == marks(first.text)
    third = sent_alone(site, "ana", place, [], files=marks(first.text), drop=draft_files(site)[0].id)
    assert (third.status_code, marks(third.text), draft_files(site)) == (200, "", [])


def test_files_are_sent_to_no_place_that_one_may_not_write_at(site: Site) -> None:
    world = site.world
    for short, place in (
        ("ana", f"edit:{world.posts['ben']}"), ("ana", f"post:{world.posts['sealed']}"), ("ana", "thread:zzzz"),
        ("mia", f"thread:{world.threads['floods']}"), ("ana", f"board:{world.boards['hidden']}"), ("ana", "nothing"),
    ):  # fmt: skip
        assert sent_alone(site, short, place, [(PDF, "plan.pdf")]).status_code == 404, place
    assert (
        sent_alone(site, "olga", f"thread:{world.threads['floods']}", [(PDF, "plan.pdf")]).status_code == 403
    )
    assert rows(site) == []
    assert on_disk(site) == set()


def test_a_save_that_comes_after_the_post_brings_no_draft_back(site: Site) -> None:
    ana = site.client("ana")
    page = reply_with(ana, site, TWO, deed="preview").text
    carried, key = marks(page), field(page, "key")
    assert reply_with(ana, site, [], files=carried, key=key).status_code == 303
    late = ana.send(f"{site.world.course}/drafts/thread:{site.world.threads['floods']}",
                    {"text": WORDS, "key": key, "seq": "9", "files": carried})  # fmt: skip
    assert late.status_code == 200
    with site.app.app_context():
        assert (
            db.session.scalars(select(Draft).where(Draft.account_id == site.world.people["ana"])).all() == []
        )
