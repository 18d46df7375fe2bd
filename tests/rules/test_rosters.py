"""Plain rosters and CSV given out: any spreadsheet's form is read; no cell that we give out runs."""

from __future__ import annotations

import csv
import io

import pytest

from forum.core.csvs import defuse_cell, write_csv
from forum.interop.rosters import Role, Roster, read_roster

HEADER = "email,name,role,section,group,registrar id\n"


def codes(roster: Roster) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.line, problem.column) for problem in roster.problems]


def test_a_roster_is_read_with_all_its_columns() -> None:
    roster = read_roster((HEADER + "sam@example.org,Sam Oak,student,A,Red,0017\n").encode())
    (row,) = roster.rows
    assert (row.line, row.email, row.name, row.role) == (2, "sam@example.org", "Sam Oak", Role.STUDENT)
    assert (row.section, row.group, row.registrar_id) == ("A", "Red", "0017")
    assert roster.problems == ()


@pytest.mark.parametrize(
    "header",
    [
        "E-Mail;First Name;Last Name",
        "EMAIL ADDRESS;given name;surname",
        "Emial;Frist Name;Lastname",
        "e_mail;Forename;Family-Name",
        " Email ; FirstName ;LAST NAME",
    ],
)
def test_headers_by_other_names_and_misspelled_are_known(header: str) -> None:
    roster = read_roster(f"{header}\nsam@example.org;Sam;Oak\n".encode())
    assert [(row.email, row.name) for row in roster.rows] == [("sam@example.org", "Sam Oak")]


def test_a_misspelled_header_is_reported_as_guessed_and_an_unknown_one_as_such() -> None:
    roster = read_roster(b"Emial,Nmae,shoe size\nsam@example.org,Sam,44\n")
    assert codes(roster) == [
        ("guessed_header", 1, "email"),
        ("guessed_header", 1, "name"),
        ("unknown_header", 1, "shoe size"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_delimiter_encoding_and_line_end_is_read(delimiter: str, encoding: str, newline: str) -> None:
    text = '"e-mail","name"\nzoe@example.org,"Zoë Müller-Çelik"\nb@example.org,"Bo"'
    roster = read_roster(text.replace(",", delimiter).replace("\n", newline).encode(encoding))
    assert [row.name for row in roster.rows] == ["Zoë Müller-Çelik", "Bo"]


def test_a_line_that_names_the_delimiter_is_obeyed() -> None:
    roster = read_roster(b"sep=;\r\nemail;name\r\nsam@example.org;Oak, Sam\r\n")
    assert [row.name for row in roster.rows] == ["Sam Oak"]


def test_a_cell_over_two_lines_is_one_name_and_lines_are_still_counted_right() -> None:
    roster = read_roster(b'email,name\na@example.org,"Ann\r\nLee"\n\nnobody,X\n')
    assert [(row.line, row.name) for row in roster.rows] == [(2, "Ann Lee")]
    assert codes(roster) == [("bad_email", 5, "email")]


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("", Role.STUDENT),
        ("Student", Role.STUDENT),
        ("TA", Role.ASSISTANT),
        ("teacher", Role.INSTRUCTOR),
        ("Guest", Role.OBSERVER),
        ("StudentEnrollment", Role.STUDENT),
    ],
)
def test_roles_are_known_by_many_words(written: str, role: Role) -> None:
    assert [row.role for row in read_roster(f"email,role\na@example.org,{written}\n".encode()).rows] == [role]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Administrator", "no_administrators"),
        ("site-admin", "no_administrators"),
        ("Parent", "no_parents"),
        ("wizard", "unknown_role"),
    ],
)
def test_no_roster_makes_an_administrator_and_what_is_no_role_leaves_its_row_out(
    written: str, code: str
) -> None:
    roster = read_roster(f"email,role\na@example.org,{written}\nb@example.org,student\n".encode())
    assert [row.email for row in roster.rows] == ["b@example.org"]
    assert codes(roster) == [(code, 2, "role")]


def test_doubles_are_told_with_the_line_of_the_first() -> None:
    roster = read_roster(b"email,id\na@example.org,1\nA@Example.org,2\nb@example.org,1\n,3\n")
    assert [row.email for row in roster.rows] == ["a@example.org"]
    assert codes(roster) == [
        ("duplicate_email", 3, "email"),
        ("duplicate_id", 4, "registrar_id"),
        ("missing_value", 5, "email"),
    ]
    assert roster.problems[0].values["first"] == 2


@pytest.mark.parametrize(
    "email",
    ["a", "a@b", "a@b@c.org", "a b@c.org", "@c.org", "a@.org", "a@c.org,b@c.org", "=1@c.=x", "a@c..org"],
)
def test_what_is_no_address_is_told(email: str) -> None:
    assert codes(read_roster(f'email\n"{email}"\n'.encode())) == [("bad_email", 2, "email")]


def test_cells_that_spreadsheets_would_run_are_told_and_kept_as_text() -> None:
    roster = read_roster(b'email,name,section\na@example.org,"=HYPERLINK(""http://x"")",A\n')
    assert roster.rows[0].name.startswith("=HYPERLINK")
    assert codes(roster) == [("formula_cell", 2, "name")]


def test_what_spreadsheets_put_around_a_cell_is_taken_off() -> None:
    roster = read_roster(b'email,id,name\na@example.org,"=""00123""",\'-Ann\n')
    assert (roster.rows[0].registrar_id, roster.rows[0].name) == ("00123", "-Ann")


def test_private_columns_are_named_and_not_read() -> None:
    roster = read_roster(
        b"email,phone,birth date,parent email,pasword\na@example.org,SECRET,SECRET,SECRET,SECRET\n"
    )
    assert "SECRET" not in repr(roster)
    assert [column for code, _line, column in codes(roster) if code == "not_read"] == [
        "birth date",
        "parent email",
        "password",
        "phone",
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_empty(content: bytes) -> None:
    assert read_roster(content).problems[0].code == "empty"


@pytest.mark.parametrize(
    "content", [b"name\nSam\n", b"a@example.org,Sam\n", b"PK\3\4" + bytes(range(256)) * 9, b"\0" * 999]
)
def test_a_file_without_addresses_by_name_gives_no_rows_and_says_why(content: bytes) -> None:
    roster = read_roster(content)
    assert roster.rows == ()
    assert {"missing_column", "empty", "broken_table"} & {problem.code for problem in roster.problems}


def test_a_quotation_mark_that_never_closes_is_told_with_its_line() -> None:
    roster = read_roster(b'email\na@example.org\n"b@' + b"x" * 200_000)
    assert ([row.email for row in roster.rows], codes(roster)) == (
        ["a@example.org"],
        [("broken_table", 3, "")],
    )


def test_too_much_is_refused_and_too_many_rows_stop() -> None:
    assert codes(read_roster(b"email\n" + b"x" * 17_000_000)) == [("too_large", 0, "")]
    roster = read_roster(b"email\n" + b"".join(b"a%d@example.org\n" % n for n in range(50_001)))
    assert (len(roster.rows), codes(roster)) == (50_000, [("too_many_rows", 50_002, "")])


def test_more_cells_than_headers_are_told_and_fewer_are_empty() -> None:
    roster = read_roster(b"email,name,section\na@example.org,A,1,extra\nb@example.org\nc@example.org,,2\n")
    assert [(row.name, row.section) for row in roster.rows] == [("A", "1"), ("", ""), ("", "2")]
    assert codes(roster) == [("extra_cells", 2, ""), ("no_name", 4, "name")]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_cell_that_we_give_out_begins_as_a_formula(start: str) -> None:
    assert defuse_cell(start + "1+1") == "'" + start + "1+1"


@pytest.mark.parametrize("value", ["", "Sam", "'=1", "a=b", " =1", "1-2"])
def test_an_ordinary_cell_is_given_out_as_it_is(value: str) -> None:
    assert defuse_cell(value) == value


def test_a_file_given_out_opens_in_spreadsheets_and_reads_back_the_same() -> None:
    content = write_csv(
        [["email", "name", "section"], ["zoe@example.org", "=Zoë", -3], ["b@example.org", 'B "x", y\n', None]]
    )
    assert content.startswith(b"\xef\xbb\xbfemail,name,section\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[1:] == [["zoe@example.org", "'=Zoë", "-3"], ["b@example.org", 'B "x", y\n', ""]]
    assert read_roster(content).rows[0].name == "=Zoë"
