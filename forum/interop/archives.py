"""The one way into a zip file that somebody sent: looked over whole before use, then read in small pieces."""

from __future__ import annotations

import contextlib
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from forum.interop.markup_trees import BadXml, Node, read_tree

MIB = 1024 * 1024
PIECE = 64 * 1024
_LONGEST_SHOWN = 120

# Signatures and fixed lengths of the zip format (APPNOTE 4.3.7, 4.3.12, 4.3.14 to 4.3.16).
_LOCAL, _LOCAL_LENGTH = b"PK\x03\x04", 30
_CENTRAL, _CENTRAL_LENGTH = b"PK\x01\x02", 46
_END, _END_LENGTH = b"PK\x05\x06", 22
_END_64, _END_64_LENGTH = b"PK\x06\x06", 56
_LOCATOR_64, _LOCATOR_64_LENGTH = b"PK\x06\x07", 20
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_UTF8_FLAG = 0x800


class BadArchive(Exception):
    """The archive is refused.

    `code` says why and `values` what goes into the sentence; names in `values` hold no control characters
    and at most 120 characters. Codes: `not_a_zip`, `broken`, `too_many_entries`, `too_large`, `bomb`,
    `overlapping`, `bad_name`, `outside`, `backslash`, `link`, `duplicate`, `encrypted`, `compression`,
    `missing`; of cartridges `no_manifest`, and `xml_broken`, `xml_entities`, `xml_too_large` (with `line`) of
    their manifest; of OneRoster `no_rosters`.
    """

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code, values)
        self.code = code
        self.values: Mapping[str, str | int] = MappingProxyType(dict(values))


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may come to. Bytes are uncompressed but for `directory_bytes`.

    `ratio` (uncompressed to compressed) is asked of entries, and of the whole, from `ratio_from` bytes on.
    """

    entries: int = 20_000
    directory_bytes: int = 8 * MIB
    total_bytes: int = 4096 * MIB
    entry_bytes: int = 1024 * MIB
    ratio: int = 200
    ratio_from: int = 10 * MIB
    xml_bytes: int = 16 * MIB


def shown(name: str) -> str:
    """A name from outside, fit to stand in a sentence or a log line."""
    safe = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )
    return safe if len(safe) <= _LONGEST_SHOWN else safe[: _LONGEST_SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: its path, and its size in bytes, uncompressed, as declared."""

    path: str
    size: int


class Archive:
    """An archive that was looked over; made by `open_archive` alone."""

    def __init__(self, zipped: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], limits: Limits) -> None:
        self._zipped = zipped
        self._members = members
        self._by_folded = {_folded(path): path for path in members}
        self.limits = limits

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All files, without folders, in the order of the archive."""
        return tuple(Entry(path, member.file_size) for path, member in self._members.items())

    def __contains__(self, path: str) -> bool:
        return path in self._members

    def find(self, path: str) -> str | None:
        """The path as the archive spells it, case and Unicode form aside; None if it is not there."""
        return path if path in self._members else self._by_folded.get(_folded(path))

    def size(self, path: str) -> int:
        """Bytes uncompressed, as declared; reading never gives more, and refuses to give less."""
        return self._member(path).file_size

    def pieces(self, path: str, piece: int = PIECE) -> Iterator[bytes]:
        """The file in pieces of so many bytes at most. Raises BadArchive if its header lied about it."""
        member = self._member(path)
        with _broken_as_refusal(path), self._zipped.open(member) as stream:
            counted = 0
            while read := stream.read(piece):
                counted += len(read)
                yield read
            if counted != member.file_size:
                raise BadArchive("broken", name=shown(path))

    def read(self, path: str, at_most: int) -> bytes:
        """The whole file, if it has at most so many bytes; BadArchive `too_large` otherwise."""
        if self._member(path).file_size > at_most:
            raise BadArchive("too_large", name=shown(path), limit=at_most)
        return b"".join(self.pieces(path))

    def head(self, path: str, length: int) -> bytes:
        """The first bytes of the file, at most `length`."""
        member = self._member(path)
        with _broken_as_refusal(path), self._zipped.open(member) as stream:
            return stream.read(length)

    def tree(self, path: str) -> Node:
        """The XML file as a tree. Raises BadXml, with a line, for what is broken, too large or has a DTD."""
        if self._member(path).file_size > self.limits.xml_bytes:
            raise BadXml("xml_too_large", 0, shown(path))
        return read_tree(self.pieces(path), shown(path))

    def check_every_byte(self) -> None:
        """Unpacks everything once into nothing, so that damage and lies come out before any write."""
        for path in self._members:
            for _piece in self.pieces(path):
                pass

    def _member(self, path: str) -> zipfile.ZipInfo:
        try:
            return self._members[path]
        except KeyError:
            raise BadArchive("missing", name=shown(path)) from None


@contextlib.contextmanager
def open_archive(source: Path | str | BinaryIO, limits: Limits | None = None) -> Iterator[Archive]:
    """The archive at a path or in a seekable stream, looked over. Raises BadArchive; writes nothing."""
    limits = limits or Limits()
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(source, "rb")) if isinstance(source, str | Path) else source
        _count_entries(stream, limits)
        try:
            zipped = stack.enter_context(zipfile.ZipFile(stream))
        except UnicodeDecodeError:
            raise BadArchive("bad_name", name="") from None
        except (zipfile.BadZipFile, ValueError, OSError, OverflowError, NotImplementedError, struct.error):
            raise BadArchive("broken", name="") from None
        yield Archive(zipped, _look_over(stream, zipped, limits), limits)


@contextlib.contextmanager
def _broken_as_refusal(path: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError):
        raise BadArchive("broken", name=shown(path)) from None
    except (NotImplementedError, RuntimeError):
        raise BadArchive("compression", name=shown(path)) from None


def _count_entries(stream: BinaryIO, limits: Limits) -> None:
    """Refuses a directory that is too long before anything parses it: 100,000 entries cost no memory."""
    stream.seek(0, 2)
    length = stream.tell()
    tail_length = min(length, _END_LENGTH + 0xFFFF)
    stream.seek(length - tail_length)
    tail = stream.read(tail_length)
    # Looked for as zipfile looks for it, so that the directory counted here is the one parsed there.
    plain = len(tail) - _END_LENGTH
    at = plain if plain >= 0 and tail.startswith(_END, plain) and tail.endswith(b"\0\0") else tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_LENGTH:
        # A zip that was cut short still begins like one; the sentence should not deny what it was.
        stream.seek(0)
        raise BadArchive("broken" if stream.read(4) == _LOCAL else "not_a_zip", name="")
    count, size = struct.unpack("<HL", tail[at + 10 : at + 16])
    end = length - tail_length + at
    if end >= _LOCATOR_64_LENGTH:
        stream.seek(end - _LOCATOR_64_LENGTH)
        if stream.read(4) == _LOCATOR_64 and end >= _LOCATOR_64_LENGTH + _END_64_LENGTH:
            end -= _LOCATOR_64_LENGTH + _END_64_LENGTH
            stream.seek(end)
            record = stream.read(_END_64_LENGTH)
            if not record.startswith(_END_64):
                raise BadArchive("broken", name="")
            count, size = struct.unpack("<QQ", record[32:48])
    if count > limits.entries:
        raise BadArchive("too_many_entries", limit=limits.entries)
    if size > limits.directory_bytes:
        raise BadArchive("too_many_entries", limit=limits.entries)
    if size > end:
        raise BadArchive("broken", name="")
    # The number in the end record is only a claim; the directory itself is counted.
    stream.seek(end - size)
    directory = stream.read(size)
    found = place = 0
    while place + _CENTRAL_LENGTH <= size and directory.startswith(_CENTRAL, place):
        place += _CENTRAL_LENGTH + sum(struct.unpack_from("<HHH", directory, place + 28))
        found += 1
    if found > limits.entries:
        raise BadArchive("too_many_entries", limit=limits.entries)


def _look_over(stream: BinaryIO, zipped: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    folded: set[str] = set()
    total = packed = 0
    for member in zipped.infolist():
        path = _safe_path(_name_of(member))
        _refuse_what_is_no_file(member, path)
        if not path:
            continue
        if member.is_dir() or member.filename.endswith("/"):
            if member.file_size:
                raise BadArchive("broken", name=shown(path))
            folders.add(_folded(path))
            continue
        if member.file_size > limits.entry_bytes:
            raise BadArchive("too_large", name=shown(path), limit=limits.entry_bytes)
        if member.file_size > max(limits.ratio_from, limits.ratio * member.compress_size):
            raise BadArchive("bomb", name=shown(path))
        total += member.file_size
        packed += member.compress_size
        if total > limits.total_bytes:
            raise BadArchive("too_large", name="", limit=limits.total_bytes)
        if _folded(path) in folded:
            raise BadArchive("duplicate", name=shown(path))
        folded.add(_folded(path))
        members[path] = member
    if total > max(limits.ratio_from, limits.ratio * packed):
        raise BadArchive("bomb", name="")
    for path in members:
        parts = path.split("/")
        folders.update(_folded("/".join(parts[:depth])) for depth in range(1, len(parts)))
    for path in members:
        if _folded(path) in folders:  # a file that is also a folder
            raise BadArchive("duplicate", name=shown(path))
    _refuse_overlaps(stream, zipped)
    return members


def _name_of(member: zipfile.ZipInfo) -> str:
    name = member.orig_filename
    if not member.flag_bits & _UTF8_FLAG and not name.isascii():
        # Many programs write UTF-8 and forget to say so; what is no UTF-8 stays as code page 437 reads it.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name


def _safe_path(name: str) -> str:
    """The name without empty and `.` parts; raises BadArchive for a name that no honest writer gives."""
    if not name or any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise BadArchive("bad_name", name=shown(name))
    if "\\" in name:
        raise BadArchive("backslash", name=shown(name))
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise BadArchive("outside", name=shown(name))
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise BadArchive("outside", name=shown(name))
    if len(name.encode("utf-8")) > 1024 or len(parts) > 40:
        raise BadArchive("bad_name", name=shown(name))
    return "/".join(parts)


def _refuse_what_is_no_file(member: zipfile.ZipInfo, path: str) -> None:
    # The upper half of the attributes is a Unix mode; a system that does not write one leaves it zero.
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadArchive("link", name=shown(path))
    if member.flag_bits & _ENCRYPTED_FLAGS:
        raise BadArchive("encrypted", name=shown(path))
    # bzip2 and LZMA unpack without a bound on memory; nobody who writes course files uses them.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadArchive("compression", name=shown(path))
    if member.compress_type == zipfile.ZIP_STORED and member.file_size != member.compress_size:
        raise BadArchive("broken", name=shown(path))


def _refuse_overlaps(stream: BinaryIO, zipped: zipfile.ZipFile) -> None:
    """Two entries that share bytes are how a small archive unpacks to petabytes."""
    end_before = 0
    for member in sorted(zipped.infolist(), key=lambda member: member.header_offset):
        stream.seek(max(member.header_offset, 0))  # a false start of the directory makes it negative
        header = stream.read(_LOCAL_LENGTH) if member.header_offset >= 0 else b""
        if len(header) < _LOCAL_LENGTH or not header.startswith(_LOCAL):
            raise BadArchive("broken", name=shown(member.filename))
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        end = member.header_offset + _LOCAL_LENGTH + name_length + extra_length + member.compress_size
        if member.header_offset < end_before:
            raise BadArchive("overlapping", name=shown(member.filename))
        if end > zipped.start_dir:
            raise BadArchive("broken", name=shown(member.filename))
        end_before = end


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
