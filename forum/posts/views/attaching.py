"""Files that come with a form: taken in before anything else is decided, so that nothing that follows loses them."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, BinaryIO

from flask import g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from ...core import files
from ...core.db import db, transaction
from ...core.files import clean_name, size_words
from ...core.kinds import PICTURES, attachable_type
from ...core.pictures import BrokenPictureError, PictureTooLargeError, made_anew
from ...courses.policy import Action, Member
from .. import commands
from ..attaching import Fresh, came_today, files_known, keep_files, with_words
from ..attachments import (
    ALT_LIMIT,
    MOST_FILES,
    Attached,
    Limits,
    attached_in,
    limits,
    marks_in,
    marks_of,
    why_not_attach,
)
from ..file_lines import FileLine, files_block, lines_of
from ..forms import ReplyForm
from ..models import Draft, Post
from ..rules import DRAFT_LIMIT, Place, as_kept, is_key


@dataclass(frozen=True)
class FilesShown:
    """The files of a place to write, as its macro shows them: `marks` is what the form carries of them."""

    lines: list[FileLine]
    marks: str
    hint: str
    problems: Sequence[str]
    url: str
    is_full: bool


def files_shown(
    place: Place, draft: Draft | None, form: ReplyForm | None = None, standing: Sequence[Attached] = ()
) -> FilesShown:
    """What was sent with the form; else what the draft has; else what the post has that is edited."""
    if form is not None and form.is_submitted():
        shown: Sequence[Attached] = form.attached
    elif draft is not None and (draft.files is not None or place.kind != "edit"):
        shown = attached_in(draft.files)
    else:
        shown = standing
    url = f"/c/{g.member.course_slug}/drafts/{place}/files"
    problems = [str(each) for each in form.attach.errors] if form is not None else []
    return FilesShown(lines_of(shown, url + "/"), marks_of(shown), limits_words(), problems, url, len(shown) >= MOST_FILES)  # fmt: skip


def limits_words() -> str:
    """How much may be attached, for who has not chosen yet."""
    most = limits()
    return _(
        "At most %(number)d files, %(file)s each and %(post)s together; in 24 hours %(day)s. Pictures (PNG, JPEG, GIF, WebP; place and camera are taken out of them), PDF, text, office documents, sound and film.",
        number=MOST_FILES, file=size_words(most.file), post=size_words(most.post), day=size_words(most.day),
    )  # fmt: skip


def files_of_post(post: Any) -> Markup:
    """The block of a post's files, for who may see the post."""
    return files_block(post.files, f"/c/{g.member.course_slug}/posts/{post.public_id}/files/")


def files_open_to(member: Member, post: Post) -> set[str] | None:
    """Which files of all that a post ever had a reader of it may have, as `queries.attached` decides; None for all."""
    if member.may(Action.MODERATE) or (post.author_id == member.account_id and post.removed_at is None):
        return None
    return set() if post.removed_at is not None else {each.id for each in attached_in(post.files)}


def receive_files(form: ReplyForm, place: Place, *, standing: Sequence[Attached] = ()) -> None:
    """Fill `form.attached`: the files that the form names and those that came with it, which are the draft's from now on.

    Why others were not taken stands with the field `attach`, which fails for it. Call it once the place was seen to be
    one that the writer knows of; `standing` are the files of the post that is edited.
    """
    parts = [part for part in request.files.getlist("attach") if part.filename]
    named = [file_id for file_id, _sent in marks_in(form.files.data)]
    dropped = set(request.form.getlist("drop"))
    if not parts and not named:
        return
    key = form.key.data if is_key(form.key.data) else commands.new_key()
    known = files_known(db.session(), g.member.account_id, place, key or "", standing)
    words = {file_id: _alt(file_id) for file_id in named if f"alt-{file_id}" in request.form}
    there = [
        known[file_id] for file_id in dict.fromkeys(named) if file_id in known and file_id not in dropped
    ]
    chosen = with_words(there, words)
    problems = []
    if lost := sum(file_id not in known and file_id not in dropped for file_id in named):
        problems.append(
            ngettext(
                "One file that stood here is with another post now, or was taken away in another window.",
                "%(num)d files that stood here are with another post now, or were taken away in another window.",
                lost,
            )
        )
    with files.shelf() as put:
        incoming = _Incoming(
            put, chosen, {each.sent: each for each in known.values() if each.id not in dropped}
        )
        for part in parts:
            incoming.take(part)
        problems += incoming.problems
        form.attached = tuple(incoming.chosen)
        if incoming.fresh or dropped & set(known) or chosen != tuple(there):
            written = commands.write(_text_of(form), key or "", title=request.form.get("title", ""))
            with transaction() as session:
                form.attached, needless = keep_files(
                    session, g.member, place, written, incoming.chosen, incoming.fresh, dropped=dropped, at=g.at,
                    standing=standing,
                )  # fmt: skip
            for each in needless:
                files.discard(each)
    form.attach.process_errors = problems
    form.attach.errors = problems


def _text_of(form: ReplyForm) -> str:
    text = form.text.data or ""
    return text if len(text) <= DRAFT_LIMIT else ""  # given back by the page, too long for a draft


def _alt(file_id: str) -> str:
    words = as_kept(request.form.get(f"alt-{file_id}", ""))
    return " ".join(words.split())[:ALT_LIMIT]


class _Incoming:
    """The parts of one request, each taken or not; `chosen` are files that are kept already, in the order of the form."""

    def __init__(self, put: files.Shelf, chosen: Sequence[Attached], by_sent: dict[str, Attached]) -> None:
        self.put, self.chosen, self.by_sent = put, list(chosen), by_sent
        self.fresh: list[Fresh] = []
        self.problems: list[str] = []
        self.most = limits()
        self.today: int | None = None

    def take(self, part: Any) -> None:
        name = clean_name(part.filename)
        stream: BinaryIO = part.stream
        sent, size = _digest_of(stream)
        if any(sent == one.sent for one in self.fresh):
            return  # chosen twice is attached once
        if (known := self.by_sent.get(sent)) is not None:
            if known.id not in {each.id for each in self.chosen}:
                self.chosen.append(known)
            return
        if self.today is None:
            self.today = came_today(db.session(), g.member.account_id, g.at)
        others = [*self.chosen, *(_as_attached(one) for one in self.fresh)]
        code = why_not_attach(size, others, self.today, self.most)
        code = code or self._store(stream, name, sent)
        if code is not None:
            self.problems.append(refusal_words(code, name, size, self.most))
        else:
            self.today += size

    def _store(self, stream: BinaryIO, name: str, sent: str) -> str | None:
        """Put the bytes on the disk, those of a picture made anew; or why not, as a code."""
        media_type = attachable_type(stream)
        if media_type is None:
            return "kind"
        width = height = 0
        with ExitStack() as closing:
            if media_type in PICTURES:
                try:
                    picture = made_anew(stream, media_type)
                except BrokenPictureError:
                    return "broken"
                except PictureTooLargeError:
                    return "too_many_pixels"
                stream, width, height = closing.enter_context(picture.stream), picture.width, picture.height
            stream.seek(0)
            stored = replace(self.put(stream, name), media_type=media_type)
        self.fresh.append(Fresh(stored, sent, width, height))
        return None


def _as_attached(one: Fresh) -> Attached:
    stored = one.stored
    return Attached("", stored.name, stored.media_type, stored.size, stored.sha256, one.sent)


def _digest_of(stream: BinaryIO) -> tuple[str, int]:
    stream.seek(0)
    digest, size = sha256(), 0
    while chunk := stream.read(256 * 1024):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def refusal_words(code: str, name: str, size: int, most: Limits) -> str:
    """Why a file was not taken, in a sentence that names it."""
    told = {"name": name, "size": size_words(size)}
    return {
        "empty": _("“%(name)s” is empty.", **told),
        "too_many": _("“%(name)s” was not taken: at most %(number)d files go with one post.", number=MOST_FILES, **told),
        "too_large": _("“%(name)s” has %(size)s; a file may have %(most)s at most.", most=size_words(most.file), **told),
        "too_much": _("“%(name)s” (%(size)s) does not fit: all files of a post together may have %(most)s.", most=size_words(most.post), **told),
        "too_much_today": _("“%(name)s” (%(size)s) is more than you can attach today: %(most)s in 24 hours. It can be attached later.", most=size_words(most.day), **told),
        "kind": _("“%(name)s” is of a kind that is not taken here. Taken are pictures (PNG, JPEG, GIF, WebP), PDF, text, office documents, sound and film.", **told),
        "broken": _("“%(name)s” says that it is a picture, but cannot be read as one. Please save it anew, or attach another.", **told),
        "too_many_pixels": _("“%(name)s” has too many pixels to be shown. Please make it smaller: 5,000 by 5,000 are taken.", **told),
    }[code]  # fmt: skip
