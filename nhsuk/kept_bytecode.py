"""Components that are compiled once an installation and not by each process: that is a fifth of a server's start."""

import contextlib
import sys
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class KeptAsPythonKeeps(FileSystemBytecodeCache):
    """Keeps what Jinja has compiled in the folder where Python keeps this package compiled, if it keeps it at all.

    Who may write there may change the code of the portal already. What is of another version of Jinja, of Python or of
    a component is not taken.
    """

    def __init__(self) -> None:
        super().__init__(str(Path(cache_from_source(__file__)).parent), "component_%s.bytecode")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, unless Python is told to keep nothing, or nothing can be written there."""
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)
            # As Python's own: the user who installs the portal is not the one who runs it.
            Path(self._get_cache_filename(bucket)).chmod(0o644)
