"""A real Chromium against a real server on loopback, with the clock of the test."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from forum.accounts.commands import start_session
from forum.core import clock
from forum.core.db import transaction
from tests import parts
from tests.conftest import Site

CI = os.environ.get("CI") == "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.fspath).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = parts.chromium()
    if path is None:
        message = "no Chromium on this machine"
        pytest.fail(message) if CI else pytest.skip(message)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@dataclass
class Served:
    """The site on a port of its own, and browsers signed in to it."""

    site: Site
    url: str
    chromium: Browser
    contexts: list[BrowserContext]

    def browser(self, short: str | None = None, **options: Any) -> BrowserContext:
        """A new browser, signed in as one of the cast; anything that it asks of another host is an error."""
        context = self.chromium.new_context(base_url=self.url, **options)
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        if short is not None:
            with self.site.app.app_context(), transaction() as session:
                token = start_session(session, self.site.world.people[short], clock.now())
            with self.site.app.test_client() as client:
                with client.session_transaction() as cookie:
                    cookie["_user_id"], cookie["_fresh"], cookie.permanent = token, True, True
                value = client.get_cookie(self.site.app.config["SESSION_COOKIE_NAME"])
                assert value is not None
                name = self.site.app.config["SESSION_COOKIE_NAME"]
                context.add_cookies([{"name": name, "value": value.value, "url": self.url}])

        def only_here(route: Any) -> None:
            if route.request.url.startswith((self.url, "about:", "blob:")):
                route.continue_()
            else:
                route.abort()

        context.route("**/*", only_here)
        return context

    def page(self, short: str | None = None, *, width: int = 1280, **options: Any) -> Page:
        page = self.browser(short, viewport={"width": width, "height": 900}, **options).new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        return page


def closed_by_itself(app: Any) -> Any:
    """`app`, each answer read and closed before a byte of it is sent: the server of these tests leaves one open whose browser went."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return list(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@pytest.fixture
def served(site: Site, chromium: Browser) -> Iterator[Served]:
    server = make_server("127.0.0.1", 0, closed_by_itself(site.app), threaded=True)
    server.daemon_threads = (
        False  # what is under way when a page goes is waited for: the world is laid anew then
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    hosts = site.app.config["TRUSTED_HOSTS"]
    site.app.config["TRUSTED_HOSTS"] = [*hosts, "127.0.0.1"]
    held = Served(site, f"http://127.0.0.1:{server.server_port}", chromium, [])
    try:
        yield held
    finally:
        for context in held.contexts:
            context.close()
        server.shutdown()
        thread.join(5)
        server.server_close()
        site.app.config["TRUSTED_HOSTS"] = hosts


@pytest.fixture
def as_person(served: Served) -> Callable[..., Page]:
    return served.page
