"""One person's writing as Markdown files and as one HTML document that needs nothing but what lies beside it."""

import re
from collections.abc import Iterator

from flask import render_template
from flask_babel import gettext as _

from ..core.times import Moment
from .pieces import Piece, Proof

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~$&])")


def plain(text: str) -> str:
    """What people called something, so that Markdown takes it as words and nothing else."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def markdown_head(title: str, course: str) -> str:
    return f"# {plain(title)}\n\n{plain(course)}\n"


def markdown_piece(piece: Piece) -> str:
    """A post or draft: what is known of it as a list, its own words exactly as they were typed between lines."""
    lines = [f"\n## {plain(piece.heading)}\n", f"- {piece.when}: {_time(piece.arrived)}"]
    lines.append(f"- {_('Address')}: <{piece.url}>")
    if piece.answers:
        lines.append(f"- {_('In answer to')}: <{piece.answers}>")
    lines += [f"- {note}" for note in piece.notes]
    lines += [f"- {_('Proof of arrival')}: {_proof(proof)}" for proof in piece.proofs]
    for number, text in enumerate(piece.texts):
        if len(piece.texts) > 1:
            told = _("The last text") if number == 0 else _("An earlier text")
            lines.append(f"\n### {told}, {_time(text.arrived)}")
        lines.append(f"\n---\n\n{text.source.rstrip()}\n\n---\n")
        for file in text.files:
            path = (
                f"[{plain(file.name)}](../{file.path})" if file.path else f"{plain(file.name)}: <{file.url}>"
            )
            alt = f", {plain(file.alt)}" if file.alt else ""
            lines.append(f"- {_('File')}: {path}{alt}")
    return "\n".join(lines) + "\n"


def _proof(proof: Proof) -> str:
    verdict = f", {proof.verdict}" if proof.verdict else ""
    return f"{proof.id} ({proof.what}{verdict}, {_time(proof.arrived)})"


def _time(when: Moment) -> str:
    """In words, in the author's zone with the course's beside it."""
    other = f"; {when.other}" if when.other else ""
    return f"{when.text} {when.zone}{other}"


def html_head(title: str, name: str, site: str, made: Moment, left_out: list[str]) -> str:
    return render_template(
        "records/_document_head.html", title=title, name=name, site=site, made=made, left_out=left_out
    )


def html_part(title: str, level: int, pieces: Iterator[Piece]) -> Iterator[str]:
    """A heading and the pieces under it, piece by piece."""
    yield render_template("records/_document_part.html", title=title, level=level)
    for piece in pieces:
        yield render_template("records/_document_piece.html", piece=piece)


def html_end(keys_url: str, verify_url: str) -> str:
    return render_template("records/_document_end.html", keys_url=keys_url, verify_url=verify_url)
