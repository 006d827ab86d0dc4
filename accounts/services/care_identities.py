"""Which Care Identity opens which logins. Linking them is people/services/care_identity_links.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CareIdentity, User

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


def is_sure_enough(*, proof: Proof, organisation: Organisation) -> bool:
    """Return whether Care Identity was as sure of who logged in as `organisation` asks for."""
    return proof.level >= organisation.care_identity_level


def of(*, user: User) -> CareIdentity | None:
    """Return the Care Identity that opens the login of `user`, or None."""
    try:
        return user.care_identity
    except CareIdentity.DoesNotExist:
        return None
