"""The people app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Who is on record. The rows are models of accounts, which reads them at each log-in."""

    name = "people"
    verbose_name = _("Who is on record")
