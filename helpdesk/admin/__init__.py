"""The admin's pages: one noun a file."""

from helpdesk.admin import (
    applications,
    excuses,
    notices,
    organisations,
    outbox,
    people,
    recovery_requests,
    security_events,
    switched_off,
)

__all__ = [
    "applications",
    "excuses",
    "notices",
    "organisations",
    "outbox",
    "people",
    "recovery_requests",
    "security_events",
    "switched_off",
]
