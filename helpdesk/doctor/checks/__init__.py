"""The checks, one thing a file: each yields what it found, and says nothing where it has nothing to do."""

from __future__ import annotations

from accounts.models.check_up import Reach
from helpdesk.doctor.checks import (
    append_only,
    arrival,
    back_ups,
    bounces,
    care_identity,
    care_identity_key,
    clock,
    daily_work,
    database,
    database_rights,
    disk,
    events_verified,
    file_modes,
    keys,
    leaked_passwords,
    mail_server,
    mails,
    migrations,
    people_with_roles,
    public_pages,
    refused_mails,
    sessions,
    settings,
    static_files,
    workers,
)
from helpdesk.doctor.findings import Check

__all__ = ["ALL", "HERE", "SLOW"]

# In the order in which an operator mends: what all else stands on comes first.
HERE: tuple[Check, ...] = (
    Check("settings", settings.check),
    Check("keys", keys.check),
    Check("database", database.check, needs_database=True),
    Check("clock", clock.check, needs_database=True),
    Check("migrations", migrations.check, needs_database=True),
    Check("database rights", database_rights.check, needs_database=True),
    Check("append-only events", append_only.check, needs_database=True),
    Check("worker", workers.check, needs_database=True),
    Check("mails", mails.check, needs_database=True),
    Check("daily work", daily_work.check, needs_database=True),
    Check("events verified", events_verified.check, needs_database=True),
    Check("sessions", sessions.check, needs_database=True),
    Check("static files", static_files.check),
    Check("disk", disk.check),
    Check("file modes", file_modes.check),
    Check("leaked passwords", leaked_passwords.check),
    Check("Care Identity key", care_identity_key.check),
    Check("back-ups", back_ups.check),
)
# What asks other machines, or counts many rows: for the page of the admin a worker makes these.
SLOW: tuple[Check, ...] = (
    Check("people with roles", people_with_roles.check, needs_database=True),
    Check("refused mails", refused_mails.check, needs_database=True),
    Check("proxy", arrival.check, reach=Reach.NETWORK),
    Check("public pages", public_pages.check, reach=Reach.NETWORK),
    Check("mail server", mail_server.check, reach=Reach.NETWORK),
    Check("bounces", bounces.check, reach=Reach.NETWORK),
    Check("Care Identity", care_identity.check, reach=Reach.NETWORK),
)
ALL = (*HERE, *SLOW)
