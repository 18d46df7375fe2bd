"""The real parts that tests use: where they are on this machine, and in one line what is missing."""

import os
import shutil
import subprocess
import tempfile
from glob import glob
from pathlib import Path


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def faketime() -> Path | None:
    """The library that sets the clock of one process, in its form for threads."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def postgres_folder() -> Path | None:
    """The folder of initdb and pg_ctl."""
    for folder in sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if Path(folder, "initdb").exists():
            return Path(folder)
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class Postgres:
    """A PostgreSQL of our own in a temporary folder, reached through a socket in it; it ends with the tests.

    A `durable` one is on the disk and waits for it at each commit, as it comes; else neither.
    """

    def __init__(self, *, durable: bool = False) -> None:
        folder = postgres_folder()
        assert folder is not None
        in_memory = not durable and Path("/dev/shm").is_dir()
        self.folder = Path(tempfile.mkdtemp(prefix="forum-pg-", dir="/dev/shm" if in_memory else None))
        self.bin = folder
        self.as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.as_user = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.folder, "postgres")
        run = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        cluster = self.folder / "cluster"
        subprocess.run([*self.as_user, str(folder / "initdb"), "-D", str(cluster), "-U", "postgres", "-A", "trust",
                        "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], **run)  # type: ignore[call-overload]  # fmt: skip
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=60 -c shared_buffers=64MB"
        if not durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        subprocess.run(
            [*self.as_user, str(folder / "pg_ctl"), "-D", str(cluster), "-o", options, "-w", "start"], **run
        )  # type: ignore[call-overload]

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        command = [
            *self.as_user,
            str(self.bin / "pg_ctl"),
            "-D",
            str(self.folder / "cluster"),
            "-m",
            "immediate",
            "stop",
        ]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(self.folder, ignore_errors=True)


def missing() -> list[str]:
    found = []
    if chromium() is None:
        found.append("the browser tests (install Chromium: apt-get install chromium)")
    if faketime() is None:
        found.append("the test of a clock that is set (apt-get install libfaketime)")
    if postgres_folder() is None:
        found.append("the tests on PostgreSQL (apt-get install postgresql)")
    return found


if __name__ == "__main__":
    if lacking := missing():
        print("Left out on this machine: " + "; ".join(lacking) + ".")
