"""Release: nothing of a grade is seen before, exactly the right students see it after, and every look leaves a line."""

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.core.access import gate_of
from forum.core.db import db, transaction
from forum.courses.models import Course
from forum.ledger.models import NewsItem
from forum.participation.models import GradeVersion

from ..conftest import Site
from ..world import WORLD_AT
from .grading import FEEDBACK, SCORE, full_marks, grading_url, levels, make_rubric, release, save, statements
from .test_participation_table import newcomer, restrict

SECRETS = (SCORE, FEEDBACK, "CANARY-LEVEL-WORDS", "70.125")


def pages_of(site: Site) -> list[str]:
    """Every address that can be asked for, with ids of each kind put in."""
    world, found = site.world, set()
    people = [world.public["ben"], world.public["ana"]]
    boards = [world.boards[name] for name in ("floods", "questions", "hidden", "other")]
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or gate_of(site.app, rule.endpoint) is None:
            continue
        choices = {
            "course": [world.slug], "board": boards, "student": people,
            "thread": [world.threads["floods"]], "post": [world.posts["ben"], world.posts["sealed"]],
        }  # fmt: skip
        names = [name for name in rule.arguments if name in choices]
        if len(names) != len(rule.arguments):
            continue
        addresses = [rule.rule]
        for name in names:
            addresses = [
                re.sub(f"<(?:[a-z]+:)?{name}>", value, one) for one in addresses for value in choices[name]
            ]
        found.update(addresses)
    return sorted(found)


def seen_by(site: Site, short: str) -> dict[str, tuple[int, str, str]]:
    """Status, ETag and text of every page, as one person sees it, without what differs at each request."""
    client, told = site.client(short), {}
    for address in pages_of(site):
        if address in ("/sign-out",) or "/as-student" in address:
            continue
        answer = FlaskClient.open(client, address)  # the pages are checked elsewhere; here is a crawl
        text = re.sub(
            r'value="[^"]{40,}"|name="key" value="[^"]*"', "", answer.get_data().decode(errors="replace")
        )
        told[address] = (answer.status_code, str(len(text)), text)
    return told


def test_before_release_nothing_of_a_grade_is_seen_through_any_door(site: Site) -> None:
    make_rubric(site)
    watchers = ("ben", "ana", "olga", "mia")
    before = {short: seen_by(site, short) for short in watchers}
    assert len(before["ben"]) > 40
    assert save(site.client("ines"), site, "ben", full_marks(site)).status_code == 303
    for short in watchers:
        after = seen_by(site, short)
        for address, (status, length, text) in after.items():
            assert not any(secret in text for secret in SECRETS), (short, address)
            assert (status, length) == before[short][address][:2], (short, address)


def test_the_etag_of_a_board_tells_of_a_released_grade_only(site: Site) -> None:
    make_rubric(site)
    board = f"{site.world.course}/boards/{site.world.boards['floods']}"
    ben, ines = site.client("ben"), site.client("ines")
    etag = ben.get(board).headers["ETag"]
    save(ines, site, "ben", full_marks(site))
    assert ben.get(board, headers={"If-None-Match": etag}).status_code == 304
    release(ines, site)
    answer = ben.get(board, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert SCORE in answer.text


def test_after_release_the_student_sees_score_criteria_and_feedback_and_nobody_else_does(site: Site) -> None:
    make_rubric(site)
    ines = site.client("ines")
    save(ines, site, "ben", full_marks(site))
    asked, done = release(ines, site)
    assert "Release 1 grade?" in asked.text
    assert "Ben Achterberg" in asked.text
    assert "3 have no score yet:" in asked.text
    assert "Ana Lindqvist" in asked.text
    assert "Nothing is released for them." in asked.text
    assert done.status_code == 303
    board = f"{site.world.course}/boards/{site.world.boards['floods']}"
    for address in (f"{site.world.course}/grades", board):
        text = site.client("ben").get(address).text
        assert all(secret in text for secret in SECRETS), address
        assert "73.125 of 73.125 points" in text
        assert "<b>Strong</b>, 70.125 of 70.125" in text
    assert f"/posts/{site.world.posts['ben']}" in site.client("ben").get(f"{site.world.course}/grades").text
    for short in ("ana", "chidi", "olga", "mia"):
        for address, (_status, _length, text) in seen_by(site, short).items():
            assert SCORE not in text, (short, address)
            assert FEEDBACK not in text, (short, address)


def test_a_release_tells_the_student_and_never_the_score(site: Site) -> None:
    make_rubric(site)
    ines = site.client("ines")
    save(ines, site, "ben", full_marks(site))
    release(ines, site)
    with site.app.app_context():
        news = db.session().scalars(select(NewsItem).where(NewsItem.kind == "grade_released")).all()
    assert [item.account_id for item in news] == [site.world.people["ben"]]


def sees(site: Site, short: str) -> bool:
    return SCORE in site.client(short).get(f"{site.world.course}/grades").text


def grade_all(site: Site) -> Any:
    make_rubric(site)
    ines = site.client("ines")
    for short in ("ana", "ben", "chidi"):
        save(ines, site, short, full_marks(site))
    return ines


def test_release_by_section_shows_exactly_that_section(site: Site) -> None:
    ines = grade_all(site)
    asked, _done = release(ines, site, whom="section", section=site.world.sections["North"])
    assert "Release 2 grades?" in asked.text
    assert "Chidi" not in asked.text
    assert [sees(site, short) for short in ("ana", "ben", "chidi", "dana")] == [True, True, False, False]
    asked, _done = release(ines, site)
    assert "Release 1 grade?" in asked.text
    assert "2 are released already." in asked.text
    assert sees(site, "chidi")


def test_release_of_chosen_students_shows_exactly_those(site: Site) -> None:
    ines = grade_all(site)
    release(ines, site, whom="chosen", students=[site.world.public["ana"], site.world.public["dana"]])
    assert [sees(site, short) for short in ("ana", "ben", "chidi", "dana")] == [True, False, False, False]


@pytest.mark.parametrize(
    "fields", [{"whom": "section"}, {"whom": "section", "section": "nowhere123"}, {"whom": "chosen"}]
)
def test_a_release_to_nobody_in_particular_is_asked_again(site: Site, fields: dict[str, str]) -> None:
    ines = grade_all(site)
    url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
    for deed in ("ask", "release"):
        assert ines.send(url, {"only_graded": "yes", **fields, "deed": deed}).status_code == 422
    assert not sees(site, "ana")


def test_released_to_all_a_later_score_is_seen_as_soon_as_it_is_saved(site: Site) -> None:
    make_rubric(site)
    ines = site.client("ines")
    asked, _done = release(ines, site, only_graded="no")
    assert "Theirs is seen as soon as a score is saved." in asked.text
    assert "There is no score yet." in site.client("ben").get(f"{site.world.course}/grades").text
    page = ines.get(grading_url(site, "ben")).text
    assert "what you save is seen by the student at once" in page
    assert "data-save-url" not in page
    save(ines, site, "ben", full_marks(site), version=1)
    assert sees(site, "ben")


def test_a_change_after_release_is_seen_at_once_and_the_page_says_so(site: Site) -> None:
    ines = grade_all(site)
    release(ines, site)
    page = ines.get(grading_url(site, "ben")).text
    assert "what you save is seen by the student at once" in page
    assert "data-save-url" not in page
    save(ines, site, "ben", {**levels(site, "Some", "Yes"), "text": "Changed words."}, version=2)
    text = site.client("ben").get(f"{site.world.course}/grades").text
    assert "Changed words." in text
    assert "43 of 73.125 points" in text


def test_a_grader_whose_page_is_older_than_the_release_is_told(site: Site) -> None:
    ines = grade_all(site)
    release(ines, site)
    site.at(WORLD_AT + timedelta(minutes=5))
    assert (
        save(site.client("tariq"), site, "ben", {"text": "half a sen"}, version=1, quiet=True).status_code
        == 409
    )
    assert "half a sen" not in site.client("ben").get(f"{site.world.course}/grades").text


def test_a_release_that_changed_since_it_was_confirmed_is_asked_again(site: Site) -> None:
    ines = grade_all(site)
    url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
    told = {"whom": "everyone", "only_graded": "yes"}
    digest = re.search(r'name="digest" value="([^"]*)"', ines.send(url, {**told, "deed": "ask"}).text)
    assert digest is not None
    save(site.client("tariq"), site, "dana", full_marks(site))
    answer = ines.send(url, {**told, "deed": "release", "digest": digest.group(1)})
    assert answer.status_code == 409
    assert "Release 4 grades?" in answer.text
    assert not sees(site, "ben")
    assert ines.send(url, {**told, "deed": "release"}).status_code == 409


def test_grades_are_taken_back_with_a_reason_that_staff_read(site: Site) -> None:
    ines = grade_all(site)
    release(ines, site)
    url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
    told = {"whom": "chosen", "students": site.world.public["ben"], "only_graded": "yes"}
    assert "Take back 1 grade?" in ines.send(url, {**told, "deed": "ask_back"}).text
    assert ines.send(url, {**told, "deed": "take_back", "reason": " "}).status_code == 422
    assert sees(site, "ben")
    assert ines.send(url, {**told, "deed": "take_back", "reason": "The wrong board."}).status_code == 303
    assert [sees(site, short) for short in ("ana", "ben")] == [True, False]
    assert "The wrong board." in ines.get(f"{grading_url(site, 'ben')}/history").text
    with site.app.app_context():
        deeds = db.session().scalars(select(GradeVersion.deed).order_by(GradeVersion.id)).all()
    assert sorted(deeds) == sorted(["saved"] * 3 + ["released"] * 3 + ["taken_back"])


@pytest.mark.parametrize(
    ("short", "status"), [("tariq", 403), ("ana", 403), ("olga", 403), ("ada", 403), ("ian", 404)]
)
def test_release_is_for_who_may(site: Site, short: str, status: int) -> None:
    grade_all(site)
    url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
    client = site.client(short)
    assert client.get(url).status_code == status
    assert client.send(url, {"whom": "everyone", "deed": "release"}).status_code == status
    assert not sees(site, "ben")


def test_section_staff_release_their_sections_only(site: Site) -> None:
    grade_all(site)
    restrict(site)
    with site.app.app_context(), transaction() as session:
        session.get_one(Course, site.world.course_id).assistants_release = True
    tariq = site.client("tariq")
    asked, _done = release(tariq, site)
    assert "Chidi" not in asked.text
    assert [sees(site, short) for short in ("ana", "ben", "chidi")] == [True, True, False]
    url = f"{site.world.course}/boards/{site.world.boards['floods']}/release"
    told = {"whom": "chosen", "students": site.world.public["chidi"], "only_graded": "yes", "deed": "ask"}
    assert tariq.send(url, told).status_code == 422


# --- the gradebook -----------------------------------------------------------------------------------------------------------


def test_the_gradebook_shows_scores_and_states_to_staff(site: Site) -> None:
    ines = grade_all(site)
    save(ines, site, "dana", {"text": "Words only."})
    release(ines, site, whom="chosen", students=site.world.public["ana"])
    text = ines.get(f"{site.world.course}/grades").text
    row = {
        name: text.split(f">{name}</th>")[1].split("</tr>")[0]
        for name in ("Ana Lindqvist", "Ben Achterberg", "Dana Rossi")
    }
    assert SCORE in row["Ana Lindqvist"]
    assert ">released</span>" in row["Ana Lindqvist"]
    assert SCORE in row["Ben Achterberg"]
    assert ">not released</span>" in row["Ben Achterberg"]
    assert ">begun</span>" in row["Dana Rossi"]
    assert ">not graded</span>" in row["Dana Rossi"]
    assert "Announcements" not in text.split("<thead>")[1].split("</thead>")[0]
    assert grading_url(site, "ben") in row["Ben Achterberg"]


def test_the_gradebook_sorts_by_a_board_and_filters(site: Site) -> None:
    make_rubric(site)
    ines = site.client("ines")
    save(ines, site, "ana", {**levels(site, "Some", "Yes")})
    save(ines, site, "chidi", full_marks(site))
    key = f"board-{site.world.boards['floods']}"
    text = ines.get(f"{site.world.course}/grades?sort={key}&order=desc").text
    assert re.findall(r'<th scope="row">([^<]+)', text)[:2] == ["Chidi Okafor", "Ana Lindqvist"]
    text = ines.get(f"{site.world.course}/grades?section={site.world.sections['South']}").text
    assert "Ana Lindqvist" not in text
    assert "Chidi Okafor" in text


def test_the_gradebook_as_csv_is_defused_and_exact(site: Site) -> None:
    ines = grade_all(site)
    newcomer(site, "@SUM(A1)", "sum@example.org", WORLD_AT, section="=North")
    answer = ines.get(f"{site.world.course}/grades.csv")
    table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert all(not cell.startswith(("=", "+", "@", "\t", "\r")) for row in table for cell in row)
    place = table[0].index("Floods: what did they know?: score")
    ben = next(row for row in table if row[0] == "Ben Achterberg")
    assert ben[place : place + 3] == ["73.125", "73.125", "draft"]


@pytest.mark.parametrize(
    ("short", "page", "table"), [("olga", 403, 403), ("ada", 403, 403), ("ana", 200, 403), ("mia", 404, 404)]
)
def test_grades_of_others_are_for_staff(site: Site, short: str, page: int, table: int) -> None:
    grade_all(site)
    client = site.client(short)
    shown, saved = client.get(f"{site.world.course}/grades"), client.get(f"{site.world.course}/grades.csv")
    assert (shown.status_code, saved.status_code) == (page, table)
    assert SCORE not in shown.text + saved.text


def test_section_staff_see_grades_of_their_sections_only(site: Site) -> None:
    grade_all(site)
    restrict(site)
    for end in ("grades", "grades.csv"):
        text = site.client("tariq").get(f"{site.world.course}/{end}").text
        assert "Ana Lindqvist" in text
        assert "Chidi" not in text


def test_the_gradebook_takes_as_many_statements_for_few_as_for_many(site: Site) -> None:
    ines = grade_all(site)
    counts = []
    for number in (1, 45):
        for place in range(number):
            newcomer(
                site, f"Student {number} {place}", f"s{number}-{place}@example.org", WORLD_AT, section="North"
            )
        for end in ("grades", "grades.csv"):
            with statements(site) as seen:
                assert ines.get(f"{site.world.course}/{end}").status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:], counts


# --- who looked -----------------------------------------------------------------------------------------------------------------


def lines(site: Site) -> list[dict[str, Any]]:
    path = site.base.folder / "grade-views.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_each_look_at_grades_leaves_one_line_and_nothing_else_is_in_it(site: Site) -> None:
    ines = grade_all(site)
    people = site.world.people
    (site.base.folder / "grade-views.log").unlink(missing_ok=True)
    for end in ("grades", "grades.csv"):
        ines.get(f"{site.world.course}/{end}")
        assert lines(site)[-1] == {
            "at": WORLD_AT.isoformat(), "who": people["ines"], "course": site.world.course_id,
            "students": sorted(people[short] for short in ("ana", "ben", "chidi")),
        }  # fmt: skip
    ines.get(grading_url(site, "ben"))
    ines.get(f"{grading_url(site, 'ben')}/history")
    assert len(lines(site)) == 4
    assert lines(site)[-1]["students"] == [people["ben"]]
    assert "board" in lines(site)[-1]
    ines.get(grading_url(site, "dana"))  # has none
    ines.get(f"{site.world.course}/boards/{site.world.boards['floods']}/participation")
    site.client("ben").get(f"{site.world.course}/grades")  # not released: nothing is shown
    assert len(lines(site)) == 4
    release(ines, site)
    before = len(lines(site))
    site.client("ben").get(f"{site.world.course}/grades")
    site.client("ben").get(f"{site.world.course}/boards/{site.world.boards['floods']}")
    assert [line["who"] for line in lines(site)[before:]] == [people["ben"]] * 2
    text = (site.base.folder / "grade-views.log").read_text()
    assert SCORE not in text
    assert FEEDBACK not in text
    assert "Ben" not in text


def test_a_board_links_to_its_grading_for_staff_alone(site: Site) -> None:
    board = f"{site.world.course}/boards/{site.world.boards['floods']}"
    assert f'href="{board}/grading"' in site.client("tariq").get(board).text
    assert f'href="{board}/grading"' not in site.client("ana").get(board).text
