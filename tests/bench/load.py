"""Requests from a process of its own: JSON with a plan comes in, JSON with what happened goes out."""

import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """`latencies` in seconds, in no order; `statuses` by their code as text."""

    elapsed: float
    latencies: list[float]
    statuses: dict[str, int]

    def share(self, part: float) -> float:
        """The latency below which this part of the requests lies."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def get(path: str, cookie: str = "", **headers: str) -> str:
    """A GET as it goes over the wire. No Accept-Encoding: the identity encoding."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *([f"Cookie: {cookie}"] if cookie else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines) + "\r\n\r\n"


def post(path: str, cookie: str, fields: dict[str, str]) -> str:
    """A form's POST as it goes over the wire."""
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )


def post_with_file(path: str, cookie: str, fields: dict[str, str], file: bytes) -> bytes:
    """The same with a picture, as a browser sends it."""
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="attach"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    body = "".join(parts).encode() + file + f"\r\n--{edge}--\r\n".encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={edge}\r\n\r\n"
    )
    return head.encode() + body


def send(port: int, requests: Sequence[str], *, times: int = 1, connections: int = 4) -> Outcome:
    """Send each request `times` times over so many connections that stay open; every answer is read whole."""
    plan = {"port": port, "requests": list(requests), "times": times, "connections": connections}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=json.dumps(plan), capture_output=True, text=True, cwd=ROOT,
        check=True, timeout=600,
    )  # fmt: skip
    return Outcome(**json.loads(done.stdout))


def answer_of(port: int, request: str) -> tuple[int, dict[str, str], bytes]:
    """One request from this process: status, headers with lower-case names, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request.encode())
        return _read(line)


def _read(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    taken = b""
    while (end := taken.find(b"\r\n\r\n")) < 0:
        more = line.recv(262_144)
        if not more:
            raise ConnectionError("the server closed the line")
        taken += more
    first, *rest = taken[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _colon, value in (each.partition(":") for each in rest)}
    body = taken[end + 4 :]
    parts, missing = [body], int(headers.get("content-length", "0")) - len(body)
    while missing > 0:
        more = line.recv(262_144)
        if not more:
            raise ConnectionError("the server closed the line")
        parts.append(more)
        missing -= len(more)
    return int(first.split()[1]), headers, b"".join(parts)


def _main(plan: dict[str, Any]) -> dict[str, Any]:
    requests = [each.encode() for each in plan["requests"]]
    waiting: Iterator[bytes] = iter([each for _turn in range(plan["times"]) for each in requests])
    lock, latencies, statuses = threading.Lock(), list[float](), Counter[str]()

    def work() -> None:
        line = socket.create_connection(("127.0.0.1", plan["port"]), timeout=60)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                line.close()
                return
            began = time.perf_counter()
            line.sendall(request)
            status, _headers, _body = _read(line)
            took = time.perf_counter() - began
            with lock:
                latencies.append(took)
                statuses[str(status)] += 1

    threads = [threading.Thread(target=work) for _ in range(plan["connections"])]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"elapsed": time.perf_counter() - began, "latencies": latencies, "statuses": statuses}


if __name__ == "__main__":
    json.dump(_main(json.load(sys.stdin)), sys.stdout)
