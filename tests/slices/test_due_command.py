"""`forum due`: the instant first, then its words; what can't be a due time ends with a sentence and 2."""

from datetime import UTC

import pytest
from click.testing import CliRunner, Result

from forum.cli import main
from forum.core.moments import Wall
from tests.rules.cases import CASES


def due(*words: str) -> Result:
    return CliRunner().invoke(main, ["due", *words])


def written(wall: Wall) -> str:
    return f"end of {wall.on}" if wall.minute is None else f"{wall.on} {wall.minute:%H:%M}"


@pytest.mark.parametrize(("name", "wall", "instant"), CASES)
def test_each_case_of_the_table_comes_out_first_on_the_line(name, wall, instant):
    done = due(written(wall), "--zone", name)
    assert done.exit_code == 0, done.output
    assert done.output.split()[0] == instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_due_time_is_said_as_its_reader_sees_it_and_with_its_limit():
    done = due(
        "end of 2026-11-26", "--zone", "Europe/Madrid", "--own-zone", "America/Chicago", "--grace", "7"
    )
    first, read, limit, own, database = done.output.splitlines()
    assert first == "2026-11-26T23:00:00Z end of Thursday 26 November 2026, Madrid time."
    assert "Thursday 26 November 2026, 16:59, Chicago time" in read
    assert "7 minutes of grace: 2026-11-26T23:07:00Z. Please post by 16:59." in limit
    assert "arrives by 17:06 counts" in limit
    assert "2026-11-27T06:00:00Z end of Thursday 26 November 2026, Chicago time" in own
    assert database.startswith("Zone database 20")


def test_a_date_alone_is_its_end_as_in_a_form():
    assert due("2026-11-26", "--zone", "Europe/Madrid").output == due(
        "End of 2026-11-26", "--zone", "Europe/Madrid"
    ).output  # fmt: skip


def test_without_grace_the_limit_is_the_due_instant():
    done = due("2026-11-26 17:00", "--zone", "Europe/Madrid", "--grace", "0")
    assert "Limit, without grace: 2026-11-26T16:01:00Z." in done.output


@pytest.mark.parametrize(
    ("when", "zone", "said"),
    [
        ("2026-03-08 02:30", "America/New_York", "That time is skipped when clocks change (New York time). It counts as Sunday 8 March 2026, 03:00."),
        ("2026-11-01 01:30", "America/New_York", "The second of the two counts"),
        ("end of 2011-12-30", "Pacific/Apia", "That date does not exist in Apia time. It counts as end of Thursday 29 December 2011."),
    ],
)  # fmt: skip
def test_what_is_odd_is_said(when, zone, said):
    assert said in due(when, "--zone", zone).output


def test_an_oddity_of_the_own_zone_is_said_too():
    done = due("2026-03-08 02:30", "--zone", "Europe/Madrid", "--own-zone", "America/New_York")
    assert done.output.count("skipped when clocks change (New York time)") == 1


def test_midnight_asks_which_night_and_spells_both():
    done = due("2026-11-26 00:00", "--zone", "Europe/Madrid")
    assert done.exit_code == 2
    assert "“end of 2026-11-25” for the night from Wednesday to Thursday" in done.output
    assert "“end of 2026-11-26” for the night from Thursday to Friday" in done.output
    assert "T23:00:00Z" not in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tomorrow", "--zone", "Europe/Madrid"], "is no due time; please write it like"),
        (["end of 2026-11-26 17:00", "--zone", "Europe/Madrid"], "is no due time"),
        (["2026-11-26T17:00Z", "--zone", "Europe/Madrid"], "is no due time"),
        (["2026-02-30", "--zone", "Europe/Madrid"], "There is no date 2026-02-30."),
        (["2026-02-20 24:00", "--zone", "Europe/Madrid"], "please write “end of 2026-02-20”"),
        (["2026-02-20 25:00", "--zone", "Europe/Madrid"], "There is no time 25:00."),
        (["end of 1999-12-31", "--zone", "Europe/Madrid"], "between the years 2000 and 2200"),
        (["end of 2026-11-26", "--zone", "CET"], "“CET” is no time zone"),
        (["end of 2026-11-26", "--zone", "Europe/Madrid", "--own-zone", "../etc"], "“../etc” is no time zone"),
        (["end of 2026-11-26"], "Missing option '--zone'"),
        (["end of 2026-11-26", "--zone", "Europe/Madrid", "--grace", "-1"], "--grace"),
    ],
)  # fmt: skip
def test_what_is_no_due_time_is_refused_in_a_sentence(words, said):
    done = due(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
