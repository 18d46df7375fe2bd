"""Many people at once, each with a browser of their own, who act at set times whatever the server does: an open loop.

A plan comes in as JSON, what happened goes out as JSON; a process of its own. Who is not answered, or is turned away with a
5xx, tries again after a while that doubles: a post under the same key with the same words, and with the arrival that the
page of the refusal handed out, as its form does. Autosaves are not repeated: the next one holds all words.
"""

import asyncio
import json
import random
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from html import unescape
from io import BytesIO
from typing import Any

from . import load

TIMEOUT = 30.0  # seconds for one answer
FIRST_WAIT, LONGEST_WAIT = 0.5, 4.0  # seconds before another try
GIVE_UP = 90.0  # seconds after the planned instant
_FIELD = re.compile(r'name="(csrf_token|key|seq|arrival|place)" value="([^"]*)"')


@dataclass(frozen=True)
class Person:
    """What one person does. Times are seconds from the beginning; a post is written in the thread at `page`.

    Without a `cookie` they sign in first. `saves` are (time, words), `posts` too; `reads` is whether they look at their
    post afterwards.
    """

    number: int
    page: str
    drafts: str
    cookie: str
    email: str
    password: str
    opens: float
    saves: Sequence[tuple[float, str]]
    posts: Sequence[tuple[float, str]]
    reads: bool = True
    attaches: bool = False  # a picture, with the form of the post


@cache
def photo() -> bytes:
    """A picture of some 200 kB that no encoder makes small, the same each time."""
    from PIL import Image

    file = BytesIO()
    noise = Image.frombytes("RGB", (480, 360), random.Random(1).randbytes(480 * 360 * 3))
    noise.save(file, "JPEG", quality=85)
    return file.getvalue()


@dataclass
class Act:
    """One thing done, as it went. Instants are seconds of the wall clock; status 0 is no answer at all."""

    kind: str
    person: int
    planned: float
    key: str = ""
    sent: list[float] = field(default_factory=list)  # one a try
    statuses: list[int] = field(default_factory=list)
    answered: float = 0.0

    @property
    def latency(self) -> float:
        """Seconds from when it was to be sent to the last answer: who waits in a line of their own waits too."""
        return self.answered - self.planned


def play(port: int, people: Sequence[Person], *, begins_at: float) -> list[Act]:
    """Let everyone act from the instant `begins_at` on; all that they did, when all are done."""
    plan = {"port": port, "begins_at": begins_at, "people": [asdict(person) for person in people]}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.crowd"], input=json.dumps(plan), stdout=subprocess.PIPE, text=True,
        cwd=load.ROOT, check=True, timeout=600,
    )  # fmt: skip
    return [Act(**each) for each in json.loads(done.stdout)]


class _Refused(Exception):
    """The forum answered, and will not answer otherwise when asked again."""


class _Browser:
    """One person's connection, cookie and tries."""

    def __init__(self, port: int, person: Person, begins_at: float) -> None:
        self.port, self.person, self.begins_at, self.cookie = port, person, begins_at, person.cookie
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.acts: list[Act] = []

    async def until(self, after: float) -> float:
        planned = self.begins_at + after
        await asyncio.sleep(planned - time.time())
        return planned

    async def act(
        self, kind: str, planned: float, path: str, fields: dict[str, str] | None = None, *, once_within: float = 0,
        file: bytes = b"",
    ) -> tuple[dict[str, str], str]:  # fmt: skip
        """Ask until there is an answer that is none of 5xx; raises _Refused for one of 4xx, or if there is none.

        `once_within` so many seconds: asked once, and given up then.
        """
        done = Act(kind, self.person.number, planned, (fields or {}).get("key", ""))
        self.acts.append(done)
        wait = FIRST_WAIT
        while True:
            headers, body = await self._try(done, path, fields, once_within or TIMEOUT, file)
            if done.statuses[-1] in range(200, 400):
                return headers, body
            if done.statuses[-1] in range(400, 500) or once_within or time.time() - planned > GIVE_UP:
                raise _Refused
            if fields is not None and (handed_out := dict(_FIELD.findall(body)).get("arrival")):
                fields["arrival"] = handed_out
            await asyncio.sleep(wait * (0.75 + secrets.randbelow(500) / 1000))
            wait = min(2 * wait, LONGEST_WAIT)

    async def _try(
        self, done: Act, path: str, fields: dict[str, str] | None, patience: float, file: bytes
    ) -> tuple[dict[str, str], str]:
        if fields is None:
            wire = load.get(path, self.cookie).encode()
        elif file:
            wire = load.post_with_file(path, self.cookie, fields, file)
        else:
            wire = load.post(path, self.cookie, fields).encode()
        status, headers, body = 0, {}, b""
        tries = len(done.sent)
        try:
            status, headers, body = await asyncio.wait_for(self._ask(wire, done), patience)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            self.close()
        if len(done.sent) == tries:
            done.sent.append(time.time())  # refused before anything could be sent
        done.statuses.append(status)
        done.answered = time.time()
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].split(";", 1)[0]
        return headers, body.decode()

    async def _ask(self, wire: bytes, done: Act) -> tuple[int, dict[str, str], bytes]:
        if self.reader is None or self.writer is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        done.sent.append(time.time())
        self.writer.write(wire)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers, body

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def _live(browser: _Browser) -> None:
    person = browser.person
    planned = await browser.until(person.opens)
    if not person.cookie:
        _headers, body = await browser.act("sign_in_page", planned, "/sign-in")
        fields = {**_hidden(body), "email": person.email, "password": person.password, "next": "/"}
        await browser.act("sign_in", time.time(), "/sign-in", fields)
        planned = time.time()
    _headers, body = await browser.act("page", planned, person.page)
    form = _hidden(body)
    sequence = int(form["seq"])
    for after, words in person.saves:
        planned, sequence = await browser.until(after), sequence + 1
        fields = {"text": words, "seq": str(sequence), "csrf_token": form["csrf_token"], "key": form["key"]}
        left = browser.begins_at + person.posts[0][0] - time.time()
        try:  # who sends their post gives up the save that is under way
            await browser.act("draft", planned, person.drafts, fields, once_within=max(0.01, left))
        except _Refused:
            continue  # it is counted; the words are in the box
    for number, (after, words) in enumerate(person.posts):
        key = secrets.token_hex(16) if number else form["key"]
        planned = await browser.until(after)
        headers, _body = await browser.act(
            "post", planned, f"{person.page}/replies", {**form, "key": key, "text": words, "deed": "post"},
            file=photo() if person.attaches else b"",
        )  # fmt: skip
        while person.reads and "location" in headers:
            headers, _body = await browser.act("after", time.time(), headers["location"].partition("#")[0])


def _hidden(body: str) -> dict[str, str]:
    """The hidden fields of the last form of a page that has them: that of the composer, or of the sign-in."""
    return {name: unescape(value) for name, value in _FIELD.findall(body)}


async def _person(browser: _Browser) -> list[Act]:
    try:
        await _live(browser)
    except _Refused:
        pass  # the last of its acts tells with which status
    finally:
        browser.close()
    return browser.acts


async def _main(plan: dict[str, Any]) -> list[dict[str, Any]]:
    browsers = [_Browser(plan["port"], Person(**person), plan["begins_at"]) for person in plan["people"]]
    done = await asyncio.gather(*map(_person, browsers))
    return [asdict(act) for acts in done for act in acts]


if __name__ == "__main__":
    json.dump(asyncio.run(_main(json.load(sys.stdin))), sys.stdout)
