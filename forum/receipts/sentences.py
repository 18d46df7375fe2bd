"""What receipts say, in words: what arrived, what came of it, and what checking one came to."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from ..core.times import Moment, due_moment, moment
from .queries import ChainCheck, Check
from .rules import SEGMENT, Result, Statement, instant_text


@dataclass(frozen=True)
class Told:
    """A receipt as its page says it."""

    what: str
    arrived: Moment
    exact: str
    due: Moment | None
    limit: Moment | None
    appears: Moment | None
    state: str
    verdict: str
    more: str
    issued: Moment | None


def told_of(statement: Statement, reader: ZoneInfo, course: ZoneInfo | None) -> Told:
    """A statement in the reader's zone, the course's beside it."""
    state, verdict, more = verdict_words(statement)
    later = statement.issued_at != statement.arrived_at
    return Told(
        what=kind_words(statement.kind),
        arrived=moment(statement.arrived_at, reader, course),
        exact=instant_text(statement.arrived_at),
        due=due_moment(statement.due_at, reader, course) if statement.due_at else None,
        limit=due_moment(statement.limit_at, reader, course)
        if statement.limit_at and statement.limit_at != statement.due_at
        else None,
        appears=moment(statement.appears_at, reader, course) if statement.appears_at else None,
        state=state,
        verdict=verdict,
        more=more,
        issued=moment(statement.issued_at, reader, course) if later else None,
    )


def kind_words(kind: str) -> str:
    return {
        "accepted": _("A post"),
        "refused": _("A post that was not taken"),
        "scheduled": _("A post, handed in to be shown later"),
        "edit": _("A changed text of a post"),
        SEGMENT: _("A new start of the chain"),
    }[kind]


def verdict_words(statement: Statement) -> tuple[str, str, str]:
    """The verdict as (code for its shape, word, sentence that says more)."""
    if statement.verdict == "refused":
        kept = _("The words were kept as a draft.")
        if statement.detail == "closed":
            kept = _("Nothing was taken here at that time.") + " " + kept
        return "refused", _("Not taken"), kept
    if statement.kind == SEGMENT:
        why = _("The site was brought back from a backup, and the chain goes on from there.")
        return "changed", _("Started anew"), why
    if statement.verdict == "late":
        return "late", _("Late"), ""
    if statement.limit_at is None:
        return "on-time", _("Taken"), _("No due date was set for it.")
    return "on-time", _("On time"), ""


def result_words(check: Check, reader: ZoneInfo) -> str:
    """What checking one receipt came to, in whole sentences."""
    return {
        Result.VALID: _("This receipt is genuine: signed here, unchanged, and in its place in the course's chain."),
        Result.ERASED: _("This receipt is genuine and in its place in the course's chain. Its person was erased: whose it was and which words arrived can no longer be checked."),
        Result.NOT_A_RECEIPT: _("This is no receipt of this forum, or only a part of one. Copy the whole token: three parts with a dot between them."),
        Result.UNKNOWN_KEY: _("This names a key that never signed receipts here. It may come from another forum."),
        Result.CHANGED: _("This was changed after it was signed, or was never signed here. It proves nothing."),
        Result.NOT_IN_CHAIN: _not_in_chain(check.restored_at, reader),
        Result.ROW_DIFFERS: _("This token is genuine, but what the forum keeps beside it was changed (%(what)s). The token counts.", what=differs_words(check.differs)),
        Result.POST_DIFFERS: _("This token is genuine, but the post that it is about is not kept as it arrived (%(what)s). The token counts.", what=differs_words(check.differs)),
    }[check.result]  # fmt: skip


def _not_in_chain(restored_at: datetime | None, reader: ZoneInfo) -> str:
    text = _("This was signed here and is unchanged, but it is not in the course's chain: it was taken out, or never put in.")  # fmt: skip
    if restored_at is None:
        return text
    when = moment(restored_at, reader).text
    return _("This was signed here and is unchanged. It is not in the course's chain, which was started anew on %(time)s from a backup: it was given between the two. The token counts.", time=when)  # fmt: skip


def differs_words(names: tuple[str, ...]) -> str:
    words = {
        "receipt": _("its id"), "course": _("the course"), "kind": _("its kind"), "place": _("the place"),
        "previous": _("the one before"), "arrived_at": _("the arrival"), "issued_at": _("when it was given"),
        "revision": _("which text"), "due_at": _("the due date"), "limit_at": _("the limit"),
        "appears_at": _("when it is shown"), "verdict": _("the verdict"), "detail": _("the kind of refusal"),
        "hash": _("its hash"), "post": _("the post"), "owner": _("whose it is"), "words": _("the words"),
        "gone": _("it is gone"),
    }  # fmt: skip
    return ", ".join(words[name] for name in names)


def problem_words(problem: tuple[str, str, tuple[str, ...]]) -> str:
    """One finding of a chain's check: where, and what."""
    name, kind, names = problem
    if kind == "break":
        if name == "head":
            return _("The last receipt is not the head of the chain.")
        return _("%(receipt)s: the receipt before it is missing, or out of its place.", receipt=name)
    return {
        Result.CHANGED: _("%(receipt)s: its token was changed.", receipt=name),
        Result.NOT_A_RECEIPT: _("%(receipt)s: its token is none.", receipt=name),
        Result.UNKNOWN_KEY: _("%(receipt)s: signed with an unknown key.", receipt=name),
        Result.ROW_DIFFERS: _("%(receipt)s: what is kept beside its token was changed (%(what)s).", receipt=name, what=differs_words(names)),
        Result.POST_DIFFERS: _("%(receipt)s: its post is not kept as it arrived (%(what)s).", receipt=name, what=differs_words(names)),
    }[Result(kind)]  # fmt: skip


def chain_words(found: ChainCheck) -> list[str]:
    """All that is wrong with a chain, one sentence each."""
    without = [_("Post %(post)s has no receipt.", post=name) for name in found.without]
    return [*(problem_words(each) for each in found.problems), *without]
