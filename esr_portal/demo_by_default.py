"""`make run` is the demo where DEMO is not set, unless the environment is that of a production."""

from __future__ import annotations

from collections.abc import MutableMapping

from demo import hosts

# What production is configured with (docs/operations.md); a demo that is given one of these says DEMO=1.
OF_PRODUCTION = (
    "ALLOWED_HOSTS",
    "BOUNCE_EMAIL",
    "BOUNCE_MAILBOX",
    "CARE_IDENTITY_CLIENT_ID",
    "CARE_IDENTITY_CLIENT_SECRET",
    "CARE_IDENTITY_DISCOVERY_URL",
    "CARE_IDENTITY_PRIVATE_KEY_FILE",
    "COMMON_PASSWORDS_FILE",
    "DATABASE_URL",
    "EMAIL_URL",
    "FROM_EMAIL",
    "METRICS_NETWORKS",
    "OPERATOR_EMAIL",
    "OPERATOR_NAME",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECOND_STEP_KEYS",
    "TRUSTED_PROXIES",
)


def choose(environment: MutableMapping[str, str]) -> str:
    """Set DEMO=1 in `environment` where DEMO is not set. Return why that cannot be, in one line, or "".

    Call it before the settings are read.
    """
    if environment.get("DEMO"):
        return ""
    found = [name for name in OF_PRODUCTION if environment.get(name)]
    if environment.get("BASE_URL") and hosts.problem(environment["BASE_URL"]):
        found.append("BASE_URL")
    if found:
        return (
            f"Cannot start: DEMO is not set, and what production has is: {', '.join(sorted(found))}. "
            "For production type DEMO=0 make run, for the demo DEMO=1 make run."
        )
    environment["DEMO"] = "1"
    return ""
