"""Where the helpdesk's search finds security events by organisation, kind, network and agent."""

from django.db import models


class FiledEvent(models.Model):
    """One security event as it is found: a worker files it a little later, so that no request writes these indexes.

    It says nothing of its own: what is shown is read from the event. A row without an event is of one that is deleted.
    """

    # The key of the event.
    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    # The primary key of the organisation of the person it is about, or 0 where it is about none.
    organisation = models.IntegerField()
    kind = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True)
    by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-at"], name="filed_by_organisation"),
            models.Index(fields=["organisation", "kind", "-at"], name="filed_by_organisation_kind"),
            models.Index(fields=["kind", "-at"], name="filed_by_kind"),
            models.Index(
                fields=["organisation", "address", "-at"],
                condition=models.Q(address__isnull=False),
                name="filed_by_organisation_address",
            ),
            models.Index(fields=["address", "-at"], condition=models.Q(address__isnull=False), name="filed_by_address"),
            models.Index(fields=["by", "-at"], condition=models.Q(by__isnull=False), name="filed_by_agent"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
