"""Asking for more time: one form a board, which also changes what was asked, and taking it back."""

from datetime import datetime

from flask import g, redirect, render_template, request
from flask_babel import gettext as _

from ..boards.dates_form import DateForm, options
from ..boards.models import Checkpoint
from ..boards.schedule import wall_of
from ..boards.sentences import checkpoint_words, deadlines_of
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.times import date_words, zone_words
from ..courses.models import Course, Term
from ..courses.policy import Action
from ..posts.drafts import new_key
from ..posts.queries import BoardView, board_view
from ..posts.rules import as_kept, is_key
from . import commands
from .blueprint import Answer, pages
from .forms import AskForm
from .models import TimeRequest
from .queries import open_requests_by, own_requests, term_end_of
from .rules import why_not_ask, words_left
from .sentences import refusal_words, state_words, text_words, what_words
from .taking_in import RefusedText, refused_texts

PREFIX = "wished-"


class AskPage:
    """All that the form for asking shows; made anew after a refused deed."""

    def __init__(self, board: str) -> None:
        self.session = db.session()
        self.view: BoardView = board_view(self.session, g.member, board, g.at)
        self.url = f"/c/{g.member.course_slug}/boards/{board}/more-time"
        self.board_url = f"/c/{g.member.course_slug}/boards/{board}"
        self.by_id: dict[int | None, Checkpoint] = {row.id: row for row in self.view.checkpoints}
        self.ends_at = term_end_of(self.session, g.member.course_id)
        me = g.member.account_id
        self.open = {
            row.checkpoint_id: row
            for row in (open_requests_by(self.session, me, self.view.board.id) if me else ())
        }
        row = self.view.board
        self.texts: list[RefusedText] = refused_texts(self.session, me, row.id, row.public_id) if me else []
        self.can_hand_in = any(text.arrived_at is not None for text in self.texts)
        g.crumbs = [(g.member.course_code, f"/c/{g.member.course_slug}"), (row.title, self.board_url)]

    def fill(self, form: AskForm) -> None:
        """Offer what can be asked for: each thing that has a due date, and all of the board together."""
        dated = {date.checkpoint_id for date in self.view.dates.dates if date.due is not None}
        choices = [("", _("the whole board"))]
        choices += [
            (row.public_id, checkpoint_words(row)) for row in self.view.checkpoints if row.id in dated
        ]
        form.checkpoint.choices = options(*choices)

    def asked(self, public_id: str | None) -> TimeRequest | None:
        """The open request for a thing, if there is one."""
        wanted = next((row.id for row in self.view.checkpoints if row.public_id == public_id), None)
        return self.open.get(wanted)

    def start(self) -> tuple[AskForm, DateForm]:
        """The forms as they are first opened: empty, or with the request that is open."""
        form, wished = AskForm(formdata=None), DateForm(formdata=None, prefix=PREFIX)
        self.fill(form)
        known = [str(choice.value) for choice in form.checkpoint.choices]
        chosen = request.args.get("for") or ""
        if chosen not in known:
            chosen = known[1] if len(known) == 2 else ""
        if "for" not in request.args and len(self.open) == 1:
            only = next(iter(self.open))
            chosen = self.by_id[only].public_id if only in self.by_id else ""
        form.checkpoint.data, form.key.data = chosen, new_key()
        form.hands_in.data = self.can_hand_in
        if (row := self.asked(chosen)) is not None:
            form.text.data = words_left(row.reason, self.ends_at, g.at)
            form.hands_in.data = row.hands_in
            wished.show(wall_of(row.wished_on, row.wished_minute))
        return form, wished

    def render(
        self, form: AskForm, wished: DateForm, *, status: int = 200, problem: str | None = None
    ) -> Answer:
        member, view = g.member, self.view
        refusal = why_not_ask(member.course_state, self.ends_at, g.at)
        course = self.session.get_one(Course, member.course_id)
        term = self.session.get_one(Term, course.term_id)
        page = render_template(
            "more_time/ask.html", board=view.board, form=form, wished=wished, problem=problem, url=self.url,
            board_url=self.board_url, zone=zone_words(member.zone.key),
            why_not=refusal_words(Refused(refusal.code), member) if refusal is not None else None,
            deadlines=deadlines_of(view.dates, view.checkpoints, member, grace_minutes=view.board.grace_minutes),
            requests=state_lines(view, self.url), texts=[text_words(text, member.zone) for text in self.texts],
            can_hand_in=self.can_hand_in, replaces=self.asked(form.checkpoint.data) is not None,
            ends_on=date_words(term.ends_on),
        )  # fmt: skip
        return page, status


def state_lines(view: BoardView, url: str) -> list[dict[str, str | None]]:
    """What became of the asking student's requests on a board, newest first."""
    return request_lines(view.board.id, {row.id: row for row in view.checkpoints}, url, view.at)


def request_lines(
    board_id: int, checkpoints: dict[int, Checkpoint], url: str, at: datetime
) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    for row in own_requests(db.session(), g.member, board_id, at):
        checkpoint = checkpoints.get(row.checkpoint_id) if row.checkpoint_id is not None else None
        if row.checkpoint_id is not None and checkpoint is None:
            continue  # it is no longer asked
        is_open = row.state == "open"
        found.append({
            "text": state_words(row, what_words(checkpoint), g.member), "answer": row.answer,
            "change_url": f"{url}?for={checkpoint.public_id if checkpoint else ''}" if is_open else None,
            "withdrawal_url": f"{url}/{row.public_id}/withdrawal" if is_open else None,
        })  # fmt: skip
    return found


@pages.get("/c/<course>/boards/<board>/more-time")
@needs(Action.ASK_FOR_TIME)
def ask(course: str, board: str) -> Answer:
    page = AskPage(board)
    return page.render(*page.start())


@pages.post("/c/<course>/boards/<board>/more-time")
@needs(Action.ASK_FOR_TIME)
def send(course: str, board: str) -> Answer:
    page = AskPage(board)
    form, wished = AskForm(), DateForm(prefix=PREFIX)
    page.fill(form)
    if form.checkpoint.data is None:  # sent again from a page of errors, which carries the words only
        form.checkpoint.data = ""
    key = form.key.data if is_key(form.key.data) else new_key()
    form.key.data = key
    is_good = form.validate() & wished.validate()
    wall = wished.wall()
    if wall is None and not (wished.on.errors or wished.night.errors):
        wished.on.errors = [_("Please give the date that you wish for.")]
    if not is_good or wall is None or wished.errors:
        return page.render(form, wished, status=422)
    try:
        with transaction() as session:
            asked = commands.ask_for_more_time(
                session, g.member, board, checkpoint=form.checkpoint.data or None, wished=wall,
                reason=as_kept(form.text.data or "").strip(), hands_in=bool(form.hands_in.data) and page.can_hand_in, at=g.at, key=key,
            )  # fmt: skip
            is_changed = asked.deed == "changed"
    except Refused as refused:
        page, words = AskPage(board), refusal_words(refused, g.member)
        page.fill(form)
        if refused.code in ("wish_passed", "wish_not_later"):
            wished.on.errors = [words]
            return page.render(form, wished, status=422)
        return page.render(form, wished, status=409, problem=words)
    told = _("Your request was changed.") if is_changed else _("You have asked for more time.")
    say(told + " " + _("The answer will be here, on the board's page."))
    return redirect(page.board_url, 303)  # type: ignore[return-value]


@pages.post("/c/<course>/boards/<board>/more-time/<time_request>/withdrawal")
@needs(Action.ASK_FOR_TIME)
def withdraw(course: str, board: str, time_request: str) -> Answer:
    page = AskPage(board)
    with transaction() as session:
        commands.withdraw_request(session, g.member, time_request, board_id=page.view.board.id, at=g.at)
    say(_("You took your request back. Its reason is erased."))
    return redirect(page.board_url, 303)  # type: ignore[return-value]
