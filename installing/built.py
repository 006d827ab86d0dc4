"""What is built of what was installed: stylesheet and scripts, catalogues of words, the filter of leaked passwords."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from installing import sources, uv
from installing.commands import PYTHON, ROOT, TOOLS, run, say
from installing.failures import told

# The module that builds it; what it makes; what is said where it is made for the first time; what it is.
STEPS = (
    ("build_static", "static-built", "Building the stylesheet and scripts …", "The static files"),
    ("build_locale", "locale-built", "Compiling the catalogues of words …", "The catalogues of words"),
    (
        "build_leaked_passwords",
        "leaked-passwords.filter",
        "Building the filter of leaked passwords, which takes up to a minute, once …",
        "The filter of leaked passwords",
    ),
)


def build() -> None:
    """Build what is not up to date. Raises CannotInstall."""
    # npm takes what pip is configured with too: whose certificates are known.
    environment = sources.for_installers(uv.pip() if not (ROOT / "static-built").exists() else ())
    with _npm_cache() as cache:
        for module, made, first, what in STEPS:
            if not (ROOT / made).exists():
                say(first)
            command = [str(PYTHON), "-m", f"esr_portal.{module}"]
            outcome = run(command, quiet=True, environment={**environment, **cache})
            if outcome.code:
                raise told(f"{what} could not be built", outcome)


@contextmanager
def _npm_cache() -> Iterator[dict[str, str]]:
    """Give what makes npm read a copy of the cache in OFFLINE_FOLDER: it writes there, and may not into the folder."""
    folder = sources.offline_folder()
    if not folder:
        yield {}
        return
    with tempfile.TemporaryDirectory(dir=TOOLS) as copy:
        # Without the rights of the files, which may belong to another user.
        shutil.copytree(folder / sources.NPM, f"{copy}/npm", copy_function=shutil.copyfile)
        yield {"npm_config_cache": f"{copy}/npm"}
