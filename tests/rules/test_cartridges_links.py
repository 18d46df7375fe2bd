"""Links in imported HTML, and the zone and the dates of an imported course."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.interop.cartridges import guess_zone, mend_links, move_by_days, wall_minute
from forum.interop.cartridges.dates import read_instant, start_of_day, zone_named
from tests.deep import times

NEW_YORK, MADRID = ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
PLACES = {
    ("file", "web_resources/Images/a b.png"): "/files/1",
    ("file", "img/map.png"): "/files/2",
    ("file", "week1/next.html"): "/lessons/9",
    ("page", "start-here"): "/lessons/1",
    ("topic", "g1"): "/boards/1",
    ("assignment", "as1"): "/boards/2",
    ("module_item", "mi"): "/modules/1#mi",
    ("syllabus", ""): "/lessons/2",
}


def mend(html: str, base: str = "week1/start.html") -> tuple[str, list[tuple[str, str]]]:
    mended = mend_links(html, lambda kind, key: PLACES.get((kind, key)), base)
    return mended.html, [(link.kind, link.key) for link in mended.unresolved]


@pytest.mark.parametrize(
    ("address", "mended"),
    [
        ("$IMS-CC-FILEBASE$/Images/a%20b.png?canvas_download=1&amp;canvas_qs_wrap=1", "/files/1"),
        ("$IMS-CC-FILEBASE$Images/a b.png", "/files/1"),
        ("$1EdTech-CC-FILEBASE$/img/map.png", "/files/2"),
        ("%24IMS-CC-FILEBASE%24/Images/a%20b.png", "/files/1"),
        ("$IMS-CC-FILEBASE$/../img/map.png", "/files/2"),
        ("../img/map.png", "/files/2"),
        ("next.html#part-2", "/lessons/9#part-2"),
        ("$WIKI_REFERENCE$/pages/start-here", "/lessons/1"),
        ("$WIKI_REFERENCE$/wiki/start-here#a", "/lessons/1#a"),
        ("%24WIKI_REFERENCE%24/pages/start-here", "/lessons/1"),
        ("$CANVAS_OBJECT_REFERENCE$/discussion_topics/g1", "/boards/1"),
        ("$CANVAS_OBJECT_REFERENCE$/announcements/g1", "/boards/1"),
        ("$CANVAS_OBJECT_REFERENCE$/assignments/as1", "/boards/2"),
        ("$CANVAS_COURSE_REFERENCE$/assignments/syllabus", "/lessons/2"),
        ("$CANVAS_COURSE_REFERENCE$/modules/items/mi", "/modules/1#mi"),
        ("$CANVAS_COURSE_REFERENCE$/file_contents/course%20files/Images/a%20b.png", "/files/1"),
    ],
)
def test_a_link_into_the_cartridge_leads_to_what_it_became(address: str, mended: str) -> None:
    for quote in ('"', "'"):
        html = f"<p>é\n<A class=x HREF={quote}{address}{quote} title='y'>here</A>"
        assert mend(html) == (f"<p>é\n<A class=x HREF=\"{mended}\" title='y'>here</A>", [])


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org/$WIKI$">x</a>',
        '<a href="#part">x</a>',
        '<a href="mailto:a@example.org">x</a>',
        '<img src="//cdn.example.org/a.png">',
        '<img src="data:image/png;base64,AAAA">',
        "<p>$IMS-CC-FILEBASE$/Images/a%20b.png</p>",
        '<code>&lt;a href="../img/map.png"&gt;</code>',
        '<!-- <a href="../img/map.png"> -->',
        '<p title="../img/map.png">href="../img/map.png"</p>',
        "<p>a < b and c > d &amp; &eacute</p>",
        "",
    ],
)
def test_everything_else_stays_as_it_was_to_the_letter(html: str) -> None:
    assert mend(html) == (html, [])


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("$CANVAS_OBJECT_REFERENCE$/quizzes/q1", ("quiz", "q1")),
        ("$CANVAS_OBJECT_REFERENCE$/modules/m9", ("module", "m9")),
        ("$CANVAS_COURSE_REFERENCE$/file_ref/x/preview", ("file_id", "x")),
        ("$CANVAS_COURSE_REFERENCE$/external_tools/retrieve", ("tool", "retrieve")),
        ("$CANVAS_COURSE_REFERENCE$/", ("course", "")),
        ("$CANVAS_COURSE_REFERENCE$/grades", ("course", "grades")),
        ("$IMS-CC-FILEBASE$/lost.pdf", ("file", "web_resources/lost.pdf")),
        ("lost.pdf", ("file", "week1/lost.pdf")),
        ("/courses/12/files/3?wrap=1", ("site", "/courses/12/files/3?wrap=1")),
        ("../../../etc/passwd", ("file", "../../../etc/passwd")),
    ],
)
def test_a_link_that_leads_nowhere_loses_its_address_keeps_its_words_and_is_listed(
    address: str, asked: tuple[str, str]
) -> None:
    assert mend(f'<a href="{address}">words</a>') == ("<a >words</a>", [asked])


def test_what_resolve_answers_cannot_break_out_of_its_attribute() -> None:
    mended = mend_links("<a href=x.html>", lambda _kind, _key: '/a"><script>')
    assert mended.html == '<a href="/a&quot;&gt;&lt;script&gt;">'


def test_an_unresolved_link_names_its_line() -> None:
    (lost,) = mend_links("<p>\n\n<img\nsrc='lost.png'>", lambda _kind, _key: None).unresolved
    assert (lost.line, lost.written) == (3, "lost.png")


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<a href=", '<a href="', "<!--", "<a\n", "<![CDATA[", "</", "&", "<p/", "<script>", "<?"],
)
def test_wild_html_is_mended_in_time(piece: str) -> None:
    begun = time.perf_counter()
    mend_links(piece * (200_000 // len(piece)), lambda _kind, _key: None)
    assert time.perf_counter() - begun < 5


def at(text: str) -> datetime:
    found = read_instant(text)
    assert found is not None
    return found


def test_a_time_without_a_zone_is_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert at("2021-02-01T04:59:00") == datetime(2021, 2, 1, 4, 59, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_zone_is_guessed_from_the_commonest_minute_across_a_change_of_clocks() -> None:
    instants = [
        at("2021-02-01T04:59:00"),
        at("2021-03-15T03:59:00"),
        at("2021-04-05T03:59:00"),
        at("2021-04-06T17:00:00"),
    ]
    assert (
        guess_zone(instants, ["UTC", "Europe/Madrid", "America/Chicago", "America/New_York"])
        == "America/New_York"
    )
    assert (
        guess_zone([at("2021-02-01T05:59:00")], ["America/New_York", "America/Chicago"]) == "America/Chicago"
    )


def test_no_zone_is_guessed_from_nothing_from_half_or_from_a_tie_but_the_first() -> None:
    half = [at("2021-02-01T04:59:00"), at("2021-02-01T12:00:00")]
    assert guess_zone([], ["UTC"]) is None
    assert guess_zone(half, ["America/New_York"]) is None
    assert guess_zone(half[:1], ["America/Toronto", "America/New_York"]) == "America/Toronto"


def test_an_instant_stands_in_the_minute_that_people_wrote() -> None:
    assert wall_minute(at("2021-02-01T04:59:59"), NEW_YORK) == datetime(2021, 1, 31, 23, 59)


def test_dates_move_by_calendar_days_and_keep_their_wall_clock_time() -> None:
    (moved,) = move_by_days([at("2021-02-01T04:59:00")], date(2021, 1, 11), date(2021, 5, 3), NEW_YORK)
    assert moved.wall_before == datetime(2021, 1, 31, 23, 59)
    assert moved.wall_after == datetime(2021, 5, 23, 23, 59)
    assert moved.after == datetime(2021, 5, 24, 3, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "instant", "new_first_day", "after"),
    [
        (
            "America/New_York",
            "2026-03-07T07:30:00",
            date(2026, 3, 8),
            "2026-03-08T07:00:00",
        ),  # 02:30 does not exist
        (
            "America/New_York",
            "2026-03-07T06:30:00",
            date(2026, 11, 1),
            "2026-11-01T06:30:00",
        ),  # 01:30 twice: second
        (
            "Pacific/Apia",
            "2011-12-28T22:00:00",
            date(2011, 12, 30),
            "2011-12-30T10:00:00",
        ),  # the day does not exist
        ("Africa/Cairo", "2026-04-22T22:30:00", date(2026, 4, 24), "2026-04-23T22:00:00"),  # 00:30 is skipped
    ],
)
def test_a_minute_that_does_not_exist_moves_later_and_of_two_the_second_counts(
    zone: str, instant: str, new_first_day: date, after: str
) -> None:
    here = ZoneInfo(zone)
    first_day = at(instant).astimezone(here).date()
    (moved,) = move_by_days([at(instant)], first_day, new_first_day, here)
    assert moved.after == at(after)


@settings(derandomize=True, max_examples=times(300), deadline=None)
@given(
    st.sampled_from(sorted(available_timezones() - {"localtime"})),
    st.datetimes(datetime(2001, 1, 1), datetime(2180, 1, 1)),
    st.integers(-365, 3650),
)
def test_in_every_zone_moved_dates_keep_their_order_and_never_come_early(
    zone: str, instant: datetime, days: int
) -> None:
    here = ZoneInfo(zone)
    before = instant.replace(tzinfo=UTC)
    first_day = date(2020, 1, 1)
    one, other = move_by_days(
        [before, before + timedelta(hours=3)], first_day, first_day + timedelta(days), here
    )
    wanted = one.wall_before + timedelta(days)
    assert one.wall_after >= wanted
    assert wall_minute(one.after, here) == one.wall_after
    if one.wall_after != wanted:  # then nothing between was a minute of that zone
        a_minute_before = (one.after - timedelta(minutes=1)).astimezone(here).replace(tzinfo=None)
        assert a_minute_before < wanted
    assert one.after <= other.after or one.wall_before > other.wall_before


def test_the_start_of_a_day_is_its_first_instant() -> None:
    assert start_of_day(date(2026, 4, 24), ZoneInfo("Africa/Cairo")) == at("2026-04-23T22:00:00")
    assert start_of_day(date(2024, 11, 3), ZoneInfo("America/Havana")) == at("2024-11-03T04:00:00")
    assert start_of_day(date(2026, 1, 1), MADRID) == at("2025-12-31T23:00:00")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("Europe/Madrid", "Europe/Madrid"),
        ("Middle Earth", ""),
        ("../../etc/passwd", ""),
        ("", ""),
    ],
)
def test_a_zone_is_known_by_its_name_here_and_elsewhere(written: str, name: str) -> None:
    assert zone_named(written) == name
