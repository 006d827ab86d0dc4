"""manage.py add_organisation --code 999 --name … --support-email … --email-domain nhs.net."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from people.services import organisations


class Command(BaseCommand):
    """Add an organisation or bring it up to date; the rules are in people/services/organisations.py."""

    help = (
        "Add an organisation, or bring the one with this code up to date. The same call twice changes nothing. Email "
        "domains and trusted networks are added to those it has; take one away in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the facts. What is missing is said by the service, in a sentence and with exit code 1."""
        parser.add_argument("--code", default="", help="three digits, like 999; each username begins with them")
        parser.add_argument("--name", default="", help="its name, as people know it")
        parser.add_argument("--support-email", default="", help="where people write to for help with ESR")
        parser.add_argument("--it-support-email", default="", help="where people renew a smartcard (optional)")
        parser.add_argument(
            "--email-domain",
            action="append",
            default=[],
            dest="email_domains",
            metavar="DOMAIN",
            help="what the addresses of its staff, students and contractors end in, like nhs.net; may be repeated",
        )

        parser.add_argument(
            "--trusted-network",
            action="append",
            default=[],
            dest="trusted_networks",
            metavar="NETWORK",
            help="where its computers are, as the portal sees them, like 10.20.0.0/16; may be repeated",
        )
        parser.add_argument(
            "--requires-internet-access",
            action="store_true",
            help="a username and password work outside the trusted networks only for people with internet access",
        )
        parser.add_argument(
            "--care-identity-level",
            type=int,
            help="how sure Care Identity must be: 3 (the default; a smartcard or the like) or 2 (an app is enough)",
        )

    def handle(
        self,
        *,
        code: str,
        name: str,
        support_email: str,
        it_support_email: str,
        email_domains: list[str],
        trusted_networks: list[str],
        requires_internet_access: bool,
        care_identity_level: int | None,
        **options: Any,
    ) -> None:
        """Add it and say what changed."""
        try:
            outcome = organisations.add(
                code=code,
                name=name,
                support_email=support_email,
                it_support_email=it_support_email,
                email_domains=email_domains,
                trusted_networks=trusted_networks,
                requires_internet_access=requires_internet_access,
                care_identity_level=care_identity_level,
            )
        except organisations.Unusable as unusable:
            faults = [f"--{fact.replace('_', '-')}: {problem}" for fact, problem in unusable.problems.items()]
            raise CommandError(" ".join(faults)) from unusable
        except OperationalError as error:
            raise CommandError(f"The database does not answer or is busy; nothing was changed. {error}") from error
        self.stdout.write(_said(outcome))


def _said(outcome: organisations.Outcome) -> str:
    if outcome.is_new:
        return f"Added {outcome.organisation}."
    if not outcome.changes:
        return f"{outcome.organisation} is there already, just so. Nothing was changed."
    return "\n".join(f"{outcome.organisation}: {change}." for change in outcome.changes)
