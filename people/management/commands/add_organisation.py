"""manage.py add_organisation --code 999 --name … --support-email … --email-domain nhs.net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from people.organisation_facts import SETTINGS, TYPES, OrganisationFacts
from people.services import organisations

# How an option is read, by the type of its fact.
_READING: Mapping[Any, dict[str, Any]] = {
    str: {"default": ""},
    bool: {"action": "store_true"},
    int | None: {"type": int},
    Sequence[str]: {"action": "append", "default": []},
}


class Command(BaseCommand):
    """Add an organisation or bring it up to date; the rules are in people/services/organisations.py."""

    help = (
        "Add an organisation, or bring the one with this code up to date. The same call twice changes nothing. Email "
        "domains and trusted networks are added to those it has; take one away in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the facts. What is missing is said by the service, in a sentence and with exit code 1."""
        for name, setting in SETTINGS.items():
            option = _option(name)
            reading: dict[str, Any] = _READING[TYPES[name]]
            if setting.one:
                reading = {**reading, "metavar": option.rpartition("-")[2].upper()}
            parser.add_argument(option, dest=name, help=setting.help, **reading)

    def handle(self, **options: Any) -> None:
        """Add it and say what changed."""
        facts = OrganisationFacts(**{name: options[name] for name in SETTINGS})
        try:
            outcome = organisations.add(facts=facts)
        except organisations.Unusable as unusable:
            problems = [f"{_option(name)}: {problem}" for name, problem in unusable.problems.items()]
            raise CommandError(" ".join(problems)) from unusable
        except OperationalError as error:
            raise CommandError(f"The database does not answer or is busy; nothing was changed. {error}") from error
        self.stdout.write(_said(outcome))


def _option(name: str) -> str:
    """Return the option that takes the fact with this name."""
    return f"--{(SETTINGS[name].one or name).replace('_', '-')}"


def _said(outcome: organisations.Outcome) -> str:
    if outcome.is_new:
        return f"Added {outcome.organisation}."
    if not outcome.changes:
        return f"{outcome.organisation} is there already, just so. Nothing was changed."
    return "\n".join(f"{outcome.organisation}: {change}." for change in outcome.changes)
