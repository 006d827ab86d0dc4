"""Where collected static files are kept: under hashed names and compressed, as WhiteNoise's storage does it.

To compress all of them takes a core for seconds, of which a start, or an upgrade that changed little, needs none.
"""

from __future__ import annotations

import functools
import gzip
import zlib
from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Compresses the files that are new or have changed, and what two of them hold once."""

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what compresses a file, given its path."""
        return _CompressorOfTheNew(**options)


class _CompressorOfTheNew(Compressor):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        # Each file is there under its own name and under a hashed one.
        self.compress_brotli = functools.cache(super().compress_brotli)  # type: ignore[method-assign]
        self.compress_gzip = functools.cache(super().compress_gzip)  # type: ignore[method-assign]

    def compress(self, path: str) -> list[str]:
        """Write the compressed forms of a file, unless they are there; return the paths of those that were written."""
        if _is_compressed(path):
            return []
        written: list[str] = super().compress(path)  # type: ignore[no-untyped-call]
        return written


def _is_compressed(path: str) -> bool:
    """Return whether the forms beside a file hold what is in it.

    They are read: one may be of another version, or half of what was being written when a process ended.
    """
    # Here, because what compresses need not be where pages are served.
    import brotli

    content = Path(path).read_bytes()
    try:
        forms = [brotli.decompress(Path(f"{path}.br").read_bytes()), gzip.decompress(Path(f"{path}.gz").read_bytes())]
    except (OSError, EOFError, zlib.error, brotli.error):
        return False
    return all(form == content for form in forms)
