"""Addresses for machines: health, the heartbeat's own door, style sheet and scripts."""

import hmac
import platform

from flask import Blueprint, Response, abort, current_app, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import func, select, text

from .boards.outages.recording import beat_now, take_beat
from .core import clock
from .core.access import public
from .core.assets import Assets
from .core.attempts import Attempts
from .core.db import db, transaction
from .posts.models import Post

pages = Blueprint("machines", __name__)
POSTING = frozenset({"posts.start_thread", "posts.post_reply", "posts.post_answer"})


@pages.record_once
def _keep_count(state: BlueprintSetupState) -> None:
    state.app.extensions["forum_attempts"] = Attempts()


@pages.after_app_request
def _count_attempt(response: Response) -> Response:
    """Whether people's posts are taken or fail on our side, for the next sign of life to tell (docs/time.md, rule 14)."""
    if request.endpoint in POSTING:
        attempts: Attempts = current_app.extensions["forum_attempts"]
        attempts.count(clock.now(), failed=response.status_code >= 500)
    return response


@pages.get("/healthz")
@public(because="the supervisor and monitors ask; it tells nothing but that a read worked")
def healthz() -> Response:
    db.session.execute(text("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")


@pages.post("/heartbeat")
@public(because="the heartbeat process asks, with the instance's own secret")
def heartbeat() -> Response:
    given = request.headers.get("X-Heartbeat", "")
    if not hmac.compare_digest(given, heartbeat_secret()):
        abort(404)
    attempts: Attempts = current_app.extensions["forum_attempts"]
    with transaction() as session:
        beat = beat_now(platform.node())
        take_beat(session, beat, attempts.before(beat.at), session.scalar(select(func.max(Post.id))) or 0)
    return Response("ok\n", mimetype="text/plain")


def heartbeat_secret() -> str:
    return hmac.digest(str(current_app.secret_key).encode(), b"heartbeat", "sha256").hex()


@pages.get("/assets/<name>")
@public(because="style and scripts hold nothing of anybody")
def asset(name: str) -> Response:
    assets: Assets = current_app.extensions["forum_assets"]
    found = assets.at(f"/assets/{name}")
    if found is None:
        abort(404)
    response = Response(found.body, content_type=found.media_type)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = Response(found.gzipped, content_type=found.media_type)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    if found is not assets.icon:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.set_etag(found.etag, weak=True)  # one tag for the packed and the plain form
    response.make_conditional(request)
    return response
