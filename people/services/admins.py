"""Making a person an admin at the command line: there is no admin yet who could make the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import events, recovery, second_step
from people.services import people

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.services.recovery import WhyNoLink


class CannotLogIn(Exception):
    """The person could not use a link to set a password; says why."""

    def __init__(self, why: WhyNoLink) -> None:
        super().__init__(why)
        self.why = why


def make_admin(*, person: User, operator: bool) -> str:
    """Make a person on record an agent, or a national administrator; return a one-time link to set a password.

    A person who has a role is made no agent: that would take rights away.
    Doing it again gives a fresh link, which ends the older one. Records ADMIN_CREATED. Raises CannotLogIn.
    """
    why = recovery.why_no_link(user=person)
    if why:
        raise CannotLogIn(why)
    with transaction.atomic():
        if operator:
            person.role = Role.NATIONAL_ADMIN
        elif not person.role:
            person.role = Role.AGENT
        is_new = bool(people.change(person=person, by=None))
        events.record(event=Event.ADMIN_CREATED, user_id=person.pk, reason="" if is_new else "fresh_link")
        return recovery.new_link_for_admin(user=person)


def take_second_step_away(*, person: User) -> bool:
    """Remove the second step of a person who lost their phone; return whether they had one.

    The next log-in sets up another.
    """
    return second_step.remove(user=person, by=None)
