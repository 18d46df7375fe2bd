"""The session's cookie and form tokens, checked or signed once and remembered: most requests bring the same."""

from typing import Any

from flask import Flask, Request, current_app
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature

from .caches import Cache

_signed: Cache[str] = Cache(5_000)


class RememberedCookies(SecureCookieSessionInterface):
    """Flask's signed cookie. A signature that held is not computed again; the age of it is looked at each time."""

    def __init__(self, app: Flask) -> None:
        self._signer: Any = super().get_signing_serializer(app)
        self._ages: Any = self._signer.make_signer(self._signer.salt)
        self._opened: Cache[tuple[str, float]] = Cache(5_000)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        sent = request.cookies.get(self.get_cookie_name(app))
        if not sent:
            return self.session_class()
        longest = int(app.permanent_session_lifetime.total_seconds())
        known = self._opened.get(sent)
        if known is not None and 0 <= self._ages.get_timestamp() - known[1] <= longest:
            return self.session_class(self.serializer.loads(known[0]))
        try:
            content, signed_at = self._signer.loads(sent, max_age=longest, return_timestamp=True)
        except BadSignature:
            return self.session_class()
        self._opened.put(sent, (self.serializer.dumps(content), signed_at.timestamp()))
        return self.session_class(content)


def form_token() -> str:
    """The token that this session's forms carry. Signed once for each session; it holds as long as the session."""
    raw = cookie.get("csrf_token")
    key = (current_app.secret_key, raw)
    if raw and (known := _signed.get(key)) is not None:
        return known
    token = str(generate_csrf())
    _signed.put((current_app.secret_key, cookie["csrf_token"]), token)
    return token
