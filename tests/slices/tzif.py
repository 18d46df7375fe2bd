"""Compiled zones of our own making: one rule for all time, as a POSIX TZ string says it (RFC 9636)."""

import struct
import zipfile
from pathlib import Path


def tzif(rule: str) -> bytes:
    """A zone that keeps a rule such as "WET0WEST,M3.5.0/1,M10.5.0" in every year."""
    header = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = struct.pack(">lbB", 0, 0, 0) + b"LMT\0"
    return header + block + header + block + b"\n" + rule.encode() + b"\n"


def folder_of(folder: Path, zones: dict[str, str], version: str = "2030z") -> Path:
    """A zone database in a folder, from names and rules."""
    for name, rule in zones.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(tzif(rule))
    (folder / "tzdata.zi").write_text(f"# version {version}\n# more\n")
    return folder


def kept_of(folder: Path, zones: dict[str, str], version: str) -> None:
    """A zone database that a site kept, from names and rules."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
        for name, rule in zones.items():
            archive.writestr(name, tzif(rule))
