"""Participation of a board: its states, its order, its filters, whom staff see, what leaves as CSV."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest

from forum.accounts.commands import make_account
from forum.boards.commands import BoardSpec, CheckpointSpec, publish_board, save_board
from forum.boards.models import Excusal
from forum.boards.queries import checkpoints_of
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses import commands as courses
from forum.courses.models import Course
from forum.courses.policy import Role
from forum.courses.queries import member_of
from forum.participation.done import participation_in
from forum.participation.queries import students_in
from forum.posts import commands as posts
from forum.posts.queries import view_of
from forum.posts.standing import standing_of_one

from ..conftest import Site
from ..world import BEGAN_AT, WORLD_AT
from .grading import board_of, statements

LATER = WORLD_AT + timedelta(
    days=3, hours=6
)  # Friday evening: first posts were due Thursday, replies are due Saturday


def url(site: Site, board: str = "floods", end: str = "") -> str:
    return f"{site.world.course}/boards/{site.world.boards[board]}/participation{end}"


def write(
    site: Site, short: str, words: str, at: Any, *, board: str = "floods", parent: str | None = None
) -> str:
    with site.app.app_context(), transaction() as session:
        member = member_of(session, site.world.people[short], site.world.course_id, at)
        assert member is not None
        written = posts.write(words, f"table-{short}-{at.timestamp():.0f}")
        return posts.post_reply(
            session, member, site.world.threads[board], written, at=at, parent_id=parent
        ).public_id


def newcomer(site: Site, name: str, email: str, at: Any, *, section: str | None = None) -> str:
    with site.app.app_context(), transaction() as session:
        account = make_account(session, name=name, email=email, at=at)
        course = session.get_one(Course, site.world.course_id)
        courses.enroll(session, course, account.id, Role.STUDENT, at=at, author_id=None)
        if section:
            part = courses.section_called(session, course, section)
            courses.put_in_section(session, course, account.id, part.id, at=at)
        return account.public_id


def excuse(site: Site, short: str) -> None:
    with site.app.app_context(), transaction() as session:
        session.add(
            Excusal(
                board_id=board_of(site, "floods").id, account_id=site.world.people[short], created_at=WORLD_AT
            )
        )


def rows(text: str) -> list[tuple[str, str]]:
    """The name and the whole of each row of the table."""
    body = text.split("<tbody>")[1].split("</tbody>")[0]
    return [(re.sub("<[^>]+>", "", row.split("</th>")[0]).strip(), row) for row in body.split("<tr>")[1:]]


def marks(row: str) -> list[str]:
    return re.findall(r'data-state="([a-z-]+)"', row)


def test_every_state_stands_in_the_table_and_in_the_sentence(site: Site) -> None:
    write(
        site,
        "ana",
        "Ten words are asked here and these are some more than ten.",
        WORLD_AT + timedelta(days=3),
    )
    excuse(site, "chidi")
    newcomer(site, "Nora Late", "nora@example.org", WORLD_AT + timedelta(days=3, hours=1))
    site.at(LATER)
    page = site.client("ines").get(url(site))
    found = dict(rows(page.text))
    assert marks(found["Ben Achterberg"]) == ["on-time", "not-yet"]
    assert marks(found["Ana Lindqvist"]) == ["late", "not-yet"]
    assert marks(found["Chidi Okafor"]) == ["excused", "excused"]
    assert marks(found["Dana Rossi"]) == ["missing", "not-yet"]
    assert marks(found["Nora Late"]) == ["not-asked", "not-yet"]
    assert "13 hours late" in found["Ana Lindqvist"]
    assert "1 of 3 on time, 1 late, 1 missing, 1 excused, 1 not asked." in page.text


def test_what_staff_removed_counts_for_nothing_until_they_bring_it_back(site: Site) -> None:
    def mark() -> str:
        return marks(dict(rows(site.client("ines").get(url(site)).text))["Ben Achterberg"])[0]

    removal = f"{site.world.course}/posts/{site.world.posts['ben']}/removal"
    site.at(LATER)
    assert mark() == "on-time"
    site.client("ines").send(removal, {"deed": "remove", "reason": "Copied from another."})
    assert mark() == "missing"
    site.client("ines").send(removal, {"deed": "restore"})
    assert mark() == "on-time"


def test_a_limit_is_met_a_microsecond_before_it_and_not_at_it(site: Site) -> None:
    limit = WORLD_AT.replace(day=26, hour=23, minute=5)  # end of Thursday in Madrid, and five minutes
    words = "Ten words are asked here and these are some more than ten."
    write(site, "ana", words, limit - timedelta(microseconds=1))
    write(site, "dana", words, limit)
    site.at(LATER)
    found = dict(rows(site.client("ines").get(url(site)).text))
    assert marks(found["Ana Lindqvist"])[0] == "on-time"
    assert marks(found["Dana Rossi"])[0] == "late"


def test_the_table_says_of_each_student_what_the_student_is_told(site: Site) -> None:
    write(
        site,
        "ana",
        "Ten words are asked here and these are some more than ten.",
        WORLD_AT + timedelta(days=3),
    )
    write(
        site,
        "ana",
        "An answer to Ben.",
        WORLD_AT + timedelta(days=3, hours=1),
        parent=site.world.posts["ben"],
    )
    excuse(site, "chidi")
    with site.app.app_context():
        session = db.session()
        ines = member_of(session, site.world.people["ines"], site.world.course_id, LATER)
        assert ines is not None
        for name in ("floods", "sources", "own_zone", "closed", "questions"):
            board = board_of(site, name)
            checkpoints = checkpoints_of(session, [board.id])[board.id]
            for line in participation_in(
                session, board, checkpoints, students_in(session, ines, LATER), LATER
            ):
                member = member_of(session, line.student.account_id, site.world.course_id, LATER)
                assert member is not None
                assert line.states == standing_of_one(session, view_of(session, member, board, LATER)), (
                    name,
                    line.student.name,
                )


def test_figures_are_those_of_the_posts(site: Site) -> None:
    write(site, "ana", "one two three", WORLD_AT)
    write(site, "ana", "four five", WORLD_AT + timedelta(hours=1), parent=site.world.posts["ben"])
    write(site, "ana", "six", WORLD_AT + timedelta(hours=2), parent=site.world.posts["ines"])
    site.at(LATER)
    text = site.client("ines").get(url(site)).text
    figures = re.findall(r'<td class="num">(\d+)', dict(rows(text))["Ana Lindqvist"])
    assert figures == ["6", "3", "2", "2"]  # words, posts, replies, people


def test_a_removed_post_counts_in_no_figure_and_is_said(site: Site) -> None:
    post = write(site, "ana", "one two three", WORLD_AT)
    with site.app.app_context(), transaction() as session:
        member = member_of(session, site.world.people["ana"], site.world.course_id, WORLD_AT)
        assert member is not None
        posts.remove_post(session, member, post, at=WORLD_AT + timedelta(hours=1), reason="")
    site.at(LATER)
    row = dict(rows(site.client("ines").get(url(site)).text))["Ana Lindqvist"]
    assert "(1 removed)" in row
    assert re.findall(r'<td class="num">(\d+)', row) == ["0", "0", "0", "0"]


@pytest.mark.parametrize(
    ("key", "first"),
    [("words", "Ben"), ("name", "Ben"), ("posts", "Ben"), ("section", "Ben"), ("first", "Ben")],
)
def test_every_column_sorts_both_ways(site: Site, key: str, first: str) -> None:
    client = site.client("ines")
    up = [name for name, _row in rows(client.get(url(site, end=f"?sort={key}")).text)]
    down = [name for name, _row in rows(client.get(url(site, end=f"?sort={key}&order=desc")).text)]
    assert sorted(up) == sorted(down)
    assert len(up) == 4
    if key in ("words", "posts"):
        assert down[0].startswith(first)
    else:
        assert up[0].startswith(first)
    assert 'aria-sort="descending"' in client.get(url(site, end=f"?sort={key}&order=desc")).text


def test_a_sort_that_there_is_not_sorts_by_name(site: Site) -> None:
    client = site.client("ines")
    strange = client.get(url(site, end="?sort=score;drop&order=asc"))
    assert strange.status_code == 200
    assert [name for name, _row in rows(strange.text)] == [
        name for name, _row in rows(client.get(url(site)).text)
    ]


def test_checkpoints_sort_by_their_state(site: Site) -> None:
    write(
        site,
        "dana",
        "Ten words are asked here and these are some more than ten.",
        WORLD_AT + timedelta(days=3),
    )
    site.at(LATER)
    client = site.client("ines")
    key = re.search(r"sort=(checkpoint-[a-z0-9]+)", client.get(url(site)).text)
    assert key is not None
    order = [marks(row)[0] for _name, row in rows(client.get(url(site, end=f"?sort={key.group(1)}")).text)]
    assert order == ["on-time", "late", "missing", "missing"]


def test_filters_leave_a_section_a_group_or_those_without_one_and_are_kept_by_every_link(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, site.world.course_id)
        group = courses.group_called(session, course, "Otters")
        courses.put_in_group(session, course, site.world.people["ana"], group.id, at=WORLD_AT)
        otters = group.public_id
    client = site.client("ines")
    north = site.world.sections["North"]
    page = client.get(url(site, end=f"?section={north}&sort=words&order=desc"))
    assert [name for name, _row in rows(page.text)] == ["Ben Achterberg", "Ana Lindqvist"]
    for link in re.findall(r'href="([^"]*(?:participation|grading)[^"]*\?[^"]*)"', page.text):
        assert f"section={north}" in link
    assert [name for name, _row in rows(client.get(url(site, end=f"?group={otters}")).text)] == [
        "Ana Lindqvist"
    ]
    assert "Ana Lindqvist" not in dict(rows(client.get(url(site, end="?group=none")).text))
    assert client.get(url(site, end=f"?section={north}&group=none")).text.count("<tr>") == 2


def test_section_staff_see_their_sections_only(site: Site) -> None:
    restrict(site)
    client = site.client("tariq")
    page, table = client.get(url(site)), client.get(url(site, end=".csv"))
    for text in (page.text, table.text):
        assert "Ana Lindqvist" in text
        assert "Chidi" not in text
        assert "South" not in text
    south = site.world.sections["South"]
    assert "Chidi" not in client.get(url(site, end=f"?section={south}")).text


def restrict(site: Site) -> None:
    """Tariq sees section North alone."""
    with site.app.app_context(), transaction() as session:
        course = session.get_one(Course, site.world.course_id)
        courses.unenroll(
            session, course, site.world.people["tariq"], at=BEGAN_AT + timedelta(days=1), author_id=None
        )
        courses.enroll(session, course, site.world.people["tariq"], Role.ASSISTANT, at=BEGAN_AT + timedelta(days=2),
                       author_id=None, all_sections=False)  # fmt: skip
        north = courses.section_called(session, course, "North")
        courses.put_in_section(
            session, course, site.world.people["tariq"], north.id, at=BEGAN_AT + timedelta(days=2)
        )


@pytest.mark.parametrize(
    ("short", "status"), [("ana", 403), ("olga", 403), ("ada", 403), ("mia", 404), ("ian", 404), ("sam", 404)]
)
@pytest.mark.parametrize("end", ["", ".csv"])
def test_participation_is_for_staff(site: Site, short: str, status: int, end: str) -> None:
    answer = site.client(short).get(url(site, end=end))
    assert answer.status_code == status
    assert "Ben Achterberg" not in answer.text


def test_a_board_of_another_course_is_not_here(site: Site) -> None:
    answer = site.client("ines").get(f"{site.world.course}/boards/{site.world.boards['other']}/participation")
    assert answer.status_code == 404


def test_the_csv_has_instants_with_offset_and_no_formula(site: Site) -> None:
    newcomer(site, '=cmd|" /C calc"!A0', "cmd@example.org", BEGAN_AT, section="@North")
    answer = site.client("ines").get(url(site, end=".csv"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="participation.csv"'
    assert "no-store" in answer.headers["Cache-Control"]
    table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in table for cell in row)
    by_name = {row[0]: row for row in table}
    assert '\'=cmd|" /C calc"!A0' in by_name
    ben = by_name["Ben Achterberg"]
    assert ben[4:7] == ["met_on_time", "2026-11-27T00:00:00+01:00", "2026-11-22T13:00:00+01:00"]
    assert len({len(row) for row in table}) == 1


def test_the_number_of_statements_is_the_same_for_few_and_for_many(site: Site) -> None:
    client = site.client("ines")
    counts = []
    for number in (1, 45):
        for place in range(number):
            newcomer(
                site, f"Student {number} {place}", f"s{number}-{place}@example.org", BEGAN_AT, section="North"
            )
        for end in ("", ".csv"):
            client.get(url(site, end=end))
            with statements(site) as seen:
                assert client.get(url(site, end=end)).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:], counts
    assert max(counts) <= 30


def test_a_board_without_checkpoints_or_posts_is_a_table_too(site: Site) -> None:
    assert len(rows(site.client("ines").get(url(site, "each")).text)) == 4


def test_after_own_is_judged_as_it_stood_when_others_opened(site: Site) -> None:
    """Ben's post on Sources opened others' posts to him; cutting it short before the limit changes nothing."""
    with site.app.app_context(), transaction() as session:
        member = member_of(session, site.world.people["ben"], site.world.course_id, WORLD_AT)
        assert member is not None
        posts.edit_post(session, member, site.world.posts["sealed"], posts.write("Gone.", "table-cut-short"),
                        at=WORLD_AT, revision=1, reason="")  # fmt: skip
    site.at(LATER)
    found = dict(rows(site.client("ines").get(url(site, "sources")).text))
    assert marks(found["Ben Achterberg"]) == ["on-time"]


def test_replies_to_staff_do_not_count_where_only_classmates_do(site: Site) -> None:
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        assert ines is not None
        spec = BoardSpec("Classmates", form="single", classmates_only=True, checkpoints=(
            CheckpointSpec("replies", replies=1, people=1, due=Wall(date(2026, 11, 28))),
        ))  # fmt: skip
        board = save_board(session, ines, None, spec, at=BEGAN_AT)
        publish_board(session, ines, board, at=BEGAN_AT)
        site.world.threads["mates"] = posts.prompt_thread(session, board, at=BEGAN_AT).public_id
        site.world.boards["mates"] = board.public_id
    by_ines = write(site, "ines", "From staff.", WORLD_AT, board="mates")
    by_ben = write(site, "ben", "From a classmate.", WORLD_AT, board="mates")
    write(site, "ana", "To staff.", WORLD_AT + timedelta(hours=1), board="mates", parent=by_ines)
    write(site, "chidi", "To Ben.", WORLD_AT + timedelta(hours=1), board="mates", parent=by_ben)
    found = dict(rows(site.client("ines").get(url(site, "mates")).text))
    assert marks(found["Ana Lindqvist"]) == ["not-yet"]
    assert marks(found["Chidi Okafor"]) == ["on-time"]


def test_a_first_post_that_is_too_short_stands_with_its_words(site: Site) -> None:
    write(site, "ana", "They knew it.", WORLD_AT)
    site.at(LATER)
    page = site.client("ines").get(url(site)).text
    row = page.partition("Ana Lindqvist")[2].partition("</tr>")[0]
    assert "missing" in row
    assert "3 of 10 words" in row


def test_when_it_was_met_is_a_word_of_its_own_that_does_not_break(site: Site) -> None:
    row = site.client("ines").get(url(site)).text.partition("Ben Achterberg")[2].partition("</tr>")[0]
    assert '<br><span class="meta when">Sunday 22 November 2026, 13:00</span></td>' in row
