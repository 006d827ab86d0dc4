"""Whether the tables are those of the installed version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from helpdesk.doctor.findings import advice, failure, good
from hub.services import readiness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield how many migrations are missing, or are of a newer version."""
    applied, installed = set(MigrationRecorder(connection).applied_migrations()), readiness.migrations_of_the_code()
    # Those too that others have taken the place of: a database may have them still.
    files = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    apps = {app for app, _ in files}
    missing, newer = installed - applied, {each for each in applied - files if each[0] in apps}
    if missing:
        yield failure(f"Migrations have not been applied: {len(missing)}.", "Run manage.py migrate.")
    if newer:
        yield advice(
            f"The database was migrated by a newer version, by {len(newer)} migrations.",
            "Finish the upgrade on this machine. After a roll-back this is as it should be.",
        )
    if not missing and not newer:
        yield good("Every migration has been applied.")
