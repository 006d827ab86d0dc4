"""That a worker process is at work, and how each of its parts is."""

import uuid
from typing import Any

from django.db import models

LONGEST_MACHINE = 64
LONGEST_VERSION = 30


def _no_parts() -> dict[str, Any]:
    return {}


class WorkerHeartbeat(models.Model):
    """One process of `manage.py work`. A worker that is stopped takes its row away; one that is killed leaves it.

    The machine's name is for the operators, who may have several; no page for others shows it. There is no index on
    `seen_at`: the rows are as few as the workers of a day, and without one PostgreSQL rewrites a row in place.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    machine = models.CharField(max_length=LONGEST_MACHINE)
    version = models.CharField(max_length=LONGEST_VERSION)
    began_at = models.DateTimeField()
    # When its main loop, which decides and sends mail, last came round.
    seen_at = models.DateTimeField()
    # When what runs beside the mails last came round without an error: {"counting and filing": "2026-11-27T07:00:00…"}.
    parts = models.JSONField(default=_no_parts)

    class Meta:
        ordering = ["machine", "began_at"]

    def __str__(self) -> str:
        return f"{self.machine} since {self.began_at}"
