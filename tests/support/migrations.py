"""Refuse migrations under which the version before cannot go on working: `python -m tests.support.migrations`.

While a new version is put in place, both versions run on the new tables: the web servers are replaced one by one, and
the migrations go first (docs/operations.md). django-migration-linter reads the SQL that PostgreSQL would be given, so
this starts the PostgreSQL of the tests.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tests.environment  # noqa: F401  (sets the portal's variables)

ROOT = Path(__file__).resolve().parents[2]
# Migrations that the linter refuses and we accept, with the reason.
ACCEPTED = {
    # New columns that may not be empty, without a default in the database: written before the first release, when no
    # version before could be running.
    "0004_care_identity",
    # A column of text may be longer: PostgreSQL changes nothing but its own notes, and the version before stores less.
    "0005_event_names",
    # A unique index on a column that this migration adds. It leaves out rows in which the column is empty: all that
    # there are, and all that the version before writes.
    "0003_welsh_texts",
}


def main() -> None:
    """Lint the migrations of the portal's own apps, print what is wrong, and end with 1 where there is anything."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    import django

    django.setup()
    from django.apps import apps
    from django_migration_linter import MigrationLinter

    ours = [app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT]
    linter = MigrationLinter(include_apps=ours, ignore_name=ACCEPTED, no_cache=True, quiet=["ok", "ignore"])
    linter.lint_all_migrations()
    print(f"{linter.nb_total - linter.nb_ignored} migrations read, {linter.nb_erroneous} refused.")  # noqa: T201
    sys.exit(1 if linter.has_errors else 0)


if __name__ == "__main__":
    main()
