"""When others' posts are shown: rule 23 of docs/time.md."""

from datetime import UTC, datetime, timedelta

from forum.boards.rules.shown import (
    are_others_visible,
    first_post_judged_at,
    opened_by_own_at,
    others_visible_at,
    together_from,
)
from forum.boards.rules.values import PostFacts, Revision

AT = datetime(2026, 11, 26, 22, 50, tzinfo=UTC)
MICROSECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)


def post(at: datetime = AT, *later: Revision, words: int = 100, opens: bool = True, **changed) -> PostFacts:
    return PostFacts(1, 1, at, (Revision(at, words), *later), opens=opens, **changed)


def opened(*posts: PostFacts) -> datetime | None:
    return opened_by_own_at(posts, 100)


def test_the_first_post_that_meets_the_minimum_opens_the_others():
    assert opened(post()) == AT
    assert opened(post(words=99)) is None
    assert opened(post(AT, Revision(AT + HOUR, 100), words=99)) == AT + HOUR
    assert opened(post(AT + DAY), post()) == AT
    assert opened() is None


def test_a_reply_or_a_prompt_or_a_held_post_opens_nothing():
    assert opened(post(opens=False)) is None
    assert opened(post(is_prompt=True)) is None
    assert opened(post(held=True)) is None


def test_rule_23_what_was_opened_stays_open():
    assert opened(post(removed_at=AT + MICROSECOND)) == AT
    assert opened(post(AT, Revision(AT + MICROSECOND, 0))) == AT
    assert opened(post(removed_at=AT + HOUR, ruled_out=True)) == AT


def test_a_scheduled_post_opens_the_others_only_when_it_has_appeared():
    appears = AT + 9 * HOUR
    assert opened(post(appears_at=appears)) == appears
    assert not are_others_visible("after_own", opened(post(appears_at=appears)), appears - MICROSECOND)
    assert are_others_visible("after_own", opened(post(appears_at=appears)), appears)


def test_scenario_handed_in_and_withdrawn_before_appearing_opens_nothing():
    appears = AT + 9 * HOUR
    assert opened(post(appears_at=appears, removed_at=appears)) is None
    assert opened(post(AT, Revision(AT + HOUR, 3), appears_at=appears)) is None
    assert opened(post(AT, Revision(AT + HOUR, 100), words=3, appears_at=appears)) == appears


def test_shown_at_once_needs_nothing():
    assert others_visible_at("at_once", (), 100) is None
    assert are_others_visible("at_once", None, AT)
    assert not are_others_visible("after_own", None, AT)


def test_rule_23_together_is_never_before_the_limit_of_the_class():
    assert together_from(AT, AT + HOUR) == AT + HOUR
    assert together_from(AT + DAY, AT + HOUR) == AT + DAY
    assert together_from(AT, None) == AT


def test_rule_23_who_has_more_time_sees_the_others_when_they_have_posted_or_their_limit_has_passed():
    def seen(*posts: PostFacts, own_limit: datetime) -> datetime | None:
        return others_visible_at("together", posts, 100, together_at=AT, own_limit=own_limit)

    assert seen(own_limit=AT) == AT
    assert seen(own_limit=AT + 3 * DAY) == AT + 3 * DAY
    assert seen(post(AT + DAY), own_limit=AT + 3 * DAY) == AT + DAY
    assert seen(post(AT - DAY), own_limit=AT + 3 * DAY) == AT
    assert seen(post(AT + 5 * DAY), own_limit=AT + 3 * DAY) == AT + 3 * DAY
    assert others_visible_at("together", (), 100) is None


def test_rule_23_the_first_post_is_judged_at_the_earlier_of_limit_and_visibility():
    assert first_post_judged_at(AT + DAY, AT) == AT
    assert first_post_judged_at(AT, AT + DAY) == AT
    assert first_post_judged_at(None, AT) == AT
    assert first_post_judged_at(AT, None) == AT
    assert first_post_judged_at(None, None) is None
