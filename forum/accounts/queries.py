"""What can be known of accounts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from ..core.errors import NotHere
from ..core.signing import token_hash
from .models import Account, AccountZone, OneTimeToken
from .rules import email_key, folded, sort_key


def account_by_email(session: Session, email: str) -> Account | None:
    """The account that goes by an address, however it is spelled; a joined one leads to the one that goes on."""
    account = session.scalars(select(Account).where(Account.email_key == email_key(email))).first()
    while account is not None and account.joined_into_id is not None:
        account = session.get_one(Account, account.joined_into_id)
    return account


def account_by_public_id(session: Session, public_id: str) -> Account:
    account = session.scalars(select(Account).where(Account.public_id == public_id)).first()
    if account is None:
        raise NotHere
    return account


ACCOUNTS_PAGE = 50


def accounts_page(session: Session, search: str, *, after: str | None) -> tuple[Sequence[Account], bool]:
    """Accounts by sort key from the one with the public id `after` on, and whether there are more; two statements.

    `search` is a whole address, or how a name begins, family name first or as it is written. NotHere if `after` is no
    account. Joined accounts are found by their address only.
    """
    statement = select(Account).order_by(Account.sort_key, Account.id).limit(ACCOUNTS_PAGE + 1)
    search = search.strip()
    if "@" in search:
        statement = statement.where(Account.email_key == email_key(search))
    else:
        # Compared by characters and not by a range of strings: PostgreSQL's order of strings is not that of code points.
        beginnings = {folded(search), sort_key(search)} - {""}
        statement = statement.where(Account.joined_into_id.is_(None))
        if beginnings:
            statement = statement.where(
                or_(*(func.substr(Account.sort_key, 1, len(text)) == text for text in sorted(beginnings)))
            )
    if after is not None:
        start = account_by_public_id(session, after)
        statement = statement.where(
            or_(
                Account.sort_key > start.sort_key,
                and_(Account.sort_key == start.sort_key, Account.id > start.id),
            )
        )
    found = session.scalars(statement).all()
    return found[:ACCOUNTS_PAGE], len(found) > ACCOUNTS_PAGE


def open_token(
    session: Session, token: str, at: datetime, *, purposes: Sequence[str]
) -> tuple[OneTimeToken, Account]:
    """The token's row and account, if it still works at `at`; else NotHere."""
    row = session.execute(
        select(OneTimeToken, Account)
        .join(Account, Account.id == OneTimeToken.account_id)
        .where(OneTimeToken.token_hash == token_hash(token), OneTimeToken.purpose.in_(purposes))
        .where(
            OneTimeToken.used_at.is_(None), OneTimeToken.revoked_at.is_(None), OneTimeToken.expires_at > at
        )
        .where(Account.suspended_at.is_(None), Account.erased_at.is_(None), Account.joined_into_id.is_(None))
    ).first()
    if row is None:
        raise NotHere
    return row[0], row[1]


def zone_of(session: Session, account_id: int, at: datetime) -> str | None:
    return session.scalar(
        select(AccountZone.zone).where(
            AccountZone.account_id == account_id,
            AccountZone.from_at <= at,
            or_(AccountZone.until_at.is_(None), AccountZone.until_at > at),
        )
    )


def zone_intervals_of(session: Session, account_ids: Sequence[int]) -> dict[int, list[AccountZone]]:
    """The zones of several people in order of time."""
    found: dict[int, list[AccountZone]] = {account_id: [] for account_id in account_ids}
    for interval in session.scalars(
        select(AccountZone)
        .where(and_(AccountZone.account_id.in_(account_ids)))
        .order_by(AccountZone.account_id, AccountZone.from_at)
    ):
        found[interval.account_id].append(interval)
    return found
