"""Each rule of docs/time.md has a test named by its number, each of its scenarios one by name, each case an instant."""

import ast
import re
from functools import cache

from tests.rules.cases import CASES
from tests.sweeps.test_house import ROOT

# Rules that need no test of their name, and why.
EXCEPT = {21: "editions are not part of the forum yet"}
# The beginning of each scenario, and its test.
SCENARIOS = {
    "due Wednesday": "test_scenario_due_wednesday_accommodation_of_two_days_class_extended_to_friday_is_sunday",
    "outage 22:00 Wed to 23:00 Thu": "test_scenario_outage_22_wednesday_to_23_thursday_due_thursday_23_59_is_saturday_12",
    "outages 12–14 and 16:30–18": "test_scenario_outages_12_to_14_and_16_30_to_18_due_15_is_19_at_least",
    "outage 20:00–02:00": "test_scenario_outage_20_to_02_due_24_is_12_in_the_own_zone",
    "cut-off = due": "test_scenario_cutoff_and_due_at_the_end_of_thursday_with_grace_takes_a_post_at_two_past_midnight",
    "accommodation +3 days": "test_scenario_accommodation_of_three_days_over_a_cutoff_two_days_after_due_is_due_sunday_and_open_until_then",
    "signed out at 23:59:40": "test_scenario_signed_out_20_seconds_before_midnight_and_posted_at_six_past_with_the_same_words_is_on_time",
    "the same with one letter": "test_scenario_the_same_with_one_letter_changed_is_late",
    "handed in 23:50": "test_scenario_handed_in_before_midnight_and_mended_after_it_is_on_time_as_first_written",
    "handed in on `after_own`": "test_scenario_handed_in_and_withdrawn_before_appearing_opens_nothing",
    "100 words posted": "test_scenario_a_hundred_words_posted_and_removed_before_the_limit_are_missing",
    "removed next day": "test_scenario_a_hundred_words_removed_the_next_day_are_met_and_marked_so",
    "enrolled in week 3": "test_scenario_enrolled_in_week_three_weeks_one_and_two_are_not_asked",
    "moved from the Thursday": "test_scenario_moved_from_the_thursday_to_the_wednesday_section_after_both_were_shown_is_thursday",
}


@cache
def specification() -> str:
    return (ROOT / "docs" / "time.md").read_text()


@cache
def names() -> frozenset[str]:
    """The names of all tests."""
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def rules() -> list[int]:
    return [int(number) for number in re.findall(r"^(\d+)\. \*\*", specification(), re.MULTILINE)]


def scenarios() -> list[str]:
    """What is told after "Scenarios, each a test by name:"; after a semicolon stands one more."""
    told = specification().split("Scenarios, each a test by name:")[1].split("\n\n")[0]
    return [part.strip() for part in re.split(r" · |; ", " ".join(told.split()))]


def has_test(number: int) -> bool:
    return any(name.startswith(f"test_rule_{number}_") for name in names())


def test_each_rule_has_a_test_named_by_its_number() -> None:
    assert rules() == list(range(1, 25))
    assert {number for number in set(rules()) - EXCEPT.keys() if not has_test(number)} == set()


def test_each_scenario_has_a_test_by_name() -> None:
    for told in scenarios():
        assert [begin for begin in SCENARIOS if told.startswith(begin)], f"no test is named for: {told}"
    assert len(scenarios()) == len(SCENARIOS), "what is no longer told is taken out"
    assert {name for name in SCENARIOS.values() if name not in names()} == set()


def test_each_case_of_the_table_is_among_the_cases() -> None:
    table = specification().split("## Cases that the tests must hold")[1].split("\nThe instants were")[0]
    instants = {due.strftime("%Y-%m-%dT%H:%M:%SZ") for _zone, _wall, due in CASES}
    zones = {zone for zone, _wall, _due in CASES}
    rows = [line.split("|") for line in table.splitlines() if "/" in line]
    assert len(rows) >= 13
    for row in rows:
        assert set(re.findall(r"[A-Z]\w+/[A-Z]\w+", row[1])) <= zones, row
        for told in re.findall(r"[\d:T-]+Z", row[3]):
            assert any(instant.endswith(told) for instant in instants), (row, told)
