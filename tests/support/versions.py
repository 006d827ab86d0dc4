"""The tables as an older version of the portal had them, in a database beside that of the other tests.

It is brought up from nothing to the version that is asked for: to bring one of today back there, and forth again, takes
five times as long.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

if TYPE_CHECKING:
    from django.apps.registry import Apps


def migrate(*targets: tuple[str, str]) -> Apps:
    """Bring the database to these migrations; return the apps as they were then."""
    apps: Apps = MigrationExecutor(connection).migrate(list(targets)).apps
    return apps


def migrate_to_today() -> None:
    """Bring the database to the newest migrations."""
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())


def add_people(apps: Apps, code: str, people: dict[str, dict[str, Any]]) -> None:
    """Add people of an organisation with this code, as that version stores them: their facts by their usernames."""
    organisation = apps.get_model("accounts", "Organisation").objects.create(
        code=code, name="Northern", support_email="esr@nhs.net"
    )
    for number, (username, facts) in enumerate(people.items()):
        ordinary = {"given_name": "Jo", "family_name": "Smith", "email": "jo@nhs.net", "password": "!"}
        apps.get_model("accounts", "User").objects.create(
            username=username,
            organisation=organisation,
            employee_number=f"{number:08}",
            date_of_birth=datetime.date(1980, 4, 23),
            **{**ordinary, **facts},
        )
