"""The write lock of a site: served in order, freed when its holder dies, given up after a while."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forum.core.errors import TooBusy
from forum.core.site_lock import RUN, SiteLock
from forum.core.turns import Turns

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from forum.core.site_lock import SiteLock
with SiteLock(Path(sys.argv[1])).held(10):
    print("holds", flush=True)
    time.sleep(60)
"""
WRITER = """
import sys, time
from pathlib import Path
from forum.core.site_lock import SiteLock
lock, name, log = SiteLock(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _turn in range(40):
    with lock.held(30), log.open("a") as file:
        file.write(name)
        time.sleep(0.002)
"""


def until(true, seconds: float = 10) -> None:  # type: ignore[no-untyped-def]
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.001)


@contextmanager
def another_process(code: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs `code` and has said its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() in ("holds", "ready")
        yield process
    finally:
        process.kill()
        process.communicate()


def line_up(come_in, number: int, stands) -> list[threading.Thread]:  # type: ignore[no-untyped-def]
    """So many threads that come one after the other, each when the one before stands in line."""
    threads = []
    for place in range(number):
        threads.append(threading.Thread(target=come_in, args=(place,)))
        threads[-1].start()
        until(lambda place=place: stands() == place + 1)
    return threads


def test_threads_are_served_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    lock, served = SiteLock(tmp_path / "write.lock"), []

    def write(place: int) -> None:
        with lock.held(10):
            served.append(place)

    number = RUN + 5  # more than a process may serve in one run
    with lock.held(1):
        threads = line_up(write, number, lambda: len(lock._turns._line))
    for thread in threads:
        thread.join(10)
    assert served == list(range(number))


def test_nobody_who_comes_later_takes_a_place_from_who_waits() -> None:
    turns, served = Turns(2), []
    assert turns.come_in()
    assert turns.come_in()

    def enter(place: int) -> None:
        assert turns.come_in(10)
        served.append(place)

    threads = line_up(enter, 2, lambda: len(turns._line))
    turns.leave()
    assert not turns.come_in(0)  # handed over already, whether or not that thread runs yet
    turns.leave()
    for thread in threads:
        thread.join(10)
    assert sorted(served) == [0, 1]
    turns.leave()
    assert turns.come_in(0)


def test_who_goes_first_does_so_and_the_others_get_one_place_of_five() -> None:
    turns, served = Turns(1), []
    assert turns.come_in()

    def enter(place: int) -> None:
        assert turns.come_in(10, first=place >= 3)
        served.append(place)
        turns.leave()

    threads = line_up(enter, 13, lambda: len(turns._line) + len(turns._first))
    turns.leave()
    for thread in threads:
        thread.join(10)
    assert served == [3, 4, 5, 6, 0, 7, 8, 9, 10, 1, 11, 12, 2]
    assert turns.come_in(0)


def test_who_gave_up_leaves_no_place_taken() -> None:
    turns = Turns(1)
    assert turns.come_in()
    assert [turns.come_in(0.01, first=first) for first in (False, True, False)] == [False] * 3
    turns.leave()
    assert turns.come_in(0)
    assert not turns.come_in(0)


def test_a_thread_that_waits_too_long_is_told_so_and_the_next_is_served(tmp_path: Path) -> None:
    lock = SiteLock(tmp_path / "write.lock")
    refused = threading.Event()

    def hurried() -> None:
        with pytest.raises(TooBusy), lock.held(0.05):
            raise AssertionError("held by somebody else")
        refused.set()

    with lock.held(1):
        thread = threading.Thread(target=hurried)
        thread.start()
        assert refused.wait(5)
        thread.join(5)
    with SiteLock(tmp_path / "write.lock").held(
        0
    ):  # as another process would: nothing is kept for who gave up
        pass
    with lock.held(0), pytest.raises(ZeroDivisionError), SiteLock(tmp_path / "another.lock").held(0):
        raise ZeroDivisionError
    with SiteLock(tmp_path / "another.lock").held(0):  # an error inside frees it
        pass


def test_a_process_that_holds_it_too_long_makes_others_give_up_and_its_death_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    lock = SiteLock(path)
    with another_process(HOLDER, path) as holder:
        began = time.monotonic()
        with pytest.raises(TooBusy), lock.held(0.1):
            raise AssertionError("held by another process")
        assert 0.1 <= time.monotonic() - began < 2
        os.kill(holder.pid, signal.SIGKILL)
        with lock.held(5):
            pass
    with lock.held(0):
        pass


def test_a_process_killed_in_line_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / "write.lock"
    lock = SiteLock(path)
    code = HOLDER.replace("with SiteLock", 'print("ready", flush=True)\nwith SiteLock')
    with lock.held(1), another_process(code, path) as waiter:
        until(lambda: not _is_free(f"{path}.gate"))
        os.kill(waiter.pid, signal.SIGKILL)
        until(lambda: _is_free(f"{path}.gate"))
    with lock.held(0):
        pass


def _is_free(path: str) -> bool:
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_processes_that_write_without_a_pause_take_turns(tmp_path: Path) -> None:
    path, log = tmp_path / "write.lock", tmp_path / "log"
    with another_process(WRITER, path, "a", log) as first, another_process(WRITER, path, "b", log) as second:
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert (first.wait(60), second.wait(60)) == (0, 0)
    text = log.read_text()
    assert sorted(text) == ["a"] * 40 + ["b"] * 40
    # From the other's first turn to the first one's last, nobody comes twice while the other waits.
    middle = text[text.index("b" if text[0] == "a" else "a") :]
    last = min(middle.rindex("a"), middle.rindex("b"))
    middle = middle[:last]
    assert len(middle) > 40
    assert max(len(run) for run in middle.replace("ab", "a b").replace("ba", "b a").split()) <= 3


def test_a_line_in_one_process_does_not_keep_another_out(tmp_path: Path) -> None:
    """A process goes on for its own line, but not for ever."""
    path, log = tmp_path / "write.lock", tmp_path / "log"
    lock, stop = SiteLock(path), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with lock.held(30), log.open("a") as file:
                file.write("a")
                time.sleep(0.0005)

    threads = [threading.Thread(target=write) for _ in range(4)]
    with another_process(WRITER, path, "b", log) as process:
        for thread in threads:
            thread.start()
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.wait(60) == 0
        stop.set()
        for thread in threads:
            thread.join(10)
    runs = log.read_text().strip("a").split("b")
    assert max(len(run) for run in runs) <= 2 * RUN
    assert max(len(run) for run in runs) > 1  # a run of its own, not one each
