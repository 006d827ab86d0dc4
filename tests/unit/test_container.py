"""deploy/Containerfile and deploy/compose.yaml: the steps of docs/operations.md and the units of deploy/systemd again.

They were built and run by hand (docs/containers.md says where and how). Here they are held against what they repeat.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"].startswith("esr-portal:"))
# What a service of the compose file runs, and the unit of systemd that runs the same.
UNITS = {
    "server-8000": "esr-portal-server@.service",
    "server-8001": "esr-portal-server@.service",
    "worker": "esr-portal-worker.service",
    "tidy-up": "esr-portal-tidy-up.service",
}
# Folders of the repository that are in no image.
STAY_OUT = {"bench", "deploy", "docs", "tests"}


def stage(name: str) -> str:
    """Return the lines of a stage, without comments."""
    lines = "\n".join(line for line in CONTAINERFILE.splitlines() if not line.lstrip().startswith("#"))
    (found,) = re.findall(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM|\Z)", lines, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize(("service", "unit"), UNITS.items())
def test_a_service_runs_what_its_unit_runs(service: str, unit: str) -> None:
    unit_file = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")
    started = re.findall(r"^ExecStart=.*\.venv/bin/python\" (.*)'$", unit_file, re.MULTILINE)
    assert started == [shlex.join(SERVICES[service]["command"])]


@pytest.mark.parametrize("service", ["server-8000", "server-8001"])
def test_a_server_is_at_a_port_that_nginx_asks(service: str) -> None:
    port = SERVICES[service]["environment"]["PORT"]
    assert f"server 127.0.0.1:{port} " in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_an_image_is_installed_by_the_runbooks_command() -> None:
    command = "UV_PYTHON=/usr/bin/python3 /usr/bin/python3 bootstrap.py run"
    assert command in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert f"RUN {command}" in stage("installed")


@pytest.mark.parametrize("service", OURS)
def test_a_service_is_hardened(service: str) -> None:
    """Threat: who has got into the portal's process goes on to the machine, or changes what the next one runs."""
    told = SERVICES[service]
    assert (told["read_only"], told["cap_drop"], told["ulimits"]["core"]) == (True, ["ALL"], 0)
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in told
    assert "privileged" not in told
    # Ends, where a variable is at fault: it would be started again for ever.
    assert told["restart"] in {"on-failure:10", "no"}


def test_the_portal_is_run_by_a_user_of_its_own_as_the_first_process() -> None:
    """Behind a shell it would not be told that it is to end, and a form would be broken off."""
    portal = stage("portal")
    assert re.search(r"^USER (?!0|root)\d+:\d+$", portal, re.MULTILINE)
    assert re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", portal, re.MULTILINE) == [
        '["/opt/esr-portal/current/.venv/bin/python"]',
        '["-m", "esr_portal.server"]',
    ]


def test_no_key_and_no_password_is_in_an_image_or_the_compose_file() -> None:
    """Threat: who may pull an image has the portal's keys."""
    secret = r"SECRET_KEY|SECOND_STEP_KEYS|DATABASE_URL|EMAIL_URL|PASSWORD|PRIVATE_KEY"
    assert not re.search(secret, CONTAINERFILE)
    assert not re.search(secret, (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert {SERVICES[service]["env_file"] for service in OURS} == {"esr-portal.env"}


def test_what_goes_into_an_image_is_named_and_nothing_else_goes() -> None:
    """Threat: a key or a database that lies in the folder of whoever builds it."""
    everything, *named = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1:]
    assert everything == "*"
    *taken, bytecode = named
    assert bytecode == "**/__pycache__"
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - STAY_OUT
    assert folders <= {name.removeprefix("!") for name in taken}
    for name in taken:
        assert (ROOT / name.removeprefix("!")).exists(), name
        assert name.removeprefix("!").partition("/")[0] not in STAY_OUT - {"deploy"}
