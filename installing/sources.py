"""Where packages come from: the operator's mirrors, or a folder; and which certificates servers are known by.

What the environment says stands. The rest is taken over from pip's configuration, which uv does not read, and from the
system. npm reads its registry from ~/.npmrc by itself.
"""

from __future__ import annotations

import ast
import functools
import os
from pathlib import Path

from installing.commands import run
from installing.failures import CannotInstall

# Where systems keep the certificates of all authorities that they know, in one file.
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
# In a folder for an install without network.
WHEELS, NPM, NPM_REGISTRY = "wheels", "npm", "npm-registry"


def offline_folder() -> Path | None:
    """Return the folder that OFFLINE_FOLDER names; None where packages come from the network. Raises CannotInstall."""
    named = os.environ.get("OFFLINE_FOLDER", "")
    if not named:
        return None
    folder = Path(named).resolve()
    missing = [name for name in (WHEELS, NPM, NPM_REGISTRY) if not (folder / name).exists()]
    if missing:
        raise CannotInstall(
            f"OFFLINE_FOLDER is {named}, and there is no {' and no '.join(missing)} in it.\n"
            "Fill it on a machine with a network: python3 bootstrap.py fetch FOLDER"
        )
    return folder


def for_installers(pip: tuple[str, ...]) -> dict[str, str]:
    """Return the variables with which uv, pip, npm and Playwright find packages and know servers.

    `pip` is the command of a pip whose configuration is taken over, or () where there is none.
    """
    # A Python of the system's: uv would otherwise download one of its own.
    wanted = {"UV_PYTHON_DOWNLOADS": "never", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    folder = offline_folder()
    if folder:
        # npm's is a cache: what is in it is found by the registry that it came from, and known by its digest.
        registry = (folder / NPM_REGISTRY).read_text(encoding="utf-8").strip()
        npm = {"npm_config_offline": "true", "npm_config_registry": registry}
        return {**wanted, **npm, "UV_OFFLINE": "1"}
    wanted |= _certificates(pip)
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or _pip_says(pip).get("index-url", "")
    if index:
        wanted |= {"UV_DEFAULT_INDEX": index, "PIP_INDEX_URL": _address(index)}
    return {name: value for name, value in wanted.items() if not os.environ.get(name)}


def _certificates(pip: tuple[str, ...]) -> dict[str, str]:
    """Return what makes uv, pip and Node.js know the authorities that the system, or who configured pip, knows."""
    configured = _pip_says(pip).get("cert", "")
    named = os.environ.get("SSL_CERT_FILE") or configured
    bundle = named or next((path for path in BUNDLES if Path(path).exists()), "")
    wanted = {"UV_SYSTEM_CERTS": "1"}
    if named:
        wanted["SSL_CERT_FILE"] = named
    if bundle:
        # Node.js has authorities of its own and adds these; pip has its own, and takes these in their place.
        wanted["NODE_EXTRA_CA_CERTS"] = bundle
    if bundle and not configured:
        wanted["PIP_CERT"] = bundle
    return wanted


def _address(index: str) -> str:
    """Return the address of an index, which uv also takes with a name before it and an equals sign."""
    name, _, address = index.partition("=")
    return address if address and "/" not in name else index


@functools.cache
def _pip_says(pip: tuple[str, ...]) -> dict[str, str]:
    """Return the options that pip is configured with: for all commands, for `install`, by variables."""
    found = {
        name: os.environ[variable]
        for name, variable in (("index-url", "PIP_INDEX_URL"), ("cert", "PIP_CERT"))
        if os.environ.get(variable)
    }
    if not pip:
        return found
    lines = run([*pip, "config", "list"], silent=True).words.splitlines()
    for section in ("global", "install", ":env:"):
        for line in lines:
            name, _, value = line.partition("=")
            if name.startswith(f"{section}.") and value[:1] in {"'", '"'}:
                found[name.removeprefix(f"{section}.")] = str(ast.literal_eval(value))
    return found
