"""Time given back when the forum could not be used: docs/time.md, rule 14.

A silence is a stretch without a sign of life; an outage is a silence that counts. All stretches are half-open.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from forum.core.moments import Wall, opening_instant

Kind = Literal["down", "planned", "clock", "restored"]

SILENCE = timedelta(seconds=60)  # longer ones are outages
SILENCE_AT_DUE = timedelta(seconds=15)  # the same, where something is due inside
STEP_NOTED = timedelta(seconds=2)  # of a clock
STEP_COUNTS = timedelta(seconds=60)
STEP_BELIEVED = timedelta(days=30)  # more is a machine that started without a clock, or a mistyped year
REACH = timedelta(hours=24)  # after its end, an outage still moves what is due
AFTER_RETURN = timedelta(minutes=60)  # at least, for what was due while the service was away
SHORT = timedelta(minutes=10)
SHORT_REACH = timedelta(hours=2)
MOVES_TO_NOON = timedelta(minutes=15)
UNIT = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
_NIGHT_BEGINS, _NOON = time(22), time(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch in which the service could not be used; `kind` says why, for the sentence that tells of it."""

    starts_at: datetime
    ends_at: datetime
    kind: Kind = "down"

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def holds(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at


@dataclass(frozen=True, slots=True)
class Given:
    """What one outage gave: the due instant that it left, so much later; `to_noon`: moved out of the night."""

    outage: Outage
    due: datetime
    time: timedelta
    to_noon: bool = False


# --- from signs of life to outages ----------------------------------------------------------------------------


def silences(beats: Iterable[datetime], failed_minutes: Iterable[datetime] = ()) -> list[Outage]:
    """Every silence of more than 15 s: between beats of any host, and minutes in which most posts were refused.

    A beat ends one silence and may begin the next; a refused minute and what touches it are one. The stretches before
    the first beat and after the last are not known.
    """
    gaps = [(one, other, True) for one, other in pairwise(sorted(beats)) if other - one > SILENCE_AT_DUE]
    refused = [(minute, minute + MINUTE, False) for minute in failed_minutes]
    found: list[Outage] = []
    ends_with_beat = False
    for start, end, is_gap in sorted(gaps + refused):
        if found and (
            start < found[-1].ends_at or (start == found[-1].ends_at and not (is_gap and ends_with_beat))
        ):
            if end > found[-1].ends_at:
                found[-1], ends_with_beat = replace(found[-1], ends_at=end), is_gap
        else:
            found.append(Outage(start, end))
            ends_with_beat = is_gap
    return found


def is_failed_minute(tried: int, failed: int) -> bool:
    """Whether most attempts to post were answered 5xx."""
    return failed * 2 > tried


def is_outage(silence: Outage, dues: Collection[datetime] = ()) -> bool:
    """Whether a silence counts, given the due instants that anybody has."""
    if silence.length > SILENCE:
        return True
    return silence.length > SILENCE_AT_DUE and any(silence.holds(due) for due in dues)


def step_between(
    before: datetime, after: datetime, elapsed: timedelta, *, same_boot: bool = True
) -> timedelta | None:
    """By how much a clock was set between two readings, if by more than 2 s; positive is forward.

    `elapsed` is what a clock that nobody can set says. It is unknown once the machine has started anew: then only a
    clock that shows less than before was certainly set, back by at least that.
    """
    step = after - before - elapsed if same_boot else min(after - before, timedelta())
    return step if abs(step) > STEP_NOTED else None


def is_believed(step: timedelta) -> bool:
    """Whether a clock that was set by so much may have been right before or after; else dates would move by years."""
    return abs(step) <= STEP_BELIEVED


def outage_of_step(before: datetime, step: timedelta) -> Outage | None:
    """The outage that a step of the clock is: the stretch that its hands left out, or went through twice.

    A step that is not to be believed is none: what it did to the service is a silence once the clock is right again.
    """
    if abs(step) <= STEP_COUNTS or not is_believed(step):
        return None
    return Outage(min(before, before + step), max(before, before + step), "clock")


def merged(outages: Iterable[Outage]) -> list[Outage]:
    """The same time away as stretches that do not touch, in the order of their start; its kind is the longest's.

    Whatever was recorded twice is there once.
    """
    found: list[Outage] = []
    longest = timedelta()
    for outage in sorted(outages, key=lambda each: (each.starts_at, each.ends_at, each.kind)):
        if not found or outage.starts_at > found[-1].ends_at:
            found.append(outage)
            longest = outage.length
            continue
        kind = found[-1].kind
        if outage.length > longest or (outage.length == longest and kind == "down"):
            longest, kind = outage.length, outage.kind
        found[-1] = replace(found[-1], ends_at=max(found[-1].ends_at, outage.ends_at), kind=kind)
    return found


# --- from outages to due instants -----------------------------------------------------------------------------


def credited(due: datetime, outages: Sequence[Outage], own_zone: ZoneInfo) -> tuple[Given, ...]:
    """What outages, as `merged` gives them, give back to what is due at an instant, in the order of their start.

    Each is held against the instant as the earlier ones left it. Where that would give less than if an earlier one
    had been shorter (which could end just outside the reach of a later one), it gives as much: a longer outage never
    gives an earlier instant. An empty tuple is nothing given; the last one's `due` is what holds.
    """
    found: list[Given] = []
    left = due
    for outage in outages[bisect_left(outages, due - REACH, key=lambda each: each.ends_at) :]:
        if outage.starts_at > left:
            break
        best = max(_after(outage, each, own_zone) for each in _left_by_less(due, left, outage))
        if best[0] > left:
            found.append(Given(outage, best[0], best[0] - left, best[1]))
            left = best[0]
    return tuple(found)


def moved_by(due: datetime, outages: Sequence[Outage], own_zone: ZoneInfo) -> timedelta:
    """How much later than `due` outages make an instant, in all."""
    given = credited(due, outages, own_zone)
    return given[-1].due - due if given else timedelta()


def _after(outage: Outage, due: datetime, own_zone: ZoneInfo) -> tuple[datetime, bool]:
    """What one outage alone makes of a due instant, and whether it was moved to noon."""
    starts_at, ends_at, length = outage.starts_at, outage.ends_at, outage.length
    if due < starts_at or due - ends_at > REACH:
        return due, False
    is_inside = due < ends_at
    if not is_inside and length < SHORT and due - ends_at > SHORT_REACH:
        return due, False
    lost = min(due, ends_at) - starts_at
    if is_inside:
        lost = max(lost, ends_at + AFTER_RETURN - due)
    later = due + _rounded_up(lost)
    if length >= MOVES_TO_NOON and (is_inside or due - ends_at <= AFTER_RETURN):
        noon = _noon_after_night(later, own_zone)
        if noon is not None:
            return noon, True
    return later, False


def _rounded_up(length: timedelta) -> timedelta:
    return -(-length // UNIT) * UNIT


def _noon_after_night(instant: datetime, own_zone: ZoneInfo) -> datetime | None:
    """12:00 in a zone after an instant between 22:00 and 12:00 there; None for one of the day."""
    local = instant.astimezone(own_zone)
    if _NOON <= local.time() < _NIGHT_BEGINS:
        return None
    on: date = local.date() + timedelta(days=1) if local.time() >= _NIGHT_BEGINS else local.date()
    return max(instant, opening_instant(Wall(on, _NOON), own_zone))


def _left_by_less(due: datetime, left: datetime, outage: Outage) -> set[datetime]:
    """What earlier outages might have left, had they been shorter, and is the most that this one answers to.

    Time given comes in whole 5 minutes, or ends at a noon. Within each stretch before, near, or far after the end of
    an outage more is given to what is due later, so the last such instant of each is enough.
    """
    found = {due, left}
    if left == due:
        return found
    ends_at = outage.ends_at
    for bound in (
        ends_at - _MICROSECOND, ends_at + AFTER_RETURN, ends_at + SHORT_REACH, ends_at + REACH, left,
    ):  # fmt: skip
        bound = min(bound, left)
        for first in (due, _EPOCH):
            last = bound - (bound - first) % UNIT
            if due <= last:
                found.add(last)
    return found
