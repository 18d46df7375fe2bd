"""One's own writing as a zip: an HTML document, Markdown by board, attached files, proofs of arrival and the keys to check them."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.files import path_of
from ..core.times import moment
from ..courses.models import Course
from ..courses.policy import Person
from ..receipts import keys
from ..receipts.rules import instant_text
from . import documents, own_writing
from .names import file_name, plain
from .own_writing import CourseLine, Written
from .pieces import Piece, Teller
from .zips import ZipStream

_IN_MEMORY = 8 * 1024 * 1024  # of texts; more lie in a file without a name
_CHUNK = 256 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Course:
    line: CourseLine
    zone: ZoneInfo
    teller: Teller
    number: int


class TakeAway:
    """The zip of one person's writing in some courses.

    No more than a batch of posts and a few megabytes are in memory. Of attached files as many go with it as TAKE_AWAY_MB allows, the oldest first;
    the document names the others with their addresses.
    """

    def __init__(self, session: Session, person: Person, courses: Sequence[CourseLine], at: datetime) -> None:
        self._session, self._person, self._at = session, person, at
        self._site = str(current_app.config["PUBLIC_URL"]).rstrip("/")
        self.folder = f"my-posts-{at:%Y-%m-%d}"
        ids = [course.id for course in courses]
        self._titles = own_writing.titles_seen(session, person.account_id, ids, at)
        self._files: list[tuple[str, Path, int]] = []
        self._left_out: list[str] = []
        paths = self._choose_files(own_writing.own_files(session, person.account_id, ids))
        rows = session.execute(select(Course.id, Course.zone).where(Course.id.in_(ids)))
        zones = {row.id: ZoneInfo(row.zone) for row in rows}
        self._courses = [
            _Course(line, zones[line.id],
                    Teller(self._site, line.slug, self._reader(zones[line.id]), zones[line.id], paths), number)
            for number, line in enumerate(courses, 1)
        ]  # fmt: skip

    def _reader(self, course: ZoneInfo) -> ZoneInfo:
        return ZoneInfo(self._person.zone_name) if self._person.zone_name else course

    def _choose_files(self, rows: Sequence[Any]) -> dict[str, str]:
        """Where each file goes, by public id."""
        left = int(current_app.config["TAKE_AWAY_MB"]) * 1_000_000
        paths = {}
        for number, row in enumerate(rows, 1):
            path = path_of(row.stored_as)
            if not path.is_file() or path.stat().st_size != row.size:
                _log.error("bytes of file %s are not as its row says", row.public_id)
                continue
            if row.size > left:
                self._left_out.append(row.name)
                continue
            left -= row.size
            paths[row.public_id] = f"files/{file_name(number, row.name)}"
            self._files.append((paths[row.public_id], path, row.size))
        return paths

    def zip(self) -> tuple[Iterator[bytes], Callable[[], None]]:
        """The bytes of the zip, in order, and what to call when they were sent, or will not be.

        Everything is read from the database now; while bytes are sent, nothing but attached files is.
        """
        made = ZipStream(self._at)
        texts = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by whoever sends it
        try:
            for piece in self._texts(made):
                texts.write(piece)
        except BaseException:
            texts.close()
            raise
        return self._sent(made, texts), texts.close

    def _sent(self, made: ZipStream, texts: IO[bytes]) -> Iterator[bytes]:
        with texts:
            texts.seek(0)
            yield from iter(lambda: texts.read(_CHUNK), b"")
        for name, path, size in self._files:
            yield from made.file(f"{self.folder}/{name}", path, size)
        yield from made.end()

    def _texts(self, made: ZipStream) -> Iterator[bytes]:
        yield from made.text(f"{self.folder}/my-posts.html", self._document())
        style = Path(current_app.root_path) / "static" / "my-posts.css"
        yield from made.text(f"{self.folder}/my-posts.css", [style.read_text(encoding="utf-8")])
        for course in self._courses:
            yield from self._markdown(made, course)
        yield from made.text(f"{self.folder}/receipts.json", self._receipts())
        published = json.dumps(keys.published(Path(current_app.instance_path)), indent=1)
        yield from made.text(f"{self.folder}/keys.json", [published])

    # --- the parts --------------------------------------------------------------------------------------------------

    def _document(self) -> Iterator[str]:
        zone = self._reader(self._courses[0].zone)
        yield documents.html_head(
            _("My posts"), self._person.name, self._site, moment(self._at, zone), self._left_out
        )
        for course in self._courses:
            yield from documents.html_part(f"{course.line.code}, {course.line.title}", 2, iter(()))
            for board_id, posts in self._by_board(course):
                yield from documents.html_part(self._title(board_id), 3, map(course.teller.post, posts))
            if drafts := self._drafts(course):
                yield from documents.html_part(_("Drafts"), 3, iter(drafts))
        yield documents.html_end(f"{self._site}/receipts/keys.json", f"{self._site}/receipts/verify")

    def _markdown(self, made: ZipStream, course: _Course) -> Iterator[bytes]:
        """A file for each board, and one for the drafts."""
        head = f"{course.line.code}, {course.line.title}"
        for number, (board_id, posts) in enumerate(self._by_board(course), 1):
            title = self._title(board_id)
            yield from made.text(
                self._name(course, number, title), self._told(title, head, map(course.teller.post, posts))
            )
        if drafts := self._drafts(course):
            yield from made.text(
                self._name(course, 0, _("Drafts")), self._told(_("Drafts"), head, iter(drafts))
            )

    def _told(self, title: str, head: str, pieces: Iterator[Piece]) -> Iterator[str]:
        yield documents.markdown_head(title, head)
        yield from map(documents.markdown_piece, pieces)

    def _name(self, course: _Course, number: int, title: str) -> str:
        stem = (
            f"{course.number:02}-{plain(course.line.code) or 'course'}-{number:02}-{plain(title) or 'board'}"
        )
        return f"{self.folder}/markdown/{stem}.md"

    def _title(self, board_id: int) -> str:
        return self._titles.get(board_id) or _("A board that you do not see now")

    def _by_board(self, course: _Course) -> Iterator[tuple[int, Iterator[Written]]]:
        written = own_writing.posts_by(self._session, self._person.account_id, course.line.id)
        return groupby(written, key=_board_of)

    def _drafts(self, course: _Course) -> list[Piece]:
        rows = own_writing.drafts_by(self._session, self._person.account_id, course.line.id)
        return [course.teller.draft(row, number) for number, row in enumerate(rows)]

    def _receipts(self) -> Iterator[str]:
        """All receipts with the words that each is about, as a JSON list."""
        before = "[\n"
        for course in self._courses:
            for written in own_writing.posts_by(self._session, self._person.account_id, course.line.id):
                words = {text.number: text.source for text in written.texts}
                for row in written.receipts:
                    yield before + _as_json(row, course.line, written.row.public_id, words.get(row.revision))
                    before = ",\n"
            for row in own_writing.receipts_without_post(
                self._session, self._person.account_id, course.line.id
            ):
                yield before + _as_json(row, course.line, None, None)
                before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"


def _board_of(written: Written) -> int:
    return int(written.row.board_id)


def _as_json(row: Any, course: CourseLine, post: str | None, words: str | None) -> str:
    def instant(at: datetime | None) -> str | None:
        return instant_text(at) if at is not None else None

    told = {
        "receipt": row.public_id, "course": course.slug, "kind": row.kind, "post": post, "text": row.revision,
        "arrived_at": instant(row.arrived_at), "due_at": instant(row.due_at), "limit_at": instant(row.limit_at),
        "appears_at": instant(row.appears_at), "verdict": row.verdict, "token": row.token, "salt": row.salt, "words": words,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)
