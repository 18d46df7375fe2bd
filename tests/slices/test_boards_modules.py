"""The course and its modules as those who set it up find them."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.courses.models import Module
from tests.conftest import Site
from tests.slices.board_steps import NEW, made, tables_now
from tests.world import World

# --- the course and its modules ---------------------------------------------------------------------------------------


def test_the_course_is_listed_with_what_is_hidden_and_what_is_not_published(site: Site, world: World) -> None:
    page = site.client("ines").get(f"{world.course}/manage")
    assert "HIDDEN-BOARD-TITLE" in page.text.split("What is not published yet")[1].split("</section>")[0]
    assert "Floods: what did they know?" in page.text
    assert "opens later" in page.text


def test_the_title_of_what_is_not_published_leads_to_one_place(site: Site, world: World) -> None:
    page = site.client("ines").get(f"{world.course}/manage").text
    links = dict.fromkeys(re.findall(r'<a href="([^"]+)">HIDDEN-BOARD-TITLE</a>', page))
    assert list(links) == [f"{world.course}/manage/boards/{world.boards['hidden']}"]
    publish = f'<a href="{next(iter(links))}/publication">Look and publish<span class="unseen">: HIDDEN-BOARD-TITLE</span></a>'
    assert publish in page


@pytest.mark.parametrize("short", ["ana", "tariq", "olga", "mia"])
def test_nobody_else_sets_the_course_up(site: Site, world: World, short: str) -> None:
    client = site.client(short)
    for path in ("", "/boards/new", f"/boards/{world.boards['floods']}", f"/boards/{world.boards['floods']}/extensions",
                 f"/boards/{world.boards['floods']}/publication", "/accommodations"):  # fmt: skip
        assert client.get(f"{world.course}/manage{path}").status_code in (403, 404)
    before = tables_now(site)
    assert client.send(f"{world.course}/manage/boards", NEW).status_code in (403, 404)
    assert tables_now(site) == before


def test_a_module_is_made_renamed_moved_hidden_and_removed_when_empty(site: Site, world: World) -> None:
    ines = site.client("ines")
    assert ines.send(f"{world.course}/manage/modules", {"title": "Week 13"}).status_code == 303
    with site.app.app_context():
        first, second = db.session.scalars(
            select(Module).where(Module.course_id == world.course_id).order_by(Module.position)
        ).all()
        old, new = first.public_id, second.public_id
    url = f"{world.course}/manage/modules"
    assert ines.send(f"{url}/{new}", {"deed": "up"}).status_code == 303
    assert ines.send(f"{url}/{new}", {"deed": "up"}).status_code == 303  # at the edge already
    with site.app.app_context():
        titles = db.session.scalars(
            select(Module.title).where(Module.course_id == world.course_id).order_by(Module.position)
        ).all()
    assert titles == ["Week 13", "Week 12: Floods"]
    ines.send(f"{url}/{new}", {"deed": "save", "title": "Week 0", "opens-on": "2026-12-01"})
    ines.send(f"{url}/{new}", {"deed": "hide"})
    with site.app.app_context():
        row = db.session.scalars(select(Module).where(Module.public_id == new)).one()
        assert (row.title, row.published_at) == ("Week 0", None)
        assert row.opens_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    refused = ines.send(f"{url}/{old}", {"deed": "remove"})
    assert refused.status_code == 409
    assert "Only an empty one can be removed" in refused.text
    assert ines.send(f"{url}/{new}", {"deed": "remove"}).status_code == 303
    assert ines.get(f"{url}/{new}").status_code == 404


def test_a_module_whose_boards_were_seen_does_not_open_later(site: Site, world: World) -> None:
    ines = site.client("ines")
    with site.app.app_context():
        module = db.session.scalars(select(Module).where(Module.course_id == world.course_id)).one().public_id
    answer = ines.send(
        f"{world.course}/manage/modules/{module}",
        {"deed": "save", "title": "Week 12", "opens-on": "2026-12-01"},
    )
    assert answer.status_code == 409
    assert "2026-12-01" in answer.text
    assert "can&#39;t open later" in answer.text


def test_a_module_of_another_course_is_not_here(site: Site, world: World) -> None:
    with site.app.app_context():
        module = db.session.scalars(select(Module).where(Module.course_id == world.course_id)).one().public_id
    ian = site.client("ian")
    assert ian.get(f"{world.other}/manage/modules/{module}").status_code == 404
    assert ian.get(f"{world.other}/manage/boards/{world.boards['floods']}").status_code == 404
    assert (
        ian.send(
            f"{world.other}/manage/boards/{world.boards['floods']}/publication", {"deed": "hide"}
        ).status_code
        == 404
    )


# --- sections ---------------------------------------------------------------------------------------------------------


def test_the_page_of_the_course_has_a_fixed_number_of_statements(site: Site, world: World) -> None:
    from sqlalchemy import event

    ines = site.client("ines")
    counts = []
    for extra in (0, 3):
        for number in range(extra):
            made(ines, world, title=f"Board {number}")
        with site.app.app_context():
            engine = db.engine
        seen: list[str] = []

        def note(*args: object, seen: list[str] = seen) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", note)
        ines.get(f"{world.course}/manage")
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]
