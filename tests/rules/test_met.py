"""What meets a checkpoint and what is judged: rules 16, 17 and 6 of docs/time.md."""

import time as stopwatch
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.met import board_verdict, judged_revision, states_of
from forum.boards.rules.values import (
    CheckpointRule,
    Closing,
    DueDate,
    Met,
    PostFacts,
    Presence,
    Revision,
    StudentFacts,
)
from forum.core.moments import Lateness, zone
from tests.deep import times

MADRID = zone("Europe/Madrid")
DUE = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)  # the end of Thursday in Madrid
LIMIT = DUE + timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AFTER = LIMIT + 7 * DAY
ENROLLED = (Presence(DUE - 90 * DAY),)
SAM, ANA, BEN, EVA, TEACHER = 1, 2, 3, 4, 9
FIRST = CheckpointRule(1, 1, "first_post", min_words=100)
REPLIES = CheckpointRule(2, 2, "replies", replies=2, people=2, min_words=20)
_ids = iter(range(1, 1_000_000))


def due(checkpoint_id: int, due_at: datetime | None = DUE) -> DueDate:
    return DueDate(checkpoint_id, due_at, due_at and due_at + timedelta(minutes=5), MADRID)


def post(
    author: int, at: datetime, *later: Revision, words: int = 120, to: int | None = None, **changed
) -> PostFacts:
    first = Revision(at, words)
    opens = changed.pop("opens", to is None)
    return PostFacts(next(_ids), author, at, (first, *later), opens=opens, parent_author_id=to, **changed)


def sam(
    *posts: PostFacts,
    rule: CheckpointRule = FIRST,
    at: datetime = AFTER,
    due_at: datetime | None = DUE,
    **more,
) -> Met:
    closings, classmates = more.pop("closings", ()), more.pop("classmates", None)
    facts = StudentFacts((due(rule.id, due_at),), more.pop("presence", ENROLLED), **more)
    return states_of([rule], posts, {SAM: facts}, at, closings=closings, classmates=classmates)[SAM][0]


OTHERS = tuple(post(author, DUE - 5 * DAY) for author in (ANA, BEN, EVA))


def test_on_time_means_before_the_limit_to_the_microsecond():
    before, at = sam(post(SAM, LIMIT - MICROSECOND)), sam(post(SAM, LIMIT))
    assert (before.state, before.lateness) == ("met_on_time", None)
    assert (at.state, at.lateness) == ("met_late", Lateness(1, timedelta(minutes=5)))


def test_rule_10_lateness_is_counted_from_the_due_instant_without_grace():
    late = sam(post(SAM, DUE + DAY + MICROSECOND))
    assert late.lateness == Lateness(2, DAY + MICROSECOND)


def test_without_a_post_it_is_not_yet_due_and_missing_from_the_limit_on():
    assert sam(at=LIMIT - MICROSECOND).state == "not_yet_due"
    assert sam(at=LIMIT).state == "missing"
    assert sam(due_at=None).state == "not_yet_due"


def test_a_first_post_that_is_too_short_is_told_by_its_words():
    assert sam(at=DUE).words_done is None
    assert sam(post(SAM, DUE - DAY, words=40), at=DUE).words_done == 40
    two = post(SAM, DUE - DAY, words=40), post(SAM, DUE - HOUR, Revision(DUE - MINUTE, 60), words=12)
    assert sam(*two, at=DUE).words_done == 60, "the longest, as it stands"
    assert sam(post(SAM, DUE - DAY, words=40, removed_at=DUE - HOUR), at=DUE).words_done is None
    assert sam(post(SAM, DUE - DAY, words=40, to=ANA), at=DUE).words_done is None, "a reply is no first post"
    assert sam(post(SAM, DUE - DAY)).words_done is None, "nothing is too short once it is met"


def test_scenario_a_hundred_words_posted_and_removed_before_the_limit_are_missing():
    posted = DUE - 2 * MINUTE
    assert sam(post(SAM, posted, words=100, removed_at=posted + MINUTE)).state == "missing"
    assert sam(post(SAM, posted, words=100, removed_at=LIMIT - MICROSECOND)).state == "missing"


def test_scenario_a_hundred_words_removed_the_next_day_are_met_and_marked_so():
    found = sam(post(SAM, DUE - 2 * MINUTE, words=100, removed_at=LIMIT))
    assert found.state == "met_on_time"
    assert [reason.code for reason in found.reasons] == ["removed_later"]
    assert sam(post(SAM, DUE - HOUR, removed_at=DUE + DAY, ruled_out=True)).state == "missing"


def test_scenario_enrolled_in_week_three_weeks_one_and_two_are_not_asked():
    assert sam(presence=(Presence(LIMIT),)).state == "not_asked"
    assert sam(presence=(Presence(LIMIT - MICROSECOND),)).state == "missing"


def test_who_was_away_or_had_left_is_not_asked():
    away = (Presence(DUE - 90 * DAY, DUE - DAY), Presence(DUE + DAY))
    assert sam(presence=away).state == "not_asked"
    assert sam(presence=(Presence(DUE - 90 * DAY, LIMIT - MICROSECOND),)).state == "not_asked"
    assert sam(presence=(Presence(DUE - 90 * DAY, LIMIT),)).state == "missing"
    assert sam(post(SAM, DUE - 2 * DAY), presence=away).state == "met_on_time"


def test_excused_is_said_of_what_is_not_met_on_time():
    assert sam(excused=frozenset({1})).state == "excused"
    assert sam(post(SAM, DUE + DAY), excused=frozenset({1})).state == "excused"
    assert sam(post(SAM, DUE - DAY), excused=frozenset({1})).state == "met_on_time"


def test_rule_6_closing_by_hand_before_the_limit_excuses_who_had_not_met_it():
    assert sam(closings=(Closing(LIMIT - MICROSECOND),)).state == "excused"
    assert sam(closings=(Closing(LIMIT),)).state == "missing"
    assert sam(closings=(Closing(DUE - DAY, dated_again=True),)).state == "missing"
    assert sam(post(SAM, DUE - DAY), closings=(Closing(DUE - HOUR),)).state == "met_on_time"


def test_a_text_too_short_meets_it_when_an_edit_makes_it_long_enough():
    short = DUE - DAY
    grown = post(SAM, short, Revision(DUE, 99), Revision(LIMIT - MICROSECOND, 100), words=50)
    assert (sam(grown).state, sam(grown).met_at) == ("met_on_time", LIMIT - MICROSECOND)
    late = post(SAM, short, Revision(LIMIT, 100), words=50)
    assert (sam(late).state, sam(late).met_at) == ("met_late", LIMIT)
    assert judged_revision(late, LIMIT, 100) == 1
    assert sam(post(SAM, short, words=99)).state == "missing"


def test_a_text_cut_before_the_limit_does_not_meet_it_and_one_cut_later_does():
    assert sam(post(SAM, DUE - DAY, Revision(LIMIT - MICROSECOND, 3))).state == "missing"
    assert sam(post(SAM, DUE - DAY, Revision(LIMIT, 3))).state == "met_on_time"


def test_a_first_post_is_judged_as_it_stood_when_it_opened_the_others():
    opened = DUE - DAY
    cut = post(SAM, opened, Revision(opened + HOUR, 3))
    assert sam(cut).state == "missing"
    assert sam(cut, others_visible_at=opened).state == "met_on_time"


def test_rule_17_the_first_post_is_the_earliest_that_meets_the_minimum():
    short, whole, more = post(SAM, DUE - 3 * DAY, words=9), post(SAM, DUE - 2 * DAY), post(SAM, DUE + DAY)
    found = sam(more, short, whole)
    assert (found.met_at, found.post_ids, found.state) == (whole.arrived_at, (whole.id,), "met_on_time")


def test_rule_19_equal_arrivals_are_ordered_by_id():
    one, two = post(SAM, DUE - DAY), post(SAM, DUE - DAY)
    assert sam(two, one).post_ids == (one.id,)


def test_a_reply_is_no_first_post_and_the_prompt_is_none():
    assert sam(post(SAM, DUE - DAY, to=ANA)).state == "missing"
    assert sam(post(SAM, DUE - DAY, is_prompt=True)).state == "missing"
    assert sam(post(SAM, DUE - DAY, held=True)).state == "met_on_time"


def test_an_answer_to_the_prompt_is_a_first_post_and_not_a_reply():
    answer = post(SAM, DUE - DAY, to=TEACHER, opens=True)
    assert sam(answer).state == "met_on_time"
    assert sam(answer, *OTHERS, rule=REPLIES).replies_done == 0


def test_rule_17_replies_are_met_when_both_numbers_are_and_later_ones_never_make_it_late():
    to_ana, again, to_ben = (post(SAM, DUE - n * HOUR, to=to) for n, to in ((9, ANA), (8, ANA), (7, BEN)))
    late = post(SAM, DUE + DAY, to=EVA)
    found = sam(to_ana, again, to_ben, late, *OTHERS, rule=REPLIES)
    assert (found.state, found.met_at) == ("met_on_time", to_ben.arrived_at)
    assert found.post_ids == (to_ana.id, again.id, to_ben.id)
    assert (found.replies_done, found.people_done) == (4, 3)
    assert sam(to_ana, again, *OTHERS, rule=REPLIES).state == "missing"
    assert sam(to_ana, again, late, *OTHERS, rule=REPLIES).state == "met_late"


def test_replies_to_oneself_never_count_and_short_ones_neither():
    to_ana = post(SAM, DUE - 9 * HOUR, to=ANA)
    own = post(SAM, DUE - 8 * HOUR, to=SAM)
    short = post(SAM, DUE - 8 * HOUR, to=BEN, words=19)
    assert sam(to_ana, own, short, *OTHERS, rule=REPLIES).replies_done == 1


def test_replies_before_ones_first_post_count_and_so_do_those_to_removed_posts():
    gone = post(ANA, DUE - 5 * DAY, removed_at=DUE - DAY)
    replies = (post(SAM, DUE - 4 * DAY, to=ANA), post(SAM, DUE - 4 * DAY, to=BEN))
    assert sam(gone, *OTHERS[1:], *replies, post(SAM, DUE - HOUR), rule=REPLIES).state == "met_on_time"


def test_staff_are_people_to_answer_unless_the_board_says_classmates():
    replies = (post(SAM, DUE - 9 * HOUR, to=ANA), post(SAM, DUE - 8 * HOUR, to=TEACHER))
    assert sam(*replies, *OTHERS, rule=REPLIES).state == "met_on_time"
    assert sam(*replies, *OTHERS, rule=REPLIES, classmates={SAM, ANA, BEN, EVA}).state == "missing"


def test_rule_17_people_are_never_more_than_had_posted_a_day_before_the_limit():
    ana, ben = post(ANA, LIMIT - DAY - MICROSECOND), post(BEN, LIMIT - DAY)
    replies = (post(SAM, DUE - 9 * HOUR, to=ANA), post(SAM, DUE - 8 * HOUR, to=ANA))
    found = sam(ana, ben, *replies, rule=REPLIES)
    assert (found.people_asked, found.replies_asked, found.state) == (1, 2, "met_on_time")
    assert [reason.code for reason in found.reasons] == ["fewer_people"]
    early = sam(ana, ben, *replies, rule=REPLIES, at=LIMIT - DAY - MICROSECOND)
    assert (early.people_asked, early.state) == (2, "not_yet_due")


def test_posts_taken_back_or_not_shown_by_then_are_nobody_to_answer():
    taken_back = post(ANA, DUE - 5 * DAY, removed_at=LIMIT - DAY - MICROSECOND)
    scheduled = post(BEN, DUE - 5 * DAY, appears_at=DUE)
    held = post(EVA, DUE - 5 * DAY, held=True)
    found = sam(taken_back, scheduled, held, post(SAM, DUE - 5 * DAY), rule=REPLIES)
    assert (found.people_asked, found.replies_asked, found.state) == (0, 0, "excused")
    assert [reason.code for reason in found.reasons] == ["fewer_people", "nobody_to_answer"]


def test_rule_16_what_is_judged_is_what_stood_at_the_limit():
    edited = post(SAM, DUE - DAY, Revision(LIMIT - MICROSECOND, 130), Revision(LIMIT, 900))
    assert judged_revision(edited, LIMIT) == 1
    assert judged_revision(edited, None) == 2
    marked = post(SAM, DUE - DAY, Revision(LIMIT, 900, judge_this=True))
    assert judged_revision(marked, LIMIT) == 0  # the mark is for posts that arrived later


def test_rule_16_of_a_later_post_what_arrived_is_judged_unless_its_author_marks_another():
    later = LIMIT + HOUR
    assert judged_revision(post(SAM, later, Revision(later + HOUR, 300)), LIMIT) == 0
    assert judged_revision(post(SAM, later, Revision(later + HOUR, 300, judge_this=True)), LIMIT) == 1
    assert judged_revision(post(SAM, DUE - DAY, removed_at=DUE), LIMIT) is None
    assert judged_revision(post(SAM, DUE - DAY, removed_at=LIMIT), LIMIT) == 0


def test_scenario_handed_in_before_midnight_and_mended_after_it_is_on_time_as_first_written():
    handed_in = DUE - 10 * MINUTE
    mended = post(SAM, handed_in, Revision(DUE + 20 * MINUTE, 101), words=100, appears_at=DUE + 8 * HOUR)
    assert sam(mended).state == "met_on_time"
    assert judged_revision(mended, LIMIT, 100) == 0


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (("met_on_time", "met_late"), "met_late"),
        (("met_late", "missing"), "met_late"),
        (("met_on_time", "missing"), "missing"),
        (("met_on_time", "not_yet_due"), "not_yet_due"),
        (("met_on_time", "excused"), "met_on_time"),
        (("not_asked", "excused"), "excused"),
        (("not_asked", "not_asked"), "not_asked"),
    ],
)
def test_a_board_is_late_if_any_checkpoint_is_and_says_what_is_missing(states, whole):
    verdict = board_verdict(Met(n, state) for n, state in enumerate(states))
    assert verdict.state == whole
    assert verdict.missing == tuple(n for n, state in enumerate(states) if state == "missing")


moments_around = st.integers(-300, 300).map(lambda n: LIMIT + n * timedelta(minutes=17))
facts = st.builds(
    lambda author, at, to, words, gap, gone, opens: post(
        author, at, Revision(at + gap * HOUR, words[1]), words=words[0], to=to, opens=opens or to is None,
        removed_at=None if gone is None else at + gone * HOUR,
    ),
    st.sampled_from([SAM, ANA, BEN]),
    moments_around,
    st.sampled_from([None, SAM, ANA, BEN, TEACHER]),
    st.tuples(st.integers(0, 200), st.integers(0, 200)),
    st.integers(1, 50),
    st.none() | st.integers(1, 90),
    st.booleans(),
)  # fmt: skip


@settings(derandomize=True, max_examples=times(300), deadline=None, database=None)
@given(st.lists(facts, max_size=8), facts, st.sampled_from([FIRST, REPLIES]))
def test_one_more_post_never_makes_ones_own_verdict_worse(posts, extra, rule):
    rank = ["met_on_time", "excused", "met_late", "missing"]
    extra = PostFacts(
        extra.id, SAM, extra.arrived_at, extra.revisions, extra.opens, extra.parent_author_id
    )  # one's own, and not taken back
    before, after = sam(*posts, rule=rule), sam(*posts, extra, rule=rule)
    assert rank.index(after.state) <= rank.index(before.state)


@settings(derandomize=True, max_examples=times(300), deadline=None, database=None)
@given(
    st.lists(facts, max_size=8).flatmap(lambda posts: st.tuples(st.just(posts), st.permutations(posts))),
    st.sampled_from([FIRST, REPLIES]),
)
def test_the_order_in_which_posts_are_given_changes_nothing(both, rule):
    posts, shuffled = both
    one, two = sam(*posts, rule=rule), sam(*shuffled, rule=rule)
    assert (one.state, one.met_at, one.post_ids, one.people_asked) == (
        two.state, two.met_at, two.post_ids, two.people_asked,
    )  # fmt: skip


def cost_of_a_board(people: int, many: int) -> float:
    """Processor seconds for the states of everyone, the best of five."""
    students = {n: StudentFacts((due(1), due(2)), ENROLLED) for n in range(people)}
    posts = [
        post(n % people, DUE - (n % 11 - 2) * DAY, to=None if n < people else (n * 7 + 1) % people)
        for n in range(many)
    ]
    costs = []
    for _ in range(5):
        started = stopwatch.process_time()
        assert len(states_of([FIRST, REPLIES], posts, students, AFTER)) == people
        costs.append(stopwatch.process_time() - started)
    return min(costs)


def test_a_board_eight_times_as_large_costs_about_eight_times_as_much():
    assert cost_of_a_board(800, 5_600) / cost_of_a_board(100, 700) < 24  # a quadratic way costs 64 times
