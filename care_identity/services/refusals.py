"""Why a log-in with Care Identity is refused: a code for the event, and one of a few pages for the person."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User


class Page(enum.StrEnum):
    """What the person is told. Each is a page that says what to do next."""

    # Care Identity does not know them, or they broke off there.
    CANCELLED = "cancelled"
    # The answer is old, was used, or belongs to another browser or window: begin again.
    START_AGAIN = "start_again"
    # The answer is not one that Care Identity can have given: nothing to be done by the person but begin again.
    NOT_BELIEVED = "not_believed"
    # Care Identity knows them, but not well enough: use the smartcard.
    LEVEL_TOO_LOW = "level_too_low"
    # Their documents were not checked closely enough: the team that issues smartcards does that.
    IDENTITY_NOT_CHECKED = "identity_not_checked"
    # No login here has this Care Identity: the organisation's ESR contact can add it.
    NOT_LINKED = "not_linked"
    # Theirs has ended, not begun, or is not active.
    NOT_IN_FORCE = "not_in_force"
    # Care Identity does not answer: try again, or use the username and password.
    UNAVAILABLE = "unavailable"


class Refused(Exception):
    """A log-in is refused. `reason` is the code for the event (at most 40 characters, no personal data).

    `logins` are those that it is about, where that is known. `uid` is the number that no login has, for the person to
    tell their organisation. `unasked`: the browser brought what the portal knows nothing of, as any stranger can.
    """

    def __init__(
        self, page: Page, reason: str, *, logins: Sequence[User] = (), uid: str = "", unasked: bool = False
    ) -> None:
        super().__init__(reason)
        self.page = page
        self.reason = reason
        self.logins = logins
        self.uid = uid
        self.unasked = unasked
