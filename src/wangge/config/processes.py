"""Child processes that never outlive their parent, whatever kills it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def bound_to_parent(sent: signal.Signals) -> Callable[[], None]:
    """For a forked child: the kernel sends it this signal when its parent is gone, even by kill -9."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sent.value, 0, 0, 0)
        if os.getppid() != parent:  # gone before the kernel knew
            os.kill(os.getpid(), sent)

    return bind


class Child:
    """A `wangge` sub-command in a session of its own: Ctrl-C reaches its parent alone, which stops it."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wangge", *arguments],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=bound_to_parent(signal.SIGTERM),
        )

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def tell_to_stop(self) -> None:
        if not self.ended:
            self.process.terminate()

    def stop(self, patience: float = 15) -> None:
        """Tell it to stop and see to it."""
        self.tell_to_stop()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            # Its own children are in its session and bound to it.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
