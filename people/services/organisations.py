"""Organisations: what may be known of one, adding one, and changing it from the command line."""

from __future__ import annotations

import dataclasses
import itertools
import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.identifiers import normalise_email
from accounts.models import EmailDomain, Organisation, TrustedNetwork
from accounts.models.trusted_network import read_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from accounts.models.trusted_network import Network


_LABELS = {
    "name": "name",
    "support_email": "ESR contact email",
    "it_support_email": "IT support email",
    "requires_internet_access": "outside only with internet access",
    "care_identity_level": "Care Identity level",
}


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
    *,
    code: str,
    name: str,
    support_email: str,
    email_domains: Sequence[str],
    it_support_email: str = "",
    trusted_networks: Sequence[str] = (),
    requires_internet_access: bool = False,
    care_identity_level: int | None = None,
) -> Outcome:
    """Add the organisation with this three-digit code, or bring it up to date; return what that came to.

    `email_domains` and `trusted_networks` are added to those it has. What is empty, False or None of the others leaves
    what it has: nothing is taken away here, the admin does that. Twice the same is once. Raises Unusable, with every
    fault at once.
    """
    facts: dict[str, Any] = {
        "name": unicodedata.normalize("NFC", name).strip(),
        "support_email": normalise_email(support_email),
        "it_support_email": normalise_email(it_support_email),
    }
    if requires_internet_access:
        facts["requires_internet_access"] = True
    if care_identity_level is not None:
        facts["care_identity_level"] = care_identity_level
    wanted = Organisation(code=code.strip(), **facts)
    domains = sorted({domain.strip().casefold().removeprefix("@") for domain in email_domains})
    problems = _problems(wanted, domains)
    networks = _read_networks(trusted_networks, problems)
    if problems:
        raise Unusable(problems)
    with transaction.atomic():
        kept, is_new = Organisation.objects.select_for_update().get_or_create(code=wanted.code, defaults=facts)
        changes = [] if is_new else _update(kept, facts)
        for domain in domains:
            _, is_added = EmailDomain.objects.get_or_create(organisation=kept, domain=domain)
            if is_added and not is_new:
                changes.append(f"email domain {domain} added")
        for network in networks:
            _, is_added = TrustedNetwork.objects.get_or_create(organisation=kept, network=str(network))
            if is_added and not is_new:
                changes.append(f"trusted network {network} added")
        problems = _problems_together(kept)
        if problems:
            raise Unusable(problems)
    return Outcome(organisation=kept, is_new=is_new, changes=changes)


def overlap_problem(*, networks: Iterable[Network]) -> str:
    """Return what is wrong with an organisation's networks together: one stands inside another, or twice.

    Whoever takes one of the two away would think that its computers are not trusted any more.
    """
    in_order = sorted(networks, key=lambda network: (network.version, int(network[0]), network.prefixlen))
    for outer, inner in itertools.pairwise(in_order):
        if outer == inner:
            return f"{outer} is there twice. Delete one."
        if outer.overlaps(inner):
            return f"{inner} is inside {outer}. Delete one of the two."
    return ""


def no_network_problem(*, requires_internet_access: bool, networks: Iterable[Network]) -> str:
    """Return what is wrong where passwords work outside the networks only with internet access, and there are none."""
    if not requires_internet_access or any(networks):
        return ""
    return (
        "There is no trusted network, so everybody without internet access would be locked out everywhere. Add a "
        "trusted network first."
    )


def _problems_together(kept: Organisation) -> dict[str, str]:
    """Return what is wrong with facts that are right one by one, as they are stored by now."""
    networks = [read_network(row.network) for row in kept.trusted_networks.all()]
    found = {
        "trusted_network": overlap_problem(networks=networks),
        "requires_internet_access": no_network_problem(
            requires_internet_access=kept.requires_internet_access, networks=networks
        ),
    }
    return {fact: problem for fact, problem in found.items() if problem}


def _read_networks(typed: Sequence[str], problems: dict[str, str]) -> list[Network]:
    """Return the networks, each once; put the first that is none into `problems`."""
    networks: dict[Network, None] = {}
    for text in typed:
        try:
            networks[read_network(text)] = None
        except ValidationError as error:
            problems.setdefault("trusted_network", f"{text[:50]!a}: {error.messages[0]}")
    return list(networks)


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
    if "care_identity_level" in found:
        found["care_identity_level"] = "Put 2 or 3."
    for domain in domains or [""]:
        try:
            EmailDomain(domain=domain).clean_fields(exclude=["organisation"])
        except ValidationError:
            found["email_domain"] = "Put the part of people's addresses after the @, like nhs.net."
    return found


def _update(kept: Organisation, facts: Mapping[str, Any]) -> list[str]:
    """Store what differs; return it in words."""
    changed = [fact for fact, wanted in facts.items() if wanted not in {"", getattr(kept, fact)}]
    said = []
    for fact in changed:
        said.append(f"{_LABELS[fact]} changed from {_said(getattr(kept, fact))} to {_said(facts[fact])}")
        setattr(kept, fact, facts[fact])
    if changed:
        kept.save(update_fields=changed)
    return said


def _said(value: str | int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"
