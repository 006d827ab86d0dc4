"""What tests of seeding the demo look at, and the real people that it must leave alone."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from accounts.models import CareIdentity, DemoMark, EmailDomain, Organisation, SecurityEvent, TrustedNetwork, User
from demo.cast import CAST, Part
from hub.models import Notice
from people.organisation_facts import OrganisationFacts
from people.services import organisations
from tests.support.factories import make_user


def part(given_name: str, organisation: str = "") -> Part:
    """Return the part of the demo's person with this name, at an organisation where several have it."""
    return next(p for p in CAST if p.given_name == given_name and organisation in p.organisation)


def everything() -> list[list[dict[str, Any]]]:
    """Return every row of the tables that the demo fills."""
    models: tuple[type[Model], ...] = (
        User,
        CareIdentity,
        Organisation,
        TrustedNetwork,
        EmailDomain,
        Notice,
        SecurityEvent,
        DemoMark,
    )
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def real_organisation(code: str = "101") -> Organisation:
    """Return an organisation that the demo has not made, with one of its codes or another."""
    facts = OrganisationFacts(
        code=code, name="Northern Hospitals", support_email="esr@northern.nhs.uk", email_domains=["northern.nhs.uk"]
    )
    return organisations.add(facts=facts).organisation


def real_person(organisation: Organisation, number: str = "10000102") -> User:
    """Return a person that the demo has not made, with one of its ESR numbers or another."""
    return make_user(organisation=organisation, employee_number=number, email="jo.real@northern.nhs.uk")
