"""What is true of receipts: what one states, its digests, its verdict, and what a change of it differs in.

Pure: values in, values out. Instants are aware datetimes in UTC, with microseconds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

SALT_BYTES = 16
SEGMENT = "segment"  # no receipt of anybody: where the chain of a course goes on after a restore
KINDS = ("accepted", "refused", "scheduled", "edit", SEGMENT)
VERDICTS = ("on_time", "late", "refused")
# Refusals that say: the place took nothing at that instant. All others are one class, and why is told to nobody.
_CLOSED = frozenset(
    {"cutoff_passed", "not_yet_open", "closed_by_hand", "course_ended", "course_archived", "thread_closed",
     "thread_removed"}
)  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SALT = re.compile(rf"[0-9a-f]{{{2 * SALT_BYTES}}}")


class Result(StrEnum):
    """What checking a receipt came to."""

    VALID = "valid"
    ERASED = "erased"
    NOT_A_RECEIPT = "not_a_receipt"
    UNKNOWN_KEY = "unknown_key"
    CHANGED = "changed"
    NOT_IN_CHAIN = "not_in_chain"
    ROW_DIFFERS = "row_differs"
    POST_DIFFERS = "post_differs"

    @property
    def is_good(self) -> bool:
        return self in (Result.VALID, Result.ERASED)


class Malformed(ValueError):
    """The claims are none that a receipt of ours has."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one receipt states. It names the due instant and the limit (with grace), and never why they are so.

    `owner` and `words` are digests over a salt that is kept beside the token and not in it. `previous` is the hash of
    the token before it in the course's chain, empty for the first. `detail` is the class of a refusal, or why a
    segment was started.
    """

    receipt: str
    kind: str
    course: str
    place: str
    previous: str
    arrived_at: datetime
    issued_at: datetime
    issuer: str = ""
    post: str | None = None
    revision: int | None = None
    owner: str | None = None
    words: str | None = None
    due_at: datetime | None = None
    limit_at: datetime | None = None
    appears_at: datetime | None = None
    verdict: str | None = None
    detail: str = ""


# The claims of a token in their order: its name there, ours here.
CLAIMS = {
    "iss": "issuer", "jti": "receipt", "kind": "kind", "course": "course", "place": "place", "post": "post",
    "revision": "revision", "owner": "owner", "words": "words", "arrived": "arrived_at", "due": "due_at",
    "limit": "limit_at", "appears": "appears_at", "verdict": "verdict", "detail": "detail", "issued": "issued_at",
    "prev": "previous",
}  # fmt: skip
_INSTANTS = frozenset({"arrived", "due", "limit", "appears", "issued"})
_OPTIONAL = frozenset({"post", "revision", "owner", "words", "due", "limit", "appears", "verdict"})


def instant_text(at: datetime) -> str:
    """`2026-11-26T22:59:59.123456Z`: UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def claims_of(statement: Statement) -> dict[str, Any]:
    """What the token holds of a statement; what is not stated is null."""
    told = {claim: getattr(statement, name) for claim, name in CLAIMS.items()}
    return {
        claim: instant_text(value) if isinstance(value, datetime) else value for claim, value in told.items()
    }


def statement_from(claims: object) -> Statement:
    """The statement that a token holds; Malformed unless its claims are exactly those of a receipt."""
    if not isinstance(claims, dict) or set(claims) != set(CLAIMS):
        raise Malformed
    told: dict[str, Any] = {}
    for claim, value in claims.items():
        if value is None and claim in _OPTIONAL:
            told[CLAIMS[claim]] = None
        elif claim in _INSTANTS:
            told[CLAIMS[claim]] = _instant_from(value)
        elif isinstance(value, int if claim == "revision" else str) and not isinstance(value, bool):
            told[CLAIMS[claim]] = value
        else:
            raise Malformed
    if told["kind"] not in KINDS:
        raise Malformed
    return Statement(**told)


def _instant_from(text: object) -> datetime:
    if not isinstance(text, str) or _INSTANT.fullmatch(text) is None:
        raise Malformed
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Malformed from None


# --- digests ----------------------------------------------------------------------------------------------------------


def token_hash(token: str) -> str:
    """By what the next receipt of the chain names this one."""
    return sha256(token.encode()).hexdigest()


def text_hash(text: str) -> str:
    """SHA-256 of the words in UTF-8, line ends as one LF each: as they are kept, however a browser sends them."""
    return sha256(text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "surrogatepass")).hexdigest()


def words_digest(salt: str, text: str, files: Sequence[str] = ()) -> str:
    """The digest over salt, words and attachments (their SHA-256, in order): lines joined by LF, hashed."""
    return digest_of_lines(salt, text_hash(text), *files)


def owner_digest(salt: str, account: str) -> str:
    """The digest that ties a receipt to an account (its public id), for as long as its salt is kept."""
    return digest_of_lines(salt, account)


def digest_of_lines(*lines: str) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def is_segment_reason(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9-]{1,40}", text) is not None


def is_salt(text: str) -> bool:
    return _SALT.fullmatch(text) is not None


# --- verdicts ---------------------------------------------------------------------------------------------------------


def verdict_of(arrived_at: datetime, limit_at: datetime | None) -> str:
    """On time means `arrival < limit`; what has no due date is on time."""
    return "on_time" if limit_at is None or arrived_at < limit_at else "late"


def class_of_refusal(code: str) -> str:
    """All that a receipt says of why words were refused: the place was closed, or something else."""
    return "closed" if code in _CLOSED else "other"


# --- what is kept beside a token ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """One row of a chain as it is kept. `account` is its owner's public id, `salt` is gone with an erasure."""

    token: str
    hash: str
    previous: str
    receipt: str
    course: str
    kind: str
    place: str
    arrived_at: datetime
    issued_at: datetime
    account: str | None = None
    salt: str | None = None
    post_id: int | None = None
    revision: int | None = None
    due_at: datetime | None = None
    limit_at: datetime | None = None
    appears_at: datetime | None = None
    verdict: str | None = None
    detail: str = ""

    @property
    def is_erased(self) -> bool:
        return self.kind != SEGMENT and self.salt is None and self.account is None


@dataclass(frozen=True, slots=True)
class KeptText:
    """One text of a post as it is kept: when it arrived, its hash (`text_hash`) and those of its attachments."""

    arrived_at: datetime
    hash: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptPost:
    """A post as it is kept: its public id, its author's, when it arrived, and its texts by revision."""

    post: str
    author: str
    arrived_at: datetime
    texts: Mapping[int, KeptText] = field(default_factory=dict)


_SAME = (
    "receipt", "course", "kind", "place", "previous", "arrived_at", "issued_at", "revision", "due_at", "limit_at",
    "appears_at", "verdict", "detail",
)  # fmt: skip


def differences(link: Link, statement: Statement) -> tuple[str, ...]:
    """In what a row differs from the token that it holds; empty if in nothing."""
    wrong = [name for name in _SAME if getattr(link, name) != getattr(statement, name)]
    if link.hash != token_hash(link.token):
        wrong.append("hash")
    if (link.post_id is None) != (statement.post is None):
        wrong.append("post")
    owner = owner_digest(link.salt, link.account) if link.salt and link.account else None
    if link.kind == SEGMENT:
        if link.salt is not None or link.account is not None or statement.owner is not None:
            wrong.append("owner")
    elif not link.is_erased and owner != statement.owner:
        wrong.append("owner")
    return tuple(wrong)


def differences_of_post(link: Link, statement: Statement, kept: KeptPost | None) -> tuple[str, ...]:
    """In what a post that is kept differs from what its receipt states; `kept` None is a post that is gone."""
    if kept is None:
        return ("gone",)
    wrong = [] if kept.post == statement.post else ["post"]
    text = kept.texts.get(statement.revision or 1)
    if text is None:
        return (*wrong, "words")
    own = text.arrived_at if statement.kind == "edit" else kept.arrived_at
    if not statement.arrived_at == own == text.arrived_at:
        wrong.append("arrived_at")
    if link.salt is not None:
        if digest_of_lines(link.salt, text.hash, *text.files) != statement.words:
            wrong.append("words")
        if owner_digest(link.salt, kept.author) != statement.owner:
            wrong.append("owner")
    return tuple(wrong)


def breaks_in(links: Sequence[tuple[str, str, str]], head: str) -> list[str]:
    """Where a chain does not hold, given (name, hash, previous) of its links in order, and its head.

    The names of the links before which one is missing, put in or out of its place; "head" if the last is not the head.
    """
    wrong, before = [], ""
    for name, own, previous in links:
        if previous != before:
            wrong.append(name)
        before = own
    return wrong if before == head else [*wrong, "head"]
