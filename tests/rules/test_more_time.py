"""Requests for more time: what can be wished for, until when words are read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.more_time.rules import term_ends_at, why_not_ask, why_not_wish, words_left

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, MICRO = timedelta(hours=1), timedelta(microseconds=1)
instants = st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@given(instants, st.lists(instants | st.none(), max_size=3), instants | st.none(), instants)
def test_what_can_be_wished_lies_ahead_and_is_later_than_something(
    wished_at: datetime, dues: list[datetime | None], cutoff_at: datetime | None, at: datetime
) -> None:
    refusal = why_not_wish(wished_at, dues, cutoff_at, at)
    dated = [due for due in dues if due is not None]
    moves = (
        [due for due in dated if wished_at > due]
        if dated
        else [cutoff_at]
        if cutoff_at and wished_at > cutoff_at
        else []
    )
    assert (refusal is None) is (wished_at > at and bool(moves))


@pytest.mark.parametrize(
    ("wished_at", "dues", "cutoff_at", "code"),
    [
        (AT, [AT - HOUR], None, "wish_passed"),
        (AT + MICRO, [AT - HOUR], None, None),
        (AT + HOUR, [AT + HOUR], None, "wish_not_later"),
        (AT + HOUR + MICRO, [AT + HOUR], None, None),
        (AT + HOUR, [], None, "nothing_due"),
        (AT + HOUR, [None], None, "nothing_due"),
        (AT + HOUR, [], AT, None),
        (AT + HOUR, [AT, AT + 2 * HOUR], AT + 3 * HOUR, None),
    ],
)
def test_at_each_border(
    wished_at: datetime, dues: list[datetime | None], cutoff_at: datetime | None, code: str | None
) -> None:
    refusal = why_not_wish(wished_at, dues, cutoff_at, AT)
    assert (refusal.code if refusal else None) == code


def test_words_end_with_the_terms_last_day_in_the_courses_zone() -> None:
    ends_at = term_ends_at(date(2026, 12, 20), ZoneInfo("Europe/Madrid"))
    assert ends_at == datetime(2026, 12, 20, 23, tzinfo=UTC)
    assert words_left("A flu.", ends_at, ends_at - MICRO) == "A flu."
    assert words_left("A flu.", ends_at, ends_at) is None


@pytest.mark.parametrize(
    ("state", "at", "code"),
    [("open", AT - MICRO, None), ("open", AT, "term_over"), ("ended", AT - HOUR, "course_ended"),
     ("archived", AT - HOUR, "course_archived")],
)  # fmt: skip
def test_when_nothing_is_asked(state: str, at: datetime, code: str | None) -> None:
    refusal = why_not_ask(state, AT, at)
    assert (refusal.code if refusal else None) == code
