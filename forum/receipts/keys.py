"""The keys that sign receipts: files of the instance. One private key at a time, every public one for good.

`keys/receipts/signing.json` is the private key, readable by its owner only; `keys/receipts/<id>.json` the public ones.
Rotating overwrites the private key: what was signed with it stays good, and nothing more can be signed with it.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIGNING = "signing.json"
_Stamp = tuple[int, int]
_signing: dict[Path, tuple[_Stamp, "SigningKey"]] = {}
_public: dict[Path, tuple[_Stamp, dict[str, Any]]] = {}


@dataclass(frozen=True)
class SigningKey:
    """A private key (joserfc ECKey) and its id, the thumbprint of RFC 7638."""

    id: str
    key: Any


def signing_key(instance: Path) -> SigningKey:
    """The key that signs now; made on first use, and read again when another process has rotated it."""
    path = _folder(instance) / SIGNING
    if (stamp := _stamp(path)) is None:
        _make(path, replace=False)
        stamp = _stamp(path)
        assert stamp is not None
    known = _signing.get(path)
    if known is None or known[0] != stamp:
        from joserfc.jwk import ECKey

        told = json.loads(path.read_text())
        known = _signing[path] = (stamp, SigningKey(told["kid"], ECKey.import_key(told)))
    return known[1]


def public_keys(instance: Path) -> Mapping[str, Any]:
    """Every key that ever signed here (joserfc ECKey), by its id."""
    folder = _folder(instance)
    if (stamp := _stamp(folder)) is None:
        return {}
    known = _public.get(folder)
    if known is None or known[0] != stamp:
        from joserfc.jwk import ECKey

        known = (stamp, {each["kid"]: ECKey.import_key(each) for each in published(instance)["keys"]})
        _public[folder] = known
    return known[1]


def published(instance: Path) -> dict[str, list[dict[str, Any]]]:
    """The public keys as a JWKS (RFC 7517), for anyone."""
    paths = sorted(path for path in _folder(instance).glob("*.json") if path.name != SIGNING)
    return {"keys": [json.loads(path.read_text()) for path in paths]}


def rotate(instance: Path) -> str:
    """Make a new key and forget the private part of the one before; the id of the new one."""
    return _make(_folder(instance) / SIGNING, replace=True)


def warm(instance: Path) -> None:
    """Load the libraries and the key before the first post needs them."""
    from . import tokens

    key = signing_key(instance)
    tokens.read("..", public_keys(instance))
    from joserfc import jws

    jws.serialize_compact({"alg": tokens.ALGORITHM}, b"", key.key)


def _folder(instance: Path) -> Path:
    return instance / "keys" / "receipts"


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _make(path: Path, *, replace: bool) -> str:
    """A new key pair, the public part first: what is signed can be checked from the first moment on."""
    from joserfc.jwk import ECKey

    key = ECKey.generate_key("P-256", private=True)
    about = {"use": "sig", "alg": "ES256", "kid": key.thumbprint()}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    _write(path.parent / f"{about['kid']}.json", {**key.as_dict(private=False), **about}, replace=True)
    if not _write(path, {**key.as_dict(private=True), **about}, replace=replace):
        # Another process was first: its key is the one, and nothing was signed with ours.
        (path.parent / f"{about['kid']}.json").unlink()
    return about["kid"]


def _write(path: Path, told: Mapping[str, Any], *, replace: bool) -> bool:
    """A whole file or none, on the disk when this returns; False if it must not replace the one that is there."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
