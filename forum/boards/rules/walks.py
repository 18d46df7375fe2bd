"""A due date on its way through rule 9 of docs/time.md: where it stands, and what moved it there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from forum.boards.rules.outages import Given, Outage, credited
from forum.boards.rules.values import CheckpointRule, Reason
from forum.core.moments import Wall, due_instant, shift_days, shift_wall


@dataclass(frozen=True, slots=True)
class LocalDue:
    """A due instant on its way through rule 9; `at` None is no due date, the latest of all.

    `wall` is known as long as the instant is exactly what that wall comes to.
    """

    at: datetime | None
    zone: ZoneInfo
    wall: Wall | None = None

    def later_than(self, other: "LocalDue") -> bool:
        return is_later(self.at, other.at)

    def plus_days(self, days: int) -> "LocalDue":
        if self.at is None or not days:
            return self
        if self.wall is None:
            return LocalDue(shift_days(self.at, days, self.zone), self.zone)
        wall = shift_wall(self.wall, days)
        return LocalDue(due_instant(wall, self.zone), self.zone, wall)

    def plus(self, elapsed: timedelta) -> "LocalDue":
        if self.at is None or not elapsed:
            return self
        return LocalDue(self.at + elapsed, self.zone)


def is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether one bound is later than the other; None is later than any instant."""
    if one is None or other is None:
        return one is None and other is not None
    return one > other


@dataclass(slots=True)
class Walk:
    """One checkpoint on its way through rule 9."""

    rule: CheckpointRule
    due: LocalDue
    reasons: list[Reason]
    no_due: bool = False
    passed: list[datetime] = field(default_factory=list)  # every due date on the way
    was_shown: Sequence[tuple[datetime, datetime]] = ()  # of its rule, before

    def take(self, due: LocalDue, code: str, **values: str | int | datetime | timedelta | None) -> None:
        """Move to a due date if it is later."""
        if due.later_than(self.due):
            if self.due.at is not None:
                self.passed.append(self.due.at)
            self.due = due
            self.no_due = due.at is None
            self.reasons.append(Reason(code, {"due": due.at, **values}))

    def give_back(self, outages: Sequence[Outage], own_zone: ZoneInfo, added: timedelta) -> timedelta:
        """Move by what outages and instructors give back (rule 9 d); how much that is, for the cut-off.

        Whatever the due date was on its way counts, and what it was when an outage began: a later date, given for
        whatever reason, never takes away what was given back to the earlier one.
        """
        before = self.due.at
        if before is None:
            return timedelta()
        best: tuple[Given, ...] = ()
        given = timedelta()
        known = [(at, outages) for at in (before, *self.passed)]
        for at, replaced_at in self.was_shown:
            known.append((at, [outage for outage in outages if outage.starts_at < replaced_at]))
        for at, counted in known:
            found = credited(at, counted, own_zone)
            if found:
                given = max(given, found[-1].due - at)
                if found[-1].due > (best[-1].due if best else before):
                    best = found
        for each in best:
            self.take(LocalDue(each.due, self.due.zone), "credit", given=each.time, kind=each.outage.kind,
                      from_at=each.outage.starts_at, until_at=each.outage.ends_at, to_noon=int(each.to_noon))  # fmt: skip
        self.take(self.due.plus(added), "credit_added", given=added)
        return given + added
