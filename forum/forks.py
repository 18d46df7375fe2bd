"""Processes that are forked from this one die with it, and hear a request to end from their first instruction on."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_STOPS = (signal.SIGTERM, signal.SIGINT)


def bind_forks() -> None:
    """From now on, in this process and in what it forks: every fork ends on SIGTERM and when its parent is gone.

    Without it a fork has its parent's signal handlers until it sets its own, and a SIGTERM in between is lost: the
    web server then waited for ever for workers that it had asked to end while they started. Call once, in the main
    thread, and fork in it: the kernel sends the signal when the *thread* that forked ends.
    """
    libc = ctypes.CDLL(None)
    forking = 0

    def before() -> None:
        nonlocal forking
        forking = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)

    def in_parent() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def in_child() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the supervisor hears it, and ends all
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != forking:
            os._exit(1)  # it was gone before the kernel knew
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


def be_called(name: str) -> None:
    """What `top` and `ps -o comm` call this process; at most 15 bytes."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15])
