"""Each figure: what it does, what it is compared with. Nothing is asserted on absolute time."""

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event

from forum.core import caches, markup
from forum.core.db import db, sqlite_driver
from forum.posts import commands as posts

from . import load, seeds, servers


@dataclass(frozen=True)
class Size:
    """How much is measured: `turns` of A B, each of `requests` pages or `replies`."""

    turns: int = 3
    requests: int = 3_000
    replies: int = 1_000
    cold: int = 150


FULL, TINY = Size(), Size(1, 8, 6, 3)
Line = dict[str, Any]
_START = "tests.bench.bare:app"


def _cost(
    server: servers.Server, requests: list[str], *, times: int = 1, allowed: str = "200"
) -> tuple[float, float]:
    """Processor time and wall time of one request, in milliseconds. Raises if an answer is not the expected one."""
    before = server.cpu()
    outcome = load.send(server.port, requests, times=times)
    number = len(outcome.latencies)
    if set(outcome.statuses) != {allowed}:
        raise RuntimeError(f"expected {allowed}, got {outcome.statuses}")
    return (server.cpu() - before) * 1000 / number, outcome.elapsed * 1000 / number


def _ratio(
    name: str, against: str, ours: list[tuple[float, float]], bare: list[tuple[float, float]], **more: Any
) -> Line:
    runs = [{"ours_ms": round(a[0], 3), "bare_ms": round(b[0], 3)} for a, b in zip(ours, bare, strict=True)]
    mean = statistics.mean
    return {
        "figure": name,
        "ratio": round(mean(b[0] for b in bare) / (mean(a[0] for a in ours) or 1), 3),
        "unit": "cpu of bare ÷ ours",
        "against": against,
        "by_requests_a_second": round(mean(b[1] for b in bare) / mean(a[1] for a in ours), 3),
        "runs": runs,
        **more,
    }


@contextmanager
def _both(site: seeds.Site, size: int) -> Iterator[tuple[servers.Server, servers.Server]]:
    with (
        servers.serving("wsgi:app", "/healthz", site.environment) as ours,
        servers.serving(_START, "/page", {"BARE_BYTES": str(size)}) as bare,
    ):
        yield ours, bare


def _page_size(site: seeds.Site) -> int:
    client = site.app.test_client(use_cookies=False)
    return len(client.get(site.page, headers={"Cookie": site.cookies[0]}).data)


def thread_page_warm(site: seeds.Site, size: Size) -> Iterator[Line]:
    yield _thread_page(site, size, "thread_page_warm", fresh=False)


def thread_page_304(site: seeds.Site, size: Size) -> Iterator[Line]:
    yield _thread_page(site, size, "thread_page_304", fresh=True)


def _thread_page(site: seeds.Site, size: Size, name: str, *, fresh: bool) -> Line:
    weight = _page_size(site)
    a: list[tuple[float, float]] = []
    b: list[tuple[float, float]] = []
    with _both(site, weight) as (ours, bare):
        seen, kept = {}, {}
        if fresh:
            status, headers, _body = load.answer_of(ours.port, load.get(site.page, site.cookies[0]))
            seen = {"If_None_Match": headers["etag"]}
            kept = {"If_None_Match": load.answer_of(bare.port, load.get("/page"))[1]["etag"]}
        ask = [load.get(site.page, site.cookies[0], **seen)]
        ask_bare = [load.get("/page", site.cookies[0], **kept)]
        status = "304" if fresh else "200"
        warm = max(4, size.requests // 10)
        _cost(ours, ask, times=warm, allowed=status)
        _cost(bare, ask_bare, times=warm, allowed=status)
        for _turn in range(size.turns):
            a.append(_cost(ours, ask, times=size.requests, allowed=status))
            b.append(_cost(bare, ask_bare, times=size.requests, allowed=status))
    return _ratio(
        name, f"bare Flask, {'304' if fresh else f'{weight} bytes'}, same server", a, b, bytes=weight
    )


def thread_page_cold(site: seeds.Site, size: Size) -> Iterator[Line]:
    """The first view after a post, by a server whose other caches are warm; and with every cache empty."""
    ask = [load.get(site.page, site.cookies[0])]
    runs = []
    line = sqlite3.connect(site.folder / "forum.db", isolation_level=None) if sqlite_driver is sqlite3 else \
        sqlite_driver.connect(site.folder / "forum.db", isolation_level=None)  # fmt: skip
    with servers.serving("wsgi:app", "/healthz", site.environment) as ours:
        _cost(ours, ask, times=20)
        for _turn in range(size.turns):
            before = ours.cpu()
            for _view in range(size.cold):
                line.execute(
                    "UPDATE thread SET version = version + 1 WHERE public_id = ?", (site.seed.thread,)
                )
                load.answer_of(ours.port, ask[0])
            runs.append((ours.cpu() - before) * 1000 / size.cold)
    line.close()
    client, empty = site.app.test_client(use_cookies=False), []
    for _view in range(max(3, size.cold // 5)):
        caches.clear_all()
        before_cpu = time.process_time()
        client.get(site.page, headers={"Cookie": site.cookies[0]})
        empty.append((time.process_time() - before_cpu) * 1000)
    yield {
        "figure": "thread_page_cold", "value": round(statistics.mean(runs), 2), "unit": "ms CPU a view",
        "against": "goal 8 ms", "runs": [round(run, 2) for run in runs],
        "statements": _statements(site, lambda: _bump(site)), "every_cache_empty_ms": round(statistics.median(empty), 2),
        "every_cache_empty_statements": _statements(site, caches.clear_all), "statements_warm": _statements(site, None),
    }  # fmt: skip


def _bump(site: seeds.Site) -> None:
    from sqlalchemy import update

    from forum.core.db import transaction
    from forum.posts.models import Thread

    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Thread).where(Thread.public_id == site.seed.thread).values(version=Thread.version + 1)
        )


def _statements(site: seeds.Site, before: Callable[[], None] | None) -> int:
    """How many statements one view of the page takes, BEGIN and ROLLBACK not counted."""
    client, told = site.app.test_client(use_cookies=False), []
    client.get(site.page, headers={"Cookie": site.cookies[0]})
    if before is not None:
        before()
    with site.app.app_context():
        engine = db.engine

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            told.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get(site.page, headers={"Cookie": site.cookies[0]})
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(told)


def reply(site: seeds.Site, size: Size) -> Iterator[Line]:
    ours_runs, drafted_runs, parts_runs, bare_runs = [], [], [], []
    with _both(site, 1_000) as (ours, bare):
        tokens = _tokens(site, ours)
        number = 0
        for turn in range(size.turns):
            plain, bare_posts = (
                _replies(site, tokens, size.replies, f"plain{turn}", number),
                _bare_posts(size.replies),
            )
            _open(site, ours, number, size.replies)
            ours_runs.append(_cost(ours, plain, allowed="303"))
            bare_runs.append(_cost(bare, bare_posts, allowed="303")[0])
            parts_runs.append(_parts_alone(site.folder, max(20, size.replies // 10)))
            number += size.replies
            drafts, posts_of_drafts = _drafted(site, tokens, size.replies, f"drafted{turn}", number)
            _open(site, ours, number, size.replies)
            load.send(ours.port, drafts)
            drafted_runs.append(_cost(ours, posts_of_drafts, allowed="303"))
            number += size.replies
    alone = [b + sum(p) for b, p in zip(bare_runs, parts_runs, strict=True)]
    mean = statistics.mean
    runs = [
        {"ours_ms": round(o[0], 3), "with_draft_ms": round(d[0], 3), "bare_post_ms": round(b, 3),
         "render_ms": round(p[0], 3), "commit_ms": round(p[1], 3)}
        for o, d, b, p in zip(ours_runs, drafted_runs, bare_runs, parts_runs, strict=True)
    ]  # fmt: skip
    yield {
        "figure": "reply", "ratio": round(mean(alone) / mean(o[0] for o in ours_runs), 3), "unit": "cpu of the parts alone ÷ ours",
        "against": "bare Flask POST + rendering + one durable commit of one row, each alone",
        "with_draft_ratio": round((mean(bare_runs) + mean(p[1] for p in parts_runs)) / mean(d[0] for d in drafted_runs), 3),
        "a_second": round(1000 / mean(o[1] for o in ours_runs), 1), "runs": runs,
    }  # fmt: skip


def reply_p99_ms(site: seeds.Site, size: Size) -> Iterator[Line]:
    with servers.serving("wsgi:app", "/healthz", site.environment) as ours:
        tokens = _tokens(site, ours)
        runs = []
        for turn in range(size.turns):
            requests = _replies(site, tokens, size.replies, f"tails{turn}", turn * size.replies)
            outcome = load.send(ours.port, requests, connections=32)
            if set(outcome.statuses) != {"303"}:
                raise RuntimeError(f"expected 303, got {outcome.statuses}")
            runs.append(outcome)
    commit = raw_commits(site.folder, 100)[1]
    yield {
        "figure": "reply_p99_ms", "value": round(max(run.share(0.99) for run in runs) * 1000, 1), "unit": "ms, 32 writers",
        "against": "goal 500", "max_ms": round(max(max(run.latencies) for run in runs) * 1000, 1),
        "a_second": round(statistics.mean(len(run.latencies) / run.elapsed for run in runs), 1),
        "raw_commit_ms": round(commit, 2),
        "runs": [
            {"p50": round(run.share(0.5) * 1000, 1), "p99": round(run.share(0.99) * 1000, 1),
             "max": round(max(run.latencies) * 1000, 1)} for run in runs
        ],
    }  # fmt: skip


def memory_mb(site: seeds.Site, size: Size) -> Iterator[Line]:
    with servers.serving("wsgi:app", "/healthz", site.environment) as ours:
        first = ours.memory_mb()
        tokens = _tokens(site, ours)
        pages = [load.get(f"/c/{site.seed.slug}/threads/{thread}", cookie)
                 for thread in [site.seed.thread, *site.seed.quiet] for cookie in site.cookies[:12]]  # fmt: skip
        load.send(ours.port, pages[: size.requests])
        load.send(ours.port, _replies(site, tokens, size.replies, "memory", 0))
        load.send(ours.port, pages[: size.requests], connections=16)
        yield {
            "figure": "memory_mb", "value": round(ours.memory_mb(), 1), "unit": "MB PSS of the largest worker",
            "against": "goal 140", "runs": [round(first, 1), round(ours.memory_mb(), 1)],
        }  # fmt: skip


def cold_start_s(site: seeds.Site, size: Size) -> Iterator[Line]:
    runs = []
    for _turn in range(size.turns):
        port = servers.free_port()
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "forum.cli", "run", "--port", str(port)], cwd=load.ROOT, stdin=subprocess.DEVNULL,
            env=os.environ | dict(site.environment), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            servers.wait_for(port, "/sign-in", process)
            runs.append(time.perf_counter() - began)
        finally:
            servers.end(process)
    yield {
        "figure": "cold_start_s", "value": round(statistics.median(runs), 2), "unit": "s to the first page",
        "against": "goal 4", "runs": [round(run, 2) for run in runs],
    }  # fmt: skip


# --- replies, and their parts alone ---------------------------------------------------------------------------------


def _tokens(site: seeds.Site, server: servers.Server) -> list[tuple[str, str]]:
    return [seeds.token_of(server.port, cookie, site.page) for cookie in site.cookies]


def _place(site: seeds.Site, number: int) -> tuple[int, str]:
    """Another student and thread for each number, as long as there are any."""
    students, quiet = len(site.cookies), site.seed.quiet
    return number % students, quiet[(number // students + number) % len(quiet)]


def _replies(
    site: seeds.Site, tokens: list[tuple[str, str]], number: int, name: str, first: int, words: int = 150
) -> list[str]:
    made = []
    for each in range(first, first + number):
        student, thread = _place(site, each)
        token, cookie = tokens[student]
        fields = {"csrf_token": token, "key": f"bench-{name}-{each}", "place": f"thread:{thread}", "arrival": "",
                  "text": seeds.text_of(each, words), "deed": "post"}  # fmt: skip
        made.append(load.post(site.replies(thread), cookie, fields))
    return made


def _open(site: seeds.Site, server: servers.Server, first: int, number: int) -> None:
    """The pages that the forms of so many replies stand on, twice, so that each worker has seen most of them: nobody
    answers a page that they have not opened."""
    places = [_place(site, each) for each in range(first, first + number)]
    pages = [
        load.get(f"/c/{site.seed.slug}/threads/{thread}", site.cookies[student]) for student, thread in places
    ]
    load.send(server.port, pages, times=2)


def _drafted(
    site: seeds.Site, tokens: list[tuple[str, str]], number: int, name: str, first: int
) -> tuple[list[str], list[str]]:
    """Autosaves, and the posts of the same words under the same keys."""
    drafts = []
    for each in range(first, first + number):
        student, thread = _place(site, each)
        token, cookie = tokens[student]
        fields = {"csrf_token": token, "key": f"bench-{name}-{each}", "text": seeds.text_of(each), "seq": "1"}
        drafts.append(load.post(f"/c/{site.seed.slug}/drafts/thread:{thread}", cookie, fields))
    return drafts, _replies(site, tokens, number, name, first)


def _bare_posts(number: int) -> list[str]:
    return [
        load.post("/post", "", {"text": seeds.text_of(each), "key": f"bench-{each}", "csrf_token": "x" * 90})
        for each in range(number)
    ]


def _parts_alone(folder: Path, number: int) -> tuple[float, float]:
    """CPU milliseconds of rendering 150 words, and of one durable commit of one row."""
    texts = [seeds.text_of(each) for each in range(number)]
    before = time.process_time()
    for each, text in enumerate(texts):
        posts.write(text, f"bench-alone-{each}")
    return (time.process_time() - before) * 1000 / number, raw_commits(folder, number)[0]


def raw_commits(folder: Path, number: int) -> tuple[float, float]:
    """CPU and wall milliseconds of one durable commit of one row, on the disk of the site."""
    path = folder / "raw.db"
    line = sqlite_driver.connect(path, isolation_level=None)
    line.execute("PRAGMA journal_mode=WAL")
    line.execute("PRAGMA synchronous=FULL")
    line.execute("CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, html TEXT)")
    html = markup.render(seeds.text_of(1), limit=20_000).html
    cpu, wall = time.process_time(), time.perf_counter()
    for _each in range(number):
        line.execute("BEGIN IMMEDIATE")
        line.execute("INSERT INTO post (html) VALUES (?)", (html,))
        line.execute("COMMIT")
    result = (time.process_time() - cpu) * 1000 / number, (time.perf_counter() - wall) * 1000 / number
    line.close()
    for each in folder.glob("raw.db*"):
        each.unlink()
    return result


FIGURES: dict[str, Callable[[seeds.Site, Size], Iterator[Line]]] = {
    each.__name__: each
    for each in (
        thread_page_warm,
        thread_page_304,
        thread_page_cold,
        reply,
        reply_p99_ms,
        memory_mb,
        cold_start_s,
    )
}
