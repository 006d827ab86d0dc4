"""Processes that live and die together: each is a child of this one, and none outlives it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

# From <sys/prctl.h>: the signal that a process gets when its parent dies.
PR_SET_PDEATHSIG = 1
# Seconds. Granian lets requests end first; a mail in flight takes at most EMAIL_TIMEOUT.
PATIENCE = 15

_libc = ctypes.CDLL(None, use_errno=True)


class StoppedByItself(Exception):
    """A process ended without being asked to. The message says which, and how."""


class Family:
    """Starts processes, watches them, and stops them all: when one ends, when asked to, and when this process dies."""

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_to_stop = False

    def start(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], pass_fds: Sequence[int] = ()
    ) -> None:
        """Start `command` under a name that a person understands, with `environment` on top of ours."""
        parent = os.getpid()
        self._children[name] = subprocess.Popen(
            list(command),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            pass_fds=pass_fds,
            # Ctrl-C at the terminal reaches us alone, and we stop them in order.
            start_new_session=True,
            preexec_fn=lambda: stop_with_parent(parent),  # noqa: PLW1509 - we have one thread.
        )

    def stop_on_signals(self) -> None:
        """From now on SIGINT, SIGTERM and SIGHUP end `watch`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True

    @property
    def asked_to_stop(self) -> bool:
        """Whether a signal asked us to stop."""
        return self._asked_to_stop

    def check(self) -> None:
        """Raise StoppedByItself if one of the processes has ended."""
        for name, child in self._children.items():
            code = child.poll()
            if code is not None:
                how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
                raise StoppedByItself(f"The {name} {how}.")

    def watch(self) -> None:
        """Return once asked to stop. Raises StoppedByItself as soon as a process ends."""
        while not self._asked_to_stop:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask every process to end, the last started first; kill what is left of them after PATIENCE seconds."""
        deadline = time.monotonic() + PATIENCE
        for child in reversed(self._children.values()):
            if child.poll() is None:
                child.terminate()
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            # Each leads a group of its own, with what it started: the server's workers, where the server was killed.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def stop_with_parent(parent: int) -> None:
    """Let this process get a SIGTERM when its parent, the process `parent`, dies, however that happens."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # It may have died before we asked.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
