"""What each role may do in the admin, and about which people. Decided here alone; docs/decisions/0049 says why.

A person has one role or none (accounts/models/role.py). All roles but the national administrator's reach as far as
their organisation. No person raises their own rights, acts on a record of their own, by whichever of their accounts, or
on that of a person with more rights than theirs (OWASP ASVS 8.4.1). Each function says no for a role of a person who
may not log in today.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from accounts.models.role import NO_ROLE, Role
from people.services import same_person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Organisation, User


class Right(enum.Enum):
    """What a role can hold; docs/helpdesk.md has it in words."""

    # People, events, recovery requests, the coverage of second steps.
    SEE = enum.auto()
    # Unlock people, send the recovery email, add and change records, excuse from the second step.
    HELP = enum.auto()
    # What another agent has proposed.
    APPROVE = enum.auto()
    # People whom an outage has locked out, many at once.
    UNLOCK_MANY = enum.auto()
    IMPORT = enum.auto()
    EXPORT = enum.auto()
    # The applications on My ESR.
    APPLICATIONS = enum.auto()
    # How people of an organisation get in: contacts, second step, Care Identity level, networks. And its notices, and
    # how long its events are kept.
    SET_UP = enum.auto()
    GIVE_ROLES = enum.auto()
    # And what they share: notices for all visitors, outbox, parts that are switched off.
    ALL_ORGANISATIONS = enum.auto()


# Role by role, what it may. A right that is in none of a role's rows it does not have.
RIGHTS_OF: Mapping[str, frozenset[Right]] = {
    NO_ROLE: frozenset(),
    Role.AGENT: frozenset({Right.SEE, Right.HELP, Right.APPLICATIONS}),
    Role.LEAD: frozenset(
        {
            *(Right.SEE, Right.HELP, Right.APPLICATIONS, Right.APPROVE),
            *(Right.UNLOCK_MANY, Right.IMPORT, Right.EXPORT),
        }
    ),
    Role.AUDITOR: frozenset({Right.SEE, Right.EXPORT}),
    Role.ORGANISATION_ADMIN: frozenset({Right.SEE, Right.EXPORT, Right.APPLICATIONS, Right.SET_UP, Right.GIVE_ROLES}),
    Role.NATIONAL_ADMIN: frozenset(Right),
}
# The roles that the holder of a role gives and takes away.
GIVES: Mapping[str, frozenset[str]] = {
    Role.ORGANISATION_ADMIN: frozenset({Role.AGENT, Role.LEAD, Role.AUDITOR}),
    Role.NATIONAL_ADMIN: frozenset(Role),
}
# What opens an account to the person who holds it. On a record that is there already it is changed by a proposal
# (helpdesk/services/proposals.py), never with the other facts: type and address do not change in one save.
WAYS_IN = frozenset({"email"})


class NotAllowed(Exception):
    """The role of the person who asks does not allow this."""


def is_operator(*, user: User) -> bool:
    """Return whether `user` looks after every organisation, and after what all of them share."""
    return _holds(user, Right.ALL_ORGANISATIONS)


def is_helpdesk(*, user: User) -> bool:
    """Return whether `user` helps people to get in; `may_help` says which."""
    return _holds(user, Right.HELP)


def is_auditor(*, user: User) -> bool:
    """Return whether `user` reads and exports, and does nothing else."""
    return user.may_enter() and user.role == Role.AUDITOR


def may_see_people(*, by: User) -> bool:
    """Return whether `by` may open the records of people at all; `may_see` says which."""
    return _holds(by, Right.SEE)


def may_see(*, by: User, person: User) -> bool:
    """Return whether `by` may open the record of `person`."""
    return _holds(by, Right.SEE) and _reaches(by, person.organisation_id)


def may_help(*, by: User, person: User, is_another: bool | None = None) -> bool:
    """Return whether `by` may unlock `person`, send them a recovery email, or excuse them from the second step.

    None of this tells `by` anything or lets them in, so agents may do it for each other. `is_another`, here and below,
    is whether the two are known to be different human beings; None looks it up, with one query.
    """
    return _holds(by, Right.HELP) and _may_act_on(by, person, is_another=is_another)


def may_change(*, by: User, person: User, is_another: bool | None = None) -> bool:
    """Return whether `by` may change the facts on the record of `person`, or add it. Roles are `may_give_role`'s.

    Only a national administrator changes the record of a person with a role: a new email address on it would be a way
    into that role.
    """
    has_rank = not person.role or is_operator(user=by)
    return has_rank and may_help(by=by, person=person, is_another=is_another)


def may_approve(*, by: User, person: User, is_another: bool | None = None) -> bool:
    """Return whether `by` may approve what another agent proposes for `person`."""
    return _holds(by, Right.APPROVE) and _may_act_on(by, person, is_another=is_another)


def may_erase(*, by: User, person: User) -> bool:
    """Return whether `by` may ask that `person`, who has left, is erased: for another agent to agree to."""
    return is_operator(user=by) and _may_act_on(by, person)


def may_unlock_many(*, by: User, organisation_id: int | None = None) -> bool:
    """Return whether `by` may unlock many people of an organisation at once: of any at all, where None is given.

    Which of them is `may_change`'s, person by person.
    """
    return _holds(by, Right.UNLOCK_MANY) and (organisation_id is None or _reaches(by, organisation_id))


def may_see_roles(*, by: User) -> bool:
    """Return whether `by` may see who has which role, of the people that they may see."""
    return _holds(by, Right.EXPORT)


def may_import(*, by: User, organisation: Organisation | None = None) -> bool:
    """Return whether `by` may import people into `organisation`: into any at all, where none is given."""
    return _holds(by, Right.IMPORT) and (organisation is None or _reaches(by, organisation.pk))


def may_see_imports(*, by: User) -> bool:
    """Return whether `by` may see what was imported into the organisations that they look after."""
    return _holds(by, Right.IMPORT) or _holds(by, Right.EXPORT)


def may_agree_to_import(*, by: User, organisation: Organisation) -> bool:
    """Return whether `by` may be the second agent of an import into `organisation`."""
    return _holds(by, Right.APPROVE) and _reaches(by, organisation.pk)


def may_export(*, by: User) -> bool:
    """Return whether `by` may download tables of what they may see."""
    return _holds(by, Right.EXPORT)


def may_keep_applications(*, by: User) -> bool:
    """Return whether `by` may add, change and delete the applications of their organisation."""
    return _holds(by, Right.APPLICATIONS)


def may_set_up(*, by: User, organisation: Organisation | None = None) -> bool:
    """Return whether `by` may change what `organisation` decides for its people: of any at all, where none is given."""
    return _holds(by, Right.SET_UP) and (organisation is None or _reaches(by, organisation.pk))


def may_write_notice(*, by: User, organisation_id: int | None) -> bool:
    """Return whether `by` may write, change and take away notices for this organisation; None is every visitor."""
    if organisation_id is None:
        return is_operator(user=by)
    return _holds(by, Right.SET_UP) and _reaches(by, organisation_id)


def roles_to_give(*, by: User, person: User | None) -> frozenset[str]:
    """Return the roles that `by` may give to `person` (to a new one, where it is None): none of them is "no role".

    A role is changed by its holder's superiors alone: an organisation administrator makes no agent of another
    organisation administrator.
    """
    if not _holds(by, Right.GIVE_ROLES):
        return frozenset()
    gives = GIVES.get(by.role, frozenset())
    if person is None:
        return gives
    may = _reaches(by, person.organisation_id) and (not person.role or person.role in gives)
    return gives if may and not same_person.is_same(user=by, other=person) else frozenset()


def may_give_role(*, by: User, person: User, role: str) -> bool:
    """Return whether `by` may give `role` to `person` who has it not yet; NO_ROLE takes theirs away."""
    gives = roles_to_give(by=by, person=person)
    return role in gives or (role == NO_ROLE and bool(gives))


def _holds(user: User, right: Right) -> bool:
    return right in RIGHTS_OF[user.role] and user.may_enter()


def _reaches(by: User, organisation_id: int) -> bool:
    return by.organisation_id == organisation_id or is_operator(user=by)


def _may_act_on(by: User, person: User, *, is_another: bool | None = None) -> bool:
    """Return whether `person` is another one, within reach, and has no right that `by` has not, in force or not."""
    if not _reaches(by, person.organisation_id) or not RIGHTS_OF[person.role] <= RIGHTS_OF[by.role]:
        return False
    return not same_person.is_same(user=by, other=person) if is_another is None else is_another
