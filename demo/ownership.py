"""Whose a database is: the demo writes into one that is empty or marked as a demo's, and into no other."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.models import EmailDomain, Organisation, User
from accounts.services import demo_parts
from demo.cast import CAST, DOWNTIME, PAYSLIP
from demo.parts import name_of
from demo.places import ORGANISATIONS
from hub.models import Application, Notice

# Never given out (RFC 2606), so no real person can get mail there.
RESERVED = ".example"


class NotTheDemos(Exception):
    """The database holds organisations or people, and the demo did not make them. `hint` says what to do."""

    hint = (
        "For production set DEMO=0. For a demo give it a database of its own: leave DATABASE_URL out and name a new "
        "folder, like STATE_DIR=var/demo-2."
    )

    def __init__(self) -> None:
        super().__init__("The database (DATABASE_URL, STATE_DIR) holds organisations or people that no demo made.")


def check() -> None:
    """Return where the demo may write into the database. Changes nothing. Raises NotTheDemos.

    The database may be one that has not been migrated, or of a version before.
    """
    if not (_is_empty() or demo_parts.is_demo() or _is_an_older_demos()):
        raise NotTheDemos


def claim() -> None:
    """Mark the database as a demo's, and what a demo of the version before has made in it. Raises NotTheDemos.

    Call it in the transaction in which the demo writes.
    """
    if demo_parts.is_demo():
        return
    check()
    demo_parts.claim()
    _mark_the_older_parts()


def _is_empty() -> bool:
    tables = demo_parts.tables()
    return not any(model._meta.db_table in tables and model.objects.exists() for model in (Organisation, User))


def _is_an_older_demos() -> bool:
    """Return whether a demo from before there were marks made this database, and no real person can be in it.

    It was made so by `make run` alone: the file in the state folder, at least one of the demo's organisations, and
    every address and domain, those that the user of the demo added too, at domains that are never given out.
    """
    database = connection.settings_dict["NAME"]
    if connection.vendor != "sqlite" or Path(database).resolve().parent != settings.STATE_DIR:
        return False
    theirs = EmailDomain.objects.filter(domain__in=[each.domain for each in ORGANISATIONS])
    return (
        theirs.filter(organisation__code__in=[each.code for each in ORGANISATIONS]).exists()
        and not EmailDomain.objects.exclude(domain__endswith=RESERVED).exists()
        and not Organisation.objects.filter(email_domains=None).exists()
        and not User.objects.exclude(email__endswith=RESERVED).exists()
    )


def _mark_the_older_parts() -> None:
    """Mark what an older demo knew as its own, by the codes, numbers and titles by which it did."""
    for organisation in ORGANISATIONS:
        made = Organisation.objects.filter(code=organisation.code).first()
        if made is not None:
            demo_parts.mark(part=name_of(organisation), row=made)
            addresses = [application.address for application in organisation.applications]
            for link in Application.objects.filter(organisation=made, address__in=addresses):
                demo_parts.mark(part=f"application {organisation.code} {link.address}", row=link)
    for part in CAST:
        person = User.objects.filter(organisation__code=part.organisation, employee_number=part.employee_number).first()
        if person is not None:
            demo_parts.mark(part=name_of(part), row=person)
    for notice in Notice.objects.filter(Q(title=PAYSLIP) | Q(title__startswith=DOWNTIME)):
        demo_parts.mark(part=f"notice {notice.title}", row=notice)
