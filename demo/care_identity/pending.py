"""The request of a service that the person is logging in for: its address goes along from page to page as `next`."""

from __future__ import annotations

import dataclasses
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse

from demo.care_identity import configuration
from demo.care_identity.methods import Method


@dataclasses.dataclass(frozen=True, slots=True)
class Pending:
    """Where to go on after the log-in. Without a service that asked it is our own first page."""

    address: str

    @property
    def acr_values(self) -> list[str]:
        """Return what the service asked for."""
        return self._asked("acr_values").split()

    @property
    def ui_locales(self) -> str:
        """Return the languages that the service asked for."""
        return self._asked("ui_locales")

    def methods(self) -> list[Method]:
        """Return the ways to log in that the service takes."""
        return [method for method in Method if method.satisfies(self.acr_values)]

    def page(self, name: str, *args: str, **more: str) -> str:
        """Return the address of one of our pages, with this request along."""
        query = {**more, **({"next": self.address} if self.is_for_a_service else {})}
        return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")

    @property
    def is_for_a_service(self) -> bool:
        """Whether a service has asked, or the person came by themselves."""
        return self.address.startswith(f"{reverse('authorize')}?")

    @property
    def given_up(self) -> str:
        """Return where Cancel leads: back to the service, which is told of it; to our own first page without one."""
        if not self.is_for_a_service:
            return reverse("home")
        return f"{configuration.REDIRECT_URI}?{urlencode({'error': 'access_denied', 'state': self._asked('state')})}"

    @property
    def onward(self) -> str:
        """Return the full address: after a log-in by the card listener it leads back to the plain one."""
        return f"{configuration.ISSUER}{self.address}"

    def _asked(self, parameter: str) -> str:
        """Return a parameter of the request, or "" where it is not there."""
        return parse_qs(urlsplit(self.address).query).get(parameter, [""])[0]


def of(request: HttpRequest) -> Pending:
    """Return the request that is waiting. Anything that is not one of our own addresses is dropped."""
    pending = Pending(request.GET.get("next", ""))
    return pending if pending.is_for_a_service else Pending(reverse("home"))
