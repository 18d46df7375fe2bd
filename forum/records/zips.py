"""A zip that is made piece by piece: each is sent or put away before the next is made."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

_CHUNK = 256 * 1024


class _Pieces:
    """What the zip writes to: it is not seekable, so that sizes follow what they are of."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """There is nothing below to write to."""

    def taken(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


class ZipStream:
    """Entries are given one after another; what `text`, `file` and `end` yield is the zip."""

    def __init__(self, at: datetime) -> None:
        self._pieces = _Pieces()
        self._zip = zipfile.ZipFile(self._pieces, "w")  # type: ignore[call-overload]
        self._date = at.timetuple()[:6]

    def _entry(self, name: str, size: int, *, packed: bool) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._date)
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        entry.external_attr = 0o644 << 16
        entry.file_size = size  # decides between the two forms of a header; the true one is written behind
        return entry

    def text(self, name: str, parts: Iterable[str]) -> Iterator[bytes]:
        """A text in UTF-8, at most 2 GB."""
        with self._zip.open(self._entry(name, 0, packed=True), "w") as out:
            for part in parts:
                out.write(part.encode("utf-8", "replace"))
                yield self._pieces.taken()
        yield self._pieces.taken()

    def file(self, name: str, path: Path, size: int) -> Iterator[bytes]:
        """A file as it lies on the disk; pictures and office documents are packed already."""
        with self._zip.open(self._entry(name, size, packed=False), "w") as out, path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                out.write(chunk)
                yield self._pieces.taken()
        yield self._pieces.taken()

    def end(self) -> Iterator[bytes]:
        self._zip.close()
        yield self._pieces.taken()
