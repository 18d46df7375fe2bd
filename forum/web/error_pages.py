"""Error pages: what happened, what was kept, what to do now; nothing typed is lost."""

import secrets
from hashlib import file_digest

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..core.db import db
from ..core.errors import NotAllowed, NotHere, Refused, TooBusy, TooMany
from ..core.files import clean_name
from ..core.signing import arrival_from, sign_arrival, text_digest
from ..courses.policy import Role
from ..posts.attachments import marks_in
from ..posts.rules import as_kept, is_key

READS = frozenset({"GET", "HEAD", "OPTIONS"})
CARRIED = ("title", "key", "place", "revision", "reason", "seq", "deed", "files")


def words_kept(*, count_from_now: bool = True) -> dict[str, str] | None:
    """The words that a refused request brought, and all that its form needs to be sent again.

    `arrival` is the signed instant from which they count when they are sent again within 30 minutes: this one, or an
    earlier one that these same words came with (docs/time.md, rule 11). Who was not turned away by us
    (`count_from_now` false) gets none but the earlier one.
    """
    text = request.form.get("text")
    if request.method in READS or text is None:
        return None
    kept = {name: request.form.get(name, "") for name in CARRIED}
    if not is_key(kept["key"]):
        kept["key"] = secrets.token_hex(16)
    text, title = as_kept(text), as_kept(kept["title"]).replace("\n", " ").strip()
    sent = [
        digest for file_id, digest in marks_in(kept["files"]) if file_id not in request.form.getlist("drop")
    ]
    came = files_sent()
    sent += [digest for digest in dict.fromkeys(came.values()) if digest not in sent]
    digest = text_digest(title, text, *sorted(sent))
    earlier = request.form.get("arrival", "")
    arrived_at = arrival_from(earlier, kept["key"], digest, g.at)
    signed = count_from_now or arrived_at != g.at
    return {
        **kept, "path": request.path, "title": title, "text": text,
        "arrival": sign_arrival(kept["key"], digest, arrived_at) if signed else "", "file_names": ", ".join(came),
    }  # fmt: skip


def files_sent() -> dict[str, str]:
    """The files that a refused request brought, each name with the digest of what was sent. They are not kept: whose they
    are is not known, or nothing can be written now."""
    found = {}
    for part in request.files.getlist("attach"):
        if part.filename:
            found[clean_name(part.filename)] = file_digest(part.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return found


def _error_page(
    status: int,
    title: str,
    sentences: list[str],
    *,
    keep: bool = False,
    by_us: bool = False,
    where: tuple[str, str] | None = None,
) -> Response:
    """An error says what happened, what was kept, and what to do now. `by_us`: who was in time is in time, rule 11.

    `where` is an address and its words: the way on from here.
    """
    kept = words_kept(count_from_now=by_us) if keep else None
    if kept is not None and by_us:
        sentences = [
            *sentences,
            _(
                "What you wrote is here. Send it again from this page: unchanged and within 30 minutes, it counts from its first arrival."
            ),
        ]
    elif kept is not None:
        sentences = [*sentences, _("What you wrote is here, so that you can copy it to another place.")]
    if request.accept_mimetypes.best == "application/json":
        response = jsonify({"refused": title, "sentences": sentences})
        response.status_code = status
        return response
    body = render_template(
        "layout/error.html", title=title, sentences=sentences, kept=kept, status=status, where=where
    )
    return Response(body, status)


def _given_back() -> str:
    """What docs/time.md, rule 14, means for who reads this just before something is due."""
    return _(
        "If the forum stays down, that time is given back to everyone: what is due now or soon after becomes due later by itself."
    )


def install_errors(app: Flask) -> None:
    @app.errorhandler(NotHere)
    @app.errorhandler(404)
    def not_here(_error: Exception) -> Response:
        return _error_page(404, _("There is nothing here for you"), [
            _("Either there is no such page, or it is not open to you. Both get this same answer."),
            _("Check the address, or go back to This week."),
        ], keep=True)  # fmt: skip

    @app.errorhandler(NotAllowed)
    def not_allowed(_error: Exception) -> Response:
        member = g.get("member")
        where = None
        sentences = [_("This is for people who have another role here. Nothing was changed.")]
        if member is not None:
            where = (f"/c/{member.course_slug}", _("Go to the course"))
        if member is not None and member.as_student:
            sentences = [
                _(
                    "You are looking at the course as a student. Nothing can be changed until you leave that view."
                )
            ]
        elif member is not None and member.role is Role.ADMINISTRATOR:
            sentences = [
                _(
                    "As an administrator you set the course up, and don't read in it. You can enter it with a reason, which its instructors see."
                )
            ]
            where = (f"/c/{member.course_slug}/manage/visit", _("Enter the course with a reason"))
        return _error_page(403, _("Not for your role"), sentences, keep=True, where=where)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        from ..core.refusals import sentences_for

        return _error_page(409, _("Not taken"), sentences_for(error), keep=True)

    @app.errorhandler(CSRFError)
    def token_expired(_error: Exception) -> Response:
        return _error_page(422, _("Please send this once more"), [
            _("The form was no longer valid, for example because you signed in again in another tab. Nothing was changed."),
        ], keep=True, by_us=True)  # fmt: skip

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> Response:
        minutes = max(1, round(error.retry_after / 60))
        response = _error_page(429, _("Too many attempts"), [
            _("To protect accounts, this is held back for about %(minutes)d minutes. Nothing was changed.", minutes=minutes),
        ], keep=True, by_us=True)  # fmt: skip
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(TooBusy)
    def too_busy(error: TooBusy) -> Response:
        response = _error_page(503, _("The forum is very busy"), [
            _("Your request could not be taken up in time. Nothing was changed; please try again in a few seconds."),
            _given_back(),
        ], keep=True, by_us=True)  # fmt: skip
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(413)
    def too_large(_error: Exception) -> Response:
        return _error_page(422, _("This is too large"), [
            _("At most %(mb)d MB can be sent at once. Nothing was changed.", mb=int(app.config["UPLOAD_MB"])),
        ])  # fmt: skip

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        response = _error_page(
            error.code or 500,
            error.name,
            [_("The request could not be understood as it came.")],
            keep=True,
            by_us=(error.code or 500) >= 500,
        )
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After", "Location"):
                response.headers[name] = value
        if error.code in (301, 302, 303, 307, 308):
            return error.get_response()  # type: ignore[return-value]
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        db.session.rollback()
        current_app.logger.exception("request failed: %s %s", request.method, request.path)
        return _error_page(500, _("Something went wrong on our side"), [
            _("Nothing was changed. The fault is noted for the people who run this site."),
            _given_back(),
        ], keep=True, by_us=True)  # fmt: skip
