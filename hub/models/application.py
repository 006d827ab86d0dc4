"""An application that people open after they have logged in."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import welsh_texts
from accounts.models import Organisation

# What a click on a web page may open; never javascript: or file:.
WEB_ADDRESS = URLValidator(
    schemes=["http", "https"], message=gettext_lazy("Write a web address, like https://rota.example.nhs.uk")
)
# Letters and marks that take no room, though Unicode does not count them among the controls (UTS 39, UAX 31).
_WITHOUT_WIDTH = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def fault_of_address(address: str) -> str:
    """Return why a web address may look as if it led elsewhere than it does, in a sentence, or "" where it cannot.

    What stands before an @ is no part of where it leads (RFC 3986, 7.6), invisible characters hide or turn round what
    is read, browsers take a backslash for a slash, and a letter of another script looks like one of ours (UTS 39). DNS
    and browsers have such a host as "xn--…".
    """
    if not address.isprintable() or not _WITHOUT_WIDTH.isdisjoint(address) or " " in address:
        return _("The web address has blanks or invisible characters in it: type it, or copy it from the browser.")
    if "\\" in address:
        return _("Write the web address with / in place of \\.")
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return _("Write a web address, like https://rota.example.nhs.uk")
    if "@" in host:
        return _("Write the web address without a username or password: nothing may stand before an @.")
    if not host.isascii() or "%" in host:
        return _("Write the host name with the letters a to z, as the browser's address bar has it: xn--…")
    return ""


class Application(models.Model):
    """A link that an organisation gives to its people on My ESR."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=80)
    welsh_name = models.CharField(
        gettext_lazy("name in Welsh (optional)"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("Shown on pages in Welsh. Empty: the name is shown as it is in English."),
    )
    address = models.CharField(gettext_lazy("web address"), max_length=500, validators=[WEB_ADDRESS])
    description = models.CharField(
        max_length=200, blank=True, help_text=gettext_lazy("One sentence: what people do there.")
    )
    welsh_description = models.CharField(
        gettext_lazy("description in Welsh (optional)"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("Shown on pages in Welsh. Empty: the English text is shown."),
    )
    position = models.PositiveSmallIntegerField(default=0, help_text=gettext_lazy("Small numbers come first."))

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="application_once_an_organisation"),
            models.UniqueConstraint(
                fields=["organisation", "welsh_name"],
                condition=~models.Q(welsh_name=""),
                name="application_in_welsh_once_an_organisation",
                violation_error_message=gettext_lazy(
                    "This organisation has an application with this name in Welsh already."
                ),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="application_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(address__startswith="https://") | models.Q(address__startswith="http://"),
                name="application_is_a_web_address",
                violation_error_message=gettext_lazy("Write a web address that begins with https://"),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the language of the page."""
        return welsh_texts.shown(self, "name")

    @property
    def shown_description(self) -> str:
        """What people do there, in the language of the page."""
        return welsh_texts.shown(self, "description")

    def clean(self) -> None:
        """Raise ValidationError where the address may look as if it led elsewhere. No constraint: rows may be older."""
        super().clean()
        fault = fault_of_address(self.address)
        if fault:
            raise ValidationError({"address": fault})
