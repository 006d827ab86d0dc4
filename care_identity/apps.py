"""The Care Identity app."""

from django.apps import AppConfig


class CareIdentityConfig(AppConfig):
    """Log-in with Care Identity, and Manage Internet Access."""

    name = "care_identity"
    verbose_name = "Care Identity"
