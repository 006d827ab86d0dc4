"""People who came by Care Identity, without going there: what it said of them is given to the portal's own log-in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse

from accounts import adapter
from accounts.models import CareIdentity, TrustedNetwork
from accounts.proof import Proof
from tests.support.steps import answered

if TYPE_CHECKING:
    from accounts.models import Organisation, User
    from tests.support.steps import PortalClient

UID = "555000000999"
# The test client's own address, and one that is in no organisation's network.
INSIDE = "127.0.0.1"
OUTSIDE = "203.0.113.9"


def smartcard(*, uid: str = UID, minutes_ago: float = 0, **facts: Any) -> Proof:
    """Return the proof of a log-in with a smartcard, just now."""
    facts = {"level": 3, "methods": ("N3_SMARTCARD",), "session": "", **facts}
    return Proof(uid=uid, authenticated_at=int(time.time() - minutes_ago * 60), **facts)


def an_app(*, uid: str = UID) -> Proof:
    """Return the proof of a log-in with a password and a code, just now."""
    return smartcard(uid=uid, level=2, methods=("TOTP",))


def link(user: User, uid: str = UID) -> User:
    """Have the Care Identity `uid` open the login of `user`."""
    CareIdentity.objects.update_or_create(user=user, defaults={"uid": uid})
    return user


def let_apps_in(user: User) -> User:
    """Have the organisation of `user` take a password and a code, level 2, from Care Identity."""
    user.organisation.care_identity_level = 2
    user.organisation.save(update_fields=["care_identity_level"])
    return user


def trust(organisation: Organisation, network: str = f"{INSIDE}/32") -> TrustedNetwork:
    """Make `network`, the test client's own, one of `organisation`."""
    return TrustedNetwork.objects.get_or_create(organisation=organisation, network=network)[0]


def log_in_by_care_identity(
    client: PortalClient, user: User, proof: Proof | None = None, id_token: str = ""
) -> PortalClient:
    """Log `user` in as Care Identity's answer does, through the same stages; return the browser.

    `proof` is a smartcard's, just now, where none is given; it must be linked to `user`. `id_token` is what the session
    keeps for logging out there.
    """
    given = proof or smartcard()

    def enter(request: HttpRequest) -> HttpResponse:
        return adapter.enter_by_care_identity(request, user=user, proof=given, id_token=id_token, next_url="")

    answered(client, enter)
    return client
