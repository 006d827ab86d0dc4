"""The history that Django's admin keeps of what was changed in it, by the names of fields."""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.utils import timezone


def delete_old() -> int:
    """Delete what is older than any security event; return how many. Daily work."""
    before = timezone.now() - settings.SECURITY_EVENTS_KEPT[""]
    deleted, _ = LogEntry.objects.filter(action_time__lt=before).delete()
    return deleted
