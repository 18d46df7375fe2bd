"""What a file is, by its first bytes, and whether an address leads to a film."""

from __future__ import annotations

from urllib.parse import urlsplit

HEAD = 1024
UNKNOWN = "application/octet-stream"

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"{\\rtf", "application/rtf"),
    (b"WEBVTT", "text/vtt"),
    (b"\xef\xbb\xbfWEBVTT", "text/vtt"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_VIDEO_HOSTS = (
    "youtube.com",
    "youtu.be",
    "youtube-nocookie.com",
    "vimeo.com",
    "dailymotion.com",
    "wistia.com",
    "wistia.net",
    "loom.com",
    "panopto.com",
    "panopto.eu",
    "kaltura.com",
    "ted.com",
)
_VIDEO_ENDINGS = (".mp4", ".m4v", ".webm", ".mov", ".ogv", ".m3u8")


def media_type_of(head: bytes) -> str:
    """The media type that the first kilobyte shows; `application/octet-stream` if it shows none."""
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return {b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}.get(head[8:12], "video/mp4")
    if b"\0" in head:
        return UNKNOWN
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "text/html"
    if b"<svg" in start:
        return "image/svg+xml"
    if start.startswith(b"<?xml"):
        return "text/html" if b"<html" in start else "application/xml"
    if not head:
        return "application/x-empty"
    return "text/plain" if _is_text(head) else UNKNOWN


def is_video(url: str) -> bool:
    """Whether an address leads to a film, as far as its host and ending tell."""
    try:
        split = urlsplit(url)
        host = (split.hostname or "").lower()
    except ValueError:
        return False
    return split.path.lower().endswith(_VIDEO_ENDINGS) or any(
        host == known or host.endswith("." + known) for known in _VIDEO_HOSTS
    )


def _is_text(head: bytes) -> bool:
    return not any(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)
