"""Attached files as pages show them: pictures small and in their place, others as links with kind and size."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from ..core.files import size_words
from ..core.markup import markup_of
from .attachments import Attached, attached_in

SMALL = 320  # CSS pixels of the longer side


@dataclass(frozen=True)
class FileLine:
    """One file in a list; `width` and `height` are those at which a picture is shown, 0 for others."""

    id: str
    url: str
    name: str
    kind: str
    size: str
    alt: str
    width: int
    height: int


_TEXTS = {"csv": "CSV", "md": "Markdown", "markdown": "Markdown", "tsv": "TSV"}


def kind_of(file: Attached) -> str:
    """What a file is in a word: told by its content, for texts and programs' own formats with the ending of its name."""
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    if file.media_type == "application/pdf":
        return "PDF"
    if file.media_type.startswith("text/"):
        return _TEXTS.get(ending, _("text"))
    words = {"video": _("video"), "audio": _("audio"), "image": _("picture")}
    kind = words.get(file.media_type.partition("/")[0])
    return kind or _OFFICE_WORDS.get(file.media_type.rpartition(".")[2], "") or _("office document")


_OFFICE_WORDS = {
    "document": "Word", "sheet": "Excel", "presentation": "PowerPoint", "12": "Excel", "text": "OpenDocument",
    "spreadsheet": "OpenDocument",
}  # fmt: skip


def line_of(file: Attached, base: str) -> FileLine:
    """A file whose address is `base` and its id."""
    shrink = min(1.0, SMALL / max(file.width, file.height, 1))
    width, height = (max(1, round(side * shrink)) for side in (file.width, file.height))
    return FileLine(
        file.id, base + file.id, file.name, kind_of(file), size_words(file.size), file.alt,
        *((width, height) if file.is_picture else (0, 0)),
    )  # fmt: skip


def lines_of(files: Iterable[Attached], base: str) -> list[FileLine]:
    return [line_of(file, base) for file in files]


def files_block(kept: Any, base: str) -> Markup:
    """The files of a post or text, as their column keeps them; nothing where there are none."""
    if not kept:
        return Markup("")
    return markup_of(render_template("posts/_files.html", files=lines_of(attached_in(kept), base)))
