"""``serve``: the site answers, its consumer is replaced when killed and never outlives it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from cantine import serve
from cantine.config import Config

PATIENCE = 40
COMMAND = """
from cantine.config import from_environment
from cantine.serve import serve
serve(from_environment())
"""


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def consumers(server: int) -> set[int]:
    """Numbers of the consumers of a server."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == server and "spawn_main" in (folder / "cmdline").read_text():
                found.add(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


def wait_for(happened: Callable[[], bool], what: str) -> None:
    """Wait, but not for ever."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if happened():
            return
        time.sleep(0.2)
    raise AssertionError(what)


def answers(port: int) -> bool:
    """Whether the site is up."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def test_a_killed_consumer_is_replaced_and_none_is_left_behind(home: Path) -> None:
    """Both killed with -9: first the consumer, then the server."""
    port = free_port()
    environment = {**os.environ, "CANTINE_HOME": str(home), "CANTINE_PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-c", COMMAND], env=environment)
    try:
        wait_for(lambda: answers(port), "the site never answered")
        wait_for(lambda: len(consumers(server.pid)) == 1, "no consumer")
        first = consumers(server.pid)
        os.kill(next(iter(first)), signal.SIGKILL)
        wait_for(lambda: len(consumers(server.pid) - first) == 1, "the consumer was not replaced")
        second = consumers(server.pid)
    finally:
        server.kill()
        server.wait()
    wait_for(
        lambda: not any(Path(f"/proc/{number}").exists() for number in second), "a consumer outlived the site"
    )


def test_a_consumer_that_dies_at_once_is_not_started_in_a_rush(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two starts the server waits."""
    starts: list[float] = []

    class Dead:
        """A consumer that never lived."""

        def is_alive(self) -> bool:
            return False

        def terminate(self) -> None: ...

        def join(self) -> None: ...

    def start(_config: Config) -> Dead:
        starts.append(time.monotonic())
        if len(starts) == 3:
            stop.set()
        return Dead()

    stop = threading.Event()
    monkeypatch.setattr(serve, "start_consumer", start)
    monkeypatch.setattr(serve, "WATCH_SECONDS", 0.1)
    serve._keep(config, stop)  # noqa: SLF001 -- the loop itself
    assert starts[2] - starts[0] >= 0.2
