"""Who makes lessons loses no word and no file, overwrites nobody unseen, and leaves nothing half done."""

import re

import pytest
from sqlalchemy import select

from forum.core.db import db, transaction
from forum.core.errors import NotHere
from forum.ledger.models import AuditEntry, NewsItem
from forum.lessons import commands, queries
from forum.lessons.models import Lesson, LessonRevision
from tests.conftest import Site
from tests.slices.lessons import first_module, make, member, rows
from tests.world import WORLD_AT, World


def fields_of(page: str) -> dict[str, str]:
    found = re.search(r'name="revision" value="(\d+)"', page.replace('type="hidden" ', ""))
    assert found
    return {"revision": found[1]}


def test_a_lesson_is_made_hidden_and_then_published(site: Site, world: World) -> None:
    ines, ana = site.client("ines"), site.client("ana")
    assert ines.get(f"{world.course}/manage/lessons/new").status_code == 200
    answer = ines.send(
        f"{world.course}/manage/lessons/new",
        {"title": " Floods ", "text": "One *two*.\r\nThree.", "module": ""},
    )
    assert answer.status_code == 303
    manage = answer.headers["Location"]
    page = manage.replace("/manage", "")
    assert "hidden: only staff see it" in ines.get(manage).text
    assert ana.get(page).status_code == 404
    assert rows(site, NewsItem) == 0 or "lesson_published" not in kinds(site)
    assert ines.send(f"{manage}/publication", {"deed": "publish"}).status_code == 303
    assert "<em>two</em>" in ana.get(page).text
    assert kinds(site).count("lesson_published") == 1
    assert ines.send(f"{manage}/publication", {"deed": "hide"}).status_code == 303
    assert ana.get(page).status_code == 404
    with site.app.app_context():
        lesson = db.session.scalars(select(Lesson)).one()
        assert (lesson.title, lesson.source, lesson.words) == ("Floods", "One *two*.\nThree.", 3)
        deeds = db.session.scalars(select(AuditEntry.deed).where(AuditEntry.subject_kind == "lesson")).all()
        assert deeds == ["made", "published", "hidden"]


def kinds(site: Site) -> list[str]:
    with site.app.app_context():
        return list(db.session.scalars(select(NewsItem.kind)))


MAKING = ["", "/text", "/revisions"]
DEEDS = ["/text", "/recording", "/captions", "/attachments", "/links", "/publication", "/order", "/removal"]


@pytest.mark.parametrize(
    ("short", "status"),
    [("ana", 403), ("tariq", 403), ("olga", 403), ("sam", 404), ("mia", 404), ("ian", 404)],
)
def test_only_who_makes_content_comes_near(site: Site, world: World, short: str, status: int) -> None:
    made = make(site, content=b"%PDF-1.7", name="a.pdf")
    client = site.client(short)
    for path in MAKING:
        assert client.get(made.manage + path).status_code == status
    assert client.get(f"{world.course}/manage/lessons/new").status_code == status
    for path in [*DEEDS, f"/files/{made.file}/removal"]:
        assert client.send(made.manage + path, {"title": "x", "deed": "hide"}).status_code == status
    assert client.send(f"{world.course}/manage/lessons/new", {"title": "x"}).status_code == status
    with site.app.app_context():
        lesson = db.session.scalars(select(Lesson)).one()
        assert lesson.removed_at is None
        assert lesson.published_at is not None


def test_a_lesson_of_another_course_is_not_here_through_any_door_of_making(site: Site, world: World) -> None:
    elsewhere = make(site, other=True, content=b"%PDF-1.7", name="a.pdf")
    ines = site.client("ines")
    manage = f"{world.course}/manage/lessons/{elsewhere.lesson}"
    mine = make(site)
    for path in MAKING:
        assert ines.get(manage + path).status_code == 404
    for path in [*DEEDS, f"/files/{elsewhere.file}/removal"]:
        fields = {
            "title": "x",
            "link_title": "x",
            "url": "https://example.org",
            "deed": "hide",
            "revision": "1",
        }
        assert ines.send(manage + path, fields).status_code == 404
    assert ines.send(f"{mine.manage}/files/{elsewhere.file}/removal").status_code == 404


def test_the_preview_is_what_will_be_shown_and_saves_nothing(site: Site, world: World) -> None:
    ines = site.client("ines")
    fields = {"title": "Floods", "text": "Some **bold** <script>x</script>", "module": "", "deed": "preview"}
    page = ines.send(f"{world.course}/manage/lessons/new", fields)
    assert page.status_code == 200
    assert "<strong>bold</strong>" in page.text
    assert "<script>x" not in page.text
    assert "Some **bold** &lt;script&gt;x&lt;/script&gt;</textarea>" in page.text
    assert rows(site, Lesson) == 0


@pytest.mark.parametrize(
    ("title", "text", "told"),
    [("", "My words", "Please fill this in."), ("Floods", "x" * 200_001, "200,000 characters"),
     ("Floods", "[" * 500, "nested or repeated marks")],
)  # fmt: skip
def test_a_refused_lesson_gives_the_words_back(
    site: Site, world: World, title: str, text: str, told: str
) -> None:
    ines = site.client("ines")
    page = ines.send(f"{world.course}/manage/lessons/new", {"title": title, "text": text})
    assert page.status_code == 422
    assert told in page.text
    assert f">\r\n{text}</textarea>" in page.text.replace("\n", "\r\n") or f"{text}</textarea>" in page.text
    assert rows(site, Lesson) == 0


def test_every_text_is_kept(site: Site) -> None:
    made = make(site, source="First text")
    ines = site.client("ines")
    revision = fields_of(ines.get(f"{made.manage}/text").text)
    fields = {"title": "Another title", "text": "Second text", "module": "", **revision}
    assert ines.send(f"{made.manage}/text", fields).status_code == 303
    same = {**fields, "revision": "2"}
    assert ines.send(f"{made.manage}/text", same).status_code == 303
    with site.app.app_context():
        kept = db.session.scalars(select(LessonRevision).order_by(LessonRevision.number)).all()
        assert [(each.number, each.title, each.source) for each in kept] == [
            (1, "What the water took", "First text"), (2, "Another title", "Second text")
        ]  # fmt: skip
    page = ines.get(f"{made.manage}/revisions").text
    assert "First text" in page
    assert "Second text" in page


def test_who_saves_second_sees_both_texts_and_overwrites_nobody_unseen(site: Site) -> None:
    made = make(site, source="First text")
    ines = site.client("ines")
    revision = fields_of(ines.get(f"{made.manage}/text").text)
    hers = {"title": "Hers", "text": "The text of one", "module": "", **revision}
    his = {"title": "His", "text": "The text of the other", "module": "", **revision}
    assert ines.send(f"{made.manage}/text", hers).status_code == 303
    refused = ines.send(f"{made.manage}/text", his)
    assert refused.status_code == 409
    assert "The text of one" in refused.text
    assert "The text of the other</textarea>" in refused.text
    with site.app.app_context():
        assert db.session.scalars(select(Lesson.source)).one() == "The text of one"
    assert ines.send(f"{made.manage}/text", {**his, **fields_of(refused.text)}).status_code == 303
    with site.app.app_context():
        assert db.session.scalars(select(Lesson.source)).one() == "The text of the other"
        assert rows(site, LessonRevision) == 3


@pytest.mark.parametrize("revision", ["", "0", "x", "99", "²"])
def test_a_made_up_revision_is_a_conflict(site: Site, revision: str) -> None:
    made = make(site)
    fields = {"title": "x", "text": "y", "module": "", "revision": revision}
    assert site.client("ines").send(f"{made.manage}/text", fields).status_code == 409


def test_a_module_of_another_course_is_no_choice(site: Site, world: World) -> None:
    made = make(site)
    ines = site.client("ines")
    fields = {"title": "x", "text": "y", "revision": "1", "module": "2222222222"}
    assert ines.send(f"{made.manage}/text", fields).status_code == 422
    with site.app.app_context():
        module = first_module(site)
        ian = member(site, "ian", world.other_course_id)
        with pytest.raises(NotHere), transaction() as session:
            commands.make_lesson(session, ian, title="x", source="", module_id=module, at=WORLD_AT)


def test_lessons_move_within_their_module_and_to_another(site: Site, world: World) -> None:
    module = first_module(site)
    made = [make(site, title, module=module) for title in ("One", "Two", "Three")]
    ines = site.client("ines")

    def order() -> list[str]:
        with site.app.app_context():
            return [lesson.title for lesson in queries.lessons_in(db.session(), member(site), WORLD_AT)]

    assert order() == ["One", "Two", "Three"]
    ines.send(f"{made[2].manage}/order", {"deed": "up"})
    assert order() == ["One", "Three", "Two"]
    ines.send(f"{made[0].manage}/order", {"deed": "up"})
    ines.send(f"{made[1].manage}/order", {"deed": "down"})
    assert order() == ["One", "Three", "Two"]
    ines.send(f"{made[0].manage}/order", {"deed": "down"})
    assert order() == ["Three", "One", "Two"]
    fields = {"title": "Three", "text": "Read *this*.", "revision": "1", "module": ""}
    assert ines.send(f"{made[2].manage}/text", fields).status_code == 303
    assert order() == ["One", "Two", "Three"]
    with site.app.app_context():
        assert rows(site, LessonRevision) == 3


def test_lessons_with_one_position_move_too(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        who = member(site)
        lessons = [
            commands.make_lesson(
                session, who, title=title, source="", module_id=None, position=5, at=WORLD_AT
            )
            for title in ("One", "Two", "Three")
        ]
        commands.move_lesson(session, who, lessons[2], up=True, at=WORLD_AT)
        titles = [lesson.title for lesson in queries.lessons_in(session, who, WORLD_AT)]
    assert titles == ["One", "Three", "Two"]
