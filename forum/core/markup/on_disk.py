"""Stored HTML as it is read from a disk: addresses of this site written out, pictures from beside the page or not at all."""

import re
from collections.abc import Callable

from markupsafe import Markup

# Stored HTML was written by the sanitizer: `<` stands for nothing but a tag, values are in double quotes.
_LINK = re.compile(r'(<a\b[^>]*?\shref=")(/[^"]*")')
_PICTURE = re.compile(r"<img\b[^>]*>")
_SOURCE = re.compile(r'\ssrc="([^"]*)"')
_WORDS = re.compile(r'\salt="([^"]*)"')


def on_disk(html: str, site: str, picture: Callable[[str], str | None]) -> Markup:
    """HTML that `render` made, for a page that lies beside its files and loads nothing else.

    `site` is the public address without a slash at its end. `picture` gives the path of a file beside the page for an
    address of this site; None leaves the words of the picture in its place.
    """

    def placed(found: re.Match[str]) -> str:
        source, words = _SOURCE.search(found[0]), _WORDS.search(found[0])
        path = picture(source[1]) if source else None
        if path is None:
            return f"[{words[1]}]" if words and words[1] else ""
        return _SOURCE.sub(f' src="{path}"', found[0])

    return Markup(_LINK.sub(rf"\g<1>{_plain(site)}\g<2>", _PICTURE.sub(placed, html)))  # noqa: S704 - see above


def _plain(site: str) -> str:
    return site.replace("\\", "").replace('"', "")
