"""What changed from one text of a post to the next, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from ..core.times import Moment, moment
from ..courses.policy import Member
from .models import Revision

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Part:
    """`kind` is same, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    number: int
    author: str
    at: Moment
    reason: str
    parts: list[Part]
    removed: list[str]
    added: list[str]


def parts_between(before: str, after: str) -> list[Part]:
    """The texts as one run of kept, removed and added words; beyond 20,000 words as a whole."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > 20_000:
        return [Part("removed", before), Part("added", after)]
    parts: list[Part] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(Part("same", "".join(old[a:b])))
            continue
        if b > a:
            parts.append(Part("removed", "".join(old[a:b])))
        if d > c:
            parts.append(Part("added", "".join(new[c:d])))
    return parts


def steps(
    revisions: Sequence[tuple[Revision, str]], reader: Member, *, first_at: datetime | None = None
) -> list[Step]:
    """Every text of a post, newest first, each with what it changed of the one before.

    With `first_at` the first of these texts is told as the first there was, as of that instant.
    """
    found: list[Step] = []
    before = ""
    for revision, name in revisions:
        parts = parts_between(before, revision.source) if found else [Part("same", revision.source)]
        found.append(
            Step(
                len(found) + 1 if first_at else revision.number, name,
                moment(max(revision.arrived_at, first_at or revision.arrived_at), reader.zone, reader.course_zone),
                "" if first_at and not found else revision.reason,
                parts,
                [part.text.strip() for part in parts if part.kind == "removed" and part.text.strip()],
                [part.text.strip() for part in parts if part.kind == "added" and part.text.strip()],
            )
        )  # fmt: skip
        before = revision.source
    return found[::-1]
