"""Outages that happen to real processes: killed, hung, stopped, without room on the disk, with a clock that is set, restored.

An outage of hours is not waited for: once the service is away (or can't answer), every sign of life is put back by so
much, as if it had been left so long ago.
"""

import http.client
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from forum import create_app, instances
from forum.boards.outages.commands import plan_stop
from forum.boards.outages.models import ClockStep, OutageRecord
from forum.boards.outages.queries import known_outages
from forum.core import clock
from forum.core.db import db, transaction
from forum.core.jobs import Heartbeat
from forum.machines import heartbeat_secret
from tests.parts import faketime

from .test_supervisor import PATIENCE, ROOT, Runs, answer, child_called, free_port, wait_for, workers_of

pytestmark = pytest.mark.sqlite_only
HOURS = timedelta(hours=1)
FAKETIME = faketime()


class Site:
    """One instance, served by real processes, and what its database says."""

    def __init__(self, folder: Path) -> None:
        self.runs = Runs(folder / "instance")
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        self.app: Flask = create_app({"INSTANCE": self.runs.instance, "DATABASE_URL": ""})
        instances.prepare(self.app)

    @property
    def supervisor(self) -> int:
        """Of the processes that serve it now, started if they are not."""
        if self.process is None or self.process.poll() is not None:
            self.serve()
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """End it with -9: nobody can say goodbye."""
        os.kill(self.supervisor, signal.SIGKILL)
        assert self.process is not None
        self.process.wait(PATIENCE)
        wait_for(lambda: answer(self.port) is None, "nobody answers")

    def serve(self) -> None:
        """Start it, and wait for its first sign of life."""
        before = self.beats()
        with (self.runs.instance.parent / "output").open("ab") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "forum.cli", "run", "--port", str(self.port), "--workers", "1"],
                cwd=ROOT, env=self.runs.environment() | self.environment, stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.runs.started.append(process)
        self.process = process
        wait_for(lambda: self.beats() > before, "a sign of life")
        self.runs.seen |= {process.pid, *workers_of(process.pid)}

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()

    @property
    def clock_file(self) -> Path:
        return self.runs.instance.parent / "clock"

    def set_clock(self, ahead: str) -> None:
        """Set the clock of its processes, so many seconds ahead of the machine's."""
        self.clock_file.write_text(f"{ahead}\n")

    def beats(self) -> int:
        with self.reading():
            return db.session.scalar(select(func.count()).select_from(Heartbeat)) or 0

    def outages(self) -> list[tuple[str, float]]:
        """Kind and hours of each, in the order in which they were recorded."""
        with self.reading():
            rows = db.session.scalars(select(OutageRecord).order_by(OutageRecord.id)).all()
            return [(row.kind, round((row.ends_at - row.starts_at) / HOURS, 1)) for row in rows]

    def put_back(self, hours: float) -> None:
        """As if every sign of life had been left so many hours earlier than it was."""
        with self.app.app_context(), transaction() as session:
            session.execute(
                text("UPDATE heartbeat SET at = at - :by, uptime = uptime - :by"),
                {"by": round(hours * 3600 * 1_000_000)},
            )
            session.execute(text("DELETE FROM outage"))
        with self.reading():
            db.engine.dispose()

    def end(self) -> None:
        self.runs.end()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def asks_to_write(self) -> tuple[int, str]:
        """What the forum answers to a request that commits a row, as a post does."""
        with self.app.app_context():
            secret = heartbeat_secret()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        line.request("POST", "/heartbeat", headers={"X-Heartbeat": secret, "Host": f"127.0.0.1:{self.port}"})
        told = line.getresponse()
        try:
            return told.status, told.read().decode()
        finally:
            line.close()

    def ask_for_a_beat(self) -> None:
        """Have a sign of life tried at once, and not only when it is time: by a heartbeat that starts anew."""
        supervisor = self.supervisor
        before = child_called(supervisor, "heartbeat")
        assert before is not None
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: child_called(supervisor, "heartbeat") not in (None, before), "a new heartbeat")
        time.sleep(1.5)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site, and a clock that is its own where libfaketime is there: the time of the day can be set in it, the time
    since the machine started can't."""
    folder = tmp_path_factory.mktemp("lived")
    site = Site(folder)
    if FAKETIME is not None:
        site.set_clock("+0")
        # Under libfaketime of that kind, sleep of CPython fails; waiting otherwise does not.
        (folder / "sitecustomize.py").write_text(
            "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"
        )
        site.environment = {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(site.clock_file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": str(folder),
        }  # fmt: skip
    yield site
    site.end()


def test_workers_that_hang_are_an_outage_until_they_answer_again(lived: Site) -> None:
    workers = workers_of(lived.supervisor)
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        lived.put_back(3)
        before = lived.beats()
        lived.ask_for_a_beat()
        assert (lived.beats(), lived.outages()) == (before, []), (
            "a socket that takes requests and answers none"
        )
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: lived.outages() == [("down", 3.0)], "recorded when it answers again", 20)
    assert workers_of(lived.supervisor) == workers, "nothing was started anew"


def test_without_room_on_the_disk_nothing_is_taken_and_the_time_is_given_back(lived: Site) -> None:
    web = child_called(lived.supervisor, "web")
    assert web is not None
    # No process of the web server may write to a file any more, as on a disk without room.
    limited = [
        (pid, resource.prlimit(pid, resource.RLIMIT_FSIZE)) for pid in (web, *workers_of(lived.supervisor))
    ]
    lived.put_back(4)
    for pid, (_soft, hard) in limited:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        before = lived.beats()
        status, told = lived.asks_to_write()
        assert status == 500
        assert "that time is given back to everyone" in told
        assert answer(lived.port) == "ok\n", "it can still be read"
        lived.ask_for_a_beat()
        assert (lived.beats(), lived.outages()) == (before, [])
    finally:
        for pid, limits in limited:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    wait_for(lambda: lived.outages() == [("down", 4.0)], "recorded when there is room again", 20)


def test_killed_stopped_and_brought_back_from_a_backup_each_outage_is_there_once(
    lived: Site, tmp_path: Path
) -> None:
    lived.kill()
    lived.put_back(2)
    shutil.copytree(lived.runs.instance, tmp_path / "backup")
    lived.serve()
    assert lived.outages() == [("down", 2.0)]

    with lived.app.app_context(), transaction() as session:
        now = clock.now()
        plan_stop(session, starts_at=now - HOURS, ends_at=now + HOURS, note="", author_id=None, at=now)
    process = lived.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    lived.put_back(0.5)
    lived.serve()
    assert lived.outages() == [("planned", 0.5)]

    lived.kill()
    lived.end()
    shutil.rmtree(lived.runs.instance)
    shutil.copytree(tmp_path / "backup", lived.runs.instance)
    assert lived.outages() == [], "what was recorded since the backup is gone with it"
    lived.end()
    said = lived.runs.ask("outages", "restored")
    assert said.returncode == 0, said.stderr
    assert "The forum was restored from a backup" in said.stdout
    lived.serve()
    assert lived.outages() == [("restored", 2.0), ("down", 2.0)]
    with lived.reading():
        assert len(known_outages(db.session())) == 1, "the same stretch is one outage"


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
def test_a_clock_that_is_set_forward_and_back_while_it_runs(lived: Site) -> None:
    """With libfaketime. The last of this file: signs of life from a time to come stay."""
    supervisor = lived.supervisor
    lived.put_back(0)
    for setting, hours in (("+7200", [2.0]), ("+3600", [2.0, -1.0])):
        lived.set_clock(setting)
        lived.ask_for_a_beat()
        wait_for(lambda: len(steps(lived)) == len(hours), "the step is noticed", 20)  # noqa: B023 - called here
        assert steps(lived) == hours
    assert lived.supervisor == supervisor
    assert ("clock", 2.0) in lived.outages()
    assert ("clock", 1.0) in lived.outages()


def steps(site: Site) -> list[float]:
    with site.reading():
        rows = db.session.scalars(select(ClockStep).order_by(ClockStep.id)).all()
        return [round(row.microseconds / 3.6e9, 2) for row in rows]
