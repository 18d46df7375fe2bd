"""Where a request that changes something may come from: pages of this site, and programs that are no browsers."""

from urllib.parse import urlsplit

from flask import current_app, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError

_PORTS = {"http": 80, "https": 443}


def refuse_foreign_origin() -> None:
    """Raise CSRFError if anything but a read says that it comes from another site.

    A second wall behind the form's token. Browsers send Origin with every POST, and a page can't forge it; a request
    without one is judged by its token alone. `null` (a sandboxed frame, a file) is not this site.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if origin not in own_origins(current_app.config["PUBLIC_URL"], request.host):
        raise CSRFError(_("This form was sent from another site."))


def own_origins(public_url: str, host: str) -> frozenset[str]:
    """The configured address; and where that is plain http (on a desk, in tests), the host that was asked, too.

    `host` is the request's, checked against the trusted hosts before.
    """
    own = {origin_of(public_url)}
    if public_url.startswith("http://"):
        own.add(origin_of(f"http://{host}"))
    return frozenset(own)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address as browsers write them: lower case, a scheme's own port left out."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    name = parts.hostname or ""
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}"
