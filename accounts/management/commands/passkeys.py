"""Switch passkeys off for all, and on again: manage.py passkeys off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models.switched_off import Part
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
        parser.add_argument("--reason", default="", help="For the other operators.")

    def handle(self, *, what: str, reason: str, **options: Any) -> None:
        """Do it, and say how passkeys are now."""
        if what != "status":
            switched_off.switch(part=Part.PASSKEYS, on=what == "on", by=None, reason=reason)
        off = switched_off.why_off(Part.PASSKEYS)
        if off is None:
            self.stdout.write("Passkeys are on.")
        else:
            self.stdout.write(f"Passkeys are off since {off.at:%Y-%m-%d %H:%M} UTC. {off.reason}".rstrip())
