"""How the demo starts its stand-in for Care Identity, and what the portal is told of it."""

from __future__ import annotations

import dataclasses
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from demo.care_identity import CLIENT_ID

# Where it listens, counted from the portal's port: pages, and client certificates.
PORT_ABOVE = 1000
CARD_PORT_ABOVE = 2000
# Tells the portal that this Care Identity is ours, for the demo's own pages.
VARIABLE = "DEMO_CARE_IDENTITY"


@dataclasses.dataclass(frozen=True, slots=True)
class Starting:
    """The command that starts it, its environment, the sockets to hand to it, and what the portal is told."""

    command: list[str]
    environment: dict[str, str]
    sockets: list[int]
    for_the_portal: dict[str, str]


def prepare(*, plain: socket.socket, cards: socket.socket) -> Starting:
    """Return how to start the stand-in on two open sockets. Makes the portal's key where there is none."""
    private, public = _client_key(settings.STATE_DIR)
    address = f"http://{urlsplit(settings.BASE_URL).hostname}:{plain.getsockname()[1]}"
    shared = {"DEMO": "1", "STATE_DIR": str(settings.STATE_DIR), "CARE_IDENTITY_CLIENT_ID": CLIENT_ID}
    fds = [plain.fileno(), cards.fileno()]
    return Starting(
        command=[
            *(sys.executable, "-m", "demo.care_identity"),
            *("--plain-fd", str(fds[0]), "--card-fd", str(fds[1])),
        ],
        environment={**shared, "BASE_URL": settings.BASE_URL, "STAND_IN_CLIENT_KEYS": str(public)},
        sockets=fds,
        for_the_portal={
            "CARE_IDENTITY_DISCOVERY_URL": f"{address}/.well-known/openid-configuration",
            "CARE_IDENTITY_CLIENT_ID": CLIENT_ID,
            "CARE_IDENTITY_PRIVATE_KEY_FILE": str(private),
            VARIABLE: address,
        },
    )


def address() -> str:
    """Return where the stand-in is, or "" where the portal runs without it."""
    return os.environ.get(VARIABLE, "")


def _client_key(folder: Path) -> tuple[Path, Path]:
    """Return the files of the demo's client key, private and public; make them where they are missing."""
    private = folder / "care-identity-client-key.pem"
    public = folder / "care-identity-client-key.public.pem"
    if not (private.exists() and public.exists()):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private.unlink(missing_ok=True)
        private.touch(mode=0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        public.write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    return private, public
