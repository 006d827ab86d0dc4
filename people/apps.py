"""The people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Who is on record. The rows are models of accounts, which reads them at each log-in."""

    name = "people"
    verbose_name = "Who is on record"
