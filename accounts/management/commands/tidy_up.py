"""Delete what is no longer needed. Run it daily; running it more often, or twice at once, does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from accounts.services import lockout, mail, outbox, recovery, sessions

if TYPE_CHECKING:
    from collections.abc import Callable

_CHORES: dict[str, Callable[[], int]] = {
    "forgotten lockout counters": lockout.delete_forgotten,
    "expired sessions": sessions.delete_expired,
    "recovery links that ended long ago": recovery.delete_expired_links,
    "recovery requests decided long ago": recovery.delete_old_requests,
    "replaced email addresses that could not be told": mail.delete_former_emails,
    "outbox rows done long ago": outbox.delete_done,
}


class Command(BaseCommand):
    """Daily work."""

    help = "Delete what is no longer needed. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each chore and say how much there was."""
        for what, chore in _CHORES.items():
            self.stdout.write(f"{what}: {chore()} deleted")
