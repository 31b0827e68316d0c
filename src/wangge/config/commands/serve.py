"""`wangge serve`: the pages, over HTTP."""

from __future__ import annotations

import os
import signal

import click
import django
from granian.constants import Interfaces
from granian.server import Server

from wangge.config import static_files
from wangge.config.processes import bound_to_parent


@click.command()
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", envvar="WANGGE_WEB_WORKERS", type=click.IntRange(1), default=1, show_default=True)
@click.option("--threads", envvar="WANGGE_WEB_THREADS", type=click.IntRange(1), default=4, show_default=True)
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until told to stop. Put a proxy with TLS in front of it (WANGGE_BEHIND_PROXY)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
    django.setup()
    static_files.gather()
    # Worker processes are forked from here; none of them may go on listening after a kill -9 of this one.
    os.register_at_fork(after_in_child=bound_to_parent(signal.SIGKILL))
    Server(
        "wangge.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()
