"""Files between a dry run and carrying it out: in the instance, under a random name, for one person, for two hours."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app

from ..core.errors import NotHere, Refused

LASTS = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that waits: where it lies, what its person chose, and what came of it once it was carried out."""

    token: str
    path: Path
    name: str
    choices: Mapping[str, Any]
    result: Mapping[str, Any] | None


def keep(
    stream: BinaryIO, *, name: str, kind: str, account_id: int, course_id: int | None, choices: Mapping[str, Any],
    at: datetime,
) -> str:  # fmt: skip
    """Put a file by, readable by the site alone; gives the token under which its person finds it again."""
    folder = _folder()
    drop_expired(at)
    token = secrets.token_urlsafe(18)
    facts = {
        "kind": kind, "account_id": account_id, "course_id": course_id, "name": name, "choices": dict(choices),
        "result": None, "until": (at + LASTS).timestamp(),
    }  # fmt: skip
    with _new(folder / f"{token}.file") as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)
    _write(folder / f"{token}.json", facts)
    return token


def kept_for(token: str, *, kind: str, account_id: int, course_id: int | None, at: datetime) -> Kept:
    """The file of this person and course; NotHere for everybody else, and when its time is over."""
    if not token.replace("-", "").replace("_", "").isalnum() or not token.isascii():
        raise NotHere
    path = _folder() / f"{token}.json"
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError):
        raise NotHere from None
    mine = (facts["kind"], facts["account_id"], facts["course_id"]) == (kind, account_id, course_id)
    if not mine or at.timestamp() >= facts["until"]:
        raise NotHere
    return Kept(token, path.with_suffix(".file"), facts["name"], facts["choices"], facts["result"])


def choose(kept: Kept, choices: Mapping[str, Any]) -> None:
    """Write down what its person chose since."""
    _rewrite(kept, choices={**kept.choices, **choices})


@contextmanager
def carrying_out(kept: Kept) -> Iterator[None]:
    """The one time that this file is carried out: who presses twice is Refused `already_carried_out`.

    If the block fails, it can be tried again.
    """
    claim = kept.path.with_suffix(".claim")
    try:
        os.close(os.open(claim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused("already_carried_out") from None
    try:
        yield
    except BaseException:
        claim.unlink(missing_ok=True)
        raise


def finish(kept: Kept, result: Mapping[str, Any]) -> None:
    """It was carried out: the file goes, what came of it stays until the time is over."""
    kept.path.unlink(missing_ok=True)
    _rewrite(kept, result=dict(result))


def drop_expired(at: datetime) -> None:
    """Remove what nobody may find any more."""
    for path in _folder().glob("*.json"):
        try:
            until = json.loads(path.read_text())["until"]
        except (OSError, ValueError, KeyError):
            until = 0
        if at.timestamp() >= until:
            for ending in (".file", ".claim", ".json"):
                path.with_suffix(ending).unlink(missing_ok=True)
    day_ago = datetime.fromtimestamp(at.timestamp(), UTC) - timedelta(days=1)
    for path in _folder().glob("*.file"):
        if not path.with_suffix(".json").exists() and path.stat().st_mtime < day_ago.timestamp():
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(current_app.instance_path) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    beside = path.with_suffix(f".{secrets.token_hex(4)}")
    with _new(beside) as file:
        file.write(json.dumps(facts).encode())
    beside.replace(path)


def _rewrite(kept: Kept, **changes: Any) -> None:
    path = kept.path.with_suffix(".json")
    _write(path, json.loads(path.read_text()) | changes)
