"""Scores, doubts and states of grades, as values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.participation.rules import (
    ECHO,
    digest_of,
    doubt_of,
    is_own_echo,
    most_of,
    parse_points,
    points_text,
    state_of,
    total_of,
)

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("7", "7"), ("7.5", "7.5"), ("7,5", "7.5"), (" 73.125 ", "73.125"), ("-1", "-1"), ("\u22121", "-1"), (".5", "0.5"),
        ("7.1234", None), ("seven", None), ("", None), ("1e3", None), ("NaN", None), ("Infinity", None), ("7.5.1", None),
        ("100000", None), ("1000000", None),
    ],
)  # fmt: skip
def test_points_are_read_as_people_type_them(text: str, points: str | None) -> None:
    assert parse_points(text) == (None if points is None else Decimal(points))


@settings(derandomize=True)
@given(st.integers(-99_999_999, 99_999_999))
def test_points_written_are_read_as_the_same(thousandths: int) -> None:
    points = Decimal(thousandths) / 1000
    assert parse_points(points_text(points)) == points


def test_no_zeros_that_say_nothing() -> None:
    assert [points_text(Decimal(text)) for text in ("10", "10.500", "0", "0.000", "100.0")] == [
        "10",
        "10.5",
        "0",
        "0",
        "100",
    ]
    assert points_text(None) == ""


@pytest.mark.parametrize(
    ("score", "doubt"),
    [
        ("-0.001", "negative"),
        ("0", None),
        ("20", None),
        ("20.001", "over"),
        ("29.999", "over"),
        ("30", "far_over"),
    ],
)
def test_a_score_below_nothing_above_the_most_and_at_one_and_a_half_of_it_is_doubtful(
    score: str, doubt: str | None
) -> None:
    assert doubt_of(Decimal(score), Decimal(20)) == doubt


def test_without_a_most_only_a_negative_score_is_doubtful() -> None:
    assert doubt_of(Decimal(9_999), None) is None
    assert doubt_of(Decimal(-1), None) == "negative"
    assert doubt_of(None, Decimal(20)) is None


def test_a_score_by_rubric_needs_a_level_of_each_criterion() -> None:
    assert total_of([1, 2], {1: Decimal(4)}) is None
    assert total_of([1, 2], {1: Decimal(4), 2: Decimal("0.5"), 3: Decimal(9)}) == Decimal("4.5")
    assert total_of([], {}) is None


def test_the_most_is_the_best_level_of_each_criterion() -> None:
    assert most_of([[Decimal(0), Decimal(5)], [Decimal(3), Decimal(1)]]) == 8
    assert most_of([]) is None


def test_an_empty_grade_is_no_grade_and_a_score_is_one() -> None:
    assert state_of(None, None, touched=False) == "ungraded"
    assert state_of(None, AT, touched=True) == "begun"
    assert state_of(Decimal(0), None, touched=True) == "draft"
    assert state_of(Decimal(0), AT, touched=True) == "released"


def test_only_the_graders_own_saves_of_a_moment_ago_are_an_echo() -> None:
    assert is_own_echo(1, [1, 1], AT, AT + ECHO)
    assert not is_own_echo(1, [1, 1], AT, AT + ECHO + timedelta(microseconds=1))
    assert not is_own_echo(1, [1, 2], AT, AT)
    assert not is_own_echo(1, [1, None], AT, AT)
    assert not is_own_echo(1, [], AT, AT)


def test_a_digest_tells_states_apart() -> None:
    assert digest_of([1, "a"]) == digest_of([1, "a"]) != digest_of([1, "b"])
