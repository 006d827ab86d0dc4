"""Accounts with a role in the admin that nobody looks after: without a second step, or not used for long."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential as Passkey

from accounts.models import Authenticator, CareIdentity, SecurityEvent, User
from accounts.models.role import NO_ROLE, Role
from accounts.models.security_event import Event
from helpdesk.doctor.findings import failure, good, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding

# Cyber Essentials has accounts removed that are no longer required; a quarter is what audits of the NHS ask for.
UNUSED_AFTER = datetime.timedelta(days=90)
_OPERATORS = "With one, a lost phone shuts all of them out: manage.py create_admin makes another."


def check() -> Iterator[Finding]:
    """Yield how many such accounts there are. Who they are the admin's own lists say, not the doctor."""
    has_not_left = Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate())
    in_force = User.objects.filter(has_not_left, is_active=True).exclude(role=NO_ROLE)
    operators = in_force.filter(role=Role.NATIONAL_ADMIN).count()
    if operators == 0:
        yield failure("No national administrator is in force.", "Make one: manage.py create_admin.")
    elif operators == 1:
        yield warning("One national administrator alone is in force.", _OPERATORS)
    without = in_force.exclude(
        Exists(Authenticator.objects.filter(user=OuterRef("pk")))
        | Exists(Passkey.objects.filter(user=OuterRef("pk")))
        | Exists(CareIdentity.objects.filter(user=OuterRef("pk")))
    ).count()
    if without:
        yield warning(
            f"People with a role who have no second step yet: {without}. A password and a mailbox open their account.",
            "“Second steps: who has what” in the admin counts them. Have them set one up, or take the role away.",
        )
    used = SecurityEvent.objects.filter(
        user=OuterRef("pk"),
        event__in=[Event.LOGGED_IN, Event.ACCOUNT_SWITCHED],
        at__gt=timezone.now() - UNUSED_AFTER,
    )
    made_lately = Q(created_at__gt=timezone.now() - UNUSED_AFTER)
    unused = in_force.exclude(made_lately).exclude(Exists(used)).count()
    if unused:
        yield warning(
            f"People with a role who have not logged in for {UNUSED_AFTER.days} days: {unused}.",
            "Ask their organisation, and take the role away where it is not needed.",
        )
    if operators > 1 and not without and not unused:
        yield good("All people with a role have a second step, and have logged in lately.")
