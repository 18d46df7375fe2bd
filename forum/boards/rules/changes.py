"""What staff may still change once students could see it: docs/time.md, rule 6."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from forum.boards.rules.values import Refusal
from forum.core.moments import shift_days

_WITHIN = timedelta(hours=24)
_AHEAD_SOON = timedelta(hours=48)

NumberField = Literal["grace_minutes", "min_words", "replies", "people"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a due instant (None: no due date), with the arrival of its entry and its reason."""

    instant: datetime | None
    entered_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Effective:
    """The version that holds, by its index; `passed` are those that a later instant outstayed."""

    instant: datetime | None
    index: int
    passed: tuple[int, ...] = ()


def was_shown(shown_at: datetime | None, at: datetime) -> bool:
    """Whether students could see it by then; unpublishing does not reset the first instant `shown_at`."""
    return shown_at is not None and shown_at <= at


def followed(promised: datetime, derived: datetime, at: datetime, *, is_opening: bool = False) -> datetime:
    """Where an instant that students have seen stands after its zone or the zone database changed (rule 5).

    What is past never moves. What lies ahead is the later of promise and rule; an opening the earlier.
    """
    if promised <= at:
        return promised
    return min(promised, derived) if is_opening else max(promised, derived)


def why_not_move_due(
    before: datetime | None,
    after: datetime | None,
    at: datetime,
    *,
    shown_at: datetime | None,
    entered_at: datetime,
    reason: str,
    zone: ZoneInfo,
) -> Refusal | None:
    """Why a due instant cannot become `after`, or None; None as an instant is no due date, the latest of all.

    The same asks for the withdrawal of an extension, an accommodation, a section's date or a credit, with the
    instants that apply before and after it. Once shown it moves only later; *a mistake can be taken back* if
    the new instant lies at least 7 calendar days (in `zone`) ahead of `at`, or at least 48 hours ahead and
    `at` is within 24 hours of `entered_at`, the entry that it corrects; and with a reason. Since the new
    instant always lies ahead, nothing that has arrived is judged worse.

    Codes: later_stays (stays, earliest: what could be entered now), reason_needed.
    """
    if not was_shown(shown_at, at) or after is None or (before is not None and after >= before):
        return None
    earliest = shift_days(at, 7, zone)
    if at - entered_at <= _WITHIN:
        earliest = min(earliest, at + _AHEAD_SOON)
    if after < earliest:
        return Refusal("later_stays", {"stays": before, "earliest": earliest})
    if not reason.strip():
        return Refusal("reason_needed", {"stays": before})
    return None


def why_not_move_cutoff(
    before: datetime | None, after: datetime | None, at: datetime, *, shown_at: datetime | None
) -> Refusal | None:
    """Why a cut-off cannot become `after`, or None: once shown, only later; no cut-off is the latest."""
    if not was_shown(shown_at, at) or after is None or (before is not None and after >= before):
        return None
    return Refusal("only_later", {"stays": before})


def why_not_move_opens(
    before: datetime | None, after: datetime | None, at: datetime, *, shown_at: datetime | None
) -> Refusal | None:
    """Why *opens* cannot become `after`, or None: once shown, only earlier; no *opens* is the earliest."""
    if not was_shown(shown_at, at) or after is None or (before is not None and after <= before):
        return None
    return Refusal("only_earlier", {"stays": before})


def why_not_change_number(
    field: NumberField, before: int, after: int, at: datetime, *, shown_at: datetime | None
) -> Refusal | None:
    """Why a number cannot become `after`, or None: once shown, grace only grows, what is asked only shrinks.

    Codes: only_up, only_down (stays).
    """
    if not was_shown(shown_at, at):
        return None
    if field == "grace_minutes":
        return Refusal("only_up", {"stays": before}) if after < before else None
    return Refusal("only_down", {"stays": before}) if after > before else None


def why_not_add_checkpoint(
    due: datetime | None, at: datetime, *, board_shown_at: datetime | None, zone: ZoneInfo
) -> Refusal | None:
    """Why a checkpoint cannot be added to a board, or None.

    On a board that was shown it is due at least 7 calendar days after it is shown itself, at `at`. Code:
    too_soon (earliest).
    """
    if not was_shown(board_shown_at, at) or due is None:
        return None
    earliest = shift_days(at, 7, zone)
    return Refusal("too_soon", {"earliest": earliest}) if due < earliest else None


def effective_due(versions: Sequence[Version], *, shown_at: datetime | None, zone: ZoneInfo) -> Effective:
    """Which of a chain of versions holds, oldest first; there is at least one.

    A version that shortens what was shown, and is no mistake taken back, changes nothing: the later instant
    stays.
    """
    holding = 0
    passed: list[int] = []
    for index, version in enumerate(versions[1:], start=1):
        current = versions[holding]
        refusal = why_not_move_due(
            current.instant,
            version.instant,
            version.entered_at,
            shown_at=shown_at,
            entered_at=current.entered_at,
            reason=version.reason,
            zone=zone,
        )
        if refusal is None:
            holding = index
        else:
            passed.append(index)
    return Effective(versions[holding].instant, holding, tuple(passed))
