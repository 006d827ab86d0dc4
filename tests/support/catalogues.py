"""What the libraries say to people, read from their own catalogues, and what the portal makes of it."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

import polib

from esr_portal.build_locale import CATALOGUES, ROOT

OURS = CATALOGUES / "en_GB" / "LC_MESSAGES"
PRODUCT = ("accounts", "people", "care_identity", "helpdesk", "hub", "nhsuk", "common_passwords", "esr_portal")
# django-otp brings no English catalogue: the msgids of any other are the English sentences.
LIBRARIES = {
    "django": ("conf/locale/en", "contrib/admin/locale/en", "contrib/auth/locale/en", "contrib/contenttypes/locale/en"),
    "allauth": ("locale/en",),
    "django_otp": ("locale/de",),
}


def of_libraries(domain: str = "django") -> list[polib.POEntry]:
    """Return each sentence and word of the installed libraries."""
    entries: list[polib.POEntry] = []
    for library, folders in LIBRARIES.items():
        for folder in folders:
            file = _folder(library) / folder / "LC_MESSAGES" / f"{domain}.po"
            entries += polib.pofile(str(file)) if file.exists() else []
    return entries


def ours(domain: str = "django") -> list[polib.POEntry]:
    """Return what the portal's own catalogue says instead."""
    return list(polib.pofile(str(OURS / f"{domain}.po")))


def is_of_the_product(msgid: str) -> bool:
    """Return whether the portal's own templates or code say this too: then it is a word of theirs, not a library's."""
    return f'"{msgid}"' in _product()


@functools.cache
def _product() -> str:
    files = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*files, *(ROOT / "templates").rglob("*.html")])


def _folder(library: str) -> Path:
    spec = find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
