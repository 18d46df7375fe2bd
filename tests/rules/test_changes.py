"""What staff may still change once students could see it: rule 6 of docs/time.md."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.changes import (
    Version,
    effective_due,
    followed,
    why_not_add_checkpoint,
    why_not_change_number,
    why_not_move_cutoff,
    why_not_move_due,
    why_not_move_opens,
)
from forum.boards.rules.values import Refusal
from forum.core.moments import shift_days, zone
from tests.deep import times

MADRID = zone("Europe/Madrid")
AT = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
SHOWN = AT - timedelta(days=3)
OLD = AT - timedelta(days=2)  # an entry long past its 24 hours
BEFORE = AT + timedelta(days=20)
MICROSECOND = timedelta(microseconds=1)
WEEK, TWO_DAYS, DAY = timedelta(days=7), timedelta(hours=48), timedelta(hours=24)


def move(after, *, before=BEFORE, shown=SHOWN, entered=OLD, reason="typed the wrong week"):
    return why_not_move_due(before, after, AT, shown_at=shown, entered_at=entered, reason=reason, zone=MADRID)


def code(refusal: Refusal | None) -> str | None:
    return refusal and refusal.code


def test_rule_5_what_is_past_never_moves_and_what_is_ahead_is_the_later_of_promise_and_rule():
    earlier, later = BEFORE - DAY, BEFORE + DAY
    assert [followed(BEFORE, derived, AT) for derived in (earlier, BEFORE, later)] == [BEFORE, BEFORE, later]
    assert [followed(AT, derived, AT) for derived in (AT - DAY, AT + DAY)] == [AT, AT], (
        "past is what has come"
    )
    assert followed(AT + MICROSECOND, AT + DAY, AT) == AT + DAY
    assert [followed(BEFORE, derived, AT, is_opening=True) for derived in (earlier, later)] == [
        earlier,
        BEFORE,
    ]
    assert followed(AT, AT - DAY, AT, is_opening=True) == AT


def test_before_anybody_could_see_it_everything_may_change():
    for shown in (None, AT + MICROSECOND):
        assert move(AT, shown=shown) is None
        assert why_not_move_cutoff(BEFORE, AT, AT, shown_at=shown) is None
        assert why_not_move_opens(AT, BEFORE, AT, shown_at=shown) is None
        assert why_not_change_number("min_words", 100, 500, AT, shown_at=shown) is None
        assert why_not_add_checkpoint(AT, AT, board_shown_at=shown, zone=MADRID) is None
    assert code(move(AT, shown=AT)) == "later_stays"


def test_a_due_instant_moves_later_without_a_reason():
    assert move(BEFORE, reason="") is None
    assert move(BEFORE + MICROSECOND, reason="") is None
    assert move(None, reason="") is None


def test_rule_6_a_mistake_can_be_taken_back_seven_days_ahead_with_a_reason():
    assert move(AT + WEEK) is None
    assert code(move(AT + WEEK, reason=" ")) == "reason_needed"
    refused = move(AT + WEEK - MICROSECOND)
    assert refused == Refusal("later_stays", {"stays": BEFORE, "earliest": AT + WEEK})


def test_rule_6_a_mistake_can_be_taken_back_within_a_day_of_its_entry_if_two_days_ahead():
    assert move(AT + TWO_DAYS, entered=AT - DAY) is None
    assert code(move(AT + TWO_DAYS - MICROSECOND, entered=AT - DAY)) == "later_stays"
    assert code(move(AT + TWO_DAYS, entered=AT - DAY - MICROSECOND)) == "later_stays"


def test_no_due_date_taken_back_follows_the_same_rule():
    assert move(AT + WEEK, before=None) is None
    assert code(move(AT + TWO_DAYS, before=None)) == "later_stays"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(AT, AT, None), (AT, AT + MICROSECOND, None), (AT, None, None), (AT, AT - MICROSECOND, "only_later"),
     (None, None, None), (None, AT, "only_later")],
)  # fmt: skip
def test_rule_6_a_cutoff_moves_only_later(before, after, expected):
    assert code(why_not_move_cutoff(before, after, AT, shown_at=SHOWN)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(AT, AT, None), (AT, AT - MICROSECOND, None), (AT, None, None), (AT, AT + MICROSECOND, "only_earlier"),
     (None, None, None), (None, AT, "only_earlier")],
)  # fmt: skip
def test_rule_6_opens_moves_only_earlier(before, after, expected):
    assert code(why_not_move_opens(before, after, AT, shown_at=SHOWN)) == expected


def test_rule_6_grace_only_grows_and_what_is_asked_only_shrinks():
    assert code(why_not_change_number("grace_minutes", 5, 4, AT, shown_at=SHOWN)) == "only_up"
    assert why_not_change_number("grace_minutes", 5, 6, AT, shown_at=SHOWN) is None
    for field in ("min_words", "replies", "people"):
        assert code(why_not_change_number(field, 2, 3, AT, shown_at=SHOWN)) == "only_down"
        assert why_not_change_number(field, 2, 1, AT, shown_at=SHOWN) is None
        assert why_not_change_number(field, 2, 2, AT, shown_at=SHOWN) is None


def test_rule_6_a_new_checkpoint_is_due_at_least_seven_days_after_it_was_shown():
    assert why_not_add_checkpoint(AT + WEEK, AT, board_shown_at=SHOWN, zone=MADRID) is None
    assert why_not_add_checkpoint(None, AT, board_shown_at=SHOWN, zone=MADRID) is None
    refused = why_not_add_checkpoint(AT + WEEK - MICROSECOND, AT, board_shown_at=SHOWN, zone=MADRID)
    assert refused == Refusal("too_soon", {"earliest": AT + WEEK})


def test_the_seven_days_are_calendar_days():
    before_change = datetime(2026, 10, 22, 10, tzinfo=UTC)
    week = shift_days(before_change, 7, MADRID)
    assert week - before_change == timedelta(days=7, hours=1)
    assert why_not_add_checkpoint(week, before_change, board_shown_at=before_change, zone=MADRID) is None
    refused = why_not_add_checkpoint(
        week - MICROSECOND, before_change, board_shown_at=before_change, zone=MADRID
    )
    assert code(refused) == "too_soon"


def test_the_later_instant_stays_in_a_chain_of_versions():
    chain = (
        Version(BEFORE, OLD),
        Version(AT + TWO_DAYS, AT, "sooner, please"),  # too near: changes nothing
        Version(BEFORE + WEEK, AT + TWO_DAYS, ""),
        Version(BEFORE, AT + TWO_DAYS + DAY, "wrong week"),  # far enough ahead: taken back
    )
    assert [effective_due(chain[:n], shown_at=SHOWN, zone=MADRID).instant for n in (1, 2, 3, 4)] == [
        BEFORE, BEFORE, BEFORE + WEEK, BEFORE,
    ]  # fmt: skip
    assert effective_due(chain, shown_at=SHOWN, zone=MADRID).passed == (1,)
    assert effective_due(chain[:2], shown_at=None, zone=MADRID).instant == AT + TWO_DAYS


instants = st.integers(-40, 400).map(lambda hours: AT + timedelta(hours=hours))


@settings(derandomize=True, max_examples=times(300), deadline=None, database=None)
@given(st.lists(st.tuples(instants | st.none(), st.integers(0, 60)), min_size=1, max_size=6))
def test_no_chain_of_versions_takes_the_last_two_days_from_anybody(entries):
    entered, versions = AT, []
    for instant, hours in entries:
        entered += timedelta(hours=hours)
        versions.append(Version(instant, entered, "because"))
    for n in range(1, len(versions)):
        before = effective_due(versions[:n], shown_at=AT, zone=MADRID).instant
        after = effective_due(versions[: n + 1], shown_at=AT, zone=MADRID).instant
        if after is not None and (before is None or after < before):
            assert after >= versions[n].entered_at + TWO_DAYS
