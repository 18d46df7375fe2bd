"""Signing in as a browser does, rightly and wrongly: steps that sweeps share."""

from typing import Any

from forum.accounts.commands import count_failure
from forum.core import clock
from forum.core.db import transaction
from tests.conftest import Site
from tests.sweeps.ground import Browser, browser, token_of
from tests.world import PASSWORD

OFFSITE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https://evil.example/c", "http:evil.example", "http:/evil.example", "HTTP://evil.example",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "\r\n//evil.example", "/\r/evil.example",
    "javascript:alert(1)", "data:text/html,x", "//evil.example/%2f..", "/%0a/evil.example/..//evil.example",
    "http://localhost@evil.example", "//localhost:80@evil.example", "/.//evil.example", "/..//evil.example",
    "evil.example", "?next=//evil.example", "/\u2028/evil.example", "//\u3002evil.example", "/\\\\/evil.example",
]  # fmt: skip


def sign_in(
    site: Site,
    client: Browser,
    *,
    email: str | None = None,
    password: str = PASSWORD,
    target: str = "/",
    **kwargs: Any,
) -> Any:
    data = {
        "csrf_token": token_of(client),
        "email": email or site.world.emails["ana"],
        "password": password,
        "next": target,
    }
    return client.post("/sign-in", data=data, **kwargs)


def failing(site: Site, email: str, address: str) -> Any:
    client = browser(site, None)
    return sign_in(
        site, client, email=email, password="wrong again", environ_overrides={"REMOTE_ADDR": address}
    )


def failed_before(site: Site, times: int, email: str, address: str) -> None:
    with site.app.app_context(), transaction() as session:
        for _time in range(times):
            count_failure(session, email, address, clock.now())
