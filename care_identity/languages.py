"""The languages that Care Identity is asked to speak to a person.

Source: OpenID Connect Core 1.0, 3.1.2.1, and RP-Initiated Logout 1.0 (2). A provider that speaks none of them must not
fail for that (Core, 15.1).
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def asked_for() -> dict[str, str]:
    """Return the parameter that asks for the language of the page, and for English where there is no such page.

    From an English page nothing is asked.
    """
    language = get_language()
    return {} if language in (None, settings.LANGUAGE_CODE) else {"ui_locales": f"{language} en-GB"}
