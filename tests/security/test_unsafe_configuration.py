"""Production refuses to start with anything unsafe or missing, and says which variable it is and what to put there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import database, portal, web_server
from tests.support.portal import SAFE, Running

pytestmark = pytest.mark.own_processes

PROXY = {"TRUSTED_PROXIES": "127.0.0.1"}
THROUGH_THE_PROXY = {
    "Host": "esr.example.nhs.uk",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_For": "203.0.113.7",
}
# A made-up Care Identity on top: the portal does not go there at start.
CARE_IDENTITY = {
    "CARE_IDENTITY_DISCOVERY_URL": "https://care-identity.example.nhs.uk/.well-known/openid-configuration",
    "CARE_IDENTITY_CLIENT_ID": "1234.esr.apps.national",
    "CARE_IDENTITY_CLIENT_SECRET": "made-up-for-this-test",
}

# All of them at once: what else is unsafe is in tests/unit/test_configuration.py and test_care_identity_checks.py.
UNSAFE = {
    "SECRET_KEY": ("hospital", "50 or more random characters"),
    "BASE_URL": ("http://esr.example.nhs.uk", "https:// address"),
    "ALLOWED_HOSTS": ("*", "List the host names"),
    "EMAIL_URL": ("consolemail://", "smtps://"),
    "TRUSTED_PROXIES": ("0.0.0.0/0", "your own proxies"),
    "COMMON_PASSWORDS_FILE": ("/nowhere/common.txt", "one common password"),
    "CARE_IDENTITY_DISCOVERY_URL": ("https://localhost:9000/.well-known/openid-configuration", "your Care Identity"),
    "CARE_IDENTITY_CLIENT_SECRET": ("", "Set one of them"),
    "CARE_IDENTITY_ACR_VALUES": ("AAL1_USERPASS", "AAL2_OR_AAL3_ANY"),
}


def test_production_refuses_to_start_and_names_every_fault_at_once(tmp_path: Path) -> None:
    """Threat: a portal that an operator believes to be safe serves people although it is not."""
    variables = SAFE | CARE_IDENTITY | {name: value for name, (value, _) in UNSAFE.items()}
    ended = portal.outcome("-m", "esr_portal.run", state=tmp_path, variables=variables)
    assert ended.returncode == 1
    said = [line for line in portal.said(ended.stderr) if line.startswith("Cannot start: ")]
    assert len(said) == len(UNSAFE), ended.stderr
    for variable, (_, what_to_put) in UNSAFE.items():
        assert any(variable in line and what_to_put in line for line in said), (variable, said)
    assert "Traceback" not in ended.stderr


MALFORMED = {
    "ALLOWED_HOSTS": "https://hunter2.nhs.uk",
    "BOUNCE_EMAIL": "ESR <hunter2@esr.example.nhs.uk>",
    "BOUNCE_MAILBOX": "imaps://portal:hun/ter2@mail.example.nhs.uk",
    "BASE_URL": "https://portal:hunter2@esr.example.nhs.uk:port",
    "DATABASE_URL": "postgres://portal:hun/ter2@db.example.nhs.uk/esr",
    "DEMO": "hunter2",
    "EMAIL_URL": "smtps://portal:hun/ter2@mail.example.nhs.uk",
    "FROM_EMAIL": "ESR, hunter2 <no-reply@esr.example.nhs.uk>",
    "GRANIAN_WORKERS": "hunter2",
    "PORT": "hunter2",
    "SECRET_KEY_FALLBACKS": "hunter2",
    "TRUSTED_PROXIES": "hunter2",
}


COMMANDS = [("-m", "esr_portal.server"), ("manage.py", "work"), ("manage.py", "tidy_up")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_malformed_variables_are_named_at_once_without_their_content(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Threat: a bare traceback with a piece of a password, in a log that many read."""
    ended = portal.outcome(*command, state=tmp_path, variables=SAFE | MALFORMED)
    # What says to a service manager that another start is of no use (deploy/systemd).
    assert ended.returncode == os.EX_CONFIG
    for variable in MALFORMED:
        lines = [line for line in portal.said(ended.stderr) if f" {variable} " in line]
        assert len(lines) == 1, (variable, ended.stderr)
    for leaked in ("hunter2", "ter2", "hun", "Traceback"):
        assert leaked not in ended.stderr + ended.stdout


def test_without_any_variable_it_is_production(tmp_path: Path) -> None:
    """Threat: a forgotten DEMO opens the demo's inbox and people to the world."""
    ended = portal.outcome("-m", "esr_portal.run", state=tmp_path, variables={})
    assert ended.returncode == 1
    for variable in ("SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL"):
        assert f"Cannot start: {variable} is not set." in ended.stderr


def test_the_server_refuses_by_itself_too(tmp_path: Path) -> None:
    """Threat: an operator starts the server with a command of their own, past every other check."""
    command = "-m granian --interface wsgi esr_portal.wsgi:application"
    ended = portal.outcome(*command.split(), state=tmp_path, variables=SAFE | {"ALLOWED_HOSTS": "*"})
    assert ended.returncode != 0
    assert "Cannot start: ALLOWED_HOSTS allows every host." in ended.stderr


@pytest.mark.parametrize("command", ["work", "import_people"])
def test_the_commands_refuse_too(tmp_path: Path, command: str) -> None:
    """Threat: a worker with another key or address than the server's mails links that are wrong or unsafe."""
    arguments = ["people.csv"] if command == "import_people" else []
    variables = SAFE | {"BASE_URL": "http://esr.example.nhs.uk"}
    ended = portal.outcome("manage.py", command, *arguments, state=tmp_path, variables=variables)
    assert ended.returncode != 0
    assert "BASE_URL" in ended.stderr
    assert "https:// address" in ended.stderr


def test_a_stand_in_cannot_be_run_in_production(tmp_path: Path) -> None:
    """Threat: the stand-in, whose cards' passcodes are public, stands where people's logins are."""
    ended = portal.outcome("-m", "demo.care_identity", state=tmp_path, variables=SAFE | CARE_IDENTITY)
    assert ended.returncode != 0
    assert "DEMO" in ended.stderr


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    """Return a web server with a safe configuration, behind a proxy on this machine: us."""
    state = tmp_path_factory.mktemp("state")
    with database.another() as address:
        variables = SAFE | PROXY | CARE_IDENTITY | {"DATABASE_URL": address}
        with web_server.running(state=state, variables=variables) as running:
            yield running


def test_a_safe_configuration_serves(safe: Running) -> None:
    answer = safe.get("/log-in/", **THROUGH_THE_PROXY)
    assert answer.status == 200
    assert "Log in via Username Password" in answer.text


def test_the_web_server_does_not_say_what_it_is(safe: Running) -> None:
    for path in ("/", "/health/live", "/no-such-page"):
        assert safe.get(path, **THROUGH_THE_PROXY).headers.get_all("Server") == ["ESR"]


def test_cookies_are_bound_to_the_host_and_to_tls(safe: Running) -> None:
    """Threat: a cookie set by a neighbouring host, or sent without TLS."""
    cookies = safe.get("/log-in/", **THROUGH_THE_PROXY).headers.get_all("Set-Cookie") or []
    assert cookies
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(attributes)
        assert "SameSite=Lax" in attributes
        assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_browsers_are_told_to_come_back_over_tls_only(safe: Running) -> None:
    """Threat: a network between the person and us takes the TLS off."""
    header = safe.get("/", **THROUGH_THE_PROXY).headers["Strict-Transport-Security"]
    assert header == "max-age=63072000; includeSubDomains; preload"


def test_without_tls_people_are_sent_to_it(safe: Running) -> None:
    answer = safe.get("/log-in/?next=/my-esr/", **THROUGH_THE_PROXY | {"X_Forwarded_Proto": "http"})
    assert answer.status == 301
    assert answer.headers["Location"] == "https://esr.example.nhs.uk/log-in/?next=/my-esr/"


def test_another_host_is_refused(safe: Running) -> None:
    """Threat: a link or a cached page that leads to an attacker's host."""
    assert safe.get("/log-in/", **THROUGH_THE_PROXY | {"Host": "evil.example"}).status == 400


def test_there_is_no_demo_in_production(safe: Running) -> None:
    """Threat: the demo inbox shows mails, the demo's people have passwords that are public."""
    for path in ("/demo/", "/demo/inbox/"):
        assert safe.get(path, **THROUGH_THE_PROXY).status == 404
    assert "demonstration" not in safe.get("/", **THROUGH_THE_PROXY).text
