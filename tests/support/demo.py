"""What tests of seeding the demo look at, and the real people that it must leave alone."""

from __future__ import annotations

import importlib
from io import StringIO
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from accounts import checks
from accounts.models import CareIdentity, DemoMark, EmailDomain, Organisation, SecurityEvent, TrustedNetwork, User
from demo.cast import CAST, Part
from hub.models import Notice
from people.organisation_facts import OrganisationFacts
from people.services import organisations
from tests.support.factories import make_user

E020 = "esr_portal.E020"
migration = importlib.import_module("accounts.migrations.0007_demo_marks")


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


def real_organisation(code: str = "101", **more: Any) -> Organisation:
    """Return an organisation that the demo has not made, with one of its codes or another."""
    facts = OrganisationFacts(
        code=code,
        name="Northern Hospitals",
        support_email="esr@northern.nhs.uk",
        email_domains=["northern.nhs.uk"],
        **more,
    )
    return organisations.add(facts=facts).organisation


def real_person(organisation: Organisation, number: str = "10000102") -> User:
    """Return a person that the demo has not made, with one of its ESR numbers or another."""
    return make_user(organisation=organisation, employee_number=number, email="jo.real@northern.nhs.uk")


def clear(*options: str) -> str:
    """Delete what the demo has made, as an operator does; return what is printed. Raises CommandError."""
    printed = StringIO()
    call_command("clear_demo", *options, stdout=printed)
    return printed.getvalue()


def faults() -> list[str]:
    """Return what production refuses about the database. The tests' own mail server is refused too."""
    return [f"{fault.id} {fault.hint}" for fault in checks.configuration_is_safe(None) if fault.id == E020]


def mark_as_an_upgrade_does() -> None:
    """Mark what a demo of the version before there were marks has made."""
    migration._mark_what_the_demo_made(apps, SimpleNamespace(connection=connection))
