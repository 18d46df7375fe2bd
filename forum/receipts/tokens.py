"""Tokens: statements signed as compact JWS (ES256), and read again with every byte accounted for.

joserfc and cryptography are imported at first use: commands that sign nothing need not wait for them.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .rules import Malformed, Result, Statement, claims_of, statement_from

ALGORITHM = "ES256"
TYPE = "receipt"
LONGEST = 4_000  # characters; ours have about 1,100
_SHAPE = re.compile(r"([A-Za-z0-9_-]{2,400})\.([A-Za-z0-9_-]{2,3500})\.([A-Za-z0-9_-]{86})", re.ASCII)
# The order of the curve P-256 (FIPS 186-5): with (r, s) also (r, order - s) is a signature. Ours have the smaller.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Reading:
    """What a token came to by itself: VALID with its statement, or why it is none."""

    result: Result
    statement: Statement | None = None
    key_id: str = ""


def sign(statement: Statement, key: Any, key_id: str) -> str:
    """The compact JWS of a statement; `key` is a private joserfc ECKey."""
    from joserfc import jws

    payload = json.dumps(claims_of(statement), separators=(",", ":"), ensure_ascii=False).encode()
    made = jws.serialize_compact({"alg": ALGORITHM, "typ": TYPE, "kid": key_id}, payload, key)
    signed, _dot, signature = made.rpartition(".")
    return f"{signed}.{_with_smaller_s(signature)}"


def read(token: str, keys: Mapping[str, Any]) -> Reading:
    """Check a token against the public keys (joserfc ECKey by id). Changing any byte of it is seen.

    The mirrored signature is good too: it is refused, so that a statement has one token and no other. joserfc refuses
    base64 that is spelled in another way than its own.
    """
    from joserfc import jws
    from joserfc.errors import BadSignatureError, JoseError

    found = _SHAPE.fullmatch(token) if len(token) <= LONGEST else None
    if found is None:
        return Reading(Result.NOT_A_RECEIPT)
    try:
        raw = [_decoded(part) for part in found.groups()]
        header = json.loads(raw[0])
    except (ValueError, RecursionError):
        return Reading(Result.NOT_A_RECEIPT)
    if not isinstance(header, dict) or (header.get("alg"), header.get("typ")) != (ALGORITHM, TYPE):
        return Reading(Result.NOT_A_RECEIPT)
    key_id = str(header.get("kid", ""))
    if key_id not in keys:
        return Reading(Result.UNKNOWN_KEY, key_id=key_id)
    try:
        jws.deserialize_compact(token, keys[key_id], algorithms=[ALGORITHM])
    except BadSignatureError:
        return Reading(Result.CHANGED, key_id=key_id)
    except (JoseError, ValueError, TypeError):  # whatever else a header may ask for
        return Reading(Result.NOT_A_RECEIPT, key_id=key_id)
    if _with_smaller_s(found.group(3)) != found.group(3):
        return Reading(Result.CHANGED, key_id=key_id)
    try:
        return Reading(Result.VALID, statement_from(json.loads(raw[1])), key_id)
    except (Malformed, ValueError):
        return Reading(Result.NOT_A_RECEIPT, key_id=key_id)


def _with_smaller_s(signature: str) -> str:
    raw = _decoded(signature)
    s = int.from_bytes(raw[32:])
    return signature if s <= _ORDER // 2 else _encoded(raw[:32] + (_ORDER - s).to_bytes(32))


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
