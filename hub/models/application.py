"""An application that people open after they have logged in."""

from django.core.validators import URLValidator
from django.db import models

from accounts.models import Organisation

# What a click on a web page may open; never javascript: or file:.
WEB_ADDRESS = URLValidator(schemes=["http", "https"], message="Write a web address, like https://rota.example.nhs.uk")


class Application(models.Model):
    """A link that an organisation gives to its people on My ESR."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=80)
    address = models.CharField("web address", max_length=500, validators=[WEB_ADDRESS])
    description = models.CharField(max_length=200, blank=True, help_text="One sentence: what people do there.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Small numbers come first.")

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="application_once_an_organisation"),
            models.CheckConstraint(condition=~models.Q(name=""), name="application_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(address__startswith="https://") | models.Q(address__startswith="http://"),
                name="application_is_a_web_address",
                violation_error_message="Write a web address that begins with https://",
            ),
        ]

    def __str__(self) -> str:
        return self.name
