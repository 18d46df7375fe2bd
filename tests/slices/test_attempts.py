"""Attempts to post are counted in memory that the processes of a host share."""

import os
import signal
from datetime import timedelta

from forum.core.attempts import Attempts
from tests.slices.outage_steps import at

NOON = at("2026-11-26T12:00Z")
MINUTE = timedelta(minutes=1)


def test_what_other_processes_count_is_seen_also_of_one_that_was_killed() -> None:
    attempts = Attempts()
    attempts.count(NOON, failed=False)
    for _child in range(3):
        pid = os.fork()
        if pid == 0:
            attempts.count(NOON + timedelta(seconds=59), failed=True)
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
    assert attempts.before(NOON + MINUTE) == {NOON: (4, 3)}


def test_only_minutes_that_are_over_are_told_and_old_ones_are_forgotten() -> None:
    attempts = Attempts()
    attempts.count(NOON, failed=True)
    assert attempts.before(NOON + MINUTE - timedelta(microseconds=1)) == {}
    assert attempts.before(NOON + MINUTE) == {NOON: (1, 1)}
    attempts.count(NOON + MINUTE, failed=False)
    assert attempts.before(NOON + 2 * MINUTE) == {NOON: (1, 1), NOON + MINUTE: (1, 0)}
    assert attempts.before(NOON + timedelta(hours=3)) == {}
    attempts.count(NOON + 128 * MINUTE, failed=False)  # in the place of the first
    assert NOON not in attempts.before(NOON + 129 * MINUTE)
