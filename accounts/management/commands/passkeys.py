"""Switch passkeys off for all, and on again: manage.py passkeys off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models.switched_off import LONGEST_REASON, Part
from accounts.services import switched_off


class Command(BaseCommand):
    """Switch passkeys, or say how they are."""

    help = (
        "Switches passkeys off for all at their next request, or on again, without a restart. People who have nothing "
        "but a passkey then need a recovery code, their smartcard or the helpdesk: none gets in without a second step."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and why."""
        parser.add_argument("what", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help="Needed to switch off; agents and operators read it.")

    def handle(self, *, what: str, reason: str, **options: Any) -> None:
        """Do it, and say how passkeys are now."""
        if what != "status":
            self._switch(on=what == "on", reason=reason)
        off = switched_off.why_off(Part.PASSKEYS)
        if off is None:
            self.stdout.write("Passkeys are on.")
        else:
            self.stdout.write(f"Passkeys are off since {off.at:%Y-%m-%d %H:%M} UTC. {off.reason}".rstrip())

    def _switch(self, *, on: bool, reason: str) -> None:
        try:
            switched_off.switch(part=Part.PASSKEYS, on=on, by=None, reason=reason)
        except switched_off.ReasonNeeded:
            raise CommandError(
                f"Nothing was switched off: say why by --reason, in {LONGEST_REASON} characters at most."
            ) from None
