"""The hash of the stock log-ins: Django's argon2id with the portal's parameters, so that it costs the same."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalsStrength(Argon2PasswordHasher):
    """argon2id, m=47104 KiB, t=1, p=1."""

    time_cost = 1
    memory_cost = 47104
    parallelism = 1
