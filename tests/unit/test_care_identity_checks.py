"""Which configuration of Care Identity production starts with. That it does not start is in tests/security."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from care_identity.checks import care_identity_is_safe
from tests.support.openid_provider import key_named

LIVE = (
    "https://am.nhsidentity.spineservices.nhs.uk/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"
    "/.well-known/openid-configuration"
)
WELL_KNOWN = ".well-known/openid-configuration"


@pytest.fixture(autouse=True)
def good(settings: Settings, tmp_path: Path) -> Path:
    """Be configured for the live Care Identity; return the file of the key."""
    key = tmp_path / "care-identity.pem"
    key.write_bytes(key_named("ours").as_pem(private=True))
    key.chmod(0o600)
    settings.CARE_IDENTITY_DISCOVERY_URL = LIVE
    settings.CARE_IDENTITY_CLIENT_ID = "1234.esr.apps.national"
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(key)
    settings.CARE_IDENTITY_CLIENT_SECRET = ""
    return key


def faults() -> list[tuple[str | None, str]]:
    """Return the number of each fault, and what is said of it."""
    return [(fault.id, f"{fault.msg} {fault.hint}") for fault in care_identity_is_safe(None)]


def test_a_good_configuration_starts(settings: Settings) -> None:
    assert faults() == []
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE, settings.CARE_IDENTITY_CLIENT_SECRET = "", "from NHS England"
    assert faults() == []


def test_without_care_identity_nothing_is_asked_for(settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = settings.CARE_IDENTITY_CLIENT_ID = ""
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = ""
    assert faults() == []


def test_the_demo_may_have_its_stand_in(settings: Settings) -> None:
    settings.DEMO = True
    settings.CARE_IDENTITY_DISCOVERY_URL = f"http://localhost:9000/{WELL_KNOWN}"
    assert faults() == []


UNSAFE: list[tuple[str, Any, str, str]] = [
    ("DISCOVERY_URL", LIVE.replace("https", "http"), "E030", "https:// address"),
    ("DISCOVERY_URL", LIVE.removesuffix(WELL_KNOWN), "E030", WELL_KNOWN),
    ("DISCOVERY_URL", f"https:///{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://[::1/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", "the live one", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.example:99999/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.example:x/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.example:0/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://user@am.example/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.example/#/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.example/a b/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://am.ex\u00e4mple/{WELL_KNOWN}", "E030", "https:// address"),
    ("DISCOVERY_URL", f"https://localhost:9000/{WELL_KNOWN}", "E031", "environment"),
    ("DISCOVERY_URL", f"https://LOCALHOST./{WELL_KNOWN}", "E031", "environment"),
    ("DISCOVERY_URL", f"https://care.localhost/{WELL_KNOWN}", "E031", "environment"),
    ("DISCOVERY_URL", f"https://127.0.0.5/{WELL_KNOWN}", "E031", "environment"),
    ("DISCOVERY_URL", f"https://[::1]/{WELL_KNOWN}", "E031", "environment"),
    ("DISCOVERY_URL", f"https://0.0.0.0/{WELL_KNOWN}", "E031", "environment"),
    ("CLIENT_ID", "", "E032", "that NHS England gave you"),
    ("CLIENT_ID", "esr-portal-demo.apps.national", "E032", "that NHS England gave you"),
    ("CLIENT_SECRET", "a secret besides the key", "E033", "Set one of them"),
    ("PRIVATE_KEY_FILE", "", "E033", "Set one of them"),
    ("PRIVATE_KEY_FILE", "/nowhere/key.pem", "E034", "RSA private key in PEM"),
    ("PRIVATE_KEY_FILE", "/dev/null", "E034", "RSA private key in PEM"),
    ("ACR_VALUES", "", "E036", "AAL2_OR_AAL3_ANY"),
    ("ACR_VALUES", "AAL3_ANY AAL1_USERPASS", "E036", "AAL2_OR_AAL3_ANY"),
    ("ACR_VALUES", "AAL3", "E036", "AAL2_OR_AAL3_ANY"),
    ("PROMPT", "", "E037", "Put login there"),
    ("PROMPT", "none", "E037", "Put login there"),
    ("SMARTCARD_METHODS", [], "E038", "N3_SMARTCARD"),
    ("SMARTCARD_METHODS", [""], "E038", "N3_SMARTCARD"),
]  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "number", "what_to_put"), UNSAFE)
def test_an_unsafe_configuration_is_named(
    settings: Settings, variable: str, value: Any, number: str, what_to_put: str
) -> None:
    """Threat: production believes a stand-in, with public cards, or proves who it is with a key that others have."""
    setattr(settings, f"CARE_IDENTITY_{variable}", value)
    ((found, said),) = faults()
    assert found == f"esr_portal.{number}"
    assert f"CARE_IDENTITY_{variable}" in said
    assert what_to_put in said


def test_a_key_that_everybody_may_read_is_named(good: Path) -> None:
    good.chmod(0o644)
    ((found, said),) = faults()
    assert found == "esr_portal.E035"
    assert "chmod 600" in said


def test_every_fault_is_named_at_once(settings: Settings) -> None:
    settings.CARE_IDENTITY_DISCOVERY_URL = "http://localhost:9000"
    settings.CARE_IDENTITY_CLIENT_ID = settings.CARE_IDENTITY_PRIVATE_KEY_FILE = settings.CARE_IDENTITY_ACR_VALUES = ""
    assert [number for number, _ in faults()] == [f"esr_portal.{number}" for number in ("E030", "E032", "E033", "E036")]


def test_what_is_secret_is_not_shown(settings: Settings) -> None:
    """Threat: the message of a start that failed goes to a log that many read."""
    settings.CARE_IDENTITY_CLIENT_SECRET = "from-NHS-England"
    assert "from-NHS-England" not in str(faults())
