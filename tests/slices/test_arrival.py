"""When a request arrives: at its head, whatever its body or the server take; and who waits holds up nobody."""

import io
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from forum.core import clock
from forum.web.arrival import AT_ONCE, HANDED_IN_WAITING, WAITING, Arrival, arrival_of, hands_in
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, posts_by
from tests.world import WORLD_AT, World


class Trickle(io.RawIOBase):
    """A body that arrives slowly: each read moves the clock on."""

    def __init__(self, site: Site, body: bytes, minutes: float) -> None:
        self.site, self.body, self.minutes = site, io.BytesIO(body), minutes

    def read(self, size: int = -1) -> bytes:
        self.site.at(clock.now() + timedelta(minutes=self.minutes))
        return self.body.read(size)


@pytest.mark.parametrize(("minutes", "before_now"), [(9.0, 9), (11.0, 10), (60.0, 10)])
def test_rule_11_a_slow_body_arrives_with_its_head_but_at_most_ten_minutes_before_its_end(
    site: Site, minutes: float, before_now: int
) -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    body = b"text=slowly"
    environ = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": Trickle(site, body, minutes)}
    Arrival(application, "")(environ, lambda *_: None)
    assert clock.now() - seen["forum.arrived_at"] == timedelta(minutes=before_now)


def test_senders_who_are_slow_hold_up_nobody(site: Site, world: World) -> None:
    stuck, go_on = threading.Event(), threading.Event()

    class Waits(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            stuck.set()
            go_on.wait(10)
            return b""

    arrival = Arrival(lambda environ, start: [b"ok"], "")
    slow = [
        threading.Thread(
            target=arrival, args=({"CONTENT_LENGTH": "5", "wsgi.input": Waits()}, lambda *_: None)
        )
        for _number in range(AT_ONCE + 3)
    ]
    for thread in slow:
        thread.start()
    assert stuck.wait(5)
    answered = threading.Event()
    quick = threading.Thread(target=lambda: (arrival({}, lambda *_: None), answered.set()))
    quick.start()
    assert answered.wait(5)
    go_on.set()
    for thread in [*slow, quick]:
        thread.join(5)


def test_readers_are_turned_away_before_those_who_hand_in() -> None:
    full: dict[str, bool] = {}
    arrival = Arrival(
        lambda environ, _start: full.update({environ["PATH_INFO"]: environ["forum.too_busy"]}) or [], ""
    )
    arrival.inside[False] = AT_ONCE + WAITING
    page, reply = "/c/hist-204-f26/threads/abc", "/c/hist-204-f26/threads/abc/replies"
    for path, method in ((page, "GET"), (reply, "POST"), ("/c/hist-204-f26/drafts/thread:abc", "POST")):
        arrival({"PATH_INFO": path, "REQUEST_METHOD": method}, lambda *_: None)
    assert full == {page: True, reply: False, "/c/hist-204-f26/drafts/thread:abc": True}
    arrival.inside = {False: 0, True: AT_ONCE + HANDED_IN_WAITING}
    arrival({"PATH_INFO": reply, "REQUEST_METHOD": "POST"}, lambda *_: None)
    arrival({"PATH_INFO": page, "REQUEST_METHOD": "GET"}, lambda *_: None)
    assert full == {page: False, reply: True, "/c/hist-204-f26/drafts/thread:abc": True}
    assert arrival.inside == {False: 0, True: AT_ONCE + HANDED_IN_WAITING}


def test_every_way_of_handing_in_goes_first(site: Site) -> None:
    """Each address that takes words for a post: whoever adds one says here whether it goes first."""
    taking = {
        rule.rule.replace("<course>", "c").replace("<", "").replace(">", "")
        for rule in site.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and rule.rule.rsplit("/", 1)[1] in ("threads", "replies", "edit")
    }  # fmt: skip
    assert len(taking) == 4
    assert all(hands_in({"REQUEST_METHOD": "POST", "PATH_INFO": path}) for path in taking)
    assert not any(hands_in({"REQUEST_METHOD": "GET", "PATH_INFO": path}) for path in taking)


@pytest.mark.parametrize(
    ("header", "address", "seconds"),
    [
        ("t={:.6f}", "10.0.0.9", 30),
        ("{:.6f}", "10.0.0.9", 30),
        ("t={:.6f}", "10.0.0.8", 0),
        ("soon", "10.0.0.9", 0),
    ],
)
def test_only_the_named_proxy_tells_when_a_request_began(header: str, address: str, seconds: int) -> None:
    began = (WORLD_AT - timedelta(seconds=30)).timestamp()
    environ = {"HTTP_X_REQUEST_START": header.format(began), "REMOTE_ADDR": address}
    assert WORLD_AT - arrival_of(environ, WORLD_AT, "10.0.0.9") == timedelta(seconds=seconds)


@pytest.mark.parametrize("minutes", [-1, 11])
def test_rule_11_a_start_after_now_or_more_than_ten_minutes_before_is_not_believed(minutes: int) -> None:
    began = WORLD_AT - timedelta(minutes=minutes)
    environ = {"HTTP_X_REQUEST_START": f"t={began.timestamp()}", "REMOTE_ADDR": "10.0.0.9"}
    assert arrival_of(environ, WORLD_AT, "10.0.0.9") == WORLD_AT


def test_a_post_counts_from_the_start_that_the_proxy_tells(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the way: what the outermost callable stamped is what the rules are asked about, and what is stored."""
    monkeypatch.setattr(site.app.wsgi_app, "trusted_proxy", "10.0.0.9")
    limit = datetime.fromisoformat("2026-11-26T23:05:00+00:00")
    began, ana = limit - timedelta(seconds=1), site.client("ana")
    token = ana.token()
    site.at(limit + timedelta(seconds=30))
    answer = ana.post(
        f"{world.course}/threads/{world.threads['floods']}/replies",
        data={"text": WORDS, "key": "key-of-a-queue", "csrf_token": token},
        environ_overrides={"REMOTE_ADDR": "10.0.0.9", "HTTP_X_REQUEST_START": f"t={began.timestamp():.6f}"},
    )
    assert answer.status_code == 303
    assert posts_by(site, "ana")[-1].arrived_at == began
    assert (
        "On time" in ana.get(answer.location, follow_redirects=True).text
        or "on time" in ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    )
