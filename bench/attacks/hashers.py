"""A password hash that costs next to nothing, for attacks that are about counts and not about time."""

from accounts.hashers import Argon2idPasswordHasher


class Cheap(Argon2idPasswordHasher):
    """The portal's own with the same steps around it, and with the least memory that argon2 takes (KiB)."""

    memory_cost = 8
