"""One process that serves a site: web workers, the job process and the heartbeat; its children die with it."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


class AlreadyRunning(Exception):
    """Another supervisor serves this instance."""


def web_command(host: str, port: int, workers: int, application: str = "wsgi:app") -> list[str]:
    """The web server and its settings, chosen in docs/decisions/0002-server.md."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "40", "--backlog", "1024", "--backpressure", "64",
        # Its warnings are advice on settings (threads above cores: ours wait for the database), not news.
        "--no-ws", "--log-level", "error", application,
    ]  # fmt: skip


def hold(instance: Path) -> IO[str]:
    """Hold an instance until the file is closed or this process is gone; raises AlreadyRunning."""
    file = (instance / "run.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning(str(instance)) from None
    return file


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    wait_until: float = 0.0


@dataclass
class Supervisor:
    """Starts what a site needs, starts it again when it ends, and ends it all on SIGTERM or SIGINT."""

    instance: Path
    host: str
    port: int
    workers: int = 2
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def run(self) -> int:
        held = hold(self.instance)
        forum = [sys.executable, "-m", "forum.cli"]
        self.children = [
            Child("web", web_command(self.host, self.port, self.workers)),
            Child("jobs", [*forum, "worker"]),
            Child("heartbeat", [*forum, "heartbeat", "--port", str(self.port)]),
        ]  # fmt: skip
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        try:
            while not self.stopping:
                for child in self.children:
                    self._keep_alive(child)
                time.sleep(0.2)
        finally:
            self._end_all()
            held.close()
        return 0

    def _stop(self, _signal: int, _frame: object) -> None:
        self.stopping = True

    def _keep_alive(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            if child.process.poll() is None:
                return
            child.failures = 0 if now - child.started > 60 else child.failures + 1
            child.wait_until = now + min(30, 2**child.failures)
            print(f"{child.name} ended with {child.process.returncode}, starting it again", file=sys.stderr)  # noqa: T201
            child.process = None
        if now < child.wait_until:
            return
        root = Path(__file__).resolve().parent.parent
        environment = os.environ | {"INSTANCE": str(self.instance)}
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.command, cwd=root, env=environment, preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL
        )
        child.started = now

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        give_up = time.monotonic() + 10
        for process in running:
            try:
                process.wait(max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _die_with_parent() -> None:
    """In the child, before it runs: the kernel ends it when the supervisor is gone, however that went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
