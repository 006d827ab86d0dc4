"""What happened on a day, in numbers: for the helpdesk's overview, which reads no events."""

from django.db import models

from accounts.models.organisation import Organisation

LONGEST = 60


class DailyCount(models.Model):
    """How often something happened on a day, or how many people have something, at one organisation. No person's."""

    day = models.DateField()
    # None: of usernames that nobody has, and of the portal as a whole.
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    # As accounts/services/daily_counts names it: "logged_in/passkey", "desk/unlocked" …
    what = models.CharField(max_length=LONGEST)
    count = models.PositiveIntegerField()

    class Meta:
        # Two, because an empty organisation is like no other to a database.
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "day", "what"],
                condition=models.Q(organisation__isnull=False),
                name="daily_count_once_an_organisation",
            ),
            models.UniqueConstraint(
                fields=["day", "what"],
                condition=models.Q(organisation__isnull=True),
                name="daily_count_once_without_organisation",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="daily_count_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.what}: {self.count}"


class CountedDay(models.Model):
    """When the events of a day were counted last, and by when a worker has begun to count them again."""

    day = models.DateField(primary_key=True)
    # Just before the events were read: those that were recorded since are in no count yet.
    counted_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.day)
