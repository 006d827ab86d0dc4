"""Compile the catalogues of words in locale/ into locale-built/, where Django looks for them.

Run as ``python -m esr_portal.build_locale``. Needs no gettext on the machine: the package ``polib`` compiles. Does
nothing when no catalogue has changed since the last time.
"""

import fcntl
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# One folder a language: locale/en_GB/LC_MESSAGES/django.po
CATALOGUES = ROOT / "locale"
BUILT = ROOT / "locale-built"
STAMP = ".built-from"


class BuildFailed(Exception):
    """A catalogue cannot be read; the message says which, and the line."""


def build(*, into: Path) -> bool:
    """Compile every catalogue into the folder `into` and return whether there was anything to do.

    Safe to run several times at once. Raises BuildFailed.
    """
    with _one_at_a_time():
        if is_built(into):
            return False
        with tempfile.TemporaryDirectory(prefix=".locale-", dir=into.parent) as folder:
            built = Path(folder) / "built"
            for catalogue in _catalogues():
                _compile(catalogue, built / catalogue.relative_to(CATALOGUES).with_suffix(".mo"))
            (built / STAMP).write_text(_fingerprint(), encoding="ascii")
            shutil.rmtree(into, ignore_errors=True)
            built.replace(into)
    return True


def is_built(folder: Path) -> bool:
    """Return whether `folder` holds what the catalogues would be compiled into today."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text(encoding="ascii") == _fingerprint()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other build of this checkout is running."""
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _catalogues() -> list[Path]:
    return sorted(CATALOGUES.rglob("*.po"))


def _fingerprint() -> str:
    """Return a digest of everything that the build reads, file names included."""
    digest = hashlib.sha256()
    for path in [Path(__file__), *_catalogues()]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _compile(catalogue: Path, target: Path) -> None:
    """Compile one catalogue; what is not translated in it, or marked as fuzzy, is left out. Raises BuildFailed."""
    # Here, because a portal that runs asks for `is_built` alone.
    import polib

    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        polib.pofile(str(catalogue)).save_as_mofile(str(target))
    except (OSError, ValueError) as problem:
        raise BuildFailed(str(problem)) from problem


def main() -> None:
    """Build into the folder beside the code, in which the settings let Django look."""
    try:
        built = build(into=BUILT)
    except BuildFailed as failure:
        sys.exit(f"The catalogues of words could not be built: {failure}.")
    print("Catalogues of words built." if built else "Catalogues of words are up to date.")  # noqa: T201


if __name__ == "__main__":
    main()
