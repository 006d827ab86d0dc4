"""Organisations: adding one, and changing what is known of it, from the command line."""

from __future__ import annotations

import dataclasses
import unicodedata
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.identifiers import normalise_email
from accounts.models import EmailDomain, Organisation

if TYPE_CHECKING:
    from collections.abc import Sequence


_LABELS = {"name": "name", "support_email": "ESR contact email", "it_support_email": "IT support email"}


class Unusable(Exception):
    """Facts that an organisation cannot have: for each, what to put instead, by the name of the fact."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{fact}: {problem}" for fact, problem in problems.items()))
        self.problems = problems


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of `add`: the organisation, whether it is new, and otherwise what changed, in words."""

    organisation: Organisation
    is_new: bool
    changes: list[str]


def add(
    *, code: str, name: str, support_email: str, email_domains: Sequence[str], it_support_email: str = ""
) -> Outcome:
    """Add the organisation with this three-digit code, or bring it up to date; return what that came to.

    `email_domains` are added to those it has, and an empty `it_support_email` leaves the one it has: nothing is taken
    away here, the admin does that. Twice the same is once. Raises Unusable, with every fault at once.
    """
    wanted = Organisation(
        code=code.strip(),
        name=unicodedata.normalize("NFC", name).strip(),
        support_email=normalise_email(support_email),
        it_support_email=normalise_email(it_support_email),
    )
    domains = sorted({domain.strip().casefold().removeprefix("@") for domain in email_domains})
    problems = _problems(wanted, domains)
    if problems:
        raise Unusable(problems)
    with transaction.atomic():
        kept, is_new = Organisation.objects.select_for_update().get_or_create(
            code=wanted.code,
            defaults={
                "name": wanted.name,
                "support_email": wanted.support_email,
                "it_support_email": wanted.it_support_email,
            },
        )
        changes = [] if is_new else _update(kept, wanted)
        for domain in domains:
            _, is_added = EmailDomain.objects.get_or_create(organisation=kept, domain=domain)
            if is_added and not is_new:
                changes.append(f"email domain {domain} added")
    return Outcome(organisation=kept, is_new=is_new, changes=changes)


def _problems(wanted: Organisation, domains: Sequence[str]) -> dict[str, str]:
    """Return what is wrong, by the name of the fact."""
    found: dict[str, str] = {}
    try:
        wanted.clean_fields()
    except ValidationError as error:
        found = {fact: messages[0] for fact, messages in error.message_dict.items()}
    if not wanted.name:
        found["name"] = "Put the organisation's name."
    elif not wanted.name.isprintable():
        found["name"] = "There is an invisible character in the name. Type it again."
    if "code" in found:
        found["code"] = "Put three digits, like 999."
    for fact in ("support_email", "it_support_email"):
        if fact in found:
            found[fact] = "Put an email address, like esr@trust.nhs.uk."
    for domain in domains or [""]:
        try:
            EmailDomain(domain=domain).clean_fields(exclude=["organisation"])
        except ValidationError:
            found["email_domain"] = "Put the part of people's addresses after the @, like nhs.net."
    return found


def _update(kept: Organisation, wanted: Organisation) -> list[str]:
    """Store what differs; return it in words."""
    changed = [fact for fact in _LABELS if getattr(wanted, fact) not in {"", getattr(kept, fact)}]
    said = []
    for fact in changed:
        said.append(f"{_LABELS[fact]} changed from {getattr(kept, fact) or 'none'} to {getattr(wanted, fact)}")
        setattr(kept, fact, getattr(wanted, fact))
    if changed:
        kept.save(update_fields=changed)
    return said
