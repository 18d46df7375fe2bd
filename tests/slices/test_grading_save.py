"""Grading: what is saved and when, two graders at once, the history, doubtful scores."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from forum.core.db import db, transaction
from forum.courses.queries import member_of
from forum.participation import commands
from forum.participation.models import Grade, GradeScore, GradeVersion
from forum.participation.queries import rubric_of, student_for
from forum.participation.rules import Judgment

from ..conftest import Site
from ..world import WORLD_AT
from .grading import (
    FEEDBACK,
    board_of,
    count,
    full_marks,
    grade,
    grading_url,
    hidden,
    levels,
    make_rubric,
    save,
    statements,
)
from .test_participation_table import newcomer, restrict, write


def test_saving_by_button_and_as_it_goes_is_the_same_deed(site: Site) -> None:
    make_rubric(site)
    client = site.client("ines")
    told = save(client, site, "ben", {**levels(site, "Some"), "text": "Go *on*."}, quiet=True)
    assert told.get_json()["version"] == 1
    assert told.get_json()["total_text"] == "40 of 73.125 so far, 1 criterion is open"
    assert "saved_at_text" in told.get_json()
    answer = save(client, site, "ben", full_marks(site), version=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, grading_url(site, "ben"))
    kept = grade(site)
    assert kept is not None
    assert (kept.score, kept.version, kept.feedback_source) == (Decimal("73.125"), 2, FEEDBACK)
    assert (count(site, GradeVersion), count(site, GradeScore)) == (2, 2)
    page = client.get(grading_url(site, "ben")).text
    assert page.count(" checked>") == 2
    assert hidden(page, "version") == "2"
    assert FEEDBACK in page


def test_no_score_before_every_criterion_has_a_level(site: Site) -> None:
    make_rubric(site)
    save(site.client("ines"), site, "ben", levels(site, "Some"))
    kept = grade(site)
    assert kept is not None
    assert kept.score is None


def test_saving_nothing_leaves_nothing(site: Site) -> None:
    make_rubric(site)
    client = site.client("ines")
    assert save(client, site, "ben", {"text": " \n "}, quiet=True).get_json()["version"] == 0
    assert count(site, Grade) == 0
    save(client, site, "ben", full_marks(site))
    assert save(client, site, "ben", full_marks(site), version=1, quiet=True).get_json()["version"] == 1
    assert count(site, GradeVersion) == 1


@pytest.mark.parametrize("quiet", [True, False])
def test_two_graders_never_overwrite_each_other_unseen(site: Site, quiet: bool) -> None:
    make_rubric(site)
    ines, tariq = site.client("ines"), site.client("tariq")
    assert save(ines, site, "ben", full_marks(site, "From Ines.")).status_code == 303
    mine = {**levels(site, "Some", "No"), "text": "From Tariq, *carefully*."}
    refused = save(tariq, site, "ben", mine, quiet=quiet)
    assert refused.status_code == 409
    kept = grade(site)
    assert kept is not None
    assert (kept.feedback_source, kept.version) == ("From Ines.", 1)
    if quiet:
        assert "refused" in refused.get_json()
        return
    page = refused.text
    assert "From Ines." in page
    assert "From Tariq, *carefully*." in page
    assert "Strong (70.125)" in page
    assert "Inés Aranda" in page
    for name, level in levels(site, "Some", "No").items():
        assert f'name="{name}" value="{level}" checked' in page
    assert "data-save-url" not in page  # nothing is saved as it goes until both were seen
    assert save(tariq, site, "ben", mine, version=int(hidden(page, "version"))).status_code == 303
    with site.app.app_context():
        words = (
            db.session().scalars(select(GradeVersion.feedback_source).order_by(GradeVersion.version)).all()
        )
    assert words == ["From Ines.", "From Tariq, *carefully*."]


def test_the_script_and_the_button_of_one_page_do_not_refuse_each_other(site: Site) -> None:
    make_rubric(site)
    client = site.client("ines")
    save(client, site, "ben", {"text": "one"}, quiet=True)
    assert save(client, site, "ben", {"text": "one two"}).status_code == 303
    site.at(WORLD_AT + timedelta(minutes=1))
    assert save(client, site, "ben", {"text": "another window"}).status_code == 409


def test_the_same_again_is_no_conflict(site: Site) -> None:
    make_rubric(site)
    save(site.client("ines"), site, "ben", full_marks(site))
    assert save(site.client("tariq"), site, "ben", full_marks(site)).status_code == 303
    assert count(site, GradeVersion) == 1


def test_save_and_next_goes_through_the_roster_with_its_filters(site: Site) -> None:
    make_rubric(site)
    client = site.client("ines")
    query = f"?section={site.world.sections['North']}"
    page = client.get(grading_url(site, "ben") + query).text
    assert "Student 1 of 2" in page
    assert f'data-next href="{grading_url(site, "ana")}{query}"' in page
    answer = client.send(
        f"{grading_url(site, 'ben')}/save{query}", {"version": "0", "deed": "next", **full_marks(site)}
    )
    assert answer.headers["Location"] == grading_url(site, "ana") + query
    assert (
        f'data-previous href="{grading_url(site, "ben")}{query}"'
        in client.get(answer.headers["Location"]).text
    )
    last = client.send(f"{grading_url(site, 'ana')}/save{query}", {"version": "0", "deed": "next"})
    assert last.headers["Location"] == grading_url(site, "ana") + query
    first = client.get(f"{site.world.course}/boards/{site.world.boards['floods']}/grading{query}")
    assert first.headers["Location"] == grading_url(site, "ana") + query  # Ben has a score


def scale(site: Site, most: str, client: Any) -> None:
    url = f"{site.world.course}/manage/boards/{site.world.boards['floods']}/rubric"
    answer = client.send(url, {"digest": hidden(client.get(url).text, "digest"), "scale": most})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [("-1", "below 0"), ("20.5", "above the most, 20"), ("30", "one and a half times the most, 20")],
)
def test_a_doubtful_score_is_asked_about_and_saved_when_confirmed(site: Site, typed: str, words: str) -> None:
    client = site.client("ines")
    scale(site, "20", client)
    asked = save(client, site, "ben", {"score": typed, "text": "My words."})
    assert asked.status_code == 422
    assert words in asked.text
    assert "My words." in asked.text
    assert f'value="{typed}"' in asked.text
    assert grade(site) is None
    assert "refused" in save(client, site, "ben", {"score": typed}, quiet=True).get_json()
    assert save(client, site, "ben", {"score": typed, "confirm": "y"}).status_code == 303
    kept = grade(site)
    assert kept is not None
    assert kept.score == Decimal(typed)


def test_a_score_that_is_no_number_comes_back_with_everything(site: Site) -> None:
    answer = save(site.client("ines"), site, "ben", {"score": "seven", "text": "My words."})
    assert answer.status_code == 422
    assert "a number with at most three decimals" in answer.text
    assert "My words." in answer.text
    assert 'value="seven"' in answer.text


def test_the_history_tells_who_changed_what_and_when(site: Site) -> None:
    make_rubric(site)
    save(site.client("ines"), site, "ben", {**levels(site, "Some", "No"), "text": "First words."})
    site.at(WORLD_AT + timedelta(hours=1))
    save(site.client("tariq"), site, "ben", full_marks(site, "Second words."), version=1)
    page = site.client("ines").get(f"{grading_url(site, 'ben')}/history").text
    assert "Version 2: saved" in page
    assert "Tariq Benali" in page
    assert "14:00" in page
    assert "Argument: Some (40) → Strong (70.125)" in page
    assert "Score: 40 → 73.125" in page
    assert "<del>First</del>" in page
    assert "<ins>Second</ins>" in page
    assert site.client("ines").get(f"{grading_url(site, 'ana')}/history").status_code == 404


def test_evidence_shows_posts_in_context_with_their_verdict_and_the_text_judged(site: Site) -> None:
    from forum.core.db import transaction
    from forum.courses.queries import member_of
    from forum.posts import commands as posts

    late = WORLD_AT + timedelta(days=3)
    answer = write(site, "ben", "An answer by Ben to Chidi.", WORLD_AT, parent=site.world.posts["chidi"])
    write(site, "ben", "A late thought.", late)
    with site.app.app_context(), transaction() as session:
        ben = member_of(session, site.world.people["ben"], site.world.course_id, late)
        assert ben is not None
        posts.edit_post(session, ben, site.world.posts["ben"], posts.write("AFTER-THE-LIMIT text", "evidence-edit"),
                        at=late, revision=1, reason="")  # fmt: skip
        posts.remove_post(session, ben, answer, at=WORLD_AT + timedelta(hours=1), reason="")
    site.at(late + timedelta(hours=1))
    page = site.client("ines").get(grading_url(site, "ben")).text
    first = page.split(f'id="p-{site.world.posts["ben"]}"')[1].split("</article>")[0]
    judged, _cut, later = first.partition("The text as it stands since")
    assert "arrived on time" in first
    assert "counts for: First post" in first
    assert "three letters from upstream" in judged
    assert "AFTER-THE-LIMIT" in later
    assert "1 edit, 1 after the limit" in first
    assert "Answered by" in later
    assert "Which letters?" in later
    removed = page.split(f'id="p-{answer}"')[1].split("</article>")[0]
    assert "Removed by its author before the limit" in removed
    assert 'Reply to <b class="name">Chidi Okafor</b>' in removed
    assert "from Zaragoza" in removed
    third = page.split("A late thought.")[0].rsplit("<article", 1)[1]
    # It meets no checkpoint, so it is held against the board's last limit, Saturday's.
    assert "arrived on time" in third
    assert "counts for" not in third
    assert "SECRET-DRAFT" not in page


@pytest.mark.parametrize(
    ("short", "status"), [("ana", 403), ("ben", 403), ("olga", 403), ("ada", 403), ("mia", 404), ("ian", 404)]
)
@pytest.mark.parametrize("end", ["", "/history"])
def test_grading_is_for_staff_of_the_course(site: Site, short: str, status: int, end: str) -> None:
    make_rubric(site)
    save(site.client("ines"), site, "ben", full_marks(site))
    answer = site.client(short).get(grading_url(site, "ben") + end)
    assert answer.status_code == status
    assert FEEDBACK not in answer.text
    assert "73.125" not in answer.text
    assert save(site.client(short), site, "ben", {"text": "x"}).status_code == status


@pytest.mark.parametrize("stranger", ["mia", "ian", "ines", "olga", "sam"])
def test_only_a_student_of_this_course_can_be_graded_here(site: Site, stranger: str) -> None:
    client = site.client("ines")
    assert client.get(grading_url(site, stranger)).status_code == 404
    assert save(client, site, stranger, {"text": "x"}).status_code == 404
    assert client.get(grading_url(site, "ben", "other")).status_code == 404
    assert count(site, Grade) == 0


def test_section_staff_grade_their_sections_only(site: Site) -> None:
    restrict(site)
    client = site.client("tariq")
    assert client.get(grading_url(site, "ana")).status_code == 200
    assert client.get(grading_url(site, "chidi")).status_code == 404
    assert save(client, site, "chidi", {"text": "x"}).status_code == 404
    assert "Student 2 of 2" in client.get(grading_url(site, "ana")).text


def test_a_level_of_another_boards_rubric_is_none(site: Site) -> None:
    make_rubric(site)
    make_rubric(site, "sources")
    theirs, ours = levels(site, "Strong", board="sources"), levels(site, "Strong")
    foreign = dict(zip(ours, theirs.values(), strict=True))
    assert save(site.client("ines"), site, "ben", foreign).status_code == 303
    assert save(site.client("ines"), site, "ben", theirs).status_code == 303
    assert count(site, Grade) == 0


def test_a_level_counts_for_its_own_criterion_alone(site: Site) -> None:
    """By the command itself: the form offers no others."""
    make_rubric(site)
    with site.app.app_context(), transaction() as session:
        ines = member_of(session, site.world.people["ines"], site.world.course_id, WORLD_AT)
        assert ines is not None
        board = board_of(site, "floods")
        argument, answers = rubric_of(session, board.id).criteria
        ben = student_for(session, ines, site.world.public["ben"], WORLD_AT)
        swapped = Judgment({argument.id: answers.levels[1].id, answers.id: argument.levels[1].id})
        saved = commands.save_grade(
            session, ines, board, ben, swapped, commands.write_feedback(""), version=0, at=WORLD_AT
        )
        assert saved is None
    assert count(site, Grade) == 0


def test_grading_takes_as_many_statements_for_few_students_as_for_many(site: Site) -> None:
    make_rubric(site)
    client = site.client("ines")
    counts = []
    for number in (1, 45):
        for place in range(number):
            newcomer(
                site, f"Student {number} {place}", f"s{number}-{place}@example.org", WORLD_AT, section="North"
            )
            write(site, "ben", f"Words {number} {place}", WORLD_AT + timedelta(minutes=place, hours=number))
        client.get(grading_url(site, "ben"))
        with statements(site) as seen:
            assert client.get(grading_url(site, "ben")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1], counts
    assert counts[0] <= 35
