"""The stand-in's database, made anew at each start: nothing in it is worth keeping."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from demo.care_identity import cards, clients
from demo.care_identity.models import Holder


def make() -> None:
    """Make the tables, the holders of the demo cards, and the one client."""
    Path(settings.DATABASES["default"]["NAME"]).unlink(missing_ok=True)
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    with transaction.atomic():
        for card in cards.CARDS:
            holder = Holder(uid=card.uid, given_name=card.given_name, family_name=card.family_name)
            holder.set_unusable_password()
            holder.save()
        clients.register()
    connection.close()
