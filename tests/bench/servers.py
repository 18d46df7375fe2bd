"""Servers as the forum starts them, and what the kernel says that they cost."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forum.serving import web_command

from . import load

TICKS = os.sysconf("SC_CLK_TCK")
WORKERS = 2


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is that of its first process."""

    pid: int
    port: int

    def processes(self) -> list[int]:
        found, left = [], [self.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                left += [int(child) for child in task.read_text().split()]
        return found

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of all its processes since they started."""
        total = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory_mb(self) -> float:
        """Proportional set size of the largest worker, in millions of bytes."""
        sizes = []
        for pid in self.processes()[1:]:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    sizes.append(int(line.split()[1]) * 1024 / 1e6)
        return max(sizes)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(application: str, ready_path: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """The application under the forum's own server settings, until the block ends."""
    port = free_port()
    command = web_command("127.0.0.1", port, WORKERS, application)
    process = subprocess.Popen(command, cwd=load.ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL)
    try:
        wait_for(port, ready_path, process)
        yield Server(process.pid, port)
    finally:
        end(process)


def wait_for(port: int, path: str, process: "subprocess.Popen[bytes]", *, patience: float = 60) -> None:
    """Until a page comes; raises RuntimeError if the server ends or takes longer than `patience` seconds."""
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if load.answer_of(port, load.get(path))[0] == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"no page at {path}")


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
