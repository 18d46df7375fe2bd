"""A file of dates is read as it comes from spreadsheets: headers misspelled, dates in figures, midnight not guessed."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.core.csvs import write_csv
from forum.core.moments import Wall
from forum.desk.dates.sheets import HEADERS, MOST_ROWS, Sheet, matched, read_sheet
from tests.deep import times


def read(*lines: str) -> Sheet:
    return read_sheet("\r\n".join(lines).encode())


def walls(*lines: str) -> list[Wall | None]:
    return [row.wall for row in read("id,date,time", *lines).rows]


def codes(sheet: Sheet) -> list[tuple[str, int]]:
    return [(remark.code, remark.line) for remark in sheet.remarks]


@pytest.mark.parametrize(
    ("line", "wall"),
    [
        ("a,2026-11-26,", Wall(date(2026, 11, 26))),
        ("a,2026-11-26,17:00", Wall(date(2026, 11, 26), time(17))),
        ("a,2026-11-26,17:00:00", Wall(date(2026, 11, 26), time(17))),
        ("a,2026-11-26,5:00 PM", Wall(date(2026, 11, 26), time(17))),
        ("a,2026-11-26,12:30 a.m.", Wall(date(2026, 11, 26), time(0, 30))),
        ("a,2026-11-26,24:00", Wall(date(2026, 11, 26))),
        ("a,2026-11-26,End of day", Wall(date(2026, 11, 26))),
        ("a,26/11/2026,8.15", Wall(date(2026, 11, 26), time(8, 15))),
        ("a,26.11.2026,", Wall(date(2026, 11, 26))),
        ("a,11/26/2026,", Wall(date(2026, 11, 26))),
        ("a,,", None),
        ("a,,end of day", None),
        ("a,2026-11-26,00:00", Wall(date(2026, 11, 26), time(0, 0))),
    ],
)
def test_dates_and_times_are_read_as_people_and_programs_write_them(line, wall):
    assert walls(line) == [wall]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a,someday,", "bad_date"), ("a,2026-02-30,", "bad_date"), ("a,04/05/2026,", "ambiguous_date"),
        ("a,1999-12-31,", "out_of_bounds"), ("a,2201-01-01,", "out_of_bounds"), ("a,2026-11-26,25:00", "bad_time"),
        ("a,2026-11-26,noon", "bad_time"), ("a,2026-11-26,13:00 PM", "bad_time"), ("a,,17:00", "time_alone"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line_and_stops_nothing(line, code):
    sheet = read("id,date,time", "before,2026-11-25,", line, "after,2026-11-27,")
    assert [row.key for row in sheet.rows] == ["before", "after"]
    assert codes(sheet) == [(code, 3)]


def test_headers_may_be_misspelled_and_in_any_order():
    sheet = read("tiem;Daet;Borad;wich;secton", "20:00;2026-11-26;Floods;Opens;North")
    (row,) = sheet.rows
    assert (row.where, row.what, row.part, row.wall) == (
        "Floods",
        "Opens",
        "North",
        Wall(date(2026, 11, 26), time(20)),
    )
    assert {remark.code for remark in sheet.remarks} == {"guessed_header"}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"id,time\na,17:00\n", "missing_column"), (b"date,time\n2026-11-26,\n", "missing_column"),
     (b'id,date\n"a,2026-11-26\n' + b"x" * 200_000, "broken_table"), (b"x" * (2 * 1024 * 1024 + 1), "too_large"),
     (b"id,date\n" + b"a,2026-11-26\n" * (MOST_ROWS + 1), "too_many_rows")],
)  # fmt: skip
def test_a_file_that_is_no_file_of_dates_is_refused_as_a_whole(content, code):
    sheet = read_sheet(content)
    assert sheet.rows == ()
    assert sheet.fatal is not None
    assert sheet.fatal.code == code


def test_without_a_column_of_times_it_says_so():
    assert read("id,date", "a,2026-11-26").timeless
    assert not read("id,date,time", "a,2026-11-26,").timeless


KNOWN = {
    "k1": ("Floods", "Opens", ""),
    "k2": ("Floods", "Opens", "North"),
    "k3": ("=SUM(1)", "Due", ""),
    "k4": ("Twin", "Due", ""),
    "k5": ("Twin", "Due", ""),
}


def test_a_row_is_known_by_its_key_or_by_its_words():
    sheet = read("id,where,what,for,date", "k1,renamed,whatever,,2026-11-26", ",floods, OPENS ,north,2026-11-27",
                 ",'=SUM(1),Due,,2026-11-28", "nobody's,Floods,Opens,,2026-11-29", ",Twin,Due,,2026-11-30",
                 "k1,,,,2026-12-01")  # fmt: skip
    found, remarks = matched(sheet.rows, KNOWN)
    assert {key: row.wall.on.day for key, row in found.items()} == {"k1": 26, "k2": 27, "k3": 28}
    assert [(one.code, one.line) for one in remarks] == [
        ("unknown_row", 5),
        ("many_rows", 6),
        ("duplicate_row", 7),
    ]


TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@settings(derandomize=True, max_examples=times(150), deadline=None, database=None)
@given(st.lists(st.tuples(TITLES, st.dates(date(2000, 1, 1), date(2200, 12, 31)),
                          st.one_of(st.none(), st.times().map(lambda at: at.replace(second=0, microsecond=0)))),
                min_size=1, max_size=12))  # fmt: skip
def test_what_is_written_is_read_back_whatever_things_are_called(lines):
    rows = [HEADERS] + [
        (f"k{place}", "", title, "Due", "", on.isoformat(), f"{minute:%H:%M}" if minute else "", "", "")
        for place, (title, on, minute) in enumerate(lines)
    ]
    sheet = read_sheet(write_csv(rows))
    assert [(row.key, row.wall) for row in sheet.rows] == [
        (f"k{place}", Wall(on, minute)) for place, (_title, on, minute) in enumerate(lines)
    ]
    assert codes(sheet) == []
