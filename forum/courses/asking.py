"""Who asks: the person behind a session and their place in a course, found out for every request."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, column, func, select, table

from ..accounts.models import Account, AccountZone, SignInSession
from ..core.caches import Cache
from ..core.db import Lines
from ..core.prepared import Prepared
from .models import Course, Enrollment, Visit
from .policy import Member, Person
from .queries import holds_at, member_of_row

_at = bindparam("at", type_=SignInSession.started_at.type)

# What the person and the member are made of, in this order.
_WHO = (
    SignInSession.id,
    Account.id.label("account_id"),
    Account.public_id,
    Account.name,
    Account.language,
    Account.is_administrator,
    Account.single_keys,
    Account.version,
    AccountZone.zone.label("own_zone"),
    Course.id.label("course_id"),
    Course.slug,
    Course.code,
    Course.title,
    Course.zone,
    Course.state,
    Course.roster_version,
    Course.assistants_release,
    Course.assistants_manage,
    Enrollment.id.label("enrollment_id"),
    Enrollment.role,
    Enrollment.all_sections,
    Visit.id.label("visit_id"),
)
_named: Any = namedtuple  # its fields are known from the columns only
_Who = _named("_Who", [column.key for column in _WHO])


# What is to be done before any answer, of whosever it is: one step in an index (posts/entrusting.py).
_first_look = (
    select(func.min(column("look_at", SignInSession.started_at.type)))
    .select_from(table("entrusted_draft"))
    .scalar_subquery()
)


def _statement() -> Select:
    return (
        select(*_WHO, SignInSession.last_used_at, _first_look.label("first_look_at"))
        .select_from(SignInSession)
        .join(Account, Account.id == SignInSession.account_id)
        .outerjoin(AccountZone, and_(AccountZone.account_id == Account.id, holds_at(AccountZone, _at)))
        .outerjoin(Course, Course.slug == bindparam("slug"))
        .outerjoin(
            Enrollment,
            and_(
                Enrollment.course_id == Course.id,
                Enrollment.account_id == Account.id,
                holds_at(Enrollment, _at),
            ),
        )
        .outerjoin(
            Visit, and_(Visit.course_id == Course.id, Visit.account_id == Account.id, holds_at(Visit, _at))
        )
        .where(
            SignInSession.token_hash == bindparam("token_hash"),
            SignInSession.ended_at.is_(None),
            SignInSession.started_at > bindparam("oldest_start", type_=SignInSession.started_at.type),
            SignInSession.last_used_at > bindparam("oldest_use", type_=SignInSession.started_at.type),
            Account.suspended_at.is_(None),
            Account.joined_into_id.is_(None),
            Account.erased_at.is_(None),
        )
    )


@dataclass(frozen=True)
class Asking:
    """Who asks, as the gate needs it: the person, the member of the course that the address names, if they are one.

    `row` has what a door asked for beside it.
    """

    person: Person
    member: Member | None
    session_last_used_at: datetime
    row: Any


class WhoAsks:
    """The person behind a session's token and their place in a course, in one statement.

    A door that is opened often asks for its own thing in the same statement: `beside` adds columns and outer joins to
    it, `named` gives their values from those of the address. It is built when it is asked first.
    """

    def __init__(
        self,
        beside: Callable[[Select[Any]], Select[Any]] = lambda statement: statement,
        named: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda address: {},
    ) -> None:
        self._beside, self._named = beside, named
        # By the driver's row: most requests of one reader get an equal one.
        self._known: Cache[Asking] = Cache(2_000)

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self._beside(_statement()))

    def ask(
        self,
        lines: Lines,
        token_hash: str,
        address: Mapping[str, Any],
        *,
        at: datetime,
        oldest_start: datetime,
        oldest_use: datetime,
    ) -> Asking | None:
        """None for a session that ended, started or was used too long ago, or whose account may do nothing.

        `address` are the values of the route: `course` is the slug.
        """
        found = self._prepared.alone(
            lines,
            {"token_hash": token_hash, "slug": address.get("course", ""), "at": at, "oldest_start": oldest_start,
             "oldest_use": oldest_use, **self._named(address)},
        )  # fmt: skip
        if found is None:
            return None
        known = self._known.get(found)
        if known is None:
            row = self._prepared.read(lines, found)
            known = Asking(*_asking(row[: len(_WHO)]), row.last_used_at, row)
            self._known.put(found, known)
        return known


who_asks = WhoAsks()


@lru_cache(maxsize=1_000)
def _asking(values: tuple[Any, ...]) -> tuple[Person, Member | None]:
    """Frozen values of what the statement told: equal rows give the same ones."""
    row = _Who._make(values)
    person = Person(
        row.account_id, row.public_id, row.name, row.own_zone, row.language, row.is_administrator, row.single_keys,
        row.id, row.version,
    )  # fmt: skip
    return person, member_of_row(row)
