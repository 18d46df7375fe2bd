"""How many posts a second the forum takes before they take a second: steps of an open loop, each faster than the last."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from forum.core import markup

from . import crowd, halls, seeds
from .figures import raw_commits
from .rush import KINDS, Crowd, share

FIRST, FASTER, FASTEST = 20.0, 1.4, 500.0  # posts a second
ENOUGH_MS = 1_000  # beyond it, 95 % of the posts of a step are no longer answered in time


@dataclass(frozen=True)
class Step:
    """One step: posts a second asked for and taken, from the first planned to the last answer."""

    asked: float
    taken: float
    p95_ms: float
    sent_behind_plan_p95_ms: float
    refused: int

    @property
    def holds(self) -> bool:
        return self.p95_ms <= ENOUGH_MS and not self.refused


def step(here: halls.Hall, port: int, rate: float, seconds: float) -> Step:
    """Posts at even distances, each by the next student, who opened the page before and writes again when it is their turn."""
    opening = 1 + len(here.students) / 100  # seconds in which all open their page
    words = [(opening + number / rate, seeds.text_of(number)) for number in range(int(rate * seconds))]
    students = len(here.students)
    people = [
        crowd.Person(number, here.page, "", here.cookies[number], "", "", number / 100, (), words[number::students], reads=False)
        for number in range(min(students, len(words)))
    ]  # fmt: skip
    acts = crowd.play(port, people, begins_at=time.time() + 1)
    done = [act for act in acts if act.kind == "post"]
    waits = sorted(act.latency * 1000 for act in done)
    took = max(act.answered for act in done) - min(act.planned for act in done)
    return Step(
        rate, round(sum(act.statuses[-1] == 303 for act in done) / took, 1), round(share(waits, 0.95), 1),
        round(share(sorted((act.sent[0] - act.planned) * 1000 for act in done), 0.95), 1),
        sum(status != 303 for act in done for status in act.statuses) + len(words) - len(done),
    )  # fmt: skip


def commits_a_second(here: halls.Hall, number: int = 300) -> float:
    """Durable commits of one row by one writer, in the database and on the disk of the site."""
    address = here.environment["DATABASE_URL"]
    if not address:
        return 1000 / raw_commits(here.folder, number)[1]
    engine, html = create_engine(address), markup.render(seeds.text_of(1), limit=20_000).html
    with engine.connect() as line:
        line.execute(text("CREATE TABLE raw_commit (id SERIAL PRIMARY KEY, html TEXT)"))
        line.commit()
        began = time.perf_counter()
        for _each in range(number):
            line.execute(text("INSERT INTO raw_commit (html) VALUES (:html)"), {"html": html})
            line.commit()
        took = time.perf_counter() - began
        line.execute(text("DROP TABLE raw_commit"))
        line.commit()
    engine.dispose()
    return number / took


def lines(folder: Path, kind: str, size: Crowd, *, fastest: float = FASTEST) -> Iterator[dict[str, Any]]:
    """The figure: the fastest step that held, as posts taken a second and beside raw commits before and after it."""
    steps: list[Step] = []
    with halls.hall(folder, kind, students=size.students, seconds=600) as here:
        commits = [commits_a_second(here)]
        with halls.open_doors(here) as server:
            step(
                here, server.port, FIRST, size.seconds / 16
            )  # not counted: what is loaded late is there afterwards
            rate = FIRST
            while rate <= fastest and (not steps or steps[-1].holds):
                steps.append(step(here, server.port, rate, size.seconds / 8))
                rate *= FASTER
        commits.append(commits_a_second(here))
    best = max((each.taken for each in steps if each.holds), default=0.0)
    yield {
        "figure": "rush_capacity", "ratio": round(best / (sum(commits) / 2), 3), "unit": "posts a second ÷ raw durable commits a second",
        "against": f"{KINDS[kind]}, one writer, one row each, same disk; goal 260 posts a second", "a_second": best,
        "raw_commits_a_second": [round(each, 1) for each in commits], "steps": [vars(each) for each in steps],
    }  # fmt: skip
