"""The certificates of real cards: an authority of our own, and a file (PKCS#12) for each card.

Kept in the state folder, so that a card in a browser goes on working after a restart.
"""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import load_pem_x509_certificate

from demo.care_identity import cards
from demo.care_identity.cards import Card


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """Where the authority's certificate, its key, and the certificate of our own server are kept."""

    certificate: Path
    key: Path
    server: Path


def authority(folder: Path, *, host: str = "localhost") -> Authority:
    """Return the places of the authority kept in `folder`, and of the certificate of the server named `host`."""
    return Authority(folder / "card-authority.pem", folder / "card-authority-key.pem", folder / f"server-{host}.pem")


def prepare(folder: Path, *, host: str) -> Authority:
    """Make the authority and the certificate of the server named `host`, where they are missing; return where."""
    kept = authority(folder, host=host)
    if not (kept.certificate.exists() and kept.key.exists()):
        made = trustme.CA(organization_name="Stand-in Care Identity", organization_unit_name="Demo cards")
        _write(kept.key, made.private_key_pem.bytes())
        _write(kept.certificate, made.cert_pem.bytes())
        kept.server.unlink(missing_ok=True)
    if not kept.server.exists():
        issued = load(folder).issue_cert(*{host, "localhost", "127.0.0.1"}, common_name=host)
        _write(kept.server, issued.private_key_and_cert_chain_pem.bytes())
    return kept


def load(folder: Path) -> trustme.CA:
    """Return the authority kept in `folder`."""
    kept = authority(folder)
    return trustme.CA.from_pem(kept.certificate.read_bytes(), kept.key.read_bytes())


def card_file(folder: Path, card: Card) -> bytes:
    """Return a card as a file that a browser can import (PKCS#12). It opens with the passcode."""
    return as_file(load(folder).issue_cert(common_name=card.uid, organization_name=card.name), name=card.name)


def as_file(issued: trustme.LeafCert, *, name: str) -> bytes:
    """Return a certificate and its key as PKCS#12."""
    return pkcs12.serialize_key_and_certificates(
        name.encode(),
        load_pem_private_key(issued.private_key_pem.bytes(), None),  # type: ignore[arg-type]
        load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()),
        None,
        BestAvailableEncryption(cards.PASSCODE.encode()),
    )


def context(kept: Authority) -> ssl.SSLContext:
    """Return how the card listener speaks TLS: a certificate of our authority's is read, none is fine too."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(kept.server)
    made.load_verify_locations(kept.certificate)
    made.verify_mode = ssl.CERT_OPTIONAL
    return made


def uid_in(environment: Mapping[str, Any]) -> str:
    """Return the number of the card whose certificate this request came with, or ""."""
    is_verified = environment.get("SSL_CLIENT_VERIFY") == "SUCCESS"
    return str(environment.get("SSL_CLIENT_S_DN_CN", "")) if is_verified else ""


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
