"""Organisations: what may be known of one, adding one, and changing it from the command line and in the admin."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import EmailDomain, Organisation
from accounts.models.trusted_network import read_network
from accounts.services import events_kept, leavers
from people.organisation_facts import SETTINGS, OrganisationFacts, label
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from accounts.models import User
    from accounts.models.trusted_network import Network


class Unusable(Exception):
    """Facts that an organisation cannot have: `problems` has for each what to put instead, by the fact's name."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{fact}: {problem}" for fact, problem in problems.items()))
        self.problems = problems


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of `add`: the organisation, whether it is new, and otherwise what changed, in words."""

    organisation: Organisation
    is_new: bool
    changes: list[str]


def add(*, facts: OrganisationFacts) -> Outcome:
    """Add the organisation with this three-digit code, or bring it up to date; return what that came to.

    Email domains and trusted networks are added to those it has. Of the other facts, one that is not said leaves what
    it has: nothing is taken away here, the admin does that. Twice the same is once. Raises Unusable, with every problem
    at once.
    """
    said = facts.said()
    domains: list[str] = facts.stored("email_domains")
    problems = _problems(Organisation(**said)) | _domain_problems(domains)
    networks = _read_networks(facts.trusted_networks, problems)
    if problems:
        raise Unusable(problems)
    with transaction.atomic():
        # How long things are kept is noted with a moment and an event, on a new one as on another.
        first = {name: value for name, value in said.items() if name not in {"events_kept_days", "leavers_kept_days"}}
        kept, is_new = Organisation.objects.select_for_update().get_or_create(code=said["code"], defaults=first)
        changes = _update(kept, said)
        added = [*_add_domains(kept, domains), *_add_networks(kept, networks)]
        problems = _problems_together(kept)
        if problems:
            raise Unusable(problems)
    return Outcome(organisation=kept, is_new=is_new, changes=[] if is_new else changes + added)


@transaction.atomic
def save(*, organisation: Organisation, by: User, changed: Collection[str] | None = None) -> None:
    """Store an organisation as `by` has set it up: a new one, or one that is there. Raises NotAllowed.

    Of one that is there, only the settings in `changed` are stored, where it is given: a colleague may have changed
    the others since.
    """
    kept = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
    may = rights.is_operator(user=by) if kept is None else rights.may_set_up(by=by, organisation=kept)
    if not may:
        raise rights.NotAllowed
    stored, before = organisation, kept or Organisation()
    if kept is not None and changed is not None:
        stored, before = kept, copy.copy(kept)
        for name in changed:
            setattr(stored, name, getattr(organisation, name))
    for kept_days in (events_kept, leavers):
        kept_days.note_change(organisation=stored, before=before, by=by)
    stored.save()


def overlap_problem(*, networks: Iterable[Network]) -> str:
    """Return what is wrong with an organisation's networks together: one is inside another, or there twice.

    An operator who takes one of the two away would think that its computers are not trusted any more.
    """
    in_order = sorted(networks, key=lambda network: (network.version, int(network[0]), network.prefixlen))
    for outer, inner in itertools.pairwise(in_order):
        if outer == inner:
            return _("%(network)s is there twice. Delete one.") % {"network": outer}
        if outer.overlaps(inner):
            return _("%(inner)s is inside %(outer)s. Delete one of the two.") % {"inner": inner, "outer": outer}
    return ""


def no_network_problem(*, requires_internet_access: bool, networks: Iterable[Network]) -> str:
    """Return what is wrong where passwords work outside the networks only with internet access, and there are none."""
    if not requires_internet_access or any(networks):
        return ""
    return _(
        "There is no trusted network, so everybody without internet access would be locked out "
        "everywhere. Add a trusted network first."
    )


def _problems(wanted: Organisation) -> dict[str, str]:
    """Return what is wrong with the fields of an organisation, by their names."""
    found: dict[str, str] = {}
    try:
        wanted.clean_fields()
    except ValidationError as error:
        found = {name: SETTINGS[name].instead or messages[0] for name, messages in error.message_dict.items()}
    if not wanted.name:
        found["name"] = _("Put the organisation's name.")
    for field in ("name", "welsh_name"):
        if field not in found and not getattr(wanted, field).isprintable():
            found[field] = _("There is an invisible character in the name. Type it again.")
    return found


def _domain_problems(domains: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with the email domains. An organisation has at least one."""
    try:
        for domain in domains or [""]:
            EmailDomain(domain=domain).clean_fields(exclude=["organisation"])
    except ValidationError:
        return {"email_domains": SETTINGS["email_domains"].instead}
    return {}


def _read_networks(typed: Sequence[str], problems: dict[str, str]) -> list[Network]:
    """Return the networks, each once; put the first that is none into `problems`."""
    networks: dict[Network, None] = {}
    for text in typed:
        try:
            networks[read_network(text)] = None
        except ValidationError as error:
            problems.setdefault("trusted_networks", f"{text[:50]!a}: {error.messages[0]}")
    return list(networks)


def _problems_together(kept: Organisation) -> dict[str, str]:
    """Return what is wrong with facts that are right one by one, as they are stored by now."""
    networks = [read_network(row.network) for row in kept.trusted_networks.all()]
    found = {
        "trusted_networks": overlap_problem(networks=networks),
        "requires_internet_access": no_network_problem(
            requires_internet_access=kept.requires_internet_access, networks=networks
        ),
    }
    return {fact: problem for fact, problem in found.items() if problem}


def _add_domains(kept: Organisation, domains: Iterable[str]) -> list[str]:
    """Add the email domains that `kept` does not have; return what was added, in words."""
    added = [domain for domain in domains if kept.email_domains.get_or_create(domain=domain)[1]]
    return [_("email domain %(name)s added") % {"name": domain} for domain in added]


def _add_networks(kept: Organisation, networks: Iterable[Network]) -> list[str]:
    """Add the trusted networks that `kept` does not have; return what was added, in words."""
    added = [network for network in networks if kept.trusted_networks.get_or_create(network=str(network))[1]]
    return [_("trusted network %(name)s added") % {"name": network} for network in added]


def _update(kept: Organisation, said: Mapping[str, Any]) -> list[str]:
    """Store what differs; return it in words."""
    before = copy.copy(kept)
    changed = [name for name, wanted in said.items() if wanted != getattr(kept, name)]
    changes = []
    for name in changed:
        changes.append(
            _("%(what)s changed from %(before)s to %(after)s")
            % {"what": label(name), "before": _in_words(getattr(kept, name)), "after": _in_words(said[name])}
        )
        setattr(kept, name, said[name])
    if events_kept.note_change(organisation=kept, before=before, by=None):
        changed.append("events_kept_since")
    if leavers.note_change(organisation=kept, before=before, by=None):
        changed.append("leavers_kept_since")
    if changed:
        kept.save(update_fields=changed)
    return changes


def _in_words(value: str | int | None) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str("" if value is None else value) or _("none")
