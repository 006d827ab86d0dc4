"""Collect the static files, and draw the pages that the proxy shows where the portal is not asked or is away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic
from django.template.loader import render_to_string
from django.utils import translation

# By the names that deploy/nginx.conf has for them; in another language than English `unreachable.cy.html`.
PAGES = {
    "unreachable.html": "errors/unreachable.html",
    "refused.html": "errors/bad_request.html",
    "too-large.html": "errors/too_large.html",
}


class Command(collectstatic.Command):
    """Django's own, and after it the pages that must be there while the portal is not."""

    def collect(self) -> dict[str, Any]:
        """Collect, then write the pages: they name the stylesheet by the name that it has just been given."""
        collected: dict[str, Any] = super().collect()
        if not self.dry_run:
            for language, _ in settings.LANGUAGES:
                with translation.override(language):
                    for name, template in PAGES.items():
                        _write(Path(settings.STATIC_ROOT) / _named(name, language), template)
        return collected


def _named(page: str, language: str) -> str:
    return page if language == settings.LANGUAGE_CODE else page.replace(".", f".{language}.")


def _write(page: Path, template: str) -> None:
    """Write the page as a whole, readable by the proxy's user; the former one is shown until then."""
    beside = page.with_name(f".{page.name}")
    beside.write_text(render_to_string(template), encoding="utf-8")
    beside.chmod(0o644)
    beside.replace(page)
