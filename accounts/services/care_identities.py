"""Which Care Identity opens which logins. Set by the import or the helpdesk, never by what anybody types at log-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import CareIdentity, User

if TYPE_CHECKING:
    from collections.abc import Sequence


def logins(*, uid: str) -> Sequence[User]:
    """Return the logins that the Care Identity `uid` opens, in force or not, with their organisations, by those."""
    people = User.objects.select_related("organisation").filter(care_identity__uid=uid)
    return list(people.order_by("organisation__name", "username"))


def is_linked(*, user: User, uid: str) -> bool:
    """Return whether the Care Identity `uid` opens the login of `user` now."""
    return CareIdentity.objects.filter(user=user, uid=uid).exists()
