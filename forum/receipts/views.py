"""Receipts for their owners and staff; checking one, for anyone; the state of a course's chain."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, jsonify, render_template, request
from markupsafe import Markup

from ..core import limits
from ..core.access import needs, public, signed_in
from ..core.db import db, transaction
from ..core.markup import markup_of
from ..core.places import fills
from ..courses.policy import Action, Member
from . import evidence, keys, queries, sentences
from .forms import VerifyForm
from .queries import Check
from .rules import SEGMENT, words_digest

pages = Blueprint("receipts", __name__)

KEYS_URL = "/receipts/keys.json"
MOST_FAILURES = {"most": 60, "period": timedelta(minutes=10)}
CHECKED_ON_A_PAGE = 2_000  # links; more would hold up others, and the command has no bound


def _own_zone(course_zone: str | None) -> ZoneInfo:
    own = g.person.zone_name if g.person is not None else None
    return ZoneInfo(own or course_zone or "UTC")


@pages.get("/receipts/<receipt>")
@signed_in
def receipt(receipt: str) -> str:
    """What arrived, when, held against what, and whether it holds now; for its owner and the course's staff."""
    session = db.session()
    row = queries.receipt_for(session, g.person, receipt, g.at)
    check = queries.check_row(session, row)
    reader = _own_zone(row.zone)
    words, attached = None, []
    if row.post_id is not None and row.salt is not None:
        words = evidence.words_kept(
            session, row.post_id, row.revision or 1, reader_id=g.person.account_id, at=g.at
        )
        attached = evidence.files_kept(session, row.post_id, row.revision or 1) if words is not None else []
    statement = check.statement
    return render_template(
        "receipts/receipt.html",
        row=row,
        own=row.account_id == g.person.account_id,
        told=sentences.told_of(statement, reader, ZoneInfo(row.zone)) if statement is not None else None,
        result=sentences.result_words(check, reader),
        good=check.result.is_good,
        post_url=f"/c/{row.slug}/posts/{statement.post}"
        if statement is not None and statement.post
        else None,
        words=words,
        files=attached,
        is_segment=row.kind == SEGMENT,
        keys_url=KEYS_URL,
    )


@pages.get(KEYS_URL)
@public(because="anyone who holds a receipt can check it without us")
def published_keys() -> Any:
    return jsonify(keys.published(Path(current_app.instance_path)))


@pages.route("/receipts/verify", methods=["GET", "POST"])
@public(because="anyone who holds a receipt can check it")
def verify() -> Any:
    form = VerifyForm()
    if request.method == "GET":
        return _verify_page(VerifyForm(formdata=None))
    key = f"receipts:{request.remote_addr or ''}"[:200]
    limits.check(db.session(), key, at=g.at, **MOST_FAILURES)  # type: ignore[arg-type]
    if not form.validate():
        return _verify_page(form), 422
    check = queries.check_token(db.session(), form.token.data)
    if check.statement is None:
        with transaction() as session:
            limits.count(session, key, at=g.at)
    zone_name = check.row.zone if check.row is not None else None
    reader = _own_zone(zone_name)
    course = ZoneInfo(zone_name) if zone_name else None
    return _verify_page(
        form,
        check=check,
        result=sentences.result_words(check, reader),
        told=sentences.told_of(check.statement, reader, course) if check.statement is not None else None,
        words_same=_same_words(check, form),
    )


def _verify_page(form: VerifyForm, *, check: Check | None = None, **told: Any) -> str:
    return render_template("receipts/verify.html", form=form, check=check, keys_url=KEYS_URL, **told)


def _same_words(check: Check, form: VerifyForm) -> bool | None:
    """Whether the words are those that arrived; None if nobody asked, or nothing can be said."""
    if check.statement is None or check.statement.words is None or not form.salt.data:
        return None
    files = (form.files.data or "").lower().split()
    return words_digest(form.salt.data, form.words.data, files) == check.statement.words


@pages.get("/c/<course>/manage/receipts")
@needs(Action.SEE_PARTICIPATION)
def chain(course: str) -> str:
    """Whether the chain of the course is whole, for its staff."""
    found = queries.check_chain(db.session(), g.member.course_id, newest=CHECKED_ON_A_PAGE)
    return render_template(
        "receipts/chain.html",
        found=found,
        problems=sentences.chain_words(found),
        course=g.member.course_slug,
        title=g.member.course_title,
    )


@fills("course.state")
def chain_head(member: Member, course_id: int, _at: datetime) -> Markup:
    """The head of the chain beside the state of the course, so that staff can note it down."""
    head, count = queries.head_of(db.session(), course_id)
    url = f"/c/{member.course_slug}/manage/receipts" if member.may(Action.SEE_PARTICIPATION) else None
    return markup_of(render_template("receipts/_head.html", head=head, count=count, check_url=url))
