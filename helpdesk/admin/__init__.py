"""The admin's pages: one noun a file."""

from helpdesk.admin import (
    applications,
    notices,
    organisations,
    outbox,
    people,
    recovery_requests,
    security_events,
)

__all__ = [
    "applications",
    "notices",
    "organisations",
    "outbox",
    "people",
    "recovery_requests",
    "security_events",
]
