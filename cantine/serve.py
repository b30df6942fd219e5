"""``serve``: the web server and its consumer of long work, both stopped together."""

import multiprocessing
import os
import threading
from multiprocessing.process import BaseProcess

import waitress

from cantine import jobs, purge
from cantine.app import create_app
from cantine.config import Config
from cantine.upgrade import prepare

THREADS = 8
WATCH_SECONDS = 1.0


def serve(config: Config) -> None:
    """Answer until stopped. With no worker of its own, consumers run elsewhere."""
    engine = prepare(config)
    stop = threading.Event()
    keepers = [threading.Thread(target=_keep, args=(config, stop)) for _ in range(config.workers)]
    keepers.append(threading.Thread(target=purge.every_day, args=(engine, stop)))
    for keeper in keepers:
        keeper.start()
    try:
        waitress.serve(
            create_app(config, engine), host=config.host, port=config.port, threads=THREADS, ident=None
        )
    finally:
        stop.set()
        for keeper in keepers:
            keeper.join()


def _keep(config: Config, stop: threading.Event) -> None:
    """Keep one consumer alive: a killed one is replaced, after a pause, its run is taken up again."""
    while not stop.is_set():
        consumer = start_consumer(config)
        while consumer.is_alive() and not stop.wait(WATCH_SECONDS):
            pass
        consumer.terminate()
        consumer.join()
        stop.wait(WATCH_SECONDS)


def start_consumer(config: Config) -> BaseProcess:
    """A consumer in its own process, started afresh: it shares no connection with the server."""
    context = multiprocessing.get_context("spawn")
    consumer = context.Process(target=_consume, args=(config, os.getpid()), name="cantine-consumer")
    consumer.start()
    return consumer


def _consume(config: Config, server: int) -> None:
    """Run the consumer, and leave with the server even if it was killed."""
    threading.Thread(target=_leave_with, args=(server,), daemon=True).start()
    jobs.run_consumer(config)


def _leave_with(server: int) -> None:
    pause = threading.Event()
    while os.getppid() == server:
        pause.wait(WATCH_SECONDS)
    os._exit(0)
