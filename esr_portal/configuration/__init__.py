"""Every variable that the portal is configured with, read in one place.

Nothing is raised while reading: each fault is noted as a line that names the variable, says what is wrong and shows an
example, never the content, and something harmless stands where the content would. esr_portal/checks.py then refuses to
start with all of them at once: decision 25. What a process of the demo tells another (STAND_IN_…, DEMO_INBOX) is no
configuration and is read where it is used.
"""

from __future__ import annotations

import dataclasses
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from esr_portal import state
from esr_portal.configuration import addresses, bounces, database, keys, mail, operator, web_server
from esr_portal.configuration.faults import Fault, Variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from esr_portal.configuration.addresses import Addresses
    from esr_portal.configuration.bounces import Bounces
    from esr_portal.configuration.keys import Keys
    from esr_portal.configuration.mail import Mail
    from esr_portal.configuration.operator import Operator

__all__ = ["CareIdentity", "Configuration", "Fault", "read"]

_STATE_EXAMPLE = "Put the path of a folder there that is the portal's own, like STATE_DIR=/var/lib/esr-portal."


@dataclasses.dataclass(frozen=True, slots=True)
class CareIdentity:
    """The provider, who the portal is to it, and what it is asked for: docs/care-identity.md."""

    discovery_url: str
    client_id: str
    private_key_file: str
    client_secret: str = dataclasses.field(repr=False)
    acr_values: str
    prompt: str
    smartcard_methods: list[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Configuration:
    """What the variables say, in the words of the settings that are made of it."""

    demo: bool
    state_dir: Path
    port: int
    host: str
    addresses: Addresses
    keys: Keys
    database: dict[str, Any]
    mail: Mail
    bounces: Bounces
    # Whether the operator named a mail server; the demo brings its own.
    names_a_mail_server: bool
    operator: Operator
    common_passwords_file: str
    care_identity: CareIdentity
    faults: tuple[Fault, ...]


def read(environment: Mapping[str, str], *, base: Path) -> Configuration:
    """Return the configuration in `environment`. `base` is the folder of the code, whose `var` holds the state.

    Makes the state folder where data is to be in it, and narrows the rights of what is there.
    """
    variables = Variables(environment)
    demo = variables.flag("DEMO", code="E021")
    folder = Path(variables.text("STATE_DIR") or state.default_folder(base=base, demo=demo)).resolve()
    data = database.read(variables, demo=demo, file=folder / state.DATABASE)
    _keep_private(variables, folder, data, demo=demo)
    port = web_server.read_port(variables)
    web_server.look_at(variables, port=port)
    where = addresses.read(variables, demo=demo, port=port)
    if where.served_over_tls and not (variables.text("TRUSTED_PROXIES") or variables.text(web_server.OWN_TLS)):
        what = "TRUSTED_PROXIES is not set: behind a proxy that ends TLS each page redirects to itself."
        variables.warn("W001", what, addresses.PROXIES_EXAMPLE)
    return Configuration(
        demo=demo,
        state_dir=folder,
        port=port,
        host=web_server.read_host(variables),
        addresses=where,
        keys=keys.read(variables, demo=demo, of_the_demo=lambda: _key_of_the_demo(folder)),
        database=data,
        mail=mail.read(variables, demo=demo, host=urlsplit(where.base_url).hostname or ""),
        bounces=bounces.read(variables),
        names_a_mail_server=bool(variables.text("EMAIL_URL")),
        operator=operator.read(variables, demo=demo),
        common_passwords_file=variables.text("COMMON_PASSWORDS_FILE"),
        care_identity=_care_identity(variables),
        faults=tuple(variables.faults),
    )


def _keep_private(variables: Variables, folder: Path, data: dict[str, Any], *, demo: bool) -> None:
    """Let the owner alone read the data of an SQLite or a demo, or name what prevents that."""
    is_sqlite = data["ENGINE"] == database.SQLITE and data["NAME"] != database.NOWHERE["NAME"]
    file = Path(data["NAME"]).absolute() if is_sqlite else None
    try:
        if demo or (file is not None and file.parent == folder):
            state.keep_folder_private(folder)
        for kept in (file, folder / state.DEMO_KEY):
            if kept is not None:
                state.keep_file_private(kept)
    except state.CannotBeKept as problem:
        variables.fault("E024", f"{problem.variable} {problem}.", problem.example or _STATE_EXAMPLE)


def _key_of_the_demo(folder: Path) -> str:
    try:
        return state.demo_secret_key(folder / state.DEMO_KEY)
    except (OSError, ValueError):
        # What keeps the folder from being used has been named.
        return secrets.token_urlsafe(48)


def _care_identity(variables: Variables) -> CareIdentity:
    return CareIdentity(
        discovery_url=variables.text("CARE_IDENTITY_DISCOVERY_URL"),
        client_id=variables.text("CARE_IDENTITY_CLIENT_ID"),
        private_key_file=variables.text("CARE_IDENTITY_PRIVATE_KEY_FILE"),
        client_secret=variables.text("CARE_IDENTITY_CLIENT_SECRET"),
        acr_values=variables.text("CARE_IDENTITY_ACR_VALUES", "AAL2_OR_AAL3_ANY"),
        prompt=variables.text("CARE_IDENTITY_PROMPT", "login"),
        smartcard_methods=variables.words("CARE_IDENTITY_SMARTCARD_METHODS")
        or ["N3_SMARTCARD", "CIS2_SMARTCARD", "SMARTCARD"],
    )
