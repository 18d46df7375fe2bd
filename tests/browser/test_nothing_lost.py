"""Nothing typed is lost: a killed browser, a dead network, a session that ended, two windows."""

import os
import signal
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import delete, select
from werkzeug.serving import make_server

from forum.accounts.models import SignInSession
from forum.core.db import db
from forum.posts.models import Draft, Post
from tests import parts
from tests.browser.conftest import Served
from tests.browser.test_writing import posts_of
from tests.world import PASSWORD, WORLD_AT

BOX, POST = "textarea[name=text]", ".composer > .actions button[value=post]"
WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."


def path_of(served: Served) -> str:
    return f"{served.site.world.course}/boards/{served.site.world.boards['floods']}"


def saved_of(served: Served, short: str) -> list[str]:
    with served.site.app.app_context():
        return list(
            db.session.scalars(
                select(Draft.source).where(Draft.account_id == served.site.world.people[short])
            )
        )


def open_box(served: Served, page: Page) -> None:
    page.goto(path_of(served))
    expect(page.locator("[data-toolbar]")).to_be_visible()


def test_words_survive_a_browser_that_is_killed_offline(served: Served, tmp_path: Path) -> None:
    cookies = served.browser("ana").cookies()

    def start() -> tuple["subprocess.Popen[bytes]", BrowserContext]:
        (tmp_path / "DevToolsActivePort").unlink(missing_ok=True)
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-port=0",
        ]
        path = parts.chromium()
        assert path
        process = subprocess.Popen([path, *flags, f"--user-data-dir={tmp_path}", "about:blank"],
                                   start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        for _attempt in range(200):
            told = tmp_path / "DevToolsActivePort"
            if told.exists() and told.read_text().strip():
                break
            time.sleep(0.1)
        port = (tmp_path / "DevToolsActivePort").read_text().split()[0]
        context = served.chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        return process, context

    process, context = start()
    try:
        page = context.new_page()
        page.goto(served.url + path_of(served))
        expect(page.locator("[data-toolbar]")).to_be_visible()
        context.set_offline(True)
        page.locator(BOX).press_sequentially(WORDS)
        page.wait_for_timeout(300)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert saved_of(served, "ana") == []
    process, context = start()
    try:
        page = context.new_page()
        page.goto(served.url + path_of(served))
        expect(page.locator("[data-restore-text]")).to_have_text(WORDS)
        page.click("[data-restore-yes]")
        expect(page.locator(BOX)).to_have_value(WORDS)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.behavior("B044")
def test_a_post_on_a_dead_network_stays_in_the_box_and_is_asked_for_when_it_is_back(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    page.context.set_offline(True)
    page.locator(BOX).fill(WORDS)
    page.click(POST)
    expect(page.locator("[data-save-live]")).to_contain_text("Not posted: the forum cannot be reached")
    expect(page.locator(BOX)).to_have_value(WORDS)
    page.context.set_offline(False)
    back = page.locator("[data-back]")
    expect(back).to_contain_text("saved as a draft, and not posted", timeout=25_000)
    expect(back).to_contain_text("If you post it now, it counts as on time. Due ")
    assert posts_of(served, "ana") == 0
    assert saved_of(served, "ana") == [WORDS]
    page.click(POST)
    expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
    assert posts_of(served, "ana") == 1
    assert saved_of(served, "ana") == []


def test_after_an_hour_offline_it_says_by_how_much_it_would_be_late(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    page.context.set_offline(True)
    page.locator(BOX).fill(WORDS)
    page.click(POST)
    expect(page.locator("[data-save-live]")).to_contain_text("Not posted")
    served.site.at(WORLD_AT + timedelta(days=5))
    page.context.set_offline(False)
    told = page.locator("[data-back-text]")
    counts = "If you post it now, it counts as 2 days 13 hours late. Do you want to post them now?"
    expect(told).to_contain_text(counts, timeout=25_000)
    assert posts_of(served, "ana") == 0


@pytest.mark.behavior("B043")
def test_a_post_pressed_again_while_it_is_sent_is_one(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    page.fill(BOX, WORDS)
    page.evaluate(
        f"(() => {{ const b = document.querySelector('{POST}'); b.click(); b.click(); b.click(); }})()"
    )
    expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
    assert posts_of(served, "ana") == 1


@pytest.mark.behavior("B044")
@pytest.mark.parametrize("page_of_post", ["edit", "reply"])
def test_an_edit_and_a_nested_reply_on_a_dead_network_stay_in_the_box(
    served: Served, page_of_post: str
) -> None:
    world = served.site.world
    page = served.page("ben")
    with served.site.app.app_context():
        post = db.session.scalars(select(Post.public_id).where(Post.author_id == world.people["ben"])).first()
    page.goto(f"{world.course}/posts/{post}/{page_of_post}")
    page.fill(BOX, WORDS + " And more.")
    page.context.set_offline(True)
    page.click(POST)
    expect(page.locator("[data-save-live]")).to_contain_text("Not posted")
    expect(page.locator(BOX)).to_have_value(WORDS + " And more.")


def test_a_session_that_ended_loses_nothing(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    with served.site.app.app_context():
        db.session.execute(
            delete(SignInSession).where(SignInSession.account_id == served.site.world.people["ana"])
        )
        db.session.commit()
    page.locator(BOX).fill(WORDS)
    expect(page.locator("[data-save-live]")).to_contain_text("asks you to sign in again")
    page.click(POST)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.fill("input[name=email]", "ana@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_have_value(WORDS)
    assert posts_of(served, "ana") == 0


def test_of_two_windows_neither_loses_its_words(served: Served) -> None:
    one = served.page("ana")
    other = one.context.new_page()
    open_box(served, one)
    open_box(served, other)
    with one.expect_response(lambda answer: "/drafts/" in answer.url):
        one.fill(BOX, "Words of the first window, which are these.")
    other.fill(BOX, "Words of the second window, which are others.")
    newer = other.locator("[data-newer]")
    expect(newer).to_contain_text("Words of the first window", timeout=15_000)
    assert saved_of(served, "ana") == ["Words of the first window, which are these."]
    other.click("[data-newer-yes]")
    expect(other.locator(BOX)).to_have_value("Words of the first window, which are these.")
    other.wait_for_timeout(300)
    third = one.context.new_page()
    open_box(served, third)
    expect(third.locator("[data-restore-text]")).to_have_text("Words of the second window, which are others.")


def test_kept_words_of_this_window_overwrite_and_the_others_are_set_aside(served: Served) -> None:
    one = served.page("ana")
    other = one.context.new_page()
    open_box(served, one)
    open_box(served, other)
    with one.expect_response(lambda answer: "/drafts/" in answer.url):
        one.fill(BOX, "Words of the first window.")
    other.fill(BOX, "Words of the second window.")
    expect(other.locator("[data-newer]")).to_be_visible(timeout=15_000)
    expect(other.locator("[data-save-live]")).to_contain_text("from another window")
    with other.expect_response(lambda answer: "/drafts/" in answer.url and answer.ok):
        other.click("[data-newer-no]")
    assert saved_of(served, "ana") == ["Words of the second window."]
    third = one.context.new_page()
    open_box(served, third)
    expect(third.locator("[data-restore-text]")).to_have_text("Words of the first window.")


def test_posting_from_one_window_keeps_the_draft_of_the_other(served: Served) -> None:
    one = served.page("ana")
    other = one.context.new_page()
    open_box(served, one)
    open_box(served, other)
    with one.expect_response(lambda answer: "/drafts/" in answer.url):
        one.fill(BOX, "Words of the first window, not posted.")
    other.fill(BOX, WORDS)
    other.click(POST)
    expect(other.locator("article.post", has_text=WORDS)).to_be_visible()
    assert saved_of(served, "ana") == ["Words of the first window, not posted."]


def test_a_post_whose_answer_was_lost_is_shown_and_not_posted_twice(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/replies", lose)
    page.fill(BOX, WORDS)
    page.click(POST)
    expect(page.locator("[data-save-live]")).to_contain_text("Not posted: the forum cannot be reached")
    expect(page.locator("[data-back]")).to_contain_text("Your words were posted.", timeout=25_000)
    assert (posts_of(served, "ana"), saved_of(served, "ana")) == (1, [])
    page.click("[data-back-link]")
    expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
    page.go_back()
    expect(page.locator("[data-toolbar]")).to_be_visible()
    expect(page.locator("[data-restore]")).to_be_hidden()


def test_a_dead_server_leaves_the_words_and_is_found_when_it_lives_again(served: Served) -> None:
    server = make_server("127.0.0.1", 0, served.site.app, threaded=True)
    address = ("127.0.0.1", server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    context = served.chromium.new_context(base_url=f"http://127.0.0.1:{address[1]}")
    context.add_cookies([{"name": one["name"], "value": one["value"], "url": f"http://127.0.0.1:{address[1]}"}
                         for one in served.browser("ana").cookies()])  # fmt: skip
    served.contexts.append(context)
    page = context.new_page()
    open_box(served, page)
    server.shutdown()
    server.server_close()
    page.locator(BOX).press_sequentially(WORDS)
    live = page.locator("[data-save-live]")
    expect(live).to_contain_text(
        "The forum cannot be reached, so your words are kept in this browser", timeout=15_000
    )
    page.click(POST)
    expect(live).to_contain_text("Not posted: the forum cannot be reached")
    expect(page.locator(BOX)).to_have_value(WORDS)
    again = make_server(*address, served.site.app, threaded=True)
    threading.Thread(target=again.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        expect(page.locator("[data-back]")).to_contain_text("Do you want to post them now?", timeout=25_000)
        assert (posts_of(served, "ana"), saved_of(served, "ana")) == (0, [WORDS])
        page.click(POST)
        expect(page.locator("article.post", has_text=WORDS)).to_be_visible()
        assert (posts_of(served, "ana"), saved_of(served, "ana")) == (1, [])
        page.close()
    finally:
        again.shutdown()
        again.server_close()


def test_a_gateway_that_answers_for_a_dead_forum_takes_no_words(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    page.route("**/replies", lambda route: route.fulfill(status=503, body="Service unavailable"))
    page.fill(BOX, WORDS)
    page.click(POST)
    expect(page.locator("[data-save-live]")).to_contain_text("Not posted")
    expect(page.locator(BOX)).to_have_value(WORDS)


def test_a_save_whose_answer_was_lost_is_no_other_window(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    lost = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.post_data)
        route.abort("connectionreset")

    page.route("**/drafts/*", lose, times=1)
    page.fill(BOX, WORDS[:40])
    expect(page.locator("[data-save-live]")).to_contain_text("cannot be reached", timeout=15_000)
    with page.expect_response(lambda answer: "/drafts/" in answer.url and answer.ok, timeout=30_000):
        page.fill(BOX, WORDS)
    assert len(lost) == 1
    assert saved_of(served, "ana") == [WORDS]
    expect(page.locator("[data-newer]")).to_be_hidden()


def test_who_never_stops_typing_is_saved_too(served: Served) -> None:
    page = served.page("ana")
    open_box(served, page)
    with page.expect_response(lambda answer: "/drafts/" in answer.url, timeout=20_000):
        for _word in range(40):
            page.locator(BOX).press_sequentially("words ", delay=50)
            if saved_of(served, "ana"):
                break
    assert saved_of(served, "ana")
