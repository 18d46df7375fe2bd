"""The values that the rules of boards take and give: frozen, without rows, sentences or a clock.

All instants are aware datetimes in UTC; intervals are half-open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from forum.boards.rules.outages import Outage
from forum.core.moments import Lateness, Wall

Value = datetime | date | timedelta | int | str | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is refused: a code that a page puts into words, and the values for its sentence."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of how a due instant or cut-off came about (docs/time.md, rule 9)."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DueRule:
    """What an instructor wrote, and the instant last shown for it, which is a promise (rule 5).

    `promised_at` stands whatever the wall comes to in another zone or zone database; `changes.followed` says
    where it moves when those change. It belongs to rules in the course's zone. `zone` is the course's zone as of
    the rule, None: the course's as it is now. `was_shown` are the earlier instants that stood before it, each with when
    it was replaced. `past_in` are the own zones in which the rule was past when a zone database changed, and what it came
    to there: that never moves.
    """

    wall: Wall
    whose: Literal["course", "own"] = "course"
    promised_at: datetime | None = None
    zone: ZoneInfo | None = None
    was_shown: tuple[tuple[datetime, datetime], ...] = ()
    past_in: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckpointRule:
    """One thing that a board asks for. `replies` and `people` are N and M of "N replies to M people"."""

    id: int
    position: int
    kind: Literal["first_post", "replies"]
    due: DueRule | None = None
    replies: int = 0
    people: int = 0
    min_words: int = 0


@dataclass(frozen=True, slots=True)
class AudienceDates:
    """The dates of one section or group on one board; what is None or missing falls through (rule 8).

    `due` is by checkpoint id; `ends_at` is the exclusive end of a section that has its own end.
    """

    opens_at: datetime | None = None
    due: Mapping[int, DueRule] = field(default_factory=dict)
    cutoff: DueRule | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A later due rule, or none at all, and a cut-off (rule 9 c, or 9 a if `scope` is not "student").

    `checkpoint_id` None means every checkpoint of the board. With `no_due` the checkpoint has no due date and
    `cutoff_at` says until when it is open. `moves_later`: later checkpoints move by as many days. `given_at` None: before
    anything that matters.
    """

    scope: Literal["student", "group", "section"] = "student"
    checkpoint_id: int | None = None
    due: DueRule | None = None
    no_due: bool = False
    cutoff_at: datetime | None = None
    moves_later: bool = True
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accommodation:
    """So many calendar days, then elapsed hours, on every due rule whose date is within the two days."""

    from_on: date
    until_on: date | None = None
    days: int = 0
    hours: int = 0
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BoardRules:
    """What holds for everyone on a board. `ends_at` is the exclusive end of the course (rule 18).

    `outages` are those of the site, as `outages.merged` gives them (rule 14). `together` is the instant written for
    showing all posts together, `together_at` what it comes to for the class (rule 23); `earlier` are the rules that held
    until instants after it.
    """

    course_zone: ZoneInfo
    checkpoints: tuple[CheckpointRule, ...]
    opens_at: datetime | None = None
    cutoff: DueRule | None = None
    grace_minutes: int = 5
    ends_at: datetime | None = None
    outages: tuple[Outage, ...] = ()
    together: datetime | None = None
    together_at: datetime | None = None
    earlier: "tuple[tuple[datetime, BoardRules], ...]" = ()


@dataclass(frozen=True, slots=True)
class PartDates:
    """What holds on a board for whoever is in certain sections and groups; `extensions` are those of the parts."""

    rules: BoardRules
    audiences: tuple[AudienceDates, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftParts:
    """Sections and groups that a student is no longer in (rule 8): what held there until they left, and what holds
    there now, where something may have been taken back. `shown` are the checkpoints that they could see by then.
    """

    then: PartDates
    now: PartDates
    until_at: datetime
    shown: frozenset[int]


@dataclass(frozen=True, slots=True)
class StudentDates:
    """What is particular to one student on one board.

    `zone` is the frozen own zone (`due.frozen_zone`); `without_zone`: they have none, and it is the course's. `audiences` are the dates of their sections and groups.
    `left` are the sections and groups that they were in before (rule 8), `credit` what instructors gave for outages
    beyond what rule 14 gives by itself, by checkpoint.
    """

    zone: ZoneInfo
    audiences: tuple[AudienceDates, ...] = ()
    extensions: tuple[Extension, ...] = ()
    accommodations: tuple[Accommodation, ...] = ()
    left: tuple[LeftParts, ...] = ()
    credit: Mapping[int, timedelta] = field(default_factory=dict)
    without_zone: bool = False


@dataclass(frozen=True, slots=True)
class DueDate:
    """When one checkpoint is due for one student: on time means `arrival < limit`.

    `due` and `limit` are None without a due date; `no_due` says that an extension took it away. `zone` is the
    zone of the rule, in which days of lateness are counted.
    """

    checkpoint_id: int
    due: datetime | None
    limit: datetime | None
    zone: ZoneInfo
    reasons: tuple[Reason, ...] = ()
    no_due: bool = False


@dataclass(frozen=True, slots=True)
class StudentBoard:
    """Every date of one board for one student; `dates` in the order of the checkpoints.

    Students cannot enter before `opens_at` nor post from `cutoff_at` on; None is no such bound. `together_at` is when the
    class sees all posts, on a board that shows them together; who has more time than the class sees others' until
    `held_until` only with a first post of their own.
    """

    dates: tuple[DueDate, ...]
    opens_at: datetime | None = None
    cutoff_at: datetime | None = None
    cutoff_reasons: tuple[Reason, ...] = ()
    together_at: datetime | None = None
    held_until: datetime | None = None

    @property
    def own_limit(self) -> datetime | None:
        """The last limit of all checkpoints, or None if there is none."""
        return max((date.limit for date in self.dates if date.limit is not None), default=None)


@dataclass(frozen=True, slots=True)
class Revision:
    """Text as it stood from an arrival on; `words` are counted as the checkpoint counts them.

    `judge_this` is the author's mark on a text later than the limit (rule 16).
    """

    arrived_at: datetime
    words: int
    judge_this: bool = False


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What the rules need to know of one post. Its first text is a revision; withdrawn posts are left out.

    `opens`: it opened a thread, or answered the prompt of a single-thread board. `parent_author_id`: whom it
    answers; negative: an anonymous post of another, which is a person of its own, as each `anonymous` one is. `removed_at` is its author's removal; `ruled_out` is staff's. `appears_at` is set if scheduled;
    `held` for review: it counts and has not appeared. The prompt's own post is `is_prompt` and never counts.
    `group_id` is that of its thread, None for everyone's.
    """

    id: int
    author_id: int
    arrived_at: datetime
    revisions: tuple[Revision, ...]
    opens: bool = False
    parent_author_id: int | None = None
    removed_at: datetime | None = None
    ruled_out: bool = False
    appears_at: datetime | None = None
    held: bool = False
    is_prompt: bool = False
    group_id: int | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """A stretch in which a person was enrolled and not away."""

    from_at: datetime
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing by hand of a board or its only thread; `dated_again`: reopened with a later date."""

    closed_at: datetime
    dated_again: bool = False


@dataclass(frozen=True, slots=True)
class StudentFacts:
    """What `met.states_of` needs of one student besides posts.

    `excused` holds checkpoint ids; `others_visible_at` is what `shown.others_visible_at` says, None if
    others' posts are shown at once or not yet. `knows_others` is false in what is told to a student to whom others'
    posts are not shown: not even how many people there are to answer.
    """

    dates: tuple[DueDate, ...]
    presence: tuple[Presence, ...]
    excused: frozenset[int] = frozenset()
    others_visible_at: datetime | None = None
    knows_others: bool = True


State = Literal["not_yet_due", "met_on_time", "met_late", "missing", "excused", "not_asked"]


@dataclass(frozen=True, slots=True)
class Met:
    """What one student did of one checkpoint.

    `met_at` and `post_ids` say when and by which posts it was met, whatever the state. `replies` and `people`
    of *asked* are N and M after rule 17 lowered them, *done* what counts so far. `words_done` are those of the
    longest first post that is there and too short; None where there is none, or the checkpoint is met.
    """

    checkpoint_id: int
    state: State
    met_at: datetime | None = None
    lateness: Lateness | None = None
    post_ids: tuple[int, ...] = ()
    replies_asked: int = 0
    people_asked: int = 0
    replies_done: int = 0
    people_done: int = 0
    reasons: tuple[Reason, ...] = ()
    words_done: int | None = None


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """An account's own zone from an instant on; the first one counts backwards too (rule 7)."""

    zone: ZoneInfo
    from_at: datetime


@dataclass(frozen=True, slots=True)
class FrozenZone:
    """The zone for own-zone rules of a board; `is_course`: the account has none, so the course's."""

    zone: ZoneInfo
    is_course: bool
