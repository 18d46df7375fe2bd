"""Settings of a site: from the environment, then `forum.cfg` in the instance, then these defaults."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from .core.signing import secret_key

DEFAULTS: dict[str, object] = {
    "DATABASE_URL": "",  # empty: SQLite in the instance
    "PUBLIC_URL": "",  # what links in mail start with; https makes cookies Secure; empty: where the site listens
    "SITE_NAME": "Midnight Forum",
    "DEMO": False,
    "DURABLE": True,
    "TRUSTED_PROXY": "",  # address of the proxy whose X-Request-Start and X-Forwarded-For are believed
    "SMTP_URL": "",  # smtp://user:password@host:port, smtps://…; empty: links are shown to copy instead
    "MAIL_FROM": "forum@localhost",
    "BABEL_DEFAULT_LOCALE": "en",
    "LANGUAGES": ("en",),
    "UPLOAD_MB": 512,
    "ATTACHED_MB_FILE": 50,  # a file with a post
    "ATTACHED_MB_POST": 100,  # all files of a post
    "ATTACHED_MB_DAY": 500,  # all that one person attaches in 24 hours
    "TAKE_AWAY_MB": 1000,  # attached files in one download of one's own posts; at most 2000
}


@dataclass(frozen=True)
class Place:
    """Where an instance lies."""

    folder: Path

    @classmethod
    def from_environment(cls) -> "Place":
        named = os.environ.get("INSTANCE")
        return cls(Path(named).resolve() if named else Path(__file__).resolve().parent.parent / "instance")


def configure(app: Flask, overrides: dict[str, object] | None) -> None:
    """Fill `app.config`; keys are made on first use."""
    app.config.update(DEFAULTS)
    folder = Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    app.config.from_pyfile(str(folder / "forum.cfg"), silent=True)
    for name in DEFAULTS:
        if (value := os.environ.get(name)) is not None:
            app.config[name] = value == "1" if isinstance(DEFAULTS[name], bool) else value
    app.config.update(overrides or {})
    listens_at = app.config.get("LISTENS_AT") or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    app.config["PUBLIC_URL"] = app.config["PUBLIC_URL"] or listens_at
    app.config["DEMO"] = app.config["DEMO"] or (folder / "demo").exists()
    public = urlsplit(app.config["PUBLIC_URL"])
    secure = public.scheme == "https"
    app.config.update(
        SECRET_KEY=app.config.get("SECRET_KEY") or secret_key(folder),
        SESSION_COOKIE_NAME="__Host-forum" if secure else "forum",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        TRUSTED_HOSTS=[public.hostname, *([] if secure else ["127.0.0.1", "localhost"])],
        MAX_CONTENT_LENGTH=int(app.config["UPLOAD_MB"]) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
