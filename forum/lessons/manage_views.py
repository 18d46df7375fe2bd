"""Making a lesson: its text, recording, captions, attachments, links, and whether students see it."""

from collections.abc import Sequence
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Blueprint, Response, current_app, g, redirect, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import reader_language, say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.files import FileTooLargeError, shelf, size_words
from ..core.markup import markup_of
from ..core.refusals import sentences_for
from ..core.times import moment
from ..courses.models import Module
from ..courses.policy import Action
from ..courses.queries import modules_in
from . import commands, queries
from .captions import CAPTION_BYTES, BrokenCaptionsError, Problem, read_track
from .forms import NO_MODULE, AttachmentsForm, CaptionsForm, LessonForm, LinkForm, RecordingForm
from .models import Lesson
from .views import materials_of

pages = Blueprint("manage_lessons", __name__)
Answer = str | Response | tuple[str, int]
_LANGUAGES = "ar bg bn cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv ms nl no pl pt pt-BR ro ru sk sl sr sv sw ta th tr uk ur vi zh".split()  # fmt: skip  # noqa: SIM905 - one line to read


# --- title, module and text ---------------------------------------------------------------------------------


@pages.route("/c/<course>/manage/lessons/new", methods=["GET", "POST"])
@needs(Action.MANAGE_CONTENT)
def new(course: str) -> Answer:
    form = LessonForm()
    modules = _choose_from(form)
    if request.method == "GET":
        wanted = request.args.get("module", NO_MODULE)
        known = [module.public_id for module in modules]
        form.module.data = wanted if wanted in known else known[-1] if known else NO_MODULE
        return _text_page(form, None)
    if (answer := _without_saving(form, None)) is not None:
        return answer
    text = commands.write_text(form.text.data or "")
    with transaction() as session:
        made = commands.make_lesson(
            session, g.member, title=form.title.data, source=text,
            module_id=_module_id(modules_in(session, g.member, g.at), form.module.data), at=g.at,
        )  # fmt: skip
        public_id = made.public_id
    say(_("The lesson is made. Students don't see it until you publish it."))
    return _to(course, public_id)


@pages.route("/c/<course>/manage/lessons/<lesson>/text", methods=["GET", "POST"])
@needs(Action.MANAGE_CONTENT)
def text(course: str, lesson: str) -> Answer:
    found = queries.lesson_for(db.session(), g.member, lesson, g.at)
    form = LessonForm()
    modules = _choose_from(form)
    if request.method == "GET":
        inside = next((each.public_id for each in modules if each.id == found.module_id), NO_MODULE)
        form.module.data, form.title.data, form.text.data = inside, found.title, found.source
        form.revision.data = str(found.revision)
        return _text_page(form, found)
    if (answer := _without_saving(form, found)) is not None:
        return answer
    written = commands.write_text(form.text.data or "")
    number = int(form.revision.data) if (form.revision.data or "").isdecimal() else 0
    try:
        with transaction() as session:
            commands.edit_lesson(
                session, g.member, lesson, title=form.title.data, source=written, revision=number,
                module_id=_module_id(modules_in(session, g.member, g.at), form.module.data), at=g.at,
            )  # fmt: skip
    except Refused as refused:
        found = queries.lesson_for(db.session(), g.member, lesson, g.at)
        form.revision.data = str(found.revision)
        return _text_page(form, found, status=409, problem=sentences_for(refused))
    say(_("Saved. Earlier texts are kept."))
    return _to(course, lesson)


def _without_saving(form: LessonForm, lesson: Lesson | None) -> Answer | None:
    """The page again, for what does not validate or wants to be looked at first."""
    if not form.validate():
        return _text_page(form, lesson, status=422)
    if request.form.get("deed") == "preview":
        return _text_page(form, lesson, preview=commands.write_text(form.text.data or "").html)
    return None


def _text_page(
    form: LessonForm,
    lesson: Lesson | None,
    *,
    status: int = 200,
    preview: str | None = None,
    problem: Sequence[str] = (),
) -> Answer:
    _crumbs(lesson)
    return render_template(
        "lessons/text.html",
        form=form,
        lesson_title=lesson.title if lesson else None,
        back_url=_url(lesson.public_id) if lesson else f"/c/{g.member.course_slug}",
        preview=markup_of(preview) if preview is not None else None,
        problem=problem,
        current=(lesson.title, lesson.source) if lesson and problem else None,
    ), status


def _choose_from(form: LessonForm) -> Sequence[Module]:
    modules = modules_in(db.session(), g.member, g.at)
    form.module.choices = [
        *((module.public_id, module.title) for module in modules),
        (NO_MODULE, _("In no module")),
    ]
    return modules


def _module_id(modules: Sequence[Module], public_id: str | None) -> int | None:
    if not public_id:
        return None
    found = next((module.id for module in modules if module.public_id == public_id), None)
    if found is None:
        raise NotHere
    return found


# --- the lesson's own page of what hangs on it --------------------------------------------------------------


@pages.get("/c/<course>/manage/lessons/<lesson>")
@needs(Action.MANAGE_CONTENT)
def show(course: str, lesson: str) -> Answer:
    return _manage_page(queries.lesson_for(db.session(), g.member, lesson, g.at))


def _manage_page(lesson: Lesson, sent: Any = None, *, status: int = 200) -> Answer:
    """The page; `sent` is the one form of it that was sent and is not taken."""
    forms: dict[str, Any] = {
        "recording": RecordingForm(formdata=None),
        "captions": CaptionsForm(formdata=None, data={"language": reader_language()}),
        "attachments": AttachmentsForm(formdata=None),
        "links": LinkForm(formdata=None),
    }
    for name, form in forms.items():
        if isinstance(sent, type(form)):
            forms[name] = sent
    _crumbs(None)
    shown = lesson.published_at is not None and lesson.published_at <= g.at
    later = lesson.published_at if lesson.published_at is not None and not shown else None
    return render_template(
        "lessons/manage.html",
        title=lesson.title,
        url=_url(lesson.public_id),
        lesson_url=f"/c/{g.member.course_slug}/lessons/{lesson.public_id}",
        is_shown=shown,
        later=moment(later, g.member.zone) if later else None,
        words=lesson.words,
        texts=lesson.revision,
        materials=materials_of(g.member.course_slug, lesson.public_id, lesson.id),
        forms=forms,
        sent=sent,
        most=_("%(number)s MB", number=current_app.config["UPLOAD_MB"]),
        most_captions=size_words(CAPTION_BYTES),
        languages=[(code, language_words(code)) for code in _LANGUAGES],
    ), status


@pages.post("/c/<course>/manage/lessons/<lesson>/recording")
@needs(Action.MANAGE_CONTENT)
def recording(course: str, lesson: str) -> Answer:
    return _take_files(course, lesson, RecordingForm(), "recording")


@pages.post("/c/<course>/manage/lessons/<lesson>/captions")
@needs(Action.MANAGE_CONTENT)
def captions(course: str, lesson: str) -> Answer:
    return _take_files(course, lesson, CaptionsForm(), "captions")


@pages.post("/c/<course>/manage/lessons/<lesson>/attachments")
@needs(Action.MANAGE_CONTENT)
def attachments(course: str, lesson: str) -> Answer:
    return _take_files(course, lesson, AttachmentsForm(), "attachments")


def _take_files(course: str, lesson: str, form: Any, name: str) -> Answer:
    """Files go to disk first, the lock is taken then; what is refused leaves neither rows nor bytes."""
    found = queries.lesson_for(db.session(), g.member, lesson, g.at)
    field = form[name]
    if not form.validate():
        return _manage_page(found, form, status=422)
    given = [each for each in (field.data if isinstance(field.data, list) else [field.data]) if each.filename]
    more: dict[str, Any] = {}
    try:
        if name == "captions":
            content = given[0].stream.read(CAPTION_BYTES + 1)
            if len(content) > CAPTION_BYTES:
                raise FileTooLargeError(CAPTION_BYTES)
            read_track(content)
            given[0].stream.seek(0)
            more = {
                "language": form.language.data,
                "label": form.label.data or language_words(form.language.data),
            }
        with shelf() as put:
            stored = [put(each.stream, each.filename) for each in given]
            with transaction() as session:
                target = queries.lesson_for(session, g.member, lesson, g.at, lock=True)
                for each in stored:
                    commands.add_file(
                        session, target, each, use="attachment" if name == "attachments" else name,
                        author_id=g.member.account_id, at=g.at, **more,
                    )  # fmt: skip
    except BrokenCaptionsError as broken:
        field.errors = [
            *(caption_problem(each) for each in broken.problems),
            _("Nothing was kept of this file."),
        ]
    except FileTooLargeError as large:
        field.errors = [
            _("This file is larger than %(size)s. Nothing was kept of it.", size=size_words(large.most))
        ]
    except Refused as refused:
        field.errors = sentences_for(refused)
    else:
        say(_("Added."))
        return _to(course, lesson)
    return _manage_page(queries.lesson_for(db.session(), g.member, lesson, g.at), form, status=422)


def caption_problem(problem: Problem) -> str:
    """What is wrong with captions, and in which line."""
    line = problem.line
    return {
        "not_captions": _("This is no WebVTT or SRT file: no caption with its times was found."),
        "no_captions": _("There is no caption in this file."),
        "not_text": _("Line %(line)d: this can't be read as text.", line=line),
        "time_unread": _("Line %(line)d: no times as in 00:01:02.500 --> 00:01:04.000.", line=line),
        "end_first": _("Line %(line)d: this caption ends before it begins.", line=line),
        "no_time": _("Line %(line)d: this text has no times above it.", line=line),
    }[problem.code]  # fmt: skip


def language_words(code: str) -> str:
    """A language's name in the reader's language; the code itself for one without a name."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(get_locale() or "en")
    except (UnknownLocaleError, ValueError):
        return code
    return str(name or code)


@pages.post("/c/<course>/manage/lessons/<lesson>/links")
@needs(Action.MANAGE_CONTENT)
def links(course: str, lesson: str) -> Answer:
    form = LinkForm()
    if not form.validate():
        return _manage_page(queries.lesson_for(db.session(), g.member, lesson, g.at), form, status=422)
    with transaction() as session:
        commands.add_link(
            session, _locked(session, lesson), title=form.link_title.data, url=form.url.data,
            author_id=g.member.account_id, at=g.at,
        )  # fmt: skip
    say(_("The link was added."))
    return _to(course, lesson)


@pages.post("/c/<course>/manage/lessons/<lesson>/files/<file>/removal")
@needs(Action.MANAGE_CONTENT)
def file_removal(course: str, lesson: str, file: str) -> Answer:
    with transaction() as session:
        commands.remove_file(session, g.member, _locked(session, lesson), file, at=g.at)
    say(_("The file was removed from the lesson."))
    return _to(course, lesson)


@pages.post("/c/<course>/manage/lessons/<lesson>/links/<link>/removal")
@needs(Action.MANAGE_CONTENT)
def link_removal(course: str, lesson: str, link: str) -> Answer:
    with transaction() as session:
        commands.remove_link(session, g.member, _locked(session, lesson), link, at=g.at)
    say(_("The link was removed."))
    return _to(course, lesson)


@pages.post("/c/<course>/manage/lessons/<lesson>/publication")
@needs(Action.MANAGE_CONTENT)
def publication(course: str, lesson: str) -> Answer:
    hide = request.form.get("deed") == "hide"
    with transaction() as session:
        (commands.hide_lesson if hide else commands.publish_lesson)(
            session, g.member, _locked(session, lesson), at=g.at
        )
    say(_("Students no longer see this lesson.") if hide else _("The lesson is published."))
    return _to(course, lesson)


@pages.post("/c/<course>/manage/lessons/<lesson>/order")
@needs(Action.MANAGE_CONTENT)
def order(course: str, lesson: str) -> Answer:
    with transaction() as session:
        commands.move_lesson(
            session, g.member, _locked(session, lesson), up=request.form.get("deed") == "up", at=g.at
        )
    say(_("The order of the module's lessons is saved."))
    return _to(course, lesson)


@pages.post("/c/<course>/manage/lessons/<lesson>/removal")
@needs(Action.MANAGE_CONTENT)
def removal(course: str, lesson: str) -> Answer:
    with transaction() as session:
        commands.remove_lesson(session, g.member, _locked(session, lesson), at=g.at)
    say(_("The lesson was removed."))
    return redirect(f"/c/{course}", 303)  # type: ignore[return-value]


@pages.get("/c/<course>/manage/lessons/<lesson>/revisions")
@needs(Action.MANAGE_CONTENT)
def revisions(course: str, lesson: str) -> Answer:
    found = queries.lesson_for(db.session(), g.member, lesson, g.at)
    _crumbs(found)
    return render_template(
        "lessons/revisions.html",
        title=found.title,
        texts=[
            (line, moment(line.at, g.member.zone)) for line in queries.revisions_of(db.session(), found.id)
        ],
    )


def _locked(session: Session, lesson: str) -> Lesson:
    return queries.lesson_for(session, g.member, lesson, g.at, lock=True)


def _url(lesson: str) -> str:
    return f"/c/{g.member.course_slug}/manage/lessons/{lesson}"


def _to(course: str, lesson: str) -> Response:
    return redirect(f"/c/{course}/manage/lessons/{lesson}", 303)  # type: ignore[return-value]


def _crumbs(lesson: Lesson | None) -> None:
    g.crumbs = [(g.member.course_code, f"/c/{g.member.course_slug}")]
    if lesson is not None:
        g.crumbs.append((lesson.title, _url(lesson.public_id)))
