"""What meets a checkpoint, and which text is judged: docs/time.md, rules 16 and 17.

Everything is computed from the posts of a board taken once; a state is never stored.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from forum.boards.rules.shown import first_post_judged_at
from forum.boards.rules.values import (
    CheckpointRule,
    Closing,
    DueDate,
    Met,
    PostFacts,
    Reason,
    State,
    StudentFacts,
)
from forum.core.moments import late_by

PEOPLE_COUNTED = timedelta(hours=24)  # before a limit: how many there were to answer (docs/time.md, rule 17)


@dataclass(frozen=True, slots=True)
class BoardVerdict:
    """The states of a student's checkpoints taken together, and the ids of those that are missing."""

    state: State
    missing: tuple[int, ...] = ()


def meets_minimum_at(
    post: PostFacts, min_words: int, limit: datetime | None, visible_at: datetime | None = None
) -> datetime | None:
    """The arrival at which a post met a minimum, or None if it does not (rules 16 and 17).

    What stood at the limit is judged: a text cut below the minimum before the limit does not meet it, one cut
    afterwards still does. A revision after the limit that reaches the minimum meets it then, late. What its
    author removed before the limit counts for nothing, and so does what staff ruled out. `visible_at` is when
    others' posts became visible to the author of a first post, which is judged as it stood then, if that was
    earlier than the limit (rule 23).
    """
    if post.is_prompt or post.ruled_out:
        return None
    if post.removed_at is None and len(post.revisions) == 1:
        # Nearly every post, and a table asks tens of thousands.
        only = post.revisions[0]
        return only.arrived_at if only.words >= min_words else None
    if post.removed_at is not None and (limit is None or post.removed_at < limit):
        return None
    settled = first_post_judged_at(limit, visible_at)
    since: datetime | None = None
    for revision in post.revisions:
        if post.removed_at is not None and revision.arrived_at >= post.removed_at:
            break
        if since is not None and settled is not None and revision.arrived_at >= settled:
            break
        if revision.words < min_words:
            since = None
        elif since is None:
            since = revision.arrived_at
            if settled is not None and since >= settled:
                break
    return since


def judged_revision(
    post: PostFacts, limit: datetime | None, min_words: int = 0, visible_at: datetime | None = None
) -> int | None:
    """Which revision is judged, as an index into `post.revisions`; None if the post counts for nothing.

    The one that stood at the limit; of a post that arrived later, the first, or the last that its author
    marked "judge this one". A post that met its minimum only by a later revision is judged by that one. For
    a post that meets no checkpoint, pass the board's last limit and no minimum. `visible_at` as in `meets_minimum_at`.
    """
    if post.is_prompt or post.ruled_out:
        return None
    if post.removed_at is not None and (limit is None or post.removed_at < limit):
        return None
    settled = first_post_judged_at(limit, visible_at)
    if settled is None:
        return len(post.revisions) - 1
    standing = 0
    for place, revision in enumerate(post.revisions):
        if revision.arrived_at < settled or (revision.judge_this and post.arrived_at >= settled):
            standing = place
    met_at = meets_minimum_at(post, min_words, limit, visible_at)
    if met_at is not None and met_at >= settled and post.revisions[standing].words < min_words:
        return next(place for place, text in enumerate(post.revisions) if text.arrived_at == met_at)
    return standing


def closing_excuses(closings: Iterable[Closing], limit: datetime | None, met_at: datetime | None) -> bool:
    """Whether a closing by hand before the limit excuses a checkpoint not met by then (rule 6)."""
    return any(
        not closing.dated_again
        and (limit is None or closing.closed_at < limit)
        and (met_at is None or met_at >= closing.closed_at)
        for closing in closings
    )


@dataclass(slots=True)
class _Board:
    """The posts of a board, grouped once."""

    by_author: dict[int, list[PostFacts]] = field(default_factory=lambda: defaultdict(list))
    # People as others count them: each anonymous post is one of its own, by (author, post).
    by_person: dict[tuple[int, int], list[PostFacts]] = field(default_factory=lambda: defaultdict(list))
    first_seen: list[datetime] = field(default_factory=list)  # of people none of whose posts were removed
    seen_of: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    with_removed: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, posts: Iterable[PostFacts], answerable: Container[int] | None) -> "_Board":
        board = cls()
        for post in posts:
            if not post.is_prompt:
                board.by_author[post.author_id].append(post)
                board.by_person[post.author_id, post.id if post.anonymous else 0].append(post)
        for own in board.by_author.values():
            own.sort(key=lambda post: (post.arrived_at, post.id))
        for person, own in board.by_person.items():
            author_id, _post_id = person
            if answerable is not None and author_id not in answerable:
                continue
            shown = [post.appears_at or post.arrived_at for post in own if not post.held]
            if any(post.removed_at is not None for post in own):
                board.with_removed.append(person)
            elif shown:
                board.seen_of[author_id].append(min(shown))
        board.first_seen = sorted(first for seen in board.seen_of.values() for first in seen)
        return board

    def others_before(self, instant: datetime, but: int) -> int:
        """How many other people had posted before an instant and not taken it all back by then."""
        count = bisect_left(self.first_seen, instant)
        count -= sum(first < instant for first in self.seen_of.get(but, ()))
        for person in self.with_removed:
            if person[0] != but and any(
                not post.held
                and (post.appears_at or post.arrived_at) < instant
                and (post.removed_at is None or post.removed_at >= instant)
                for post in self.by_person[person]
            ):
                count += 1
        return count


def states_of(
    checkpoints: Sequence[CheckpointRule],
    posts: Iterable[PostFacts],
    students: Mapping[int, StudentFacts],
    at: datetime,
    *,
    classmates: Container[int] | None = None,
    closings: Sequence[Closing] = (),
) -> dict[int, tuple[Met, ...]]:
    """What every student did of every checkpoint, by account id, in the order of the checkpoints (rule 17).

    `posts` are all posts of the board (of separate groups: of one group), in any order, removed ones too;
    `classmates` holds the account ids of students if only replies to classmates count, None if staff count
    too. `closings` are those of the board or its only thread. Cost is linear in posts and students.
    """
    board = _Board.of(posts, classmates)
    ordered = sorted(checkpoints, key=lambda checkpoint: (checkpoint.position, checkpoint.id))
    found = {}
    for account_id, student in students.items():
        dates = {date.checkpoint_id: date for date in student.dates}
        own = board.by_author.get(account_id, [])
        found[account_id] = tuple(
            _met(rule, dates[rule.id], own, account_id, student, board, at, classmates, closings)
            for rule in ordered
        )
    return found


def is_up_to_others(rule: CheckpointRule, date: DueDate, at: datetime) -> bool:
    """Whether what others posted counts too: how many people there were to answer a day before the limit."""
    return rule.kind == "replies" and date.limit is not None and at >= date.limit - PEOPLE_COUNTED


def _met(
    rule: CheckpointRule,
    date: DueDate,
    own: Sequence[PostFacts],
    account_id: int,
    student: StudentFacts,
    board: _Board,
    at: datetime,
    classmates: Container[int] | None,
    closings: Sequence[Closing],
) -> Met:
    reasons: list[Reason] = []
    counted: list[tuple[datetime, int, int]] = []
    for post in own:
        if rule.kind == "first_post":
            counts, to = post.opens, account_id
        else:
            to = account_id if post.parent_author_id is None else post.parent_author_id
            counts = not post.opens and to != account_id and _counts_as_answered(to, classmates)
        visible_at = student.others_visible_at if rule.kind == "first_post" else None
        if counts and (met_at := meets_minimum_at(post, rule.min_words, date.limit, visible_at)) is not None:
            counted.append((met_at, post.id, to))
            if post.removed_at is not None:
                reasons.append(Reason("removed_later", {"post_id": post.id, "removed_at": post.removed_at}))
    counted.sort()

    replies, people = (1, 1) if rule.kind == "first_post" else (rule.replies, rule.people)
    nobody = False
    if student.knows_others and is_up_to_others(rule, date, at):
        assert date.limit is not None
        others = board.others_before(date.limit - PEOPLE_COUNTED, account_id)
        nobody = others == 0 and (replies > 0 or people > 0)
        if others < people:
            reasons.append(Reason("fewer_people", {"people": others, "of": people}))
            people = others
        if nobody:
            reasons.append(Reason("nobody_to_answer", {"replies": 0, "of": replies}))
    met_at, used = _met_at(counted, rule.replies if nobody else replies, rule.people if nobody else people)
    whole = met_at is not None
    words_done = None if whole or rule.kind != "first_post" else _too_short(own)
    state, excuse = _state(rule, date, met_at, student, at, closings, nobody)
    if excuse:
        reasons.append(Reason(excuse))
    asks = rule.kind == "replies"
    return Met(
        rule.id,
        state,
        met_at,
        late_by(date.due, met_at, date.zone) if met_at and date.due and state == "met_late" else None,
        used if whole else tuple(post_id for _, post_id, _ in counted),
        (0 if nobody else replies) if asks else 0,
        people if asks else 0,
        len(counted) if asks else 0,
        len({to for _, _, to in counted}) if asks else 0,
        tuple(reasons),
        words_done,
    )


def _counts_as_answered(to: int, classmates: Container[int] | None) -> bool:
    """Whether replies to this person count; who is anonymous (negative) is a student."""
    return classmates is None or to < 0 or to in classmates


def _too_short(own: Sequence[PostFacts]) -> int | None:
    """Words of the longest of a student's opening posts as it stands; None if none is there."""
    there = (post for post in own if post.opens and not post.is_prompt and not post.ruled_out)
    return max((post.revisions[-1].words for post in there if post.removed_at is None), default=None)


def _met_at(
    counted: Sequence[tuple[datetime, int, int]], replies: int, people: int
) -> tuple[datetime | None, tuple[int, ...]]:
    """The arrival by which N posts to M people are there, and the posts up to it."""
    seen: set[int] = set()
    for number, (met_at, _, to) in enumerate(counted, start=1):
        seen.add(to)
        if number >= replies and len(seen) >= people:
            return met_at, tuple(post_id for _, post_id, _ in counted[:number])
    return None, ()


def _state(
    rule: CheckpointRule,
    date: DueDate,
    met_at: datetime | None,
    student: StudentFacts,
    at: datetime,
    closings: Sequence[Closing],
    nobody: bool,
) -> tuple[State, str | None]:
    limit = date.limit
    if met_at is not None and (limit is None or met_at < limit):
        return "met_on_time", None
    if limit is not None and not any(
        stay.from_at < limit <= (stay.until_at or limit) for stay in student.presence
    ):
        return "not_asked", None
    if rule.id in student.excused:
        return "excused", "excused_by_staff"
    if closing_excuses(closings, limit, met_at):
        return "excused", "closed_by_hand"
    if nobody or (rule.kind == "replies" and rule.replies <= 0 and rule.people <= 0):
        return "excused", None
    if met_at is not None:
        return "met_late", None
    return ("not_yet_due" if limit is None or at < limit else "missing"), None


_WORST: tuple[Literal["met_late", "missing", "not_yet_due", "met_on_time", "excused"], ...] = (
    "met_late", "missing", "not_yet_due", "met_on_time", "excused",
)  # fmt: skip


def board_verdict(states: Iterable[Met]) -> BoardVerdict:
    """A board is late if any checkpoint is, and says too what is missing (rule 17)."""
    every = tuple(states)
    missing = tuple(met.checkpoint_id for met in every if met.state == "missing")
    for state in _WORST:
        if any(met.state == state for met in every):
            return BoardVerdict(state, missing)
    return BoardVerdict("not_asked", missing)
