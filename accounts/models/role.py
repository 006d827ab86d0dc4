"""What a person may do in the admin, by name. people/services/rights.py says what each role may."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles of the admin. A person has one of them, or none."""

    AGENT = "agent", _("Helpdesk agent")
    LEAD = "lead", _("Helpdesk lead")
    AUDITOR = "auditor", _("Auditor")
    ORGANISATION_ADMIN = "organisation_admin", _("Organisation administrator")
    NATIONAL_ADMIN = "national_admin", _("National administrator")


# What is stored of a person without a role.
NO_ROLE = ""


def flags(role: str) -> dict[str, bool]:
    """Return the two columns of Django that follow from a role: the database refuses others beside it."""
    return {"is_staff": role != NO_ROLE, "is_superuser": role == Role.NATIONAL_ADMIN}
