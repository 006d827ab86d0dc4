"""What Care Identity needs remembered: one noun a file. Whose Care Identity is whose is in accounts.models."""

from care_identity.models.spent_logout_token import SpentLogoutToken

__all__ = ["SpentLogoutToken"]
