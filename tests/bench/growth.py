"""Figures of what grows: a thread of 10,000 posts beside one of 100, a board of 300 threads, This week."""

import statistics
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import insert, select, update

from forum.core import clock, markup
from forum.core.db import new_public_id, transaction
from forum.posts.models import Post, ReadMark, Revision, Thread
from forum.posts.rules import path_below

from . import load, seeds, servers
from .figures import Line, Size, _both, _cost

LONG, THREADS = 10_000, 300


def _lay_posts(site: seeds.Site, thread_id: str, number: int) -> str:
    """A thread grown to so many posts, in branches of one answer and two replies; the middle page's address.

    Rows go in as they would by posting, but without receipts and news, which no page of it reads.
    """
    html = [markup.render(seeds.text_of(each, 90), limit=20_000).html for each in range(50)]
    now, students = clock.now(), site.seed.students
    with site.app.app_context(), transaction() as session:
        thread = session.scalars(select(Thread).where(Thread.public_id == thread_id)).one()
        first = (session.scalar(select(Post.id).order_by(Post.id.desc()).limit(1)) or 0) + 1
        rows, above = [], b""
        for each in range(number):
            position = thread.last_position + 1 + each
            path = path_below(None if each % 3 == 0 else above, position)
            if each % 3 == 0:
                above = path
            at = now - timedelta(days=9) + timedelta(seconds=each)
            rows.append({
                "id": first + each, "public_id": new_public_id(), "course_id": thread.course_id, "board_id": thread.board_id,
                "thread_id": thread.id, "author_id": students[each % len(students)],
                "parent_id": None if each % 3 == 0 else first + each - each % 3, "position": position, "path": path,
                "depth": int(each % 3 > 0), "opens_thread": False, "arrived_at": at, "appears_at": at, "key": f"long-{thread.id}-{each}",
                "digest": "", "html": html[each % 50], "renderer_version": markup.RENDERER_VERSION, "words": 90, "revision": 1,
                "anonymity": "none",
            })  # fmt: skip
        session.execute(insert(Post), rows)
        session.execute(
            insert(Revision),
            [{"post_id": row["id"], "number": 1, "arrived_at": row["arrived_at"], "author_id": row["author_id"],
              "source": "", "html": row["html"], "words": 90, "reason": ""} for row in rows],
        )  # fmt: skip
        last = rows[-1]
        session.execute(
            update(Thread).where(Thread.id == thread.id).values(
                last_position=last["position"], posts=Thread.posts + number, version=Thread.version + 1,
                last_post_at=last["appears_at"])
        )  # fmt: skip
        for account_id in students:
            session.add(
                ReadMark(
                    account_id=account_id,
                    thread_id=thread.id,
                    position=last["position"],
                    at=last["appears_at"],
                )
            )
        middle = rows[number // 2 - number // 2 % 3]["path"]
    return f"/c/{site.seed.slug}/threads/{thread_id}?from={middle.hex()}"


def thread_10000_posts(site: seeds.Site, size: Size) -> Iterator[Line]:
    """First views after a post, of the page in the middle of a long thread and of a thread with the same page alone."""
    short, long = site.seed.quiet[0], site.seed.quiet[1]
    pages = {
        "short": _lay_posts(site, short, 200),
        "long": _lay_posts(site, long, LONG),
    }
    runs: dict[str, list[float]] = {"short": [], "long": []}
    with servers.serving("wsgi:app", "/healthz", site.environment) as ours:
        for _turn in range(size.turns):
            for kind, thread in (("short", short), ("long", long)):
                asked = load.get(pages[kind], site.cookies[0])
                _cost(ours, [asked], times=5)
                before = ours.cpu()
                for _view in range(size.cold):
                    _grow(site, thread)
                    load.answer_of(ours.port, asked)
                runs[kind].append((ours.cpu() - before) * 1000 / size.cold)
    means = {kind: statistics.mean(each) for kind, each in runs.items()}
    yield {
        "figure": "thread_10000_posts", "ratio": round(means["long"] / (means["short"] or 1), 3),
        "unit": "cpu of a first view of its middle page ÷ the same of a thread of 200 posts", "against": "goal: as a short thread (1.0)",
        "long_ms": round(means["long"], 2), "short_ms": round(means["short"], 2),
        "runs": {kind: [round(run, 2) for run in each] for kind, each in runs.items()},
    }  # fmt: skip


def _grow(site: seeds.Site, thread_id: str) -> None:
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Thread).where(Thread.public_id == thread_id).values(version=Thread.version + 1)
        )


def _page(site: seeds.Site, size: Size, name: str, path: str) -> Line:
    """What a page costs by processor beside a bare response of its size."""
    client = site.app.test_client(use_cookies=False)
    answer = client.get(path, headers={"Cookie": site.cookies[0]})
    assert answer.status_code == 200, answer.status
    ours_runs, bare_runs = [], []
    with _both(site, len(answer.data)) as (ours, bare):
        asked, bare_asked = [load.get(path, site.cookies[0])], [load.get("/page", site.cookies[0])]
        _cost(ours, asked, times=10)
        _cost(bare, bare_asked, times=10)
        for _turn in range(size.turns):
            ours_runs.append(_cost(ours, asked, times=max(4, size.requests // 6))[0])
            bare_runs.append(_cost(bare, bare_asked, times=max(4, size.requests // 2))[0])
    mine, theirs = statistics.mean(ours_runs), statistics.mean(bare_runs)
    return {
        "figure": name, "ratio": round(mine / (theirs or 1), 2), "unit": "cpu of ours ÷ bare",
        "against": f"goal 5; bare Flask, {len(answer.data)} bytes, same server", "ours_ms": round(mine, 2),
        "bare_ms": round(theirs, 3), "runs": [round(run, 2) for run in ours_runs],
    }  # fmt: skip


def board_page(site: seeds.Site, size: Size) -> Iterator[Line]:
    """A board of 300 threads, 50 on its page."""
    yield _page(site, size, "board_page", _board_of_threads(site, THREADS))


def this_week(site: seeds.Site, size: Size) -> Iterator[Line]:
    yield _page(site, size, "this_week", "/")


def _board_of_threads(site: seeds.Site, number: int) -> str:
    from forum.boards.commands import BoardSpec, publish_board, save_board
    from forum.posts import commands as posts

    began = clock.now() - timedelta(days=20)
    with site.app.app_context(), transaction() as session:
        course_id = session.scalars(select(Thread.course_id)).first()
        assert course_id is not None
        ines = seeds.member_in(session, site.seed.teacher, course_id, began)
        board = save_board(
            session, ines, None, BoardSpec("Open questions", form="threads", prompt="Ask."), at=began
        )
        publish_board(session, ines, board, at=began)
        session.flush()
        public_id = board.public_id
        for each in range(number):
            at = began + timedelta(minutes=each)
            student = seeds.member_in(
                session, site.seed.students[each % len(site.seed.students)], course_id, at
            )
            written = posts.write(
                seeds.text_of(each, 60), f"board-{each}", title=f"Question {each} on the river"
            )
            posts.start_thread(session, student, public_id, written, at=at)
    return f"/c/{site.seed.slug}/boards/{public_id}"


FIGURES = {"thread_10000_posts": thread_10000_posts, "board_page": board_page, "this_week": this_week}
