"""What a process says besides its log, as log lines too: warnings, uncaught exceptions, why it does not start.

Python writes those as plain text, of which an exception can quote what was typed, and a log collector makes an event of
each line. What is written before this module is loaded stays plain: docs/metrics.md says what that is.
"""

from __future__ import annotations

import io
import logging
import logging.config
import os
import sys
import threading
from typing import TYPE_CHECKING

from esr_portal import logs
from esr_portal.configuration.faults import YES

if TYPE_CHECKING:
    from types import TracebackType

logger = logging.getLogger("esr_portal.process")

_Kind = type[BaseException]


def take_over() -> None:
    """From now on write all of it as JSON. For what starts a process: before anything can go wrong."""
    logging.config.dictConfig(logs.SETTINGS)
    logging.captureWarnings(capture=True)
    # A terminal whose character set lacks a sign gets its number: what is said last must not end what was done.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.excepthook = _of_the_process
    threading.excepthook = _of_a_thread
    sys.unraisablehook = _unraisable


def is_read_by_people() -> bool:
    """Return whether what this process says is read as it is said: by whoever tries the demo, or at a terminal."""
    return sys.stderr.isatty() or os.environ.get("DEMO", "").strip().lower() in YES


def say(text: str, *, level: int = logging.CRITICAL) -> None:
    """Tell whoever started this process something, as why it does not go on: in words, or as lines of the log."""
    if is_read_by_people():
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        return
    for line in text.splitlines():
        if line.strip():
            logger.log(level, "%s", line.strip())


def _of_the_process(kind: _Kind, error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("the process ends by an exception", exc_info=(kind, error, trace))


def _of_a_thread(hook: threading.ExceptHookArgs) -> None:
    error = hook.exc_value
    if error is None or isinstance(error, SystemExit):
        return
    name = hook.thread.name if hook.thread else ""
    logger.critical("a thread ends by an exception", extra={"thread_name": name}, exc_info=_of(error))


def _unraisable(hook: sys.UnraisableHookArgs) -> None:
    if hook.exc_value is not None:
        logger.error("an exception that nothing can catch", exc_info=_of(hook.exc_value))


def _of(error: BaseException) -> tuple[_Kind, BaseException, TracebackType | None]:
    return type(error), error, error.__traceback__
