"""Files that people gave: rows that belong to a place, bytes on disk under names of our own."""

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import puremagic
from flask import Response, current_app, request, send_file
from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .db import PublicId, db

RANGE_BYTES = 2 * 1024 * 1024  # a 206 carries at most this much
_CHUNK = 1024 * 1024


class File(PublicId, db.Model):  # type: ignore[name-defined]
    """A file belongs to a place (`lesson`, `board`, `post`) and is exactly as visible as it."""

    __tablename__ = "file"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    place_kind: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100), comment="by content, not by name")
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    stored_as: Mapped[str] = mapped_column(String(80), unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_file_place_kind_place_id", "place_kind", "place_id"),)


@dataclass(frozen=True)
class Stored:
    """Bytes that are on disk, durable, and not yet any row's: what `store` gives to the command that makes the row."""

    name: str
    media_type: str
    size: int
    sha256: str
    stored_as: str


def store(stream: BinaryIO | Iterable[bytes], name: str) -> Stored:
    """Write a stream to the upload folder before any lock is taken; fsynced file and folder."""
    folder = Path(current_app.instance_path) / "uploads"
    stored_as = secrets.token_hex(16)
    path = folder / stored_as[:2] / stored_as
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    chunks = iter(lambda: stream.read(_CHUNK), b"") if hasattr(stream, "read") else stream  # type: ignore[union-attr]
    with path.open("xb") as file:
        for chunk in chunks:
            head = head or chunk[:4096]
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    _fsync_folder(path.parent)
    return Stored(clean_name(name), type_of(head, name), size, digest.hexdigest(), stored_as)


def discard(stored: Stored) -> None:
    """Remove bytes that no row came to own."""
    path_of(stored.stored_as).unlink(missing_ok=True)


def path_of(stored_as: str) -> Path:
    return Path(current_app.instance_path) / "uploads" / stored_as[:2] / stored_as


def clean_name(name: str) -> str:
    """The last part of a file's name without control characters, at most 200 characters, never empty."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > 200:
        name = (stem[: 195 - len(ending)] + dot + ending) if dot and len(ending) < 20 else name[:200]
    return name or "file"


_SHOWN_INLINE = re.compile(r"^(video/(mp4|webm)|audio/(mpeg|mp4|ogg|webm|x-wav|wav)|image/(png|jpeg|gif|webp))$")
_BY_NAME = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".csv": "text/csv", ".md": "text/markdown",
            ".txt": "text/plain"}  # fmt: skip


def type_of(head: bytes, name: str) -> str:
    """The media type told by the first bytes; for text that has none, by a short list of name endings."""
    try:
        found = puremagic.from_string(head, mime=True) if head else ""
    except puremagic.PureError:
        found = ""
    if _SHOWN_INLINE.match(found) or found == "application/pdf":
        return found
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if b"\0" not in head:
        return _BY_NAME.get(Path(name).suffix.lower(), "application/octet-stream")
    return found if re.fullmatch(r"[\w.+-]+/[\w.+-]+", found) and "html" not in found and "svg" not in found else (
        "application/octet-stream"
    )  # fmt: skip


def answer_with(file: File, *, inline: bool = False) -> Response:
    """The file as a download, or shown in its page if it is media of a known kind; access was checked before.

    Byte ranges of at most RANGE_BYTES, ETag, nosniff, a sandbox; text tracks are shown for the player.
    """
    inline = inline and bool(_SHOWN_INLINE.match(file.media_type) or file.media_type == "text/vtt")
    response = send_file(
        path_of(file.stored_as),
        mimetype=file.media_type,
        as_attachment=not inline,
        download_name=file.name,
        etag=file.sha256[:32],
        last_modified=file.created_at,
        conditional=False,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; media-src 'self'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    if (wanted := request.range) and wanted.units == "bytes" and len(wanted.ranges) == 1:
        start, end = wanted.ranges[0]
        if start is not None and start >= 0:
            stop = min(end if end is not None else file.size, start + RANGE_BYTES, file.size)
            request.environ["HTTP_RANGE"] = f"bytes={start}-{stop - 1}"
    return response.make_conditional(request.environ, accept_ranges=True, complete_length=file.size)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
