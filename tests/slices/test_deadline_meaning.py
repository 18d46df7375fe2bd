"""What this deadline means: by zone, with a chart and its table, the fairest hour, and what the linter found."""

from datetime import UTC, datetime, timedelta

import html5lib

from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.board_steps import made, opened, path_of
from tests.world import WORLD_AT, World

_H, _SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"


def words_of(element: object) -> str:
    return " ".join("".join(element.itertext()).split())  # type: ignore[attr-defined]


def rows_of(page: str) -> list[list[str]]:
    root = html5lib.parse(page, treebuilder="etree")
    return [[words_of(cell) for cell in row] for row in root.iter(f"{_H}tr")]


def findings_of(page: str) -> list[str]:
    section = page.split('class="meaning"')[1].split("</section>")[0]
    if 'data-kind="problem"' not in section:
        return []
    return [
        words_of(one)
        for one in html5lib.parse(section.split("</ul>")[0], treebuilder="etree").iter(f"{_H}li")
    ]


def publication(ines: CheckingClient, path: str) -> str:
    page = ines.get(f"{path}/publication")
    assert page.status_code == 200
    return page.text


def test_a_deadline_is_shown_by_zone_with_hours_nights_and_clock_changes(site: Site, world: World) -> None:
    site.at(datetime(2026, 10, 20, 22, tzinfo=UTC))
    ines = site.client("ines")
    page = publication(ines, made(ines, world, **{"c0-due-on": "2026-10-28"}))
    assert rows_of(page)[1:] == [
        ["Madrid time", "2", "end of Wednesday", "193", "128", "1", "Sunday 25 October: 1 hour back"],
        ["Lagos time", "1", "end of Wednesday", "193", "128", "1", "none"],
        ["Chicago time", "1", "Wednesday, 17:59", "193", "129", "0", "none"],
    ]


def test_the_chart_says_the_numbers_of_its_table(site: Site, world: World) -> None:
    ines = site.client("ines")
    root = html5lib.parse(publication(ines, made(ines, world)), treebuilder="etree")
    (chart,) = root.iter(f"{_SVG}svg")
    assert chart.get("role") == "img"
    title, words = (next(chart.iter(f"{_SVG}{name}")) for name in ("title", "desc"))
    assert chart.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert (
        words.text
        == "16:00 to 17:00, 1 student; 23:00 to 24:00, 3 students. Night, 23:00 to 7:00, is shaded."
    )
    assert [bar.get("class") for bar in chart.iter(f"{_SVG}rect")] == ["night", "night", "bar", "bar"]
    assert not any(each.get("style") for each in chart.iter())


def test_where_nothing_is_to_note_it_is_one_sentence_and_the_table_opens_when_asked(
    site: Site, world: World
) -> None:
    ines = site.client("ines")
    page = publication(ines, made(ines, world))
    assert findings_of(page) == []
    assert "4 students live in 3 time zones." in page
    assert "<details><summary>By time zone" in page


def test_the_fairest_hour_says_what_it_would_change(site: Site, world: World) -> None:
    ines = site.client("ines")
    page = publication(ines, made(ines, world, **{"c0-due-minute": "09:00"}))
    assert [row[5] for row in rows_of(page)[1:]] == ["6", "6", "3"], "Madrid, Lagos, Chicago"
    assert "The fairest hour of that day: Thursday 3 December 2026, 22:00, Madrid time." in page
    assert "Night before it, of all students together: 0 hours instead of 21 hours." in page
    assert "4 students would have less." in page
    fair = publication(ines, made(ines, world, **{"c0-due-minute": "22:00"}))
    assert "No hour of that day costs students less night." in fair


def test_findings_open_the_table_and_come_in_words(site: Site, world: World) -> None:
    ines = site.client("ines")
    page = publication(ines, made(ines, world, **{"c0-due-on": "2026-12-05", "cut-off-on": "2026-12-05"}))
    assert findings_of(page) == [
        "Saturday is no teaching day where the course is: help may be hard to find.",
        "The cut-off is when the last part is due: nothing is taken late, beyond the minutes of grace.",
    ]
    assert "<details open>" in page
    assert "before students see it" in page


def test_three_deadlines_within_a_day_are_found_over_the_students_boards(site: Site, world: World) -> None:
    ines = site.client("ines")
    page = publication(ines, made(ines, world, **{"c0-due-on": "2026-11-26"}))
    crowded = [one for one in findings_of(page) if "within 24 hours" in one]
    assert len(crowded) == 1
    assert "4 students have deadlines within 24 hours of each other, up to 4" in crowded[0]
    assert all(title in crowded[0] for title in ("“Floods: what did they know?”", "“One source each”"))
    assert "HIDDEN" not in crowded[0]


def test_it_is_shown_after_dates_were_saved_too(site: Site, world: World) -> None:
    ines = site.client("ines")
    path = made(ines, world)
    assert findings_of(ines.get(path).text) == []
    answer = ines.send(path, {**opened(ines, path), "c0-due-on": "2026-12-06", "deed": "save"})
    page = ines.get(answer.location).text
    assert findings_of(page) == ["Sunday is no teaching day where the course is: help may be hard to find."]
    assert "Sunday, 16:59" in page


def test_a_board_without_dates_says_nothing_while_it_is_edited(site: Site, world: World) -> None:
    assert "What this deadline means" not in site.client("ines").get(path_of(world, "questions")).text


def test_a_board_that_students_had_long_ago_does_not_speak_of_publishing(site: Site, world: World) -> None:
    ines = site.client("ines")
    page = publication(ines, path_of(world, "closed"))
    assert findings_of(page) == []
    assert "The last thing was due end of Friday 13 November 2026, Madrid time." in page
    for words in (
        "before students see it",
        "The first thing is due",
        "Who posts now is late",
        "The fairest hour",
    ):
        assert words not in page, words
    ahead = publication(ines, path_of(world, "floods"))
    assert "before students see it" not in ahead
    assert "it can only become later" in ahead
    site.at(WORLD_AT + timedelta(days=3))
    assert "The next thing is due end of Saturday 28 November 2026" in publication(
        ines, path_of(world, "floods")
    )


def test_a_hidden_board_that_students_saw_keeps_its_promise(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    ines.send(f"{path}/publication", {"deed": "hide"})
    page = publication(ines, path)
    assert "Students have seen this board before: its dates stay promised." in page
    assert "Once students could see it" not in page


def test_a_section_with_a_later_date_is_a_line_of_its_own(site: Site, world: World) -> None:
    ines, path = site.client("ines"), path_of(world, "floods")
    part = f"{path}/dates/{world.sections['South']}"
    assert ines.send(part, {**opened(ines, part), "d0-on": "2026-11-27"}).status_code == 303
    page = publication(ines, path)
    assert [row[:3] for row in rows_of(page)[1:5]] == [
        ["Lagos time", "1", "end of Friday"],
        ["Chicago time", "1", "Thursday, 16:59"],
        ["Madrid time", "1", "end of Thursday"],
        ["Madrid time", "1", "end of Friday"],
    ]


def test_who_does_not_manage_content_sees_none_of_it(site: Site, world: World) -> None:
    assert site.client("ana").get(f"{path_of(world, 'floods')}/publication").status_code == 403
