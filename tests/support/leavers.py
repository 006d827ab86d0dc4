"""People who leave, and the personal addresses that they have given."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import GivenAddress, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from tests.support.factories import make_organisation, make_user

PERSONAL = "jo@home.example"
PAYSLIPS = "payroll@north.nhs.example"
WORDS = "Say your ESR number and which months you need."


def make_leaver(*, days: int = 7, **facts: Any) -> User:
    """Return a person whose last day is so many days ahead, of an organisation that says where to ask for payslips."""
    organisation = facts.pop("organisation", None) or make_organisation()
    organisation.payslip_address = organisation.payslip_address or PAYSLIPS
    organisation.payslip_words = WORDS
    organisation.save()
    ends_on = timezone.localdate() + datetime.timedelta(days=days)
    return make_user(**{"organisation": organisation, "ends_on": ends_on, **facts})


def with_address(user: User, email: str = PERSONAL, *, confirmed: bool = True) -> GivenAddress:
    """Give a person a personal address."""
    at = timezone.now() if confirmed else None
    return GivenAddress.objects.create(user=user, purpose=Purpose.PERSONAL, email=email, confirmed_at=at)


def ask(email: str, date_of_birth: datetime.date) -> str:
    """Send the recovery form and have it decided; return the reference."""
    reference = recovery.ask(email=email, date_of_birth=date_of_birth)
    while (row := outbox.claim(kinds={Kind.DECIDE_RECOVERY})) is not None:
        recovery.decide(request_id=row.about["request"])
        outbox.finish(message=row)
    return reference
