"""What is true of grading: how a score comes about, when it is doubtful, what a grade's state is. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Literal

FEEDBACK_LIMIT = 20_000  # characters
TITLE_LIMIT = 300
DESCRIPTION_LIMIT = 2_000
POINTS_MOST = Decimal(100_000)
# A page that saves as it goes may send its last words twice: by its script and by its button.
ECHO = timedelta(seconds=20)

GradeState = Literal["ungraded", "begun", "draft", "released"]
Doubt = Literal["negative", "over", "far_over"]
_NUMBER = re.compile(r"[+-]?(\d{1,6}([.,]\d{0,3})?|[.,]\d{1,3})")


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a grader says of one student: a level for each criterion (ids), a score where no rubric is, feedback."""

    levels: Mapping[int, int]
    score: Decimal | None = None
    feedback: str = ""


def parse_points(text: str) -> Decimal | None:
    """Points as people type them, with a point or a comma and at most three decimals; None if it is no such number."""
    text = text.strip().replace("\u2212", "-")
    if not _NUMBER.fullmatch(text):
        return None
    try:
        points = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return points if abs(points) < POINTS_MOST else None


def points_text(points: Decimal | None) -> str:
    """ "7", "7.5", "73.125": no zeros that say nothing; "" for none."""
    if points is None:
        return ""
    text = f"{points:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def most_of(level_points: Iterable[Sequence[Decimal]]) -> Decimal | None:
    """The most that a rubric gives: the best level of each criterion; None without criteria."""
    best = [max(points) for points in level_points if points]
    return sum(best, Decimal(0)) if best else None


def total_of(criteria: Iterable[int], points: Mapping[int, Decimal]) -> Decimal | None:
    """The score by a rubric: the sum of its levels once every criterion has one, else None."""
    ids = list(criteria)
    if not ids or any(criterion not in points for criterion in ids):
        return None
    return sum((points[criterion] for criterion in ids), Decimal(0))


def doubt_of(score: Decimal | None, most: Decimal | None) -> Doubt | None:
    """Why a score should be confirmed: below nothing, above the most, or at 1.5 times the most and beyond."""
    if score is None:
        return None
    if score < 0:
        return "negative"
    if most is None or score <= most:
        return None
    return "far_over" if score >= most * Decimal("1.5") else "over"


def state_of(score: Decimal | None, released_at: datetime | None, *, touched: bool) -> GradeState:
    """What a grade is: nothing yet, begun (no score yet), a draft with a score, or released to its student."""
    if score is None:
        return "begun" if touched else "ungraded"
    return "released" if released_at is not None else "draft"


def is_own_echo(
    grader_id: int, saved_by: Iterable[int | None], last_saved_at: datetime, at: datetime
) -> bool:
    """Whether the saves that a stale version misses are the grader's own, of a moment ago.

    `saved_by` are the authors of every version after the one that the grader's page knew.
    """
    authors = list(saved_by)
    return bool(authors) and all(author == grader_id for author in authors) and at - last_saved_at <= ECHO


def digest_of(parts: Iterable[object]) -> str:
    """A short name of a state of things, to see whether it is still the same."""
    return sha256(repr(list(parts)).encode()).hexdigest()[:20]
