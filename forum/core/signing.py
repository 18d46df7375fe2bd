"""Keys of the instance, and what is signed or hashed with them: one-time tokens and arrivals."""

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

ARRIVAL_HOLDS_FOR = timedelta(minutes=30)  # docs/time.md, rule 11


def secret_key(instance: Path) -> str:
    """The instance's secret, made on first use, readable by its owner only."""
    path = instance / "keys" / "secret"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def new_token() -> str:
    """A secret for a link or a session: 192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256, hexadecimal. Enough, since tokens are random and long."""
    return hashlib.sha256(token.encode()).hexdigest()


def text_digest(*parts: str | bytes) -> str:
    """A digest over text and attachments, in order; line ends count as a browser sends or keeps them."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.replace("\r\n", "\n").encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()


def sign_arrival(key: str, digest: str, arrived_at: datetime) -> str:
    """A signed arrival for who was turned away by us in time (docs/time.md, rule 11)."""
    micros = round(arrived_at.timestamp() * 1_000_000)
    return _arrivals().dumps([key, digest, micros])


def arrival_from(token: str | None, key: str, digest: str, at: datetime) -> datetime:
    """The instant from which these words count: the signed one if token, key and words agree and 30 minutes have
    not passed, else `at`. Nothing that anybody sends makes an arrival later, or earlier than what we signed."""
    if not token:
        return at
    try:
        signed_key, signed_digest, micros = _arrivals().loads(token)
        signed_at = datetime.fromtimestamp(micros // 1_000_000, UTC) + timedelta(
            microseconds=micros % 1_000_000
        )
    except (BadSignature, ValueError, TypeError, OverflowError):
        return at
    agrees = hmac.compare_digest(str(signed_key), key) and hmac.compare_digest(str(signed_digest), digest)
    if agrees and signed_at <= at <= signed_at + ARRIVAL_HOLDS_FOR:
        return signed_at
    return at


def _arrivals() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="arrival")
