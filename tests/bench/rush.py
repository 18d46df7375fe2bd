"""The midnight rush: 500 students before one due instant, played in a minute over HTTP, and what was kept of it.

60 % post in the last tenth of the time, 10 % of all in the last twentieth of that tenth, 2 % in the second after the due
instant. Before that they load the page and save their draft three times, one in five signs in first; afterwards they look at
their post. One in ten sends a picture of 200 kB with it. The board has no grace, so that the clock alone divides who is in time.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, select

from forum.boards.models import Board, Checkpoint
from forum.core import clock
from forum.core.db import db
from forum.participation.done import participation_in
from forum.participation.queries import students_in
from forum.posts.models import Post, Revision
from forum.receipts.models import Receipt
from forum.receipts.queries import check_chain

from . import crowd, halls, seeds, servers

GRACE = timedelta(minutes=5)  # of a board as it comes
SAVES = ((0.3, 0.4), (0.7, 0.8), (0.97, 1.0))  # when in the time of writing, and what part of the words


@dataclass(frozen=True)
class Crowd:
    """How many in how many seconds; `kill_every` seconds a web worker is killed (0: never)."""

    students: int = 500
    seconds: float = 60
    kill_every: float = 0


@dataclass(frozen=True)
class Kept:
    """A post as it was found afterwards; `verdict` is that of its receipt, None without one, `state` what its author met."""

    person: int
    key: str
    words: str
    arrived: float
    verdict: str | None
    state: str
    files: int = 0


Told = dict[str, Any]


def posts_after(number: int, size: Crowd, chance: random.Random) -> float:
    """When someone posts, in seconds from the beginning: the number says to which of the crowds they belong."""
    part, tenth = number / size.students, size.seconds / 10
    if part < 0.10:
        return size.seconds - chance.uniform(0, tenth / 20)
    if part < 0.60:
        return size.seconds - chance.uniform(tenth / 20, tenth)
    if part < 0.62:
        return size.seconds + chance.uniform(0, 1)
    return chance.uniform(0.1 * size.seconds, size.seconds - tenth)


def attaches(number: int) -> bool:
    """Whether someone sends a picture."""
    return number % 10 == 5


def plan(here: halls.Hall, size: Crowd, seed: int = 1) -> list[crowd.Person]:
    """What each student does and when; the same for the same seed."""
    chance = random.Random(seed)
    people = []
    for number in range(size.students):
        posts = posts_after(number, size, chance)
        opens = max(0.0, posts - chance.uniform(0.1, 0.6) * size.seconds)
        words = seeds.text_of(number)
        people.append(crowd.Person(
            number, here.page, f"/c/{here.slug}/drafts/thread:{here.thread}",
            "" if chance.random() < 0.2 else here.cookies[number], here.emails[number], halls.PASSWORD, opens,
            [(opens + when * (posts - opens), words[: int(part * len(words))]) for when, part in SAVES], [(posts, words)],
            attaches=attaches(number),
        ))  # fmt: skip
    return people


def rush(folder: Path, kind: str, size: Crowd) -> Told:
    """Play one rush, on a site of its own, that ends at the due instant."""
    with (
        halls.hall(folder, kind, students=size.students, seconds=size.seconds) as here,
        halls.open_doors(here) as server,
    ):
        begins = here.due_at.timestamp() - size.seconds
        if clock.now().timestamp() > begins:
            raise RuntimeError("the site took longer to be laid and started than there was time for")
        return played(here, server, size, begins)


def played(here: halls.Hall, server: servers.Server, size: Crowd, begins: float) -> Told:
    """A rush from the instant `begins` on, and what is found afterwards."""
    with halls.killing(server, begins_at=begins, every=size.kill_every) as killed:
        acts = crowd.play(server.port, plan(here, size), begins_at=begins)
    found, chain = kept(here)
    return {**told(acts, found, here.due_at.timestamp()), **chain, "killed": len(killed)}


def kept(here: halls.Hall) -> tuple[list[Kept], Told]:
    """All posts of students with the verdicts that the forum gives, and whether the chain of receipts is whole."""
    numbers = {account: number for number, account in enumerate(here.students)}
    with here.app.app_context(), here.app.test_request_context():
        session = db.session()
        board = session.get_one(Board, here.board_id)
        asked = session.scalars(select(Checkpoint).where(Checkpoint.board_id == board.id)).all()
        lines = students_in(session, here.member(session), clock.now())
        states = {
            line.student.account_id: line.states[0].state
            for line in participation_in(session, board, asked, lines, clock.now())
        }
        rows = session.execute(
            select(Post.author_id, Post.key, Post.arrived_at, Revision.source, Receipt.verdict, Post.files)
            .join(Revision, and_(Revision.post_id == Post.id, Revision.number == 1))
            .outerjoin(Receipt, and_(Receipt.post_id == Post.id, Receipt.kind == "accepted"))
            .where(Post.board_id == board.id, Post.author_id.in_(numbers))
        )
        found = [
            Kept(numbers[author], key, source, arrived.timestamp(), verdict, states[author], len(files or ()))
            for author, key, arrived, source, verdict, files in rows
        ]
        check = check_chain(session, here.course_id)
        db.session.remove()
    return found, {"receipts": check.receipts, "chain_problems": len(check.problems) + len(check.without)}


def told(acts: Sequence[crowd.Act], found: Sequence[Kept], due: float) -> Told:
    """What people were told, beside what was kept.

    Lost is what was acknowledged and is not there with its words, picture and receipt; late wrongly is what was sent before the due
    instant, by the clock of who sent it, and is judged late by the forum. Each student posts once.
    """
    posts = {act.person: act for act in acts if act.kind == "post"}
    taken = {number: act for number, act in posts.items() if act.statuses[-1] == 303}
    by_key: dict[str, Kept] = {each.key: each for each in found}
    whole = {number for number, act in taken.items() if _is_whole(number, by_key.get(act.key))}
    stored = Counter(each.person for each in found)
    wrongly = [
        each
        for each in found
        if posts[each.person].sent[0] < due and "late" in (each.verdict, each.state[4:])
    ]
    misjudged = [each for each in found if (each.verdict, each.state) != _judged(each.arrived < due)]
    lags = sorted(_lag(posts[each.person], each.arrived) * 1000 for each in found)
    waits = sorted(act.latency * 1000 for act in posts.values())
    others = {
        kind: sorted(a.latency * 1000 for a in acts if a.kind == kind)
        for kind in {a.kind for a in acts} - {"post"}
    }
    return {
        "people": len({act.person for act in acts}), "acknowledged": len(taken), "lost": len(taken) - len(whole),
        "doubled": sum(number - 1 for number in stored.values()), "late_wrongly": len(wrongly),
        "late_wrongly_sent_before_ms": round(max(((due - posts[e.person].sent[0]) * 1000 for e in wrongly), default=0), 1),
        "late_wrongly_with_usual_grace": sum(each.arrived >= due + GRACE.total_seconds() for each in wrongly),
        "late": sum(each.verdict == "late" for each in found), "misjudged": len(misjudged),
        "arrival_lag_ms": round(max(lags, default=0), 1), "arrival_lag_p99_ms": round(share(lags, 0.99), 1),
        "p50_ms": round(share(waits, 0.5), 1), "p95_ms": round(share(waits, 0.95), 1), "max_ms": round(max(waits, default=0), 1),
        "other_p95_ms": {kind: round(share(each, 0.95), 1) for kind, each in sorted(others.items())},
        "sent_behind_plan_p95_ms": round(share(sorted((a.sent[0] - a.planned) * 1000 for a in posts.values()), 0.95), 1),
        "answers": dict(Counter(f"{act.kind} {status}" for act in acts for status in act.statuses)),
    }  # fmt: skip


def _is_whole(number: int, post: Kept | None) -> bool:
    return (
        post is not None
        and post.person == number
        and post.words == seeds.text_of(number)
        and post.files == int(attaches(number))
        and post.verdict is not None
    )


def _judged(in_time: bool) -> tuple[str, str]:
    return ("on_time", "met_on_time") if in_time else ("late", "met_late")


def _lag(act: crowd.Act, arrived: float) -> float:
    """Seconds from the sending of the try that was stamped, the last before the stamp, to the stamp."""
    return arrived - max((sent for sent in act.sent if sent <= arrived), default=act.sent[0])


def share(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of the others lies, 0 of none."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


# --- the figures ------------------------------------------------------------------------------------------------------

KINDS = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_WITH: Mapping[str, tuple[str, ...]] = {
    "lost": ("people", "acknowledged", "doubled", "receipts", "chain_problems"),
    "late_wrongly": ("late_wrongly_sent_before_ms", "late_wrongly_with_usual_grace", "late", "misjudged"),
    "p95_ms": ("p50_ms", "max_ms", "other_p95_ms", "sent_behind_plan_p95_ms", "answers"),
    "arrival_lag_ms": ("arrival_lag_p99_ms",),
}
_GOALS = {"lost": ("posts", "goal 0"), "late_wrongly": ("posts", "goal 0"), "p95_ms": ("ms", "goal 1,000"),
          "arrival_lag_ms": ("ms, the largest", "goal 250")}  # fmt: skip


def lines(folder: Path, kind: str, size: Crowd) -> Iterator[Told]:
    """The figures of one rush, as `make bench` prints them."""
    found = rush(folder, kind, size)
    name = "rush_killed" if size.kill_every else "rush"
    what = f"{KINDS[kind]}, {size.students} students in {size.seconds:g} s"
    if size.kill_every:
        what += f", kill -9 of a worker every {size.kill_every:g} s, {found['killed']} times"
    for figure, more in _WITH.items():
        unit, goal = _GOALS[figure]
        yield {"figure": f"{name}_{figure}", "value": found[figure], "unit": unit, "against": f"{goal}; {what}",
               **{each: found[each] for each in more}}  # fmt: skip
