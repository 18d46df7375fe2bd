"""What can be done with accounts: making them, signing in and out, links that work once, settings."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..core import limits
from ..core.errors import Refused
from ..core.signing import new_token, token_hash
from ..ledger.commands import record
from . import passwords
from .models import Account, AccountZone, OneTimeToken, SignInSession
from .queries import account_by_email
from .rules import INVITATION_LASTS, RESET_LASTS, email_key, sort_key

BY_ACCOUNT = {"most": 10, "period": timedelta(minutes=15)}
BY_ADDRESS = {"most": 50, "period": timedelta(minutes=15)}
Follower = Callable[[Session, int], None]
_rename_followers: list[Follower] = []


def make_account(
    session: Session,
    *,
    name: str,
    email: str | None,
    at: datetime,
    author_id: int | None = None,
    zone: str | None = None,
    password: str | None = None,
    is_administrator: bool = False,
) -> Account:
    """A new account. Refused: address_taken."""
    if email and account_by_email(session, email) is not None:
        raise Refused("address_taken")
    account = Account(
        name=name,
        sort_key=sort_key(name),
        email=email,
        email_key=email_key(email) if email else None,
        password_hash=passwords.hash_of(password) if password else None,
        is_administrator=is_administrator,
        created_at=at,
    )
    session.add(account)
    session.flush()
    if zone:
        session.add(AccountZone(account_id=account.id, zone=zone, from_at=at))
        session.flush()
    record(session, "made", "account", account.id, actor_id=author_id, at=at)
    return account


def check_limits(session: Session, email: str, address: str, at: datetime) -> None:
    """Raise TooMany if too many sign-ins failed for this account or from this address."""
    limits.check(session, f"sign-in:{email_key(email)}"[:200], at=at, **BY_ACCOUNT)  # type: ignore[arg-type]
    limits.check(session, f"sign-in-from:{address}"[:200], at=at, **BY_ADDRESS)  # type: ignore[arg-type]


def count_failure(session: Session, email: str, address: str, at: datetime) -> None:
    limits.count(session, f"sign-in:{email_key(email)}"[:200], at=at)
    limits.count(session, f"sign-in-from:{address}"[:200], at=at)


def credentials_agree(session: Session, email: str, password: str) -> int | None:
    """The id of the account that these open, or None; takes as long for unknown addresses."""
    account = account_by_email(session, email)
    agrees = passwords.agrees(account.password_hash if account else None, password)
    if account is None or not agrees or account.suspended_at or account.erased_at:
        return None
    return account.id


def start_session(
    session: Session, account_id: int, at: datetime, *, earlier_token: str | None = None
) -> str:
    """Sign a browser in: a new session, the one before it ended. Gives the token for the cookie."""
    if earlier_token:
        end_session(session, earlier_token, at)
    token = new_token()
    session.add(
        SignInSession(token_hash=token_hash(token), account_id=account_id, started_at=at, last_used_at=at)
    )
    session.execute(
        update(Account)
        .where(Account.id == account_id, Account.first_signed_in_at.is_(None))
        .values(first_signed_in_at=at)
    )
    return token


def end_session(session: Session, token: str, at: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_all_sessions(session: Session, account_id: int, at: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def make_link(session: Session, account_id: int, purpose: str, *, author_id: int | None, at: datetime) -> str:
    """A token for one use; earlier ones of the same purpose stop working. `purpose`: invitation or reset."""
    revoke_links(session, account_id, at, purpose=purpose)
    token = new_token()
    lasts = INVITATION_LASTS if purpose == "invitation" else RESET_LASTS
    session.add(
        OneTimeToken(
            token_hash=token_hash(token), purpose=purpose, account_id=account_id, author_id=author_id,
            created_at=at, expires_at=at + lasts,
        )
    )  # fmt: skip
    record(session, f"link_{purpose}", "account", account_id, actor_id=author_id, at=at)
    return token


def make_invitations(
    session: Session, account_ids: Sequence[int], *, author_id: int | None, at: datetime
) -> dict[int, str]:
    """An invitation for each account, as make_link makes one, by account id."""
    session.execute(
        update(OneTimeToken)
        .where(OneTimeToken.account_id.in_(account_ids), OneTimeToken.purpose == "invitation",
               OneTimeToken.used_at.is_(None), OneTimeToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )  # fmt: skip
    tokens = {account_id: new_token() for account_id in account_ids}
    session.add_all(
        OneTimeToken(
            token_hash=token_hash(token), purpose="invitation", account_id=account_id, author_id=author_id,
            created_at=at, expires_at=at + INVITATION_LASTS,
        )
        for account_id, token in tokens.items()
    )  # fmt: skip
    for account_id in account_ids:
        record(session, "link_invitation", "account", account_id, actor_id=author_id, at=at)
    return tokens


def revoke_links(session: Session, account_id: int, at: datetime, *, purpose: str | None = None) -> None:
    statement = update(OneTimeToken).where(
        OneTimeToken.account_id == account_id,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.revoked_at.is_(None),
    )
    if purpose:
        statement = statement.where(OneTimeToken.purpose == purpose)
    session.execute(statement.values(revoked_at=at))


def set_password(
    session: Session, account: Account, password_hash: str, at: datetime, *, actor_id: int
) -> None:
    """Set it; every session and every open link of the account ends."""
    account.password_hash = password_hash
    end_all_sessions(session, account.id, at)
    revoke_links(session, account.id, at)
    limits.forget(session, f"sign-in:{account.email_key}"[:200])
    record(session, "set_password", "account", account.id, actor_id=actor_id, at=at)


def set_zone(session: Session, account_id: int, zone: str, at: datetime) -> None:
    """From now on the person lives in `zone`; earlier intervals stay. Does nothing if that is so already.

    The first zone holds from the beginning of the account: it counts for boards already open too (docs/time.md, 7).
    """
    current = session.scalars(
        select(AccountZone).where(AccountZone.account_id == account_id, AccountZone.until_at.is_(None))
    ).first()
    account = session.get_one(Account, account_id)
    if current is None:
        session.add(AccountZone(account_id=account_id, zone=zone, from_at=account.created_at))
    elif current.zone == zone:
        return
    else:
        at = max(at, current.from_at + timedelta(microseconds=1))  # of two at one moment both have been
        current.until_at = at
        session.flush()
        session.add(AccountZone(account_id=account_id, zone=zone, from_at=at))
    account.version += 1
    session.flush()
    record(session, "set_zone", "account", account_id, actor_id=account_id, at=at, zone=zone)


def follows_rename(follow: Follower) -> Follower:
    """Register what a higher room does, inside the transaction, when an account (its id) has another name."""
    if follow not in _rename_followers:
        _rename_followers.append(follow)
    return follow


def rename(
    session: Session, account: Account, *, name: str, email: str | None, actor_id: int, at: datetime
) -> None:
    """Change name and address; links made for the address before stop working. Refused: address_taken."""
    key = email_key(email) if email else None
    if key is not None and key != account.email_key:
        other = session.scalar(select(Account.id).where(Account.email_key == key, Account.id != account.id))
        if other is not None:
            raise Refused("address_taken")
    if key != account.email_key:
        revoke_links(session, account.id, at)
    renamed = account.name != name
    account.name = name
    account.sort_key = sort_key(name)
    account.email = email
    account.email_key = key
    session.flush()
    if renamed:
        for follow in _rename_followers:
            follow(session, account.id)
    record(session, "edited", "account", account.id, actor_id=actor_id, at=at)


def suspend(session: Session, account: Account, *, actor_id: int, at: datetime, lift: bool = False) -> None:
    """Let an account do nothing any more, from the next request on; or lift that. Refused: own_account,
    last_administrator."""
    if not lift and account.id == actor_id:
        raise Refused("own_account")
    if not lift:
        _keep_one_administrator(session, account)
    account.suspended_at = None if lift else at
    if not lift:
        end_all_sessions(session, account.id, at)
        revoke_links(session, account.id, at)
    session.flush()
    record(session, "unsuspended" if lift else "suspended", "account", account.id, actor_id=actor_id, at=at)


def set_administrator(
    session: Session, account: Account, yes: bool, *, actor_id: int | None, at: datetime
) -> None:
    """Make somebody an administrator of the site, or no longer one; they sign in again. Refused: gone_account (to one
    who is suspended or joined), last_administrator."""
    if account.is_administrator == yes:
        return
    if yes and (account.suspended_at or account.joined_into_id or account.erased_at):
        raise Refused("gone_account")
    if not yes:
        _keep_one_administrator(session, account)
    account.is_administrator = yes
    end_all_sessions(session, account.id, at)
    session.flush()
    record(session, "made_administrator" if yes else "unmade_administrator", "account", account.id,
           actor_id=actor_id, at=at)  # fmt: skip


def _keep_one_administrator(session: Session, account: Account) -> None:
    """Refused (last_administrator) if no other administrator could sign in without this account."""
    if not account.is_administrator:
        return
    able = session.scalars(
        select(Account.id)
        .where(Account.is_administrator, Account.suspended_at.is_(None), Account.joined_into_id.is_(None),
               Account.erased_at.is_(None))
        .with_for_update()
    ).all()  # fmt: skip
    if not set(able) - {account.id}:
        raise Refused("last_administrator")
