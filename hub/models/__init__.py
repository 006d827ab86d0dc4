"""What the hub shows: one noun a file."""

from hub.models.application import Application
from hub.models.notice import Notice

__all__ = ["Application", "Notice"]
