"""Keeps the memory of a process to itself: passwords that people type and the portal's keys are in it.

A process that crashes is written to no file, and another process of the same user cannot read it (prctl(2),
PR_SET_DUMPABLE; core(5)). Root can, as it can read everything.
"""

from __future__ import annotations

import ctypes
import resource

# From <sys/prctl.h>. Each program that is started anew begins with 1.
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
_libc = ctypes.CDLL(None, use_errno=True)


def keep_memory_private() -> None:
    """Let this process write no core dump, and no other of its user attach to it."""
    allow_no_dumps()
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def allow_no_dumps() -> None:
    """Let neither this process nor what it starts write a core dump into a file; this outlasts `exec`."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def is_private() -> bool:
    """Return whether the memory of this process is kept to itself."""
    return not _libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) and resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
