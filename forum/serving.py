"""The web server and its settings, chosen in docs/decisions/0002-server.md; one import for all of its workers."""

import gc
import ipaddress
import multiprocessing
import pkgutil
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from .forks import bind_forks

WORKERS_STOP_WITHIN = (
    7  # seconds; then the server kills them: sooner than the supervisor gives up on the server
)
Made = TypeVar("Made")


def serve(application: Any, host: str, port: int, workers: int) -> None:
    """Serve a WSGI application until SIGTERM or SIGINT; workers are forks of this process and share its memory."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    multiprocessing.set_start_method("fork", force=True)
    Granian(
        "forum", address=host, port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=240,
        backlog=1024, backpressure=1024, websockets=False, http1_settings=HTTP1Settings(),
        workers_kill_timeout=WORKERS_STOP_WITHIN,
        # Else the end of one worker is the end of all: nobody was answered until the supervisor began anew.
        respawn_failed_workers=True,
        # Its warnings are advice on settings (threads above cores: ours wait for the database), not news.
        log_level=LogLevels.error,
    ).serve(target_loader=lambda: application, wrap_loader=False)  # fmt: skip


def loaded(make: Callable[[], Made]) -> Made:
    """What `make` makes, importing what it needs, with the collector at rest: looking for garbage took a third of it.

    What is there afterwards stays for good and is never looked through again.
    """
    gc.disable()
    try:
        return make()
    finally:
        gc.freeze()
        gc.enable()


def reached_at(host: str) -> str:
    """Where a server bound to `host` is reached from this machine: loopback, if it listens everywhere."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def url_of(host: str, port: int) -> str:
    """The address of a site that listens on `host`, as a browser on this machine takes it."""
    name = reached_at(host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def web_command(host: str, port: int, workers: int, application: str = "wsgi:app") -> list[str]:
    """A command that serves an application as the forum is served, without jobs, heartbeat and supervisor."""
    return [sys.executable, "-m", "forum.serving", application, host, str(port), str(workers)]


if __name__ == "__main__":
    named, at_host, at_port, number = sys.argv[1:]
    bind_forks()
    serve(loaded(lambda: pkgutil.resolve_name(named)), at_host, int(at_port), int(number))
