"""Long work outside the request: a queue that rings, and the consumers that answer; they post the mail too.

The queue may lose a message (huey deletes it before the work is done): the Run rows are the
truth, and each consumer rings again every few seconds for runs that wait or were lost.
"""

import signal
import threading
from collections.abc import Callable

from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import Engine

from cantine.clock import utc_now
from cantine.config import Config
from cantine.db import make_engine
from cantine.errors import ConfigError
from cantine.planning import work
from cantine.sending.deliver import keep_sending

NAME = "cantine"
RING_SECONDS = 5.0


def make_queue(config: Config) -> Huey:
    """The doorbell: SQLite beside the data by default, PostgreSQL by address.

    Raises:
        ConfigError: the address is of no known kind.
    """
    url = config.queue_url
    if not url:
        return SqliteHuey(NAME, filename=str(config.home / "queue.db"), results=False)
    if url.startswith("postgresql"):
        return PostgresHuey(NAME, dsn=url.replace("postgresql+psycopg://", "postgresql://"), results=False)
    raise ConfigError(f"CANTINE_QUEUE_URL : « {url} » ne commence pas par postgresql://.")


def doorbell(config: Config) -> Callable[[int], None]:
    """The function that tells the consumers of a new run."""
    queue = make_queue(config)
    task = queue.task(name="run")(_unwired)

    def ring(run_id: int) -> None:
        task(run_id)

    return ring


def _unwired(run_id: int) -> None:
    """Enqueued by the site, which never runs it."""
    raise AssertionError(f"the run {run_id} was taken by a process that is no consumer")


def run_consumer(config: Config) -> None:
    """Answer until stopped: one run at a time, each search in its own process."""
    engine = make_engine(config.database_url)
    queue = make_queue(config)

    @queue.task(name="run")
    def run(run_id: int) -> None:
        work.execute(engine, run_id)

    threading.Thread(target=_ring_again, args=(engine, run), daemon=True).start()
    threading.Thread(target=keep_sending, args=(config, engine, threading.Event()), daemon=True).start()
    consumer = queue.create_consumer(
        workers=1, periodic=False, worker_type="thread", initial_delay=0.1, max_delay=1.0
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    consumer.run()


def _ring_again(engine: Engine, ring: Callable[[int], object]) -> None:
    pause = threading.Event()
    rung: set[int] = set()
    while not pause.wait(RING_SECONDS):
        waiting = set(work.ring_waiting(engine, utc_now()))
        for run_id in waiting - rung:
            ring(run_id)
        rung = waiting
