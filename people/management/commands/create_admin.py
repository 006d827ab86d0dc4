"""manage.py create_admin."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from accounts.identifiers import normalise_email, normalise_username
from accounts.models import Organisation, User
from accounts.models.role import Role
from accounts.models.user import PersonType
from accounts.services import recovery
from nhsuk import wording
from people.services import admins, people, person_facts

# What a new person's record needs, in the order in which it is asked for.
FACTS = {
    "organisation": "Organisation (three digits)",
    "given_name": "Given name",
    "family_name": "Family name",
    "email": "Email address",
    "date_of_birth": "Date of birth (like 15/3/1984)",
    "employee_number": "ESR number (eight digits)",
}
WHY_NOT = {
    recovery.WhyNoLink.NOT_ACTIVE: "is not active. Activate the record first.",
    recovery.WhyNoLink.ENDED: "is past the last day on record. Change it first.",
    recovery.WhyNoLink.STARTS_LATER: "has not started yet: the first day on record is still to come.",
    recovery.WhyNoLink.HELD: "has had this address for less than a day. A second agent can confirm it.",
    recovery.WhyNoLink.CARE_IDENTITY_ONLY: "logs in with Care Identity only. Change the record first.",
}


class Command(BaseCommand):
    """Make a person an admin; the rules are in people/services/admins.py."""

    help = (
        "Make somebody an admin and print a one-time link to set a password. With --username, somebody on record; "
        "else a new record is added, and what is missing is asked for on a terminal. An operator looks after every "
        "organisation; with --helpdesk it is their own organisation only. Run it again for a fresh link. At the first "
        "log-in the second step is set up; --username … --new-second-step is for somebody who has lost the phone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person, on record or new, and the kind of admin."""
        parser.add_argument("--username", help="Somebody on record, like 999JSMITH01.")
        for fact, what in FACTS.items():
            parser.add_argument(f"--{fact.replace('_', '-')}", help=f"{what}, of a new record.")
        parser.add_argument("--person-type", choices=PersonType.values, default=PersonType.STAFF.value)
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--operator", action="store_true", help="For every organisation: the default.")
        kind.add_argument("--helpdesk", action="store_true", help="For the organisation of the person alone.")
        kind.add_argument("--new-second-step", action="store_true", help="Only take the lost second step away.")

    def handle(self, **options: Any) -> None:
        """Make the admin, and print the link."""
        try:
            self._handle(options)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database does not answer, or was not made yet by manage.py migrate. {error}"
            ) from error

    def _handle(self, options: dict[str, Any]) -> None:
        if options["new_second_step"]:
            self._new_second_step(options)
            return
        person = self._on_record(options["username"]) if options["username"] else self._new(options)
        try:
            link = admins.make_admin(person=person, operator=not options["helpdesk"])
        except admins.CannotLogIn as refused:
            raise CommandError(f"{person} {WHY_NOT[refused.why]}") from refused
        kind = self._kind(person)
        minutes = wording.minutes(recovery.LINK_LASTS)
        self.stdout.write(f"{person}, {person.get_full_name()}, is {kind}.")
        self.stdout.write(f"To set a password, open this link once within {minutes} minutes:\n\n{link}\n")
        self.stdout.write(f"Then log in as {person}. The first log-in sets up the second step.")

    def _kind(self, person: User) -> str:
        match person.role:
            case Role.NATIONAL_ADMIN:
                return "an operator, for every organisation"
            case Role.AGENT:
                return f"helpdesk of {person.organisation}"
        return f"{person.get_role_display().lower()} of {person.organisation}"

    def _new_second_step(self, options: dict[str, Any]) -> None:
        if not options["username"]:
            raise CommandError("Say whose second step: --username 999JSMITH01 --new-second-step.")
        person = self._on_record(options["username"])
        if not admins.take_second_step_away(person=person):
            raise CommandError(f"{person} has no second step. If one is needed, the next log-in sets it up.")
        self.stdout.write(f"The second step of {person} is gone, and every session is ended.")
        self.stdout.write("The next log-in sets up a new one. Be sure that it is they who asked.")

    def _on_record(self, typed: str) -> User:
        person = User.objects.select_related("organisation").filter(username=normalise_username(typed)).first()
        if person is None:
            raise CommandError(f"Nobody has the username {typed}.")
        return person

    def _new(self, options: dict[str, Any]) -> User:
        """Return the person that the options describe, added to the records unless they are there already."""
        facts = self._facts(options)
        organisation = Organisation.objects.filter(code=facts["organisation"]).first()
        if organisation is None:
            raise CommandError(
                f"There is no organisation {facts['organisation']}. Add it first: manage.py add_organisation "
                f"--code {facts['organisation']} --name … --support-email … --email-domain …"
            )
        person = User(
            organisation=organisation,
            given_name=person_facts.tidy_name(facts["given_name"]),
            family_name=person_facts.tidy_name(facts["family_name"]),
            email=normalise_email(facts["email"]),
            employee_number=facts["employee_number"],
            person_type=options["person_type"],
        )
        try:
            person.date_of_birth = person_facts.read_date(text=facts["date_of_birth"])
        except person_facts.NotADate as problem:
            raise CommandError(f"--date-of-birth: {problem}") from None
        return self._same(person) or self._add(person)

    def _add(self, person: User) -> User:
        problems = person_facts.problems(person=person)
        if problems:
            lines = [f"--{field.replace('_', '-')}: {problem}" for field, problem in problems.items()]
            raise CommandError("\n".join(lines))
        return people.add(person=person, by=None)

    def _same(self, person: User) -> User | None:
        """Return the record with this ESR number, if it is this person's: the command was run before."""
        known = person.organisation.people.filter(employee_number=person.employee_number).first()
        if known is None:
            return None
        facts = ("given_name", "family_name", "email", "date_of_birth")
        if any(getattr(known, fact) != getattr(person, fact) for fact in facts):
            raise CommandError(
                f"{known} has this ESR number already, with another name, email address or date of birth. "
                f"If it is the same person, use --username {known}."
            )
        return known

    def _facts(self, options: dict[str, Any]) -> dict[str, str]:
        """Return the facts about a new person, asking on a terminal for those that no option gives."""
        missing = [f"--{fact.replace('_', '-')}" for fact in FACTS if not options[fact]]
        if missing and not sys.stdin.isatty():
            raise CommandError(f"Say who it is: --username, or for a new record also {' '.join(missing)}.")
        try:
            return {fact: (options[fact] or input(f"{what}: ")).strip() for fact, what in FACTS.items()}
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Nothing was changed.") from None
