"""Collect the static files, and draw the page that the proxy shows where the portal does not answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic
from django.template.loader import render_to_string

# deploy/nginx.conf names it.
UNREACHABLE = "unreachable.html"


class Command(collectstatic.Command):
    """Django's own, and after it the one page that must be there while the portal is not."""

    def collect(self) -> dict[str, Any]:
        """Collect, then write the page: it names the stylesheet by the name that it has just been given."""
        collected: dict[str, Any] = super().collect()
        if not self.dry_run:
            _write(Path(settings.STATIC_ROOT) / UNREACHABLE)
        return collected


def _write(page: Path) -> None:
    """Write the page as a whole, readable by the proxy's user; the former one is shown until then."""
    beside = page.with_name(f".{page.name}")
    beside.write_text(render_to_string("errors/unreachable.html"), encoding="utf-8")
    beside.chmod(0o644)
    beside.replace(page)
