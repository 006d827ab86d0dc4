"""Whether the static files were collected, on this machine and from this version."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from helpdesk.doctor.findings import failure, good

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

MANIFEST = "staticfiles.json"
_COLLECT = "Run manage.py collectstatic --noinput on this machine, then start the web server anew."


def check() -> Iterator[Finding]:
    """Yield whether each file of this version is in the manifest, and there, with the content that it has here."""
    try:
        paths: dict[str, str] = json.loads((settings.STATIC_ROOT / MANIFEST).read_text(encoding="utf-8"))["paths"]
    except (OSError, ValueError, KeyError):
        yield failure("The static files have not been collected on this machine: pages have no style.", _COLLECT)
        return
    wrong = 0
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            collected = settings.STATIC_ROOT / name
            with storage.open(name) as source:
                ours = hashlib.sha256(source.read()).digest()
            is_same = collected.is_file() and hashlib.sha256(collected.read_bytes()).digest() == ours
            wrong += not (is_same and name in paths and (settings.STATIC_ROOT / paths[name]).is_file())
    if wrong:
        yield failure(f"Static files are missing or of another version: {wrong}.", _COLLECT)
    else:
        yield good("The static files are collected, and of this version.")
