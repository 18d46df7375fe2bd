"""Tags: a list that staff keep, chosen when a thread is started, shown in lists and by which lists are narrowed."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.boards.commands import BoardSpec
from forum.core import caches
from forum.core.db import db, transaction
from forum.core.errors import NotAllowed
from forum.ledger.models import AuditEntry
from forum.posts import commands as posts
from forum.posts.models import Draft, Tag, Thread, ThreadTag
from forum.posts.tags import tag_thread
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.test_writing_costs import sent
from tests.slices.writing_steps import WORDS, board_of, member, started_by, words_in
from tests.world import WORLD_AT, World


def add(site: Site, *names: str, course: str | None = None, short: str = "ines") -> list[str]:
    """Tags made by staff; their public ids."""
    client = site.client(short)
    for name in names:
        answer = client.send(f"{course or site.world.course}/manage/tags", {"name": name})
        assert answer.status_code == 303, answer.text
    with site.app.app_context():
        found: dict[str, str] = {
            row.name: row.public_id for row in db.session.execute(select(Tag.name, Tag.public_id))
        }
    return [found[name] for name in names]


def start(client: CheckingClient, site: Site, board: str, title: str, tags: list[str], **more: Any) -> Any:
    fields = {"text": WORDS, "title": title, "key": f"key-{title.replace(' ', '-')}", "tags": tags, **more}
    return client.send(f"{site.world.course}/boards/{board}/threads", fields)


def thread_at(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.location).rsplit("/", 1)[1].split("#")[0]


def chosen(page: str) -> set[str]:
    return set(re.findall(r'<input checked[^>]*name="tags"[^>]*value="([^"]+)"', page))


def listed(client: CheckingClient, path: str) -> set[str]:
    page = client.get(path)
    assert page.status_code == 200
    return set(re.findall(r'<h3><a href="[^"]*/threads/[^"]*">([^<]*)</a></h3>', page.text))


def test_whoever_starts_a_thread_chooses_tags_and_lists_are_narrowed_by_them(
    site: Site, world: World
) -> None:
    ana, board = site.client("ana"), world.boards["questions"]
    path = f"{world.course}/boards/{board}"
    assert 'name="tags"' not in ana.get(f"{path}/new").text  # a course without tags says nothing of them
    assert "By tag" not in ana.get(path).text
    maps, floods = add(site, "maps", "Floods & mud")
    page = ana.get(f"{path}/new").text
    assert page.count('name="tags"') == 2
    first = thread_at(start(ana, site, board, "Both", [maps, floods]))
    thread_at(start(ana, site, board, "One", [floods]))
    thread_at(start(ana, site, board, "None", []))
    for short in ("ben", "olga", "ines"):
        reader = site.client(short)
        assert listed(reader, f"{path}?tag={maps}") == {"Both"}
        assert listed(reader, f"{path}?tag={floods}") == {"Both", "One"}
        assert listed(reader, path) >= {"Both", "One", "None"}
        assert "Floods &amp; mud</a>" in reader.get(path).text
        page = reader.get(f"{world.course}/threads/{first}").text
        assert (
            f'<a href="{path}?tag={floods}">Floods &amp; mud</a>, <a href="{path}?tag={maps}">maps</a>'
            in page
        )
    assert ana.get(f"{path}?tag=nosuchtag1").status_code == 404
    assert listed(ana, f"{path}?tag={maps}&show=without-replies") == {"Both"}
    filters = re.findall(r'href="([^"]*show=without-replies[^"]*)"', ana.get(f"{path}?tag={maps}").text)
    assert [unescape(each) for each in filters] == [f"{path}?show=without-replies&tag={maps}"]


def test_a_tag_is_kept_from_page_to_page(site: Site, world: World) -> None:
    board, _thread = board_of(site, BoardSpec("Many", form="threads"))
    (tag,) = add(site, "rivers")
    with site.app.app_context():
        ana = member(site, "ana")
        for number in range(52):
            text = posts.write(WORDS, f"key-many-{number}", title=f"Thread {number:02}", tags=(tag,))
            with transaction() as session:
                posts.start_thread(session, ana, board, text, at=WORLD_AT - timedelta(minutes=number))
    started_by(site, "ana", board, "Untagged", WORLD_AT - timedelta(hours=5))
    ben, path = site.client("ben"), f"{world.course}/boards/{board}?tag={tag}"
    first = listed(ben, path)
    following = re.search(r'rel="next" href="([^"]+)"', ben.get(path).text)
    assert following is not None
    rest = listed(ben, unescape(following.group(1)))
    assert (len(first), len(rest), len(first | rest)) == (50, 2, 52)
    assert "Untagged" not in first | rest


def test_too_many_tags_and_tags_of_others_are_refused_beside_the_field_with_the_words(
    site: Site, world: World
) -> None:
    board, ana = world.boards["questions"], site.client("ana")
    tags = add(site, *(f"tag {number}" for number in range(6)))
    refused = start(ana, site, board, "Six", tags)
    assert refused.status_code == 422
    assert "at most 5 tags" in refused.text
    assert words_in(refused.text) == WORDS
    assert chosen(refused.text) == set(tags)
    (foreign,) = add(site, "theirs", course=world.other, short="ian")
    for strange in (foreign, "x", "1"):
        refused = start(ana, site, board, "Strange", [tags[0], strange])
        assert refused.status_code == 422
        assert "is gone meanwhile" in refused.text
        assert words_in(refused.text) == WORDS
        assert chosen(refused.text) == {tags[0]}
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ThreadTag)) == 0


def test_tags_are_kept_with_the_draft_by_button_by_the_script_and_when_refused(
    site: Site, world: World
) -> None:
    board, ana = world.boards["each"], site.client("ana")
    one, two = add(site, "one", "two")
    new = f"{world.course}/boards/{board}/new"
    start(ana, site, board, "Mine", [one], deed="draft")
    assert chosen(ana.get(new).text) == {one}
    saved = ana.send(
        f"{world.course}/drafts/board:{board}",
        {"text": WORDS, "title": "Mine", "key": "key-Mine", "seq": "7", "tags": f"{one} {two}"},
    )
    assert saved.status_code == 200
    assert chosen(ana.get(new).text) == {one, two}
    # A page without the boxes leaves them as they are.
    ana.send(
        f"{world.course}/drafts/board:{board}", {"text": WORDS + " More.", "key": "key-Mine", "seq": "8"}
    )
    assert chosen(ana.get(new).text) == {one, two}
    preview = start(ana, site, board, "Mine", [two], deed="preview")
    assert chosen(preview.text) == {two}
    assert start(ana, site, board, "Mine", [two]).status_code == 303
    refused = start(ana, site, board, "Second", [one])
    assert refused.status_code == 409
    assert chosen(refused.text) == {one}
    with site.app.app_context():
        assert db.session.scalars(select(Draft.tags).where(Draft.place == f"board:{board}")).one() == one


def test_staff_rename_join_and_remove_tags_and_every_thread_follows_at_once(site: Site, world: World) -> None:
    board, ana, ines = world.boards["questions"], site.client("ana"), site.client("ines")
    maps, charts, mud = add(site, "maps", "charts", "mud")
    both = thread_at(start(ana, site, board, "Both", [maps, charts]))
    single = thread_at(start(ana, site, board, "Single", [charts]))
    manage = f"{world.course}/manage/tags"
    page = f"{world.course}/threads/{{}}"
    etag = ana.get(page.format(both)).headers.get("ETag", "")

    def shown(thread: str) -> list[str]:
        found = re.search(r'<p class="meta">Tags: (.*?)</p>', ana.get(page.format(thread)).text)
        return re.findall(r"\?tag=[^>]*>([^<]*)</a>", found.group(1)) if found else []

    assert ines.send(f"{manage}/{charts}", {"deed": "rename", "name": "sea charts"}).status_code == 303
    assert shown(both) == ["maps", "sea charts"]
    assert ana.get(page.format(both), headers={"If-None-Match": etag}).status_code == 200
    taken = ines.send(f"{manage}/{charts}", {"deed": "rename", "name": "MÁPS"})
    assert taken.status_code == 409
    assert "There is a tag of this name already" in taken.text
    assert ines.send(manage, {"name": "Maps"}).status_code == 409
    assert ines.send(manage, {"name": "  "}).status_code == 422
    assert ines.send(manage, {"name": "x" * 41}).status_code == 422
    assert ines.send(f"{manage}/{charts}", {"deed": "join", "into": charts}).status_code == 422
    assert ines.send(f"{manage}/{charts}", {"deed": "join", "into": maps}).status_code == 303
    assert (shown(both), shown(single)) == (["maps"], ["maps"])
    assert listed(ana, f"{world.course}/boards/{board}?tag={maps}") == {"Both", "Single"}
    assert ana.get(f"{world.course}/boards/{board}?tag={charts}").status_code == 404
    assert ines.get(f"{manage}/{charts}").status_code == 404
    assert ines.send(f"{manage}/{maps}", {"deed": "remove"}).status_code == 303
    assert (shown(both), shown(single)) == ([], [])
    with site.app.app_context():
        deeds = db.session.execute(
            select(AuditEntry.deed, AuditEntry.facts).where(AuditEntry.subject_kind == "tag").order_by(AuditEntry.id)
        ).all()  # fmt: skip
        left = set(db.session.scalars(select(Tag.public_id)))
        assert [row.deed for row in deeds] == ["made"] * 3 + ["renamed", "joined", "removed"]
        assert deeds[4].facts["threads"] == 2
        assert left == {mud}
        assert not any("maps" in str(row.facts) for row in deeds)


def test_only_staff_keep_the_list_and_only_author_and_staff_tag_a_thread(site: Site, world: World) -> None:
    maps, mud = add(site, "maps", "mud")
    manage = f"{world.course}/manage/tags"
    for short, status in (("ana", 403), ("olga", 403), ("mia", 404), ("sam", 404)):
        client = site.client(short)
        assert client.get(manage).status_code == status
        assert client.send(manage, {"name": "mine"}).status_code == status
        assert client.send(f"{manage}/{maps}", {"deed": "remove"}).status_code == status
    assert site.client("tariq").get(manage).status_code == 200
    assert site.client("ines").send(f"{manage}/{maps}", {"deed": "anything"}).status_code == 404
    thread = world.threads["questions"]  # of Chidi
    path = f"{world.course}/threads/{thread}/tags"
    assert site.client("ana").get(path).status_code == 404
    assert site.client("ana").send(path, {"tags": [mud]}).status_code == 404
    assert site.client("olga").send(path, {"tags": [mud]}).status_code == 403
    chidi = site.client("chidi")
    assert chidi.send(path, {"tags": [mud, maps]}).status_code == 303
    assert chosen(chidi.get(path).text) == {mud, maps}
    assert path in chidi.get(f"{world.course}/threads/{thread}").text
    assert path not in site.client("ana").get(f"{world.course}/threads/{thread}").text
    assert site.client("tariq").send(path, {"tags": [maps]}).status_code == 303
    with site.app.app_context():
        assert db.session.scalar(select(Thread.tags).where(Thread.public_id == thread)) == f"{maps} maps"
        with transaction() as session:
            posts.set_thread_closed(session, member(site, "ines"), thread, True, at=WORLD_AT)
    refused = chidi.send(path, {"tags": [mud]})
    assert refused.status_code == 409
    assert "closed by staff" in refused.text
    assert site.client("ines").send(path, {}).status_code == 303  # none is chosen
    assert (
        site.client("ines").get(f"{world.course}/threads/{world.threads['floods']}/tags").status_code == 404
    )


def test_the_deed_itself_refuses_whom_and_what_no_page_offers(site: Site, world: World) -> None:
    """A page asks before it; whoever comes another way meets the same answers."""
    (theirs,) = add(site, "theirs", course=world.other, short="ian")
    thread = world.threads["questions"]  # of Chidi
    with site.app.app_context():
        for short in ("ana", "olga"):
            with pytest.raises(NotAllowed), transaction() as session:
                tag_thread(session, member(site, short), thread, [], at=WORLD_AT)
        with transaction() as session:
            tagged = tag_thread(session, member(site, "chidi"), thread, [theirs], at=WORLD_AT)
            assert tagged.tags == ""
        assert db.session.scalar(select(func.count()).select_from(ThreadTag)) == 0


def test_with_a_removed_opening_its_tags_are_gone(site: Site, world: World) -> None:
    (maps,) = add(site, "maps")
    board, ana = world.boards["questions"], site.client("ana")
    answer = start(ana, site, board, "Gone", [maps])
    thread, post = thread_at(answer), str(answer.location).rsplit("#p-", 1)[1]
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ana"), post, at=WORLD_AT)
    ben = site.client("ben")
    assert "?tag=" not in ben.get(f"{world.course}/threads/{thread}").text
    assert listed(ben, f"{world.course}/boards/{board}?tag={maps}") == set()
    lines = ben.get(f"{world.course}/boards/{board}").text
    assert "tags:" not in lines[lines.index('<ul class="threads">') :]


def test_tags_cost_a_list_one_statement_and_a_thread_none(site: Site, world: World) -> None:
    board = f"{world.course}/boards/{world.boards['questions']}"
    thread = f"{world.course}/threads/{world.threads['questions']}"

    def asked(path: str) -> int:
        ines = site.client("ines")
        caches.clear_all()
        with sent(site) as (every, _locked):
            assert ines.get(path).status_code == 200
        return len(every)

    without = asked(board), asked(thread)
    tags = add(site, *(f"tag {number}" for number in range(5)))
    site.client("chidi").send(f"{thread}/tags", {"tags": tags})
    assert (asked(board), asked(thread)) == without
