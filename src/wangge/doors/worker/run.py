"""The worker: answers wake-ups, keeps the timetable, runs jobs, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from types import FrameType

from django.db import DatabaseError, InterfaceError, close_old_connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from wangge.doors.worker.reactions import react
from wangge.doors.worker.timetable import tick
from wangge.doors.worker.webhooks import send_webhooks
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.worktime.clock import now
from wangge.territory import memory

logger = logging.getLogger(__name__)

#: Idle waits: short enough that a clerk does not notice, long enough to cost nothing.
IDLE_SECONDS = 0.3
TICK_SECONDS = 2.0
BATCH = 50


def main() -> None:
    """Run until SIGTERM or SIGINT; what was under way is finished or rolled back, never half done."""
    stop = threading.Event()

    def stopping(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, stopping)
    signal.signal(signal.SIGINT, stopping)
    jobs = threading.Thread(target=_run_jobs, args=(stop,), name="jobs", daemon=True)
    jobs.start()
    # Receivers of events answer when they like; nobody at a desk waits for them.
    events = threading.Thread(target=send_webhooks, args=(stop,), name="webhooks", daemon=True)
    events.start()
    _read_territory()
    logger.info("worker is up")
    _answer(stop)
    jobs.join(timeout=10)
    events.join(timeout=10)
    logger.info("worker is down")


def _read_territory() -> None:
    try:
        memory.warm()
    except (DatabaseError, InterfaceError):
        logger.warning("database does not answer yet")


def _answer(stop: threading.Event) -> None:
    next_tick = 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            drained = drain(react, at=now(), batch=BATCH)
            if time.monotonic() >= next_tick:
                tick(now())
                next_tick = time.monotonic() + TICK_SECONDS
        except (DatabaseError, InterfaceError) as error:
            # The database is being restarted, or a connection died; wake-ups wait in their table.
            logger.warning("database does not answer (%s); trying again", type(error).__name__)
            stop.wait(2.0)
            continue
        if not drained.answered:
            stop.wait(IDLE_SECONDS)


def _run_jobs(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            asyncio.run(_jobs_until(stop))
        except Exception as error:
            logger.warning("the job loop ended (%s); starting it again", type(error).__name__)
            stop.wait(2.0)


async def _jobs_until(stop: threading.Event) -> None:
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("jobs run on Django's own database")
    worker_app = app.with_connector(connector.get_worker_connector())
    async with worker_app.open_async():
        worker = asyncio.create_task(
            worker_app.run_worker_async(
                install_signal_handlers=False,
                listen_notify=False,
                fetch_job_polling_interval=2.0,
                name="wangge",
            )
        )
        while not stop.is_set() and not worker.done():
            await asyncio.sleep(0.3)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
