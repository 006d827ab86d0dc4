"""What the Care Identity app stores, one noun a file. Which login has which Care Identity is in accounts.models."""

from care_identity.models.spent_logout_token import SpentLogoutToken
from care_identity.models.spent_state import SpentState

__all__ = ["SpentLogoutToken", "SpentState"]
