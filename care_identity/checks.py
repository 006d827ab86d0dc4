"""Unsafe configuration of Care Identity refuses to start: each message names the variable and says what to put there.

As accounts/checks.py does for the rest. Where Care Identity is not offered, nothing is asked for.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from accounts.browser import preferred_method
from care_identity.services import assurance, client_keys, provider
from care_identity.services.signing_keys import FEWEST_RSA_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[str, str, str]
# What the demo's stand-in knows the portal by.
_DEMO_CLIENT_ID = "esr-portal-demo"


@register(Tags.security)
def care_identity_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each unsafe or missing setting."""
    if settings.DEMO or not preferred_method.is_offered():
        return []
    faults = [*_faults_of_the_provider(), *_faults_of_who_we_are(), *_faults_of_what_is_asked()]
    return [Error(what, hint=hint, id=f"esr_portal.{code}") for code, what, hint in faults]


def _faults_of_the_provider() -> Iterator[Fault]:
    address = settings.CARE_IDENTITY_DISCOVERY_URL
    host = _host(address)
    is_one = provider.is_address(address) and address.startswith("https://") and address.endswith(provider.WELL_KNOWN)
    if not host or not is_one:
        yield (
            "E030",
            "CARE_IDENTITY_DISCOVERY_URL is no address of a provider's configuration.",
            f"Put the https:// address of your Care Identity environment there; it ends in {provider.WELL_KNOWN}.",
        )
    elif _is_this_machine(host):
        yield (
            "E031",
            "CARE_IDENTITY_DISCOVERY_URL names this machine, where only a stand-in can be.",
            "Put the address of your Care Identity environment there.",
        )


def _faults_of_who_we_are() -> Iterator[Fault]:
    client_id = settings.CARE_IDENTITY_CLIENT_ID
    if not client_id or client_id.startswith(_DEMO_CLIENT_ID):
        yield (
            "E032",
            "CARE_IDENTITY_CLIENT_ID is the demo's." if client_id else "CARE_IDENTITY_CLIENT_ID is not set.",
            "Put the client id there that NHS England gave you.",
        )
    has_key, has_secret = bool(settings.CARE_IDENTITY_PRIVATE_KEY_FILE), bool(settings.CARE_IDENTITY_CLIENT_SECRET)
    if has_key == has_secret:
        both = "CARE_IDENTITY_PRIVATE_KEY_FILE and CARE_IDENTITY_CLIENT_SECRET are"
        yield (
            "E033",
            f"{both} both set." if has_key else f"{both} both missing.",
            "Set one of them: the path of your private key (better), or the secret that NHS England gave you.",
        )
    if has_key:
        yield from _faults_of_the_key()


def _faults_of_the_key() -> Iterator[Fault]:
    try:
        client_keys.signing_key()
        open_to_all = client_keys.may_be_read_by_everybody()
    except client_keys.Unusable as problem:
        yield (
            "E034",
            f"CARE_IDENTITY_PRIVATE_KEY_FILE {problem}.",
            f"It is the path of an RSA private key in PEM, without a password, of {FEWEST_RSA_BITS} bits or more.",
        )
        return
    if open_to_all:
        yield (
            "E035",
            "CARE_IDENTITY_PRIVATE_KEY_FILE can be read by everybody on this machine.",
            "Let only the portal's own user read it, with chmod 600.",
        )


def _faults_of_what_is_asked() -> Iterator[Fault]:
    acr_values = settings.CARE_IDENTITY_ACR_VALUES.split()
    enough = [acr for acr, levels in assurance.ACR_VALUES.items() if min(levels) >= assurance.LOWEST_LEVEL]
    if not acr_values or not set(acr_values) <= set(enough):
        yield (
            "E036",
            "CARE_IDENTITY_ACR_VALUES asks for less than is enough, or for what is not known.",
            f"Put one or more of these there, with spaces between them: {', '.join(enough)}.",
        )
    if settings.CARE_IDENTITY_PROMPT != "login":
        yield (
            "E037",
            "CARE_IDENTITY_PROMPT lets a person in with the log-in of the person before.",
            "Put login there, or leave it out.",
        )
    if not any(settings.CARE_IDENTITY_SMARTCARD_METHODS):
        yield (
            "E038",
            "CARE_IDENTITY_SMARTCARD_METHODS is empty.",
            "List what counts as a smartcard, like N3_SMARTCARD,CIS2_SMARTCARD; or leave it out.",
        )


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".localdomain"))
    return address.is_loopback or address.is_unspecified
