"""Why a date, a number or a setting of a board is refused, in words that stand beside its field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import gettext as _

from ..core.errors import Refused
from ..core.moments import Oddity, Wall, oddity_of
from ..core.refusals import tells
from ..core.times import due_moment, moment, zone_words
from ..courses.policy import Member


def spelled(instant: datetime | None, member: Member, *, is_due: bool = True) -> str:
    """An instant with weekday, date and zone, as the course's clocks show it, the reader's own beside it."""
    if instant is None:
        return _("no date")
    shown = due_moment if is_due else moment
    there = shown(instant, member.course_zone, member.zone)
    text = f"{there.text}, {there.zone}"
    return f"{text} ({there.other})" if there.other else text


def trouble_words(code: str, told: Mapping[str, Any], member: Member, *, name: str = "due") -> str:
    """One refusal of `save_board` or `set_audience_dates` in a sentence or two."""
    stays = told.get("stays")
    stays_words = (
        spelled(stays, member, is_due=name != "opens")
        if isinstance(stays, datetime)
        else _("no date")
        if stays is None
        else str(stays)
    )
    earliest = spelled(told["earliest"], member) if isinstance(told.get("earliest"), datetime) else ""
    match code:
        case "out_of_bounds":
            return _("Dates lie between the years 2000 and 2200.")
        case "due_not_after_opens":
            return _(
                "This is not after the board opens (%(time)s).",
                time=spelled(told["opens_at"], member, is_due=False),
            )
        case "due_after_cutoff":
            return _("This is after the cut-off (%(time)s).", time=spelled(told["cutoff_at"], member))
        case "due_before_earlier":
            return _(
                "This is before an earlier part of the board is due (%(time)s).",
                time=spelled(told["earlier_at"], member),
            )
        case "cutoff_not_after_opens":
            return _(
                "This is not after the board opens (%(time)s).",
                time=spelled(told["opens_at"], member, is_due=False),
            )
        case "later_stays":
            return _(
                "Students have seen a later date, and it stays: %(stays)s. The earliest that could be entered now is %(earliest)s, with a reason.",
                stays=stays_words, earliest=earliest,
            )  # fmt: skip
        case "reason_needed":
            return _("Students have seen a later date (%(stays)s). A mistake can be taken back: please write the reason below.", stays=stays_words)  # fmt: skip
        case "too_soon":
            return _(
                "Students have seen this board. What is added now is due at the earliest %(earliest)s.",
                earliest=earliest,
            )
        case "only_later":
            if stays is None:
                return _("Students have seen this board without a cut-off; none can be set now.")
            return _(
                "Students have seen this date. It can only become later: %(stays)s stays.", stays=stays_words
            )
        case "only_earlier":
            return _(
                "Students could enter already. It can only open earlier: %(stays)s stays.", stays=stays_words
            )
        case "only_up":
            return _(
                "Students have seen this board; this can only grow. It was %(number)s.", number=stays_words
            )
        case "only_down":
            return _(
                "Students have seen this board; this can only become less. It was %(number)s.",
                number=stays_words,
            )
        case "zone_stays":
            return _("Students have seen this date; whose time zone it is in stays.")
        case "kind_stays":
            return _(
                "Students have seen what is asked here. It can be taken away, and something new be asked in another row."
            )
        case "form_stays":
            return _("There are posts on this board already, so its form stays.")
        case "groups_stay":
            return _("There are posts on this board already, so its groups stay as they were.")
        case "audience_grows":
            return _(
                "There are posts on this board already. It can become for more sections and groups, or for everyone; nobody can be left out."
            )
        case "together_needed":
            return _("Please give the date until which nobody sees others' posts.")
        case "together_not_chosen":
            return _(
                "This date is for posts that are shown all together. Choose that above, or leave this empty."
            )
        case "together_without_first":
            return _("All posts can be shown together only where a first post is asked. Please ask for one below.")  # fmt: skip
        case "together_before_limit":
            return _(
                "This is before the time for the first post is over, with its grace and in the last time zone. The earliest is %(earliest)s.",
                earliest=earliest,
            )  # fmt: skip
        case "together_stays":
            return _("Students have seen that all posts are shown here at one moment, and it stays so.")
        case "together_passed":
            return _("All posts were shown after %(stays)s. What was opened stays open.", stays=stays_words)
        case "due_before_together":
            return _(
                "Nobody can reply before others' posts are shown (after %(time)s). Replies must be due later.",
                time=spelled(told["shown_at"], member),
            )
        case "stays_open":
            return _("Students see others' posts here already. What was opened stays open.")
        case "not_harder":
            return _("Students have seen this board; this would ask more of them.")
        case _:
            return _("This can't stand so.")


def oddity_words(oddity: Oddity, zone: ZoneInfo, *, is_opening: bool = False) -> str:
    """What a strange wall time comes to (docs/time.md, rule 4)."""
    comes_to = moment(oddity.opening, zone).text if is_opening else due_moment(oddity.due, zone).text
    name = zone_words(zone.key)
    if oddity.kind == "skipped":
        return _(
            "That time is skipped when clocks change (%(zone)s). It counts as %(time)s.",
            zone=name,
            time=comes_to,
        )
    if oddity.kind == "doubled":
        if is_opening:
            return _("That time comes twice when clocks change (%(zone)s). The first of the two counts: %(time)s.", zone=name, time=comes_to)  # fmt: skip
        return _("That time comes twice when clocks change (%(zone)s). The second of the two counts: %(time)s.", zone=name, time=comes_to)  # fmt: skip
    return _("That date does not exist in %(zone)s. It counts as %(time)s.", zone=name, time=comes_to)


def oddity_note(wall: Wall | None, zone: ZoneInfo, *, is_opening: bool = False) -> str | None:
    oddity = oddity_of(wall, zone) if wall is not None else None
    return oddity_words(oddity, zone, is_opening=is_opening) if oddity is not None else None


@tells("later_stays", "reason_needed", "only_earlier", "still_excused", "module_shown", "module_not_empty")
def _tell(refused: Refused) -> list[str]:
    return [refusal_words(refused, g.member)]


def refusal_words(refused: Refused, member: Member) -> str:
    """Why more time, an excusal or a module stays as it is."""
    if refused.code == "still_excused":
        return _(
            "The student counts on being excused, and it stays: it is due before %(earliest)s, too soon to ask for it again.",
            earliest=spelled(refused.values["earliest"], member),
        )  # fmt: skip
    if refused.code == "module_shown":
        return _("Students could see the boards of this module already; it can't open later now.")
    if refused.code == "module_not_empty":
        return _("There is something in this module. Only an empty one can be removed.")
    return trouble_words(refused.code, refused.values, member)
