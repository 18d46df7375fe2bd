"""`forum run` with real processes: what it prints, what it starts, and that nothing of it stays behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import func, select

from forum import create_app
from forum.core.db import db
from forum.core.jobs import Heartbeat
from forum.serving import WORKERS_STOP_WITHIN, url_of
from forum.supervisor import STOP_PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 90  # seconds for anything on a busy machine

pytestmark = pytest.mark.sqlite_only


def wait_for(what: Callable[[], bool], words: str, seconds: float = PATIENCE) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if what():
            return
        time.sleep(0.1)
    pytest.fail(f"not within {seconds} s: {words}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> set[int]:
    """Every process under this one, from /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def child_called(parent: int, name: str) -> int | None:
    """The supervisor's child of this name, if it runs."""
    for pid in descendants(parent):
        with suppress(OSError):
            stat = (Path("/proc") / str(pid) / "stat").read_text()
            state, above = stat.rpartition(")")[2].split()[:2]
            if f"(forum {name})" in stat and above == str(parent) and state != "Z":
                return pid
    return None


def workers_of(supervisor: int) -> set[int]:
    web = child_called(supervisor, "web")
    return descendants(web) if web else set()


def is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Runs:
    """`forum` commands on one instance; whatever is left of them is ended at the end."""

    instance: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PORT")}
        return kept | {"INSTANCE": str(self.instance), "PYTHONUNBUFFERED": "1"}

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "forum.cli", *words], cwd=ROOT, env=self.environment(), text=True,
            capture_output=True, timeout=PATIENCE,
        )  # fmt: skip

    def serve(self, port: int, *words: str) -> tuple[subprocess.Popen[bytes], Callable[[], str]]:
        """A supervisor whose children all run, and what it has printed so far."""
        process = self.begin(port, "--workers", "1", *words)
        printed = (self.instance.parent / f"output-{len(self.started)}").read_text
        wait_for(
            lambda: (
                process.poll() is not None
                or (answer(port) == "ok\n" and child_called(process.pid, "heartbeat") is not None)
            ),
            "an answer, and everything started",
        )
        assert process.poll() is None, printed()
        self.seen |= descendants(process.pid)
        return process, printed

    def begin(self, port: int, *words: str) -> subprocess.Popen[bytes]:
        """A supervisor that may not answer yet."""
        with (self.instance.parent / f"output-{len(self.started) + 1}").open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "forum.cli", "run", "--port", str(port), *words],
                cwd=ROOT, env=self.environment(), stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.started.append(process)
        return process

    def beats(self) -> int:
        app = create_app({"INSTANCE": self.instance, "DATABASE_URL": ""})
        with app.app_context():
            try:
                return db.session.scalar(select(func.count()).select_from(Heartbeat)) or 0
            finally:
                db.session.remove()
                db.engine.dispose()

    def end(self) -> None:
        for process in self.started:
            self.seen |= descendants(process.pid)
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE)
        for pid in self.seen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def answer(port: int, path: str = "/healthz") -> str | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as response:
            return str(response.read().decode())
    except (urllib.error.URLError, OSError):
        return None


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """One demo, laid by the first run of this file and kept by the later ones."""
    runs = Runs(tmp_path_factory.mktemp("supervised") / "instance")
    yield runs
    runs.end()


@pytest.fixture
def runs(laid: Runs) -> Iterator[Runs]:
    yield laid
    laid.end()
    laid.started.clear()
    laid.seen.clear()


def test_a_first_run_lays_the_demo_serves_it_and_ends_whole_on_sigterm(runs: Runs) -> None:
    port = free_port()
    process, printed = runs.serve(port, "--demo")
    told = printed()
    assert f"http://127.0.0.1:{port}\n" in told
    for role in ("administrator", "instructor", "assistant", "student", "student far away", "observer"):
        assert f"  {role} " in told
    assert told.count("midnight-demo") == 6
    wait_for(lambda: runs.beats() > 0, "a sign of life in the database")
    runs.seen |= descendants(process.pid)
    assert len(runs.seen) >= 3, "web, jobs and heartbeat"

    second = runs.ask("run", "--port", str(free_port()))
    assert second.returncode == 1
    assert "being served already" in second.stderr
    assert answer(port) == "ok\n", "the first is not disturbed"
    again = runs.ask("demo", "--again")
    assert again.returncode == 1
    assert "being served already" in again.stderr

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    wait_for(lambda: not any(map(is_running, runs.seen)), "every child has ended", 5)
    assert answer(port) is None
    lines = [line for line in printed().splitlines() if "WARNING" in line or "Traceback" in line]
    assert lines == []


def test_a_later_run_keeps_what_is_there_and_a_killed_one_leaves_nothing_running(runs: Runs) -> None:
    port = free_port()
    before = runs.beats()
    assert before, "the first test has left its signs of life"
    process, printed = runs.serve(port, "--demo")
    assert "Laying" not in printed()
    wait_for(lambda: runs.beats() > before, "beats are added to those of the first run")
    runs.seen |= descendants(process.pid)
    process.kill()
    process.wait(PATIENCE)
    wait_for(lambda: not any(map(is_running, runs.seen)), "children of a killed supervisor end", 15)
    assert answer(port) is None


def test_a_child_that_ends_is_started_again(runs: Runs) -> None:
    port = free_port()
    process, printed = runs.serve(port, "--demo")
    web = child_called(process.pid, "web")
    assert web is not None
    os.kill(web, signal.SIGTERM)
    wait_for(lambda: "web ended with 0" in printed(), "the supervisor says that its child ended")
    wait_for(lambda: answer(port) == "ok\n", "it answers again")
    runs.seen |= descendants(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    wait_for(lambda: not any(map(is_running, runs.seen)), "every child has ended", 5)


def test_a_killed_worker_is_replaced_while_the_other_answers(runs: Runs) -> None:
    port = free_port()
    process, printed = runs.serve(port, "--workers", "2")
    web, before = child_called(process.pid, "web"), workers_of(process.pid)
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    # What the killed one was to take up may be lost, what comes after it is not.
    away = sum(answer(port) is None for _ in range(20))
    assert away <= 3
    wait_for(lambda: len(set(filter(is_running, workers_of(process.pid)))) == 2, "there are two again", 15)
    assert child_called(process.pid, "web") == web, printed()
    assert "ended" not in printed()


def test_who_holds_a_connection_open_keeps_nobody_out(runs: Runs) -> None:
    port = free_port()
    runs.serve(port)
    held = []
    try:
        for _ in range(150):  # browsers that were answered and are idle now
            held.append(HTTPConnection("127.0.0.1", port, timeout=5))
            held[-1].request("GET", "/healthz")
            assert held[-1].getresponse().read() == b"ok\n"
        assert answer(port) == "ok\n"
    finally:
        for connection in held:
            connection.close()


def test_workers_of_a_killed_server_go_before_the_next_ones_come(runs: Runs) -> None:
    port = free_port()
    process, printed = runs.serve(port)
    web = child_called(process.pid, "web")
    assert web is not None
    (worker,) = descendants(web)
    os.kill(worker, signal.SIGSTOP)  # it can't hear the kernel's word that its parent is gone
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: "web ended with -9" in printed(), "the supervisor says that its child ended")
    wait_for(lambda: answer(port) == "ok\n", "it answers again")
    assert not is_running(worker), "the next server starts when nothing of the last is left"
    runs.seen |= descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    assert not any(map(is_running, runs.seen))


def test_a_server_that_does_not_listen_is_killed_with_its_workers(runs: Runs) -> None:
    process, _printed = runs.serve(free_port())
    web = child_called(process.pid, "web")
    assert web is not None
    os.kill(web, signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_PATIENCE + 10) == 0
    assert not any(map(is_running, runs.seen))


def test_a_killed_supervisor_leaves_no_worker_that_does_not_listen(runs: Runs) -> None:
    process, _printed = runs.serve(free_port())
    web = child_called(process.pid, "web")
    assert web is not None
    (worker,) = descendants(web)
    os.kill(worker, signal.SIGSTOP)
    process.kill()
    process.wait(PATIENCE)
    wait_for(lambda: not any(map(is_running, runs.seen)), "the server kills its worker", 20)


def test_a_stop_while_workers_start_is_heard(runs: Runs) -> None:
    """A fork that still had its parent's signal handlers did not hear it, and outlived everything."""
    for _turn in range(4):
        process = runs.begin(free_port(), "--workers", "4")
        wait_for(lambda: workers_of(process.pid) != set(), "a worker is forked")  # noqa: B023 - asked at once
        runs.seen |= descendants(process.pid)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - asked < WORKERS_STOP_WITHIN, "nobody had to be killed"
        assert not any(map(is_running, runs.seen))


def test_signs_of_life_come_in_at_the_address_and_by_the_name_of_the_site(tmp_path: Path) -> None:
    runs, port = Runs(tmp_path / "instance"), free_port()
    runs.instance.mkdir()
    (runs.instance / "forum.cfg").write_text('PUBLIC_URL = "https://forum.example.edu"\n')
    try:
        process = runs.begin(port, "--host", "127.0.0.2")
        wait_for(lambda: child_called(process.pid, "heartbeat") is not None, "the heartbeat starts")
        wait_for(lambda: runs.beats() > 0, "a sign of life in the database", 15)
    finally:
        runs.seen |= descendants(process.pid)
        runs.end()


@pytest.mark.parametrize(
    ("bound", "asked"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_where_a_site_is_asked_follows_from_where_it_is_bound(bound: str, asked: str) -> None:
    assert url_of(bound, 8000) == asked


def test_who_waits_starts_when_the_site_has_answered(tmp_path: Path) -> None:
    program = """
import time
from pathlib import Path
from forum.supervisor import Child, Supervisor
def leave(name):
    Path(name).touch()
    time.sleep(60)
web, beat = Child("web", lambda: leave("web")), Child("beat", lambda: leave("beat"), waits=True)
Supervisor(Path(), [web, beat], lambda: Path("open").exists()).run()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        wait_for((tmp_path / "web").exists, "the server starts")
        time.sleep(1)
        assert not (tmp_path / "beat").exists()
        (tmp_path / "open").touch()
        wait_for((tmp_path / "beat").exists, "the heartbeat starts")
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_a_port_in_use_is_told_in_words(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = Runs(tmp_path / "instance").ask("run", "--port", str(port))
    assert told.returncode == 1
    assert f"port {port} of 127.0.0.1 can't be used" in told.stderr
    assert "PORT=" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_demo_refuses_to_listen_beyond_this_machine_and_nothing_is_laid(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    told = Runs(instance).ask("run", "--demo", "--host", "0.0.0.0", "--port", str(free_port()))
    assert told.returncode == 1
    assert "listens on this machine only" in told.stderr
    assert not (instance / "demo").exists()
    assert not any((instance / "uploads").iterdir())
