"""The ways to log in that Care Identity offers, and what each of them proves."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class Method(enum.Enum):
    """A way to log in: what the address calls it, what the page calls it, and what the ID token says of it."""

    SMARTCARD = ("smartcard", gettext_noop("Smartcard"), 3, "AAL3_N3_SMARTCARD", "N3_SMARTCARD")
    WINDOWS_HELLO = ("windows-hello", gettext_noop("Windows Hello"), 3, "AAL3_FIDO2", "FIDO2")
    SECURITY_KEY = ("security-key", gettext_noop("Security key"), 3, "AAL3_FIDO2", "FIDO2")
    AUTHENTICATOR = ("authenticator-app", gettext_noop("Authenticator app"), 2, "AAL2_TOTP", "TOTP")

    def __init__(self, slug: str, label: str, level: int, acr: str, amr: str) -> None:
        self.slug = slug
        self._label = label
        self.level = level
        self.acr = acr
        self.amr = amr

    @property
    def label(self) -> str:
        """What the page calls it."""
        return _(self._label)

    def satisfies(self, acr_values: Sequence[str]) -> bool:
        """Return whether a service that asked for one of `acr_values` takes this. It takes all if it asked for none."""
        return not acr_values or any(self._is(value) for value in acr_values)

    def _is(self, acr_value: str) -> bool:
        if acr_value == "AAL3_SMARTCARD":
            return self is Method.SMARTCARD
        levels = {"AAL3_ANY": {3}, "AAL2_ANY": {2}, "AAL2_OR_AAL3_ANY": {2, 3}}
        return self.level in levels.get(acr_value, set()) or self.acr == acr_value


def find(slug: str) -> Method | None:
    """Return the method of this name, or None."""
    return next((method for method in Method if method.slug == slug), None)
