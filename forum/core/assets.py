"""Style and scripts, joined at start-up and named by their content, so that browsers may keep them."""

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Asset:
    """One file as it is served: `url` changes whenever `body` does; `etag` is without quotes."""

    url: str
    body: bytes
    gzipped: bytes
    media_type: str
    etag: str


@dataclass(frozen=True)
class Assets:
    """`script` goes on every page, `study_script` on lessons and grading as well; `icon` keeps one address for bookmarks."""

    style: Asset
    script: Asset
    study_script: Asset
    icon: Asset

    def at(self, url: str) -> Asset | None:
        """The asset at this path of the site, or None if no present one has it."""
        return next(
            (a for a in (self.style, self.script, self.study_script, self.icon) if a.url == url), None
        )


def load_assets(static: Path) -> Assets:
    """Read `css/*.css`, `js/*.js` and `js/study/*.js` under `static`, each in the order of its names, and `icon.svg`.

    Raises FileNotFoundError if one of the four holds no file.
    """
    return Assets(
        style=_joined("forum", "css", sorted(static.glob("css/*.css"))),
        script=_joined("forum", "js", sorted(static.glob("js/*.js"))),
        study_script=_joined("study", "js", sorted(static.glob("js/study/*.js"))),
        icon=_packed("/assets/icon.svg", "image/svg+xml", (static / "icon.svg").read_bytes()),
    )


_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def _joined(name: str, kind: str, paths: Iterable[Path]) -> Asset:
    parts = [_without_remarks(path.read_text(encoding="utf-8")) for path in paths]
    if not parts:
        raise FileNotFoundError(f"no {kind} files for {name}.{kind}")
    body = "\n".join(parts).encode()
    return _packed(f"/assets/{name}.{_mark(body)}.{kind}", _MEDIA_TYPES[kind], body)


def _packed(url: str, media_type: str, body: bytes) -> Asset:
    # mtime=0: the same files give the same bytes on every start and in every process.
    return Asset(url, body, gzip.compress(body, 9, mtime=0), media_type, _mark(body))


def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _without_remarks(text: str) -> str:
    """The remark at the head of a file, `//` lines and indentation are for people, not for the wire."""
    text = re.sub(r"\A\s*/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
