"""Say whether the portal is set up as it should be, and how to mend what is not: manage.py doctor (docs/doctor.md)."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.validators import validate_email

from helpdesk.doctor import checks, examining, findings
from helpdesk.doctor.checks import mail_server
from helpdesk.doctor.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.management.base import CommandParser

    from helpdesk.doctor.findings import Found

_STYLES = {
    Severity.GOOD: "SUCCESS",
    Severity.ADVICE: "NOTICE",
    Severity.WARNING: "WARNING",
    Severity.FAILURE: "ERROR",
}


def address(text: str) -> str:
    """Return an address of a mailbox."""
    try:
        validate_email(text)
    except ValidationError:
        raise argparse.ArgumentTypeError("that is no email address") from None
    return text


class Command(BaseCommand):
    """Make every check, and end with 0, with 1 where there is a warning, and with 2 where there is a failure."""

    help = (
        "Look at variables, database, worker, mail, proxy, Care Identity, disk and keys, and say how to mend what is "
        "not as it should be. Ends with 0, with 1 where there is a warning, with 2 where there is a failure. Changes "
        "nothing."
    )
    # What they say is what it is here to show.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --mail, --no-network and --json."""
        parser.add_argument("--mail", type=address, metavar="ADDRESS", help="Send a test mail to this address too.")
        parser.add_argument("--no-network", action="store_true", help="Leave out what asks other machines.")
        parser.add_argument("--json", action="store_true", help="Say it as one JSON array.")

    def handle(self, *, mail: str | None, no_network: bool, **options: Any) -> None:
        """Make the checks, and say what they found as they find it."""
        chosen = [each for each in checks.ALL if each.reach is None or not no_network]
        if mail:
            chosen.append(mail_server.sending_to(mail))
        say = self._as_json if options["json"] else self._as_lines
        sys.exit(findings.exit_code(say(examining.examine(chosen))))

    def _as_json(self, found: Iterable[Found]) -> list[Found]:
        made = list(found)
        self.stdout.write(json.dumps([each.as_json() for each in made], indent=2))
        return made

    def _as_lines(self, found: Iterable[Found]) -> list[Found]:
        made = []
        for each in found:
            made.append(each)
            one = each.finding
            word = getattr(self.style, _STYLES[one.severity])(f"{one.severity.word:<8}")
            self.stdout.write(f"{word} {each.check}: {one.what}")
            if one.mend:
                self.stdout.write(f"         {one.mend}")
            # An operator watches: a check over the network takes seconds.
            self.stdout.flush()
        worst = {severity: sum(each.finding.severity is severity for each in made) for severity in Severity}
        self.stdout.write(", ".join(f"{severity.word}: {number}" for severity, number in worst.items()))
        return made
