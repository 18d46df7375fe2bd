"""Archives for tests, the honest and the hostile: zip files byte by byte where the library would refuse."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass


def zip_of(files: Mapping[str, bytes | str]) -> io.BytesIO:
    """A zip of these files, deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path, content in files.items():
            zipped.writestr(path, content)
    out.seek(0)
    return out


@dataclass
class RawEntry:
    """One entry as it shall stand in the file; what is None is told truthfully."""

    name: bytes
    content: bytes = b""
    flags: int = 0
    method: int = 8
    attributes: int = 0
    claimed_size: int | None = None
    claimed_crc: int | None = None
    at: int | None = None
    """Where the central directory says that it begins."""


def raw_zip(entries: list[RawEntry], comment: bytes = b"") -> io.BytesIO:
    """A zip exactly as the entries say."""
    body, directory = io.BytesIO(), io.BytesIO()
    for entry in entries:
        packed = entry.content
        if entry.method == 8:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            packed = packer.compress(entry.content) + packer.flush()
        size = len(entry.content) if entry.claimed_size is None else entry.claimed_size
        crc = zlib.crc32(entry.content) if entry.claimed_crc is None else entry.claimed_crc
        start = body.tell()
        same = (20, entry.flags, entry.method, 0, 33, crc, len(packed), size, len(entry.name), 0)
        body.write(struct.pack("<4s5H3L2H", b"PK\3\4", *same))
        body.write(entry.name + packed)
        at = start if entry.at is None else entry.at
        directory.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", 0x031E, *same, 0, 0, 0, entry.attributes, at))
        directory.write(entry.name)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries) & 0xFFFF, len(entries) & 0xFFFF,
                      directory.tell(), body.tell(), len(comment))  # fmt: skip
    return io.BytesIO(body.getvalue() + directory.getvalue() + end + comment)
