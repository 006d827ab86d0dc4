"""Which Care Identity opens which logins. Linking them is people/services/care_identity_links.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from accounts.models import CareIdentity, User
from accounts.proof import BOTH_STEPS_LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import Organisation
    from accounts.proof import Proof


def logins(*, uid: str) -> Sequence[User]:
    """Return the logins that the Care Identity `uid` opens, in force or not, with their organisations, by those."""
    found = User.objects.select_related("organisation").filter(care_identity__uid=uid)
    return list(found.order_by("organisation__name", "username"))


def is_linked(*, user: User, uid: str) -> bool:
    """Return whether the Care Identity `uid` opens the login of `user` now."""
    return CareIdentity.objects.filter(user=user, uid=uid).exists()


def hold(*, user: User, uid: str) -> bool:
    """Return what `is_linked` does, and lock the row in the caller's transaction.

    A request that is unlinking it at this moment is waited for.
    """
    return bool(CareIdentity.objects.select_for_update().filter(user=user, uid=uid).values_list("pk").first())


def is_sure_enough(*, proof: Proof, organisation: Organisation) -> bool:
    """Return whether Care Identity was as sure of who logged in as `organisation` asks for."""
    return proof.level >= organisation.care_identity_level


def are_connected() -> bool:
    """Return whether the portal is connected to Care Identity at all."""
    return bool(settings.CARE_IDENTITY_DISCOVERY_URL)


def count_as_both_steps(*, user: User) -> bool:
    """Return whether each log-in of `user` with their Care Identity counts as both steps.

    They have one, and their organisation asks for the level at which it does: at a lower one a person may come with an
    app of Care Identity, and is asked for a second step of ours.
    """
    return user.organisation.care_identity_level >= BOTH_STEPS_LEVEL and of(user=user) is not None


def of(*, user: User) -> CareIdentity | None:
    """Return the Care Identity that opens the login of `user`, or None."""
    try:
        return user.care_identity
    except CareIdentity.DoesNotExist:
        return None
