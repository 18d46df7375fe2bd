"""What is kept of people who can sign in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db


class Account(PublicId, db.Model):  # type: ignore[name-defined]
    """A person who can sign in. Joined accounts point at the one that goes on; nothing is deleted but by erasure."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(String(200), index=True, comment="the name, folded in Python")
    email: Mapped[str | None] = mapped_column(String(320))
    email_key: Mapped[str | None] = mapped_column(String(320), unique=True, comment="the address, folded")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(12), default="en")
    edition_hours: Mapped[str] = mapped_column(String(60), default="11:00 15:00")
    single_keys: Mapped[bool] = mapped_column(default=False)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(
        default=1, comment="counts changes of zone; keys what is computed from it"
    )
    created_at: Mapped[datetime]
    first_signed_in_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    joined_into_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class AccountZone(db.Model):  # type: ignore[name-defined]
    """The zone in which a person lived from one instant until another; a person without a row has none yet."""

    __tablename__ = "account_zone"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    zone: Mapped[str] = mapped_column(String(60))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("account_id", "from_at"),
        CheckConstraint("until_at IS NULL OR from_at < until_at", name="in_order"),
    )


class SignInSession(db.Model):  # type: ignore[name-defined]
    """A browser that is signed in; its cookie holds a token of which only the hash is kept."""

    __tablename__ = "sign_in_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    started_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeToken(db.Model):  # type: ignore[name-defined]
    """A link that works once, for one purpose, until an instant: invitation or new password."""

    __tablename__ = "one_time_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OutsideIdentity(db.Model):  # type: ignore[name-defined]
    """What a row of ours is called elsewhere: for importing again, and for sign-in providers."""

    __tablename__ = "outside_identity"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200), comment="which system or file family")
    kind: Mapped[str] = mapped_column(
        String(40), comment="account, course, section, enrollment, board, lesson, …"
    )
    outside_id: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int]
    __table_args__ = (
        UniqueConstraint("source", "kind", "outside_id"),
        Index("ix_outside_identity_kind_row_id", "kind", "row_id"),
    )
