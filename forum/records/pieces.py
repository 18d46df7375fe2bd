"""What was written as a document tells it: a post or draft with its place, times, texts, files and proofs in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup

from ..core import markup
from ..core.markup.on_disk import on_disk
from ..core.times import Moment, due_moment, moment
from ..posts.attachments import attached_in
from ..receipts.sentences import kind_words
from .own_writing import Written


@dataclass(frozen=True)
class FilePath:
    """A file of a text: where it lies beside the documents, or "" and where it is on the site."""

    name: str
    path: str
    url: str
    alt: str
    is_picture: bool


@dataclass(frozen=True)
class TextPiece:
    arrived: Moment
    source: str
    html: Markup
    files: tuple[FilePath, ...]


@dataclass(frozen=True)
class Proof:
    id: str
    what: str
    verdict: str
    arrived: Moment
    due: Moment | None
    token: str
    url: str


@dataclass(frozen=True)
class Piece:
    """`texts` are the author's own, the last first; `notes` are sentences; `answers` is an address or empty."""

    heading: str
    url: str
    answers: str
    when: str
    arrived: Moment
    notes: tuple[str, ...]
    texts: tuple[TextPiece, ...]
    proofs: tuple[Proof, ...]


class Teller:
    """Tells pieces of one course: in the author's zone with the course's beside it, with the addresses of this site.

    `paths` are where the files lie beside the documents, by their public ids.
    """

    def __init__(
        self, site: str, slug: str, reader: ZoneInfo, course: ZoneInfo, paths: dict[str, str]
    ) -> None:
        self._site, self._base, self._paths = site, f"{site}/c/{slug}", paths
        self._reader, self._course = reader, course

    def post(self, written: Written) -> Piece:
        row = written.row
        url = f"{self._base}/posts/{row.public_id}"
        texts = [
            self._text(text, f"{url}/files/", f"p{row.public_id}-{text.number}-") for text in written.texts
        ]
        return Piece(
            heading=_heading(row),
            url=url,
            answers=self._answers(row),
            when=_("Arrived"),
            arrived=self._moment(row.arrived_at),
            notes=tuple(self._notes(written)),
            texts=tuple(reversed(texts)),
            proofs=tuple(self.proof(receipt) for receipt in written.receipts),
        )

    def draft(self, row: Any, number: int) -> Piece:
        kind, _colon, public_id = row.place.partition(":")
        place = {
            "board": f"boards/{public_id}",
            "thread": f"threads/{public_id}",
            "staff": f"boards/{public_id}/staff-question",
        }.get(kind, f"posts/{public_id}")
        text = TextPiece(self._moment(row.saved_at), row.source, self._html(row.source, f"d{number}-"),
                         tuple(self._files(row.files, f"{self._base}/drafts/{row.place}/files/")))  # fmt: skip
        return Piece(
            row.title or _("Draft"), f"{self._base}/{place}", "", _("Saved"), text.arrived, (), (text,), ()
        )

    def proof(self, row: Any) -> Proof:
        verdicts = {"on_time": _("on time"), "late": _("late"), "refused": _("refused")}
        due = due_moment(row.due_at, self._reader, self._course) if row.due_at is not None else None
        return Proof(
            row.public_id, kind_words(row.kind), verdicts.get(row.verdict or "", ""), self._moment(row.arrived_at), due,
            row.token, f"{self._site}/receipts/{row.public_id}",
        )  # fmt: skip

    def _moment(self, instant: Any) -> Moment:
        return moment(instant, self._reader, self._course)

    def _answers(self, row: Any) -> str:
        if row.opens_thread:
            return ""
        return f"{self._base}/posts/{row.answered}" if row.answered else f"{self._base}/threads/{row.thread}"

    def _notes(self, written: Written) -> Iterable[str]:
        row = written.row
        withdrawn = row.removed_at is not None and row.removed_at < row.appears_at
        if row.scheduled_for is not None and not withdrawn:
            yield _("Handed in to be shown from %(time)s on.", time=_said(self._moment(row.appears_at)))
        if row.removed_at is not None:
            when = _said(self._moment(row.removed_at))
            if withdrawn:
                yield _("Withdrawn before it was shown, %(time)s.", time=when)
            elif row.removed_by_id == row.author_id:
                yield _("Removed by you, %(time)s.", time=when)
            else:
                yield _("Removed by staff, %(time)s. The reason stands at its address.", time=when)
        for changed_at in written.changed_by_staff_at:
            yield _(
                "Changed by staff, %(time)s. What they wrote is not here; it stands at its address.",
                time=_said(self._moment(changed_at)),
            )

    def _text(self, row: Any, url: str, prefix: str) -> TextPiece:
        return TextPiece(
            self._moment(row.arrived_at),
            row.source,
            self._html(row.source, prefix),
            tuple(self._files(row.files, url)),
        )

    def _html(self, source: str, prefix: str) -> Markup:
        """Rendered anew: the texts of one post have ids in common, and one page shows them all."""
        rendered = markup.render(source, prefix=prefix, first_heading=5)
        return on_disk(
            markup.markup_of(rendered.html), self._site, lambda url: self._paths.get(url.rpartition("/")[2])
        )

    def _files(self, kept: Any, url: str) -> Iterable[FilePath]:
        for file in attached_in(kept):
            yield FilePath(file.name, self._paths.get(file.id, ""), url + file.id, file.alt, file.is_picture)


def _heading(row: Any) -> str:
    if row.opens_thread:
        return row.title or _("Untitled")
    if row.form == "single" and row.answered is None:
        return _("Answer to the prompt")
    return _("Answer")


def _said(when: Moment) -> str:
    return f"{when.text} ({when.other})" if when.other else when.text
