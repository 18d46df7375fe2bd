"""One process that serves a site: the web server, the job process and the heartbeat; its children die with it."""

import fcntl
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .forks import be_called, bind_forks

STOP_PATIENCE = 10.0  # seconds that children have to end by themselves
# Seconds. What lived as long was sound: it waits no longer to be begun anew for having ended before.
SOUND_AFTER = 10


class AlreadyRunning(Exception):
    """Another supervisor serves this instance."""


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
    """Work in a process of its own, and the processes below it: a session, so that all of it can be ended by one id.

    An ended child is not reaped before the rest of its session is killed: until then the kernel gives its id to
    nobody else.
    """

    name: str
    work: Callable[[], None]
    waits: bool = False  # until the site has answered for the first time
    pid: int = 0  # of the process that is not reaped yet
    has_ended: bool = False
    started: float = 0.0
    failures: int = 0
    wait_until: float = 0.0

    def start(self, held: IO[str]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.started, self.has_ended = time.monotonic(), False
        self.pid = os.fork()
        if self.pid == 0:
            self._live(held)

    def _live(self, held: IO[str]) -> None:
        """In the child: work, and never come back into what the supervisor was doing."""
        code = 1
        try:
            os.setsid()
            be_called(f"forum {self.name}")
            held.close()  # the instance is held by the supervisor alone
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            self.work()
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def ending(self) -> int | None:
        """The exit code (a signal's number, negative) of a child that has ended and is not reaped, else None."""
        result = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if result is None:
            return None
        return result.si_status if result.si_code == os.CLD_EXITED else -result.si_status

    def clear(self) -> None:
        """Kill what is left of it, and reap it."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
                os.killpg(self.pid, signal.SIGKILL)  # fails only if it ended before it had a session
            os.waitpid(self.pid, 0)
            self.pid = 0


@dataclass
class Supervisor:
    """Starts what a site needs, starts it again when it ends, and ends it all on SIGTERM or SIGINT.

    Children are forks: what is imported and made before `run` is there once for all of them, so no connection to the
    database may be open then. Children that wait are started when `answers` has said yes once.
    """

    instance: Path
    children: list[Child]
    answers: Callable[[], bool]
    stopping: bool = False

    def run(self) -> int:
        held = hold(self.instance)
        bind_forks()
        gc.freeze()
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        is_open = False
        try:
            while not self.stopping:
                for child in self.children:
                    if is_open or not child.waits:
                        self._keep_alive(child, held)
                time.sleep(0.2 if is_open else 0.05)
                is_open = is_open or self.answers()
        finally:
            self._end_all()
            held.close()
        return 0

    def _stop(self, _signal: int, _frame: object) -> None:
        self.stopping = True

    def _keep_alive(self, child: Child, held: IO[str]) -> None:
        now = time.monotonic()
        if child.pid and not child.has_ended:
            code = child.ending()
            if code is None:
                return
            child.has_ended = True
            child.failures = 0 if now - child.started > SOUND_AFTER else child.failures + 1
            # Its own children were told to end when it did; this is the time that they have for it.
            child.wait_until = now + min(30, 2**child.failures)
            print(f"{child.name} ended with {code}, starting it again", file=sys.stderr)  # noqa: T201 - for the service's log
        if now >= child.wait_until:
            child.clear()
            child.start(held)

    def _end_all(self) -> None:
        there = [child for child in self.children if child.pid]
        for child in there:
            os.kill(child.pid, signal.SIGTERM)
        give_up = time.monotonic() + STOP_PATIENCE
        while time.monotonic() < give_up and any(child.ending() is None for child in there):
            time.sleep(0.05)
        for child in there:
            child.clear()
