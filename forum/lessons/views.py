"""A lesson: its text, recording with captions and transcript, links, files, and *done*."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.files import answer_track, answer_with, size_words
from ..core.markup import markup_of
from ..core.places import shown_in
from ..core.refusals import tells
from ..core.times import moment
from ..courses.policy import Action
from . import commands, queries
from .captions import Paragraph, paragraphs
from .models import LessonLink
from .queries import Material, Neighbor

pages = Blueprint("lessons", __name__)


@dataclass(frozen=True)
class FileLine:
    """A file in a list: what it is and how large, in words."""

    id: str
    url: str
    name: str
    kind: str
    size: str
    media_type: str


@dataclass(frozen=True)
class TrackLine:
    """Captions of one language, for the player and as text to read."""

    url: str
    language: str
    label: str
    transcript: list[Paragraph]
    file: FileLine
    broken: bool


@dataclass(frozen=True)
class LinkLine:
    """A link elsewhere; `url` is None, and its host the text as kept, where that is no address of the web."""

    id: str
    title: str
    url: str | None
    host: str


@dataclass(frozen=True)
class Materials:
    """All that hangs on a lesson, as its page shows it."""

    recording: FileLine | None
    is_video: bool
    tracks: list[TrackLine]
    attachments: list[FileLine]
    links: list[LinkLine]


def kind_words(media_type: str, name: str) -> str:
    """What a file is, told by its content; for formats of programs the ending of its name in capitals."""
    if media_type == "application/pdf":
        return "PDF"
    words = {"video": _("video"), "audio": _("audio"), "image": _("picture"), "text": _("text")}
    ending = name.rpartition(".")[2] if "." in name else ""
    kind = words.get(media_type.partition("/")[0])
    if kind is not None:
        return kind
    return ending.upper() if ending.isascii() and ending.isalnum() and len(ending) <= 5 else _("file")


def file_line(base: str, material: Material) -> FileLine:
    file = material.file
    return FileLine(
        file.public_id, f"{base}/files/{file.public_id}", file.name, kind_words(file.media_type, file.name),
        size_words(file.size), file.media_type,
    )  # fmt: skip


def link_line(link: LessonLink) -> LinkLine:
    """What is kept may have come by another way than the form: only addresses of the web are linked."""
    if not commands.is_web_address(link.url):
        return LinkLine(link.public_id, link.title, None, link.url)
    return LinkLine(link.public_id, link.title, link.url, urlsplit(link.url).hostname or "")


def materials_of(course: str, lesson_public_id: str, lesson_id: int) -> Materials:
    """Everything that hangs on a lesson; two statements. The lesson was loaded through its clause before."""
    base = f"/c/{course}/lessons/{lesson_public_id}"
    files = queries.files_of(db.session(), lesson_id)
    recording = next((each for each in files if each.use == "recording"), None)
    tracks = []
    for each in files:
        if each.use == "captions":
            track = queries.track_of(each.file)
            line = file_line(base, each)
            read = paragraphs(track.cues) if track else []
            tracks.append(TrackLine(line.url, each.language, each.label, read, line, track is None))
    return Materials(
        recording=file_line(base, recording) if recording else None,
        is_video=recording is not None and recording.file.media_type.startswith("video/"),
        tracks=tracks,
        attachments=[file_line(base, each) for each in files if each.use == "attachment"],
        links=[link_line(link) for link in queries.links_of(db.session(), lesson_id)],
    )


@pages.get("/c/<course>/lessons/<lesson>")
@needs(Action.READ)
def show(course: str, lesson: str) -> str:
    session, member = db.session(), g.member
    found = queries.lesson_for(session, member, lesson, g.at)
    before, after = queries.neighbors_of(session, member, found, g.at)
    done = queries.done_at(session, member, found.id) if member.account_id else None
    base = f"/c/{course}/lessons"
    g.crumbs = [(member.course_code, f"/c/{course}")]
    hidden = None
    if found.published_at is None:
        hidden = _("Hidden: only staff see this lesson.")
    elif found.published_at > g.at:
        hidden = _(
            "Only staff see this lesson until %(time)s.", time=moment(found.published_at, member.zone).text
        )
    minutes = max(1, round(found.words / 200))
    return render_template(
        "lessons/lesson.html",
        title=found.title,
        html=markup_of(found.html),
        reading=ngettext("%(num)d minute of reading", "%(num)d minutes of reading", minutes)
        if found.words
        else "",
        hidden=hidden,
        materials=materials_of(course, lesson, found.id),
        before=_neighbor(base, before),
        after=_neighbor(base, after),
        done=moment(done, member.zone) if done else None,
        done_url=f"{base}/{lesson}/done" if commands.why_not_mark_done(member) is None else None,
        manage_url=f"/c/{course}/manage/lessons/{lesson}" if member.may(Action.MANAGE_CONTENT) else None,
        aside=shown_in("lesson.aside", member, found.id, g.at),
    )


def _neighbor(base: str, neighbor: Neighbor | None) -> tuple[str, str] | None:
    return (neighbor.title, f"{base}/{neighbor.public_id}") if neighbor else None


@pages.get("/c/<course>/lessons/<lesson>/files/<file>")
@needs(Action.READ)
def file(course: str, lesson: str, file: str) -> Response:
    """A file of a lesson, as visible as it; captions come as WebVTT, whatever they were uploaded as."""
    material = queries.file_for(db.session(), g.member, lesson, file, g.at)
    if material.use == "captions" and (track := queries.track_of(material.file)) is not None:
        return answer_track(track.vtt, material.file)
    return answer_with(material.file, inline=True)


@pages.post("/c/<course>/lessons/<lesson>/done")
@needs(Action.READ)
def done(course: str, lesson: str) -> Response:
    take_back = request.form.get("deed") == "take_back"
    deed: Callable[..., None] = commands.take_back_done if take_back else commands.mark_done
    with transaction() as session:
        deed(session, g.member, lesson, at=g.at)
    say(_("This lesson is no longer marked as done.") if take_back else _("Marked as done."))
    return redirect(f"/c/{course}/lessons/{lesson}", 303)  # type: ignore[return-value]


@tells("lesson_not_marked")
def _not_marked(_refused: Refused) -> list[str]:
    return [_("The course is not running, so nothing can be marked in it."), _("Nothing was changed.")]


@tells("not_media")
def _not_media(_refused: Refused) -> list[str]:
    return [_("This file is no video or audio that browsers play. Nothing was kept of it.")]


@tells("lesson_changed")
def _changed(_refused: Refused) -> list[str]:
    return [
        _("Somebody saved this lesson after you opened it. Your text is here, and theirs stands beside it.")
    ]
