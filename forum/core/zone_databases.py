"""Other zone databases than the installed one: a folder of compiled zones, and those that a site ran with before.

`core/moments` alone says what counts; this is for comparing.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from .moments import ZONE_DATABASE, zone


class NoZoneDatabase(ValueError):
    """There is no zone database in this place."""


class NoSuchZone(LookupError):
    """The database does not have this zone."""


@dataclass(frozen=True)
class ZoneDatabase:
    """A zone database: its version, and how to read a zone of it by its name (raises NoSuchZone)."""

    version: str
    read: Callable[[str], ZoneInfo]


INSTALLED = ZoneDatabase(ZONE_DATABASE, zone)


def in_folder(folder: Path) -> ZoneDatabase:
    """The compiled zones of a folder such as /usr/share/zoneinfo, or of an unpacked `tzdata`. Raises NoZoneDatabase."""
    for place in (folder, folder / "zoneinfo", folder / "tzdata" / "zoneinfo"):
        if (place / "Europe").is_dir() or (place / "America").is_dir():
            break
    else:
        raise NoZoneDatabase(str(folder))

    @lru_cache(maxsize=1024)
    def read(name: str) -> ZoneInfo:
        zone(name)  # no path, and no name that the forum does not take
        try:
            return _zone_in((place / name).read_bytes(), name)
        except OSError:
            raise NoSuchZone(name) from None

    return ZoneDatabase(_version_in(place), read)


def _zone_in(content: bytes, name: str) -> ZoneInfo:
    """A zone of compiled content, else NoSuchZone."""
    try:
        return ZoneInfo.from_file(io.BytesIO(content), key=name)
    except ValueError:
        raise NoSuchZone(name) from None


def _version_in(place: Path) -> str:
    for name in ("tzdata.zi", "+VERSION", "version"):
        file = place / name
        if file.is_file():
            with file.open(encoding="utf-8", errors="replace") as lines:
                return lines.readline().removeprefix("# version").strip()[:20]
    return place.name


def keep(folder: Path) -> None:
    """Keep the installed database in a folder of the site, so that what it gave is known when the next one comes."""
    kept = folder / f"{ZONE_DATABASE}.zip"
    if kept.exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        top = files("tzdata") / "zoneinfo"
        for name in (files("tzdata") / "zones").read_text().split():
            archive.writestr(name, top.joinpath(*name.split("/")).read_bytes())
    part = kept.with_suffix(".part")
    part.write_bytes(packed.getvalue())
    part.replace(kept)


def kept_in(folder: Path, version: str) -> ZoneDatabase | None:
    """A database that the site ran with before, or None if it was not kept."""
    if version == ZONE_DATABASE:
        return INSTALLED
    file = folder / f"{version}.zip"
    if Path(version).name != version or not file.is_file():
        return None

    @lru_cache(maxsize=1024)
    def read(name: str) -> ZoneInfo:
        try:
            with zipfile.ZipFile(file) as archive:
                return _zone_in(archive.read(name), name)
        except (KeyError, zipfile.BadZipFile):
            raise NoSuchZone(name) from None

    return ZoneDatabase(version, read)
