"""Files that people gave: rows that belong to a place, bytes on disk under names of our own."""

import codecs
import hashlib
import logging
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import puremagic
from flask import Response, current_app, request
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import BigInteger, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.http import parse_date

from .db import PublicId, db
from .errors import NotHere

RANGE_BYTES = 2 * 1024 * 1024  # a 206 carries at most this much
_CHUNK = 256 * 1024

_log = logging.getLogger(__name__)


class File(PublicId, db.Model):  # type: ignore[name-defined]
    """A file belongs to a place (`lesson`, `board`, `post`, `draft`) and is exactly as visible as it."""

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
    __table_args__ = (
        Index("ix_file_place_kind_place_id", "place_kind", "place_id"),
        Index("ix_file_author_id_created_at", "author_id", "created_at"),
    )


@dataclass(frozen=True)
class Stored:
    """Bytes that are on disk, durable, and not yet any row's: what `store` gives to who makes the row."""

    name: str
    media_type: str
    size: int
    sha256: str
    stored_as: str


class FileTooLargeError(Exception):
    """A stream holds more than was allowed; `most` in bytes. Nothing of it is kept."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} bytes")
        self.most = most


# --- bytes on disk ------------------------------------------------------------------------------------------


def store(stream: BinaryIO | Iterable[bytes], name: str, *, most: int | None = None) -> Stored:
    """Write a stream to the upload folder before any lock is taken; fsynced file and folder.

    Raises FileTooLargeError over `most` bytes. Whatever goes wrong, no bytes of a half file stay.
    Who calls this makes the row, or discards; `shelf` does the latter.
    """
    stored_as = secrets.token_hex(16)
    path = path_of(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    chunks = iter(lambda: stream.read(_CHUNK), b"") if hasattr(stream, "read") else stream
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                if len(head) < 4096:
                    head += chunk[: 4096 - len(head)]
                digest.update(chunk)
                size += len(chunk)
                if most is not None and size > most:
                    raise FileTooLargeError(most)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        fsync_folder(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Stored(clean_name(name), type_of(head), size, digest.hexdigest(), stored_as)


class Shelf:
    """What was stored in a block and may have to go again."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []

    def __call__(self, stream: BinaryIO | Iterable[bytes], name: str, *, most: int | None = None) -> Stored:
        """`store`."""
        self.stored.append(store(stream, name, most=most))
        return self.stored[-1]


@contextmanager
def shelf() -> Iterator[Shelf]:
    """Gives `store`; if the block fails, what it stored and no row owns is removed again.

    The transaction that makes the rows stands inside the block.
    """
    put = Shelf()
    try:
        yield put
    except BaseException:
        _discard_unowned(put.stored)
        raise


def _discard_unowned(stored: list[Stored]) -> None:
    names = [each.stored_as for each in stored]
    if not names:
        return
    # A commit can fail in its answer alone: bytes that a row owns stay.
    try:
        db.session.rollback()
        owned = set(db.session.scalars(select(File.stored_as).where(File.stored_as.in_(names))))
        db.session.rollback()
    except Exception:
        _log.exception("left for the next look at strays: %s", ", ".join(names))
        return
    for each in stored:
        if each.stored_as not in owned:
            discard(each)


def discard(stored: Stored) -> None:
    """Remove bytes that no row came to own."""
    path_of(stored.stored_as).unlink(missing_ok=True)


def strays(session: Session, before: datetime) -> list[Path]:
    """Bytes on disk that no row owns, last written before an instant: what a killed upload left."""
    owned = set(session.scalars(select(File.stored_as)))
    folder = Path(current_app.instance_path) / "uploads"
    return sorted(
        path
        for path in folder.glob("??/*")
        if path.name not in owned and path.stat().st_mtime < before.timestamp()
    )


def path_of(stored_as: str) -> Path:
    return Path(current_app.instance_path) / "uploads" / stored_as[:2] / stored_as


def row_of(
    stored: Stored, *, course_id: int, place_kind: str, place_id: int, author_id: int | None, at: datetime
) -> File:
    """The row that owns stored bytes; the caller adds it to the session."""
    return File(
        course_id=course_id, place_kind=place_kind, place_id=place_id, author_id=author_id, created_at=at,
        name=stored.name, media_type=stored.media_type, size=stored.size, sha256=stored.sha256,
        stored_as=stored.stored_as,
    )  # fmt: skip


# --- names and types ----------------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """The last part of a file's name without control characters, at most 200 characters, never empty."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] not in "CZ" or char == " ").strip(
        " ."
    )
    stem, dot, ending = name.rpartition(".")
    if len(name) > 200:
        name = (stem[: 195 - len(ending)] + dot + ending) if dot and len(ending) < 20 else name[:200]
    return name or "file"


_MEDIA = re.compile(r"(video/(mp4|webm)|audio/(mpeg|mp4|ogg|wav|aac|flac))")
_PICTURES = re.compile(r"image/(png|jpeg|gif|webp|avif)")
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip
_BRANDS = {
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"avif": "image/avif",
    b"heic": "image/heic", b"mif1": "image/heic", b"3gp4": "video/3gpp", b"3gp5": "video/3gpp",
}  # fmt: skip


def is_media(media_type: str) -> bool:
    """Whether browsers play it: video or audio of a known kind."""
    return bool(_MEDIA.fullmatch(media_type))


def type_of(head: bytes) -> str:
    """The media type told by the first bytes (4096 are enough) and by nothing else; text is `text/plain`."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], "application/octet-stream")
    if (found := _type_of_frames(head)) is not None:
        return found
    if (text := _as_text(head)) is not None:
        return "text/vtt" if re.match(r"\ufeff?WEBVTT([ \t\r\n]|\Z)", text) else "text/plain"
    try:
        found = puremagic.from_string(head, mime=True) if head else ""
    except (puremagic.PureError, ValueError):
        found = ""
    # Of what is guessed only names of programs' own formats count: nothing that a browser would run.
    ours = re.fullmatch(r"application/[\w.+-]+", found or "") and not re.search(
        "html|xml$|script|svg", found or ""
    )
    return found if ours and found else "application/octet-stream"


def _type_of_frames(head: bytes) -> str | None:
    """MPEG audio and AAC without a header begin with a frame: 11 bits set, then version, layer and rates."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if layer in (1, 2) and head[2] >> 4 != 15 and head[2] >> 2 & 3 != 3 else None


def _as_text(head: bytes) -> str | None:
    if not head or b"\0" in head:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return None


def size_words(size: int) -> str:
    """A size as people read it: "12.3 MB", "480 kB", "90 bytes"; 1 MB is 1,000,000 bytes."""
    if size < 1000:
        return _("%(number)d bytes", number=size)
    if size < 1_000_000:
        return _("%(number)s kB", number=format_decimal(max(1, round(size / 1000))))
    if size < 1_000_000_000:
        return _("%(number)s MB", number=format_decimal(round(size / 1_000_000, 1)))
    return _("%(number)s GB", number=format_decimal(round(size / 1_000_000_000, 2)))


# --- answers ------------------------------------------------------------------------------------------------


def answer_with(file: File, *, inline: bool = False) -> Response:
    """The file as a download, or shown in its page if it is media or a picture of a known kind.

    Access was checked before. Byte ranges of at most RANGE_BYTES, ETag, nosniff, a sandbox. Bytes that are
    not there are NotHere.
    """
    path, size = path_of(file.stored_as), file.size
    if not path.is_file() or path.stat().st_size != size:
        _log.error("bytes of file %s are not as its row says", file.public_id)
        raise NotHere
    shown = inline and bool(_MEDIA.fullmatch(file.media_type) or _PICTURES.fullmatch(file.media_type))
    etag, modified = file.sha256[:32], file.created_at.replace(microsecond=0)
    response = _guarded(
        Response(direct_passthrough=True), file.media_type, file.name, etag, modified, inline=shown
    )
    response.headers["Accept-Ranges"] = "bytes"
    response.make_conditional(request.environ)
    if response.status_code == 304:
        return response
    piece = None
    if request.method == "GET" and _range_counts(etag, modified):
        piece = piece_of(request.headers.get("Range"), size)
    if piece is None:
        start, stop = 0, size
    elif piece[0] == piece[1]:
        response.status_code = 416
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    else:
        start, stop = piece
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.response = _bytes_of(path, start, stop)
    response.headers["Content-Length"] = str(stop - start)
    return response


def answer_track(text: str, file: File) -> Response:
    """Captions made from a file, for the player: WebVTT, shown in its page."""
    name = clean_name(file.name.rpartition(".")[0] or file.name) + ".vtt"
    etag, modified = file.sha256[:32] + "-vtt", file.created_at.replace(microsecond=0)
    response = _guarded(Response(text), "text/vtt", name, etag, modified, inline=True)
    return response.make_conditional(request.environ)  # type: ignore[return-value]


def piece_of(wanted: str | None, size: int) -> tuple[int, int] | None:
    """The half-open stretch of `size` bytes that a Range header gets.

    None is the whole file (no header, not understood, several ranges); an empty one says that nothing of it
    is there; else it is at most RANGE_BYTES from its start.
    """
    match = re.fullmatch(r"bytes\s*=\s*([0-9]{0,18})-([0-9]{0,18})", (wanted or "").strip(), re.IGNORECASE)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first and last and int(first) > int(last):
        return None
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    else:
        start, stop = max(0, size - int(last)), size
    if start >= stop:
        return (size, size)
    return (start, min(stop, start + RANGE_BYTES))


def _range_counts(etag: str, modified: datetime) -> bool:
    """Whether the asker's earlier part, named by If-Range, is of this same file; weak tags never are."""
    known = request.headers.get("If-Range")
    if known is None:
        return True
    if '"' in known:
        return known.strip() == f'"{etag}"'
    return parse_date(known) == modified


def _guarded(
    response: Response, media_type: str, name: str, etag: str, modified: datetime, *, inline: bool
) -> Response:
    headers = response.headers
    headers["Content-Type"] = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    plain = re.sub(
        r"[^\w .()+-]", "_", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    )
    kind = "inline" if inline else "attachment"
    headers["Content-Disposition"] = (
        f"{kind}; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cache-Control"] = "private, no-cache"
    response.set_etag(etag)
    response.last_modified = modified
    return response


def _bytes_of(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop and (chunk := file.read(min(_CHUNK, stop - start))):
            start += len(chunk)
            yield chunk


def fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
