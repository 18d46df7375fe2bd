"""Time given back: docs/time.md, rule 14."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.boards.rules.outages import (
    Given,
    Outage,
    credited,
    is_failed_minute,
    is_outage,
    merged,
    moved_by,
    outage_of_step,
    silences,
    step_between,
)
from forum.core.moments import end_of_day, zone, zone_names
from tests.deep import times

MADRID, UTC_ZONE = zone("Europe/Madrid"), zone("UTC")
MICROSECOND = timedelta(microseconds=1)
MINUTES, HOURS = (lambda n: timedelta(minutes=n)), (lambda n: timedelta(hours=n))
WED, THU, FRI, SAT = (date(2026, 11, day) for day in (25, 26, 27, 28))


def at(on: date, clock: str, place=UTC_ZONE) -> datetime:
    """An instant by the clocks of a zone; "24:00" is the end of the date."""
    if clock == "24:00":
        return end_of_day(on, place)
    return datetime.combine(on, time.fromisoformat(clock), place).astimezone(UTC)


def down(on: date, start: str, until: str, until_on: date | None = None, place=UTC_ZONE) -> Outage:
    return Outage(at(on, start, place), at(until_on or on, until, place))


def due_after(due: datetime, *outages: Outage, place=UTC_ZONE) -> datetime:
    return due + moved_by(due, merged(outages), place)


# --- scenarios of docs/time.md, by name -----------------------------------------------------------------------


def test_scenario_outage_22_wednesday_to_23_thursday_due_thursday_23_59_is_saturday_12():
    away = down(WED, "22:00", "23:00", THU, MADRID)
    (given_back,) = credited(end_of_day(THU, MADRID), [away], MADRID)
    assert given_back == Given(away, at(SAT, "12:00", MADRID), HOURS(36), to_noon=True)
    # As long, but with two hours between its end and the due instant: by the clock, at 01:00 in the night.
    before = down(WED, "20:00", "21:00", THU, MADRID)
    assert due_after(end_of_day(THU, MADRID), before, place=MADRID) == at(SAT, "01:00", MADRID)


def test_scenario_outages_12_to_14_and_16_30_to_18_due_15_is_19_at_least():
    both = down(THU, "12:00", "14:00"), down(THU, "16:30", "18:00")
    steps = credited(at(THU, "15:00"), both, UTC_ZONE)
    assert [step.due for step in steps] == [at(THU, "17:00"), at(THU, "19:00")]
    assert [step.time for step in steps] == [HOURS(2), HOURS(2)]


def test_scenario_outage_20_to_02_due_24_is_12_in_the_own_zone():
    away = down(THU, "20:00", "02:00", FRI, MADRID)
    assert due_after(end_of_day(THU, MADRID), away, place=MADRID) == at(FRI, "12:00", MADRID)
    # In Honolulu it is 17:00 then: no night there, so the hours of the outage before it and no more.
    honolulu = zone("Pacific/Honolulu")
    assert due_after(end_of_day(THU, MADRID), away, place=honolulu) == at(FRI, "04:00", MADRID)


# --- silences and outages -------------------------------------------------------------------------------------

T0 = at(THU, "14:00")


def beats(*seconds: float) -> list[datetime]:
    return [T0 + timedelta(seconds=each) for each in seconds]


def test_a_beat_that_failed_once_is_no_silence_and_a_host_that_answers_is_enough():
    assert silences(beats(0, 10, 25, 35)) == []
    assert silences(beats(0, 10, 25.000001)) == [Outage(*beats(10, 25.000001))]
    one, other = (
        beats(0, 10, 200, 210),
        beats(5, 15, 25, 35, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195),
    )
    assert silences(one) == [Outage(*beats(10, 200))]
    assert silences([*one, *other]) == []
    assert silences(beats(0, 20, 40)) == [Outage(*beats(0, 20)), Outage(*beats(20, 40))], "it answered at 20"


def test_rule_14_a_silence_of_60_seconds_is_none_and_a_microsecond_more_is_an_outage():
    whole = Outage(T0, T0 + timedelta(seconds=60))
    assert not is_outage(whole)
    assert is_outage(Outage(T0, whole.ends_at + MICROSECOND))


@pytest.mark.parametrize(
    ("seconds", "due", "counts"),
    [
        (15, 7, False),
        (15.000001, 7, True),
        (15.000001, 0, True),  # the stretch is half-open
        (15.000001, -0.000001, False),
        (40, 39.999999, True),
        (40, 40, False),
    ],
)
def test_a_silence_of_15_seconds_counts_if_something_is_due_inside(seconds, due, counts):
    silence = Outage(*beats(0, seconds))
    assert is_outage(silence, beats(due)) is counts
    assert not is_outage(silence)


def test_a_minute_in_which_most_posts_failed_is_silence():
    assert [is_failed_minute(*each) for each in ((0, 0), (2, 1), (3, 2), (1, 1))] == [
        False,
        False,
        True,
        True,
    ]
    lively = beats(*range(0, 300, 10))
    (one,) = silences(lively, beats(60))
    assert one == Outage(*beats(60, 120))
    assert not is_outage(one), "60 s are not more than 60 s"
    assert is_outage(one, beats(90))
    (two,) = silences(lively, beats(60, 120))
    assert two == Outage(*beats(60, 180))
    assert is_outage(two)
    assert silences([*beats(*range(0, 60, 10)), *beats(*range(90, 300, 10))], beats(60)) == [
        Outage(*beats(50, 120))
    ]


@pytest.mark.parametrize(("step", "noted"), [(2, False), (2.000001, True), (-2, False), (-2.000001, True)])
def test_a_clock_that_was_set_by_more_than_two_seconds_is_noted(step, noted):
    after = T0 + timedelta(seconds=10 + step)
    found = step_between(T0, after, timedelta(seconds=10))
    assert found == (timedelta(seconds=step) if noted else None)


def test_after_the_machine_started_anew_only_a_clock_set_back_is_certain():
    later, earlier = T0 + HOURS(3), T0 - HOURS(1)
    assert step_between(T0, later, timedelta(seconds=10), same_boot=False) is None
    assert step_between(T0, earlier, timedelta(seconds=10), same_boot=False) == -HOURS(1)


def test_a_step_of_more_than_a_minute_is_an_outage_of_that_length():
    assert outage_of_step(T0, MINUTES(1)) is None
    assert outage_of_step(T0, -MINUTES(1)) is None
    assert outage_of_step(T0, HOURS(2)) == Outage(T0, T0 + HOURS(2), "clock")
    assert outage_of_step(T0, -HOURS(2)) == Outage(T0 - HOURS(2), T0, "clock")
    month = timedelta(days=30)
    assert outage_of_step(T0, month) == Outage(T0, T0 + month, "clock")
    assert outage_of_step(T0, month + MICROSECOND) is None, "no date moves by years"
    skipped = outage_of_step(at(THU, "14:30"), HOURS(2))
    assert skipped is not None
    assert due_after(at(THU, "15:00"), skipped) == at(THU, "17:30"), "an hour after the hands moved over it"


def test_what_was_recorded_twice_or_overlaps_is_taken_once():
    away = down(THU, "10:00", "12:00")
    assert merged([away, away]) == [away]
    assert merged([away, down(THU, "11:00", "13:00")]) == [down(THU, "10:00", "13:00")]
    assert merged([away, down(THU, "12:00", "13:00")]) == [down(THU, "10:00", "13:00")]
    assert merged([away, down(THU, "10:30", "11:00")]) == [away]
    apart = [away, Outage(away.ends_at + MICROSECOND, at(THU, "13:00"))]
    assert merged(reversed(apart)) == apart
    named = Outage(at(THU, "09:59"), at(THU, "12:00"), "planned")
    assert merged([away, named]) == [named], "its kind is that of the longest"
    assert merged([away, Outage(away.starts_at, away.ends_at, "restored")])[0].kind == "restored"


# --- what one outage gives ------------------------------------------------------------------------------------


def test_what_was_due_before_it_keeps_its_time_and_what_is_due_at_its_start_was_inside():
    away = down(THU, "13:00", "14:00")
    assert due_after(away.starts_at - MICROSECOND, away) == away.starts_at - MICROSECOND
    assert due_after(away.starts_at, away) == at(THU, "15:00")


def test_rule_14_time_is_given_up_to_24_hours_after_its_end():
    away = down(WED, "13:00", "14:00")
    edge = at(THU, "14:00")
    assert due_after(edge, away) == edge + HOURS(1)
    assert due_after(edge + MICROSECOND, away) == edge + MICROSECOND


def test_who_had_no_more_time_has_an_hour_after_the_return_and_who_had_gets_what_lay_before():
    away = down(THU, "13:00", "15:00")
    assert due_after(at(THU, "13:10"), away) == at(THU, "16:00")
    assert due_after(at(THU, "14:59"), away) == at(THU, "16:59"), "1:59 lost, rounded up to 2:00"
    assert due_after(away.ends_at - MICROSECOND, away) == at(THU, "17:00") - MICROSECOND
    assert due_after(away.ends_at, away) == at(THU, "17:00")
    brief = down(THU, "13:00", "13:20")
    assert due_after(brief.ends_at - MICROSECOND, brief) >= at(THU, "14:20")
    assert due_after(brief.ends_at, brief) == at(THU, "13:40")


def test_time_given_is_rounded_up_to_whole_five_minutes():
    for seconds, minutes in ((300, 5), (300.000001, 10), (61, 5), (599, 10)):
        away = Outage(at(THU, "14:00"), at(THU, "14:00") + timedelta(seconds=seconds))
        due = away.ends_at + MINUTES(30)
        assert due_after(due, away) == due + MINUTES(minutes)


def test_an_outage_under_ten_minutes_reaches_two_hours():
    away = Outage(at(THU, "14:00"), at(THU, "14:10") - MICROSECOND)
    edge = away.ends_at + HOURS(2)
    assert due_after(edge, away) == edge + MINUTES(10)
    assert due_after(edge + MICROSECOND, away) == edge + MICROSECOND
    whole = down(THU, "14:00", "14:10")
    assert due_after(edge + HOURS(3), whole) == edge + HOURS(3) + MINUTES(10)


def test_nobody_is_made_to_write_at_night():
    away = down(THU, "20:00", "21:00")
    assert due_after(at(THU, "21:00"), away) == at(FRI, "12:00"), "22:00 is night"
    assert due_after(at(THU, "20:59"), down(THU, "20:00", "20:55")) == at(THU, "21:54")
    morning = down(FRI, "09:00", "10:00")
    assert due_after(at(FRI, "10:59"), morning) == at(FRI, "12:00")
    assert due_after(at(FRI, "11:00"), morning) == at(FRI, "12:00")
    # 14 minutes and 59.999999 seconds, or 60 minutes and a microsecond after it: by the clock.
    brief = Outage(at(THU, "21:30"), at(THU, "21:45") - MICROSECOND)
    assert due_after(at(THU, "22:30"), brief) == at(THU, "22:45")
    quarter = down(THU, "21:30", "21:45")
    assert due_after(at(THU, "22:45"), quarter) == at(FRI, "12:00")
    assert due_after(at(THU, "22:45") + MICROSECOND, quarter) == at(THU, "23:00") + MICROSECOND


def test_noon_is_that_of_the_students_own_zone_on_a_day_that_clocks_change():
    new_york = zone("America/New_York")
    night = down(date(2026, 10, 31), "22:00", "23:30", place=new_york)
    noon = at(date(2026, 11, 1), "12:00", new_york)
    assert due_after(end_of_day(date(2026, 10, 31), new_york), night, place=new_york) == noon
    assert noon == at(date(2026, 11, 1), "17:00")


def test_a_longer_first_outage_never_takes_away_what_the_second_gives():
    second = down(WED, "13:00", "15:00")
    due = at(THU, "10:00")
    sooner, longer = [down(WED, "06:00", "11:00"), second], [down(WED, "05:50", "11:00"), second]
    # 5 hours leave 15:00, which the second still reaches; 5:10 leave 15:10, more than 24 hours after it.
    assert credited(at(THU, "15:10"), [second], UTC_ZONE) == ()
    assert due_after(due, *sooner) == at(THU, "17:00")
    assert due_after(due, *longer) == at(THU, "17:00")


# --- what is always so ----------------------------------------------------------------------------------------

instants = st.integers(0, 5 * 24 * 3600 * 4).map(
    lambda n: datetime(2026, 10, 23, tzinfo=UTC) + n * timedelta(seconds=0.25)
)
lengths = st.one_of(
    st.integers(1, 2 * 3600), st.integers(1, 36 * 3600), st.sampled_from([60, 599, 600, 899, 900, 3600])
).map(lambda n: timedelta(seconds=n))
away_lists = st.lists(
    st.builds(lambda start, length: Outage(start, start + length), instants, lengths), max_size=4
)
places = st.sampled_from(zone_names()).map(zone)


@settings(max_examples=times(400))
@given(instants, away_lists, places)
def test_nothing_is_ever_due_earlier_and_recording_twice_gives_nothing_twice(due, outages, place):
    once = credited(due, merged(outages), place)
    assert credited(due, merged(outages + outages), place) == once
    assert merged(merged(outages)) == merged(outages)
    at_last = due
    for step in once:
        assert step.time > timedelta()
        assert step.due == at_last + step.time
        at_last = step.due


@settings(max_examples=times(400))
@given(instants, st.lists(st.tuples(lengths, lengths), min_size=1, max_size=4), st.data(), places, instants)
def test_a_longer_outage_never_gives_an_earlier_instant(start, plan, data, place, due):
    """Of outages that stay apart, one is made longer at either end."""
    outages: list[Outage] = []
    for gap, length in plan:
        outages.append(Outage(start + gap, start + gap + length))
        start = outages[-1].ends_at
    which = data.draw(st.integers(0, len(outages) - 1))
    one = outages[which]
    after = outages[which + 1].starts_at if which + 1 < len(outages) else one.ends_at + HOURS(40)
    before = outages[which - 1].ends_at if which else one.starts_at - HOURS(40)
    later = data.draw(
        st.datetimes(one.ends_at.replace(tzinfo=None), (after - MICROSECOND).replace(tzinfo=None))
    )
    sooner = data.draw(
        st.datetimes((before + MICROSECOND).replace(tzinfo=None), one.starts_at.replace(tzinfo=None))
    )
    grown = list(outages)
    grown[which] = Outage(sooner.replace(tzinfo=UTC), later.replace(tzinfo=UTC))
    assert merged(grown) == grown
    assert due_after(due, *grown, place=place) >= due_after(due, *outages, place=place)


@settings(max_examples=times(300))
@given(instants, away_lists, places)
def test_rounded_and_held_against_what_the_earlier_ones_left(due, outages, place):
    """By the words of the rule, one outage after the other; where it is more than that, it is for the rule's sense."""
    plain = due
    for away in merged(outages):
        alone = credited(plain, [away], place)
        assert len(alone) <= 1
        if alone and not alone[0].to_noon:
            lost = min(plain, away.ends_at) - away.starts_at
            if away.holds(plain):
                lost = max(lost, away.ends_at + HOURS(1) - plain)
            assert lost <= alone[0].time < lost + MINUTES(5)
            assert not alone[0].time % MINUTES(5)
        plain = alone[0].due if alone else plain
    assert due_after(due, *outages, place=place) >= plain
