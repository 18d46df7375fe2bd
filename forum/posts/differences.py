"""What changed from one text of a post to the next, word by word."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import SequenceMatcher

from flask_babel import gettext as _
from markupsafe import Markup

from ..core.markup.quotes import marks_in_words
from ..core.times import Moment, moment
from ..courses.policy import Member
from .attachments import Attached, attached_in
from .file_lines import files_block
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
    files: Markup


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
    revisions: Sequence[tuple[Revision, str]], reader: Member, *, first_at: datetime | None = None,
    files_at: str = "", files_open: Collection[str] | None = None,
) -> list[Step]:  # fmt: skip
    """Every text of a post, newest first, each with what it changed of the one before.

    With `first_at` the first of these texts is told as the first there was, as of that instant.
    Files are linked at `files_at` and their id, of those in `files_open`, if it is given.
    """
    found: list[Step] = []
    before = ""
    had: Mapping[str, Attached] = {}
    for revision, name in revisions:
        has = {each.id: each for each in attached_in(revision.files)}
        source = marks_in_words(revision.source, _("[a quoted passage]"))
        parts = parts_between(before, source) if found else [Part("same", source)]
        found.append(
            Step(
                len(found) + 1 if first_at else revision.number, name,
                moment(max(revision.arrived_at, first_at or revision.arrived_at), reader.zone, reader.course_zone),
                "" if first_at and not found else revision.reason,
                parts,
                [part.text.strip() for part in parts if part.kind == "removed" and part.text.strip()] + _names(had, has),
                [part.text.strip() for part in parts if part.kind == "added" and part.text.strip()]
                + (_names(has, had) if found else []),
                files_block([asdict(each) for each in has.values() if files_open is None or each.id in files_open], files_at),
            )
        )  # fmt: skip
        before, had = source, has
    return found[::-1]


def _names(files: Mapping[str, Attached], others: Mapping[str, Attached]) -> list[str]:
    """The files that are not among the others, in words."""
    return [_("the file “%(name)s”", name=each.name) for each in files.values() if each.id not in others]
