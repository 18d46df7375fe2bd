"""The rubric: written without scripts, kept where grades use it, changed by nobody unseen."""

import re
from decimal import Decimal

import pytest

from forum.participation.models import Criterion, GradeScore, Level

from ..conftest import Site
from .grading import (
    count,
    full_marks,
    grade,
    grading_url,
    hidden,
    levels,
    make_rubric,
    save,
)


def rubric_url(site: Site) -> str:
    return f"{site.world.course}/manage/boards/{site.world.boards['floods']}/rubric"


def fields_of(text: str) -> dict[str, str]:
    """What a browser would send of the rubric's form, unchanged."""
    form = text.split("novalidate>")[1]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    found |= {
        name: words.strip()
        for name, words in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', form)
    }
    return {name: value for name, value in found.items() if not name.endswith("-remove")}


def test_a_rubric_is_written_without_scripts_with_one_more_row_at_a_time(site: Site) -> None:
    client, url = site.client("ines"), rubric_url(site)
    digest = hidden(client.get(url).text, "digest")
    typed = {
        "digest": digest,
        "criteria-0-title": "Thought",
        "criteria-0-levels-0-title": "None",
        "criteria-0-levels-0-points": "0",
    }
    more = client.send(url, {**typed, "more": "level-0"})
    assert more.status_code == 200
    assert 'value="Thought"' in more.text
    assert 'name="criteria-0-levels-1-title"' in more.text
    more = client.send(url, {**typed, "more": "criterion"})
    assert 'name="criteria-1-title"' in more.text
    assert count(site, Criterion) == 0
    typed |= {
        "criteria-0-levels-1-title": "Full",
        "criteria-0-levels-1-points": "7,5",
        "criteria-1-title": "",
    }
    assert client.send(url, typed).status_code == 303
    assert (count(site, Criterion), count(site, Level)) == (1, 2)
    page = client.get(url).text
    assert "The most is 7.5 points" in page
    assert client.send(url, fields_of(page)).status_code == 303  # unchanged: nothing new
    assert (count(site, Criterion), count(site, Level)) == (1, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"criteria-0-title": ""}, "give this criterion a title"),
        ({"criteria-0-levels-0-points": "many"}, "give points, 0 or more"),
        ({"criteria-0-levels-0-points": "-1"}, "give points, 0 or more"),
        ({"criteria-0-levels-0-title": ""}, "give this level a title"),
        ({"criteria-0-levels-0-title": "", "criteria-0-levels-0-points": ""}, "at least one level"),
        ({"scale": "0"}, "a number above 0"),
    ],
)
def test_a_rubric_that_cannot_stand_comes_back_with_the_words_beside_the_field(
    site: Site, wrong: dict[str, str], words: str
) -> None:
    client, url = site.client("ines"), rubric_url(site)
    typed = {"digest": hidden(client.get(url).text, "digest"), "criteria-0-title": "Thought", "criteria-0-description": "TYPED-WORDS",
             "criteria-0-levels-0-title": "Full", "criteria-0-levels-0-points": "3"}  # fmt: skip
    answer = client.send(url, {**typed, **wrong})
    assert answer.status_code == 422
    assert words in answer.text
    assert "TYPED-WORDS" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert count(site, Criterion) == 0


def test_points_in_use_stay_and_words_may_change(site: Site) -> None:
    make_rubric(site)
    client, url = site.client("ines"), rubric_url(site)
    save(client, site, "ben", full_marks(site))
    fields = fields_of(client.get(url).text)
    strong = next(name for name, value in fields.items() if value == "70.125")
    refused = client.send(url, {**fields, strong: "50"})
    assert refused.status_code == 409
    assert "Grades use the level" in refused.text
    assert 'value="50"' in refused.text
    unused = next(name for name, value in fields.items() if value == "40")
    words = strong.replace("points", "title")
    assert client.send(url, {**fields, unused: "41", words: "Very strong"}).status_code == 303
    kept = grade(site)
    assert kept is not None
    assert kept.score == Decimal("73.125")


def test_what_is_removed_keeps_its_rows_and_the_grades_that_used_it(site: Site) -> None:
    make_rubric(site)
    client, url = site.client("ines"), rubric_url(site)
    save(client, site, "ben", full_marks(site))
    fields = fields_of(client.get(url).text)
    assert client.send(url, {**fields, "criteria-0-remove": "y"}).status_code == 303
    assert (count(site, Criterion), count(site, Level), count(site, GradeScore)) == (2, 5, 2)
    page = client.get(grading_url(site, "ben")).text
    assert "Given by a rubric that changed since:" in page
    assert "Argument: Strong (70.125)" in page
    kept = grade(site)
    assert kept is not None
    assert kept.score == Decimal("73.125")
    save(client, site, "ben", {**levels(site, "Yes"), "text": "Anew."}, version=1)
    kept = grade(site)
    assert kept is not None
    assert kept.score == Decimal(3)


def test_two_who_change_a_rubric_do_not_overwrite_each_other_unseen(site: Site) -> None:
    make_rubric(site)
    client, url = site.client("ines"), rubric_url(site)
    mine = fields_of(client.get(url).text)
    theirs = {name: "THEIR-TITLE" if value == "Argument" else value for name, value in mine.items()}
    assert client.send(url, theirs).status_code == 303
    refused = client.send(
        url, {name: "MY-TITLE" if value == "Argument" else value for name, value in mine.items()}
    )
    assert refused.status_code == 409
    assert "THEIR-TITLE" in refused.text
    assert 'value="MY-TITLE"' in refused.text


@pytest.mark.parametrize(
    ("short", "status"), [("tariq", 403), ("ana", 403), ("olga", 403), ("ada", 403), ("mia", 404)]
)
def test_the_rubric_is_changed_by_who_makes_boards(site: Site, short: str, status: int) -> None:
    client = site.client(short)
    assert client.get(rubric_url(site)).status_code == status
    assert client.send(rubric_url(site), {"criteria-0-title": "x"}).status_code == status
