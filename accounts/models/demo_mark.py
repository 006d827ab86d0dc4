"""What the demo has made: production has no row of this table, and refuses a database that has."""

from django.db import models
from django.utils import timezone


class DemoMark(models.Model):
    """The mark of one row that the demo made, or, where it names no row, of a database that is a demo's as a whole."""

    # What the row is to the demo, like "person 101 10000101": the demo finds its own by it, and by nothing else.
    part = models.CharField(max_length=200, unique=True)
    # The row: its model, like "accounts.User", and its key. Apps above this one have such rows too.
    model = models.CharField(max_length=60, blank=True, default="")
    row = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "row"], name="demo_mark_once_a_row"),
            models.CheckConstraint(
                condition=models.Q(model="", row__isnull=True) | (~models.Q(model="") & models.Q(row__isnull=False)),
                name="demo_mark_names_a_row_or_the_database",
            ),
        ]

    def __str__(self) -> str:
        return self.part
