"""The session's cookie and form tokens, checked or signed once and remembered: most requests bring the same."""

import hmac
from typing import Any

from flask import Flask, Request, Response, current_app
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature

from .caches import Cache

_signed: Cache[str] = Cache(5_000)


class RememberedCookies(SecureCookieSessionInterface):
    """Flask's signed cookie. A signature that held is not computed again; the age of it is looked at each time."""

    def __init__(self, app: Flask) -> None:
        signer = super().get_signing_serializer(app)
        assert signer is not None, "the secret key is set before the cookies are"
        self._signer = signer
        self._ages: Any = signer.make_signer(signer.salt)
        # By weight: a header may be long.
        self._opened: Cache[tuple[str | dict[str, Any], float]] = Cache(4_000_000)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        # The same bytes from one browser, until the session changes.
        header = request.environ.get("HTTP_COOKIE")
        if not header:
            return self.session_class()
        longest = int(app.permanent_session_lifetime.total_seconds())
        known = self._opened.get(header)
        if known is not None and 0 <= self._ages.get_timestamp() - known[1] <= longest:
            content = known[0]
            return self.session_class(
                dict(content) if isinstance(content, dict) else self.serializer.loads(content)
            )
        try:
            content, signed_at = self._signer.loads(
                request.cookies.get(self.get_cookie_name(app), ""), max_age=longest, return_timestamp=True
            )
        except BadSignature:
            return self.session_class()
        # What holds only words and numbers is copied for each request; a list in it would be shared, and is read anew.
        flat = all(value is None or isinstance(value, str | int) for value in content.values())
        kept = dict(content) if flat else self.serializer.dumps(content)
        self._opened.put(header, (kept, signed_at.timestamp()), len(header) + 600)
        return self.session_class(content)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified or "Vary" in response.headers:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")  # all that is left to say of a session that nobody changed


def form_token() -> str:
    """The token that this session's forms carry. Signed once for each session; it holds as long as the session."""
    raw = cookie.get("csrf_token")
    key = (current_app.secret_key, raw)
    if raw and (known := _signed.get(key)) is not None:
        return known
    token = str(generate_csrf())
    _signed.put((current_app.secret_key, cookie["csrf_token"]), token)
    return token


def is_form_token(sent: str | None) -> bool:
    """Whether this is the very token that this session's forms carry, as far as it is remembered."""
    raw = cookie.get("csrf_token")
    known = _signed.get((current_app.secret_key, raw)) if raw and sent else None
    return known is not None and hmac.compare_digest(known.encode(), str(sent).encode())
