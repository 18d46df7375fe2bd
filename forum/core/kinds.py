"""Which kinds of files people may attach to what they write, told by content and by nothing else."""

import re
import struct
import zipfile
from typing import BinaryIO

from .files import type_of

PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_PLAYED = re.compile(r"(audio|video)/[a-z0-9-]+")
# Brands of ISO media files that hold sound or moving pictures; still pictures (HEIC, AVIF) and raw ones are left out.
_FILM_BRANDS = re.compile(
    rb"isom|iso[2-9]|mp4[12v]|avc1|dash|M4[ABPV] |M4VH|MSNV|f4v |mmp4|qt  |3g[pr2e][0-9a-z]|3g2[a-c]"
)
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xl/workbook.bin": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\."
    rb"(?:text|spreadsheet|presentation|graphics|formula)(?:-template)?)",
    re.DOTALL,
)
_OLD_OFFICE = {
    "WordDocument": "application/msword", "Workbook": "application/vnd.ms-excel", "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}  # fmt: skip
_OLD_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What no text has: control signs but those of line ends, tabs, pages and escapes.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_ENTRIES, _MOST_DIRECTORY = 5_000, 1_000_000


def attachable_type(stream: BinaryIO) -> str | None:
    """The media type of a seekable stream if its kind may be attached, else None.

    Pictures, sound and film of known kinds, PDF, office documents, and text of any language, also that which browsers
    could run: it is never called anything but text, and given as a download.
    """
    stream.seek(0)
    head = stream.read(4096)
    if head[4:8] == b"ftyp":
        return type_of(head) if _FILM_BRANDS.fullmatch(head[8:12]) else None
    if head.startswith(_OLD_HEAD):
        return _old_office(stream, head)
    told = type_of(head)
    if told == "application/zip":
        return _office(stream, head)
    if told in PICTURES or told in ("application/pdf", "text/plain", "text/vtt") or _PLAYED.fullmatch(told):
        return told
    # Tables and notes of older programs are text in another encoding than UTF-8.
    is_text = head.startswith((b"\xff\xfe", b"\xfe\xff")) or not _NO_TEXT.search(head)
    return "text/plain" if head and is_text else None


def _office(stream: BinaryIO, head: bytes) -> str | None:
    """Which office document an archive is; only its directory is read, and no large one."""
    if (found := _OPEN_DOCUMENT.match(head)) is not None:
        return found[1].decode()
    if not _has_small_directory(stream):
        return None
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((media_type for name, media_type in _OFFICE.items() if name in names), None)


def _has_small_directory(stream: BinaryIO) -> bool:
    """Whether an archive's directory, as its end tells, can be read without much memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_557))
    tail = stream.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        return False
    entries, length = struct.unpack("<HI", tail[place + 10 : place + 16])
    return entries <= _MOST_ENTRIES and length <= _MOST_DIRECTORY


def _old_office(stream: BinaryIO, head: bytes) -> str | None:
    """Which document of the older programs it is: told by the names in the first sector of its directory."""
    shift, first = struct.unpack("<H", head[30:32])[0], struct.unpack("<I", head[48:52])[0]
    if shift not in (9, 12):
        return None
    stream.seek((first + 1) << shift)
    for _entry in range(64):
        entry = stream.read(128)
        if len(entry) < 128:
            return None
        length = struct.unpack("<H", entry[64:66])[0]
        if not 2 <= length <= 64:
            return None
        name = entry[: length - 2].decode("utf-16-le", "replace")
        if name in _OLD_OFFICE:
            return _OLD_OFFICE[name]
    return None
