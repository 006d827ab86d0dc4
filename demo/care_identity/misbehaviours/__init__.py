"""What a hostile, broken or merely odd provider does, one small function each. The page shows what they say of it."""

from demo.care_identity.misbehaviours import claims, endpoints, tokens

__all__ = ["claims", "endpoints", "tokens"]
