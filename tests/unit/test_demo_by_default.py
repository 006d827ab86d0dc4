"""`make run` is the demo only where nothing says that this is a production; where its state is."""

from __future__ import annotations

from pathlib import Path

import pytest

from esr_portal import demo_by_default, state

OF_PRODUCTION = {
    "DATABASE_URL": "postgres://portal:hunter2@db.example.nhs.uk/esr",
    "EMAIL_URL": "smtps://portal:hunter2@mail.example.nhs.uk",
    "SECRET_KEY": "hunter2",
    "SECRET_KEY_FALLBACKS": "hunter2",
    "SECOND_STEP_KEYS": "hunter2",
    "ALLOWED_HOSTS": "esr.example.nhs.uk",
    "TRUSTED_PROXIES": "10.0.0.5",
    "BOUNCE_EMAIL": "hunter2@example.nhs.uk",
    "BOUNCE_MAILBOX": "imaps://portal:hunter2@mail.example.nhs.uk",
    "FROM_EMAIL": "ESR <hunter2@example.nhs.uk>",
    "OPERATOR_EMAIL": "hunter2@example.nhs.uk",
    "OPERATOR_NAME": "hunter2",
    "COMMON_PASSWORDS_FILE": "/etc/hunter2",
    "BASE_URL": "https://esr.example.nhs.uk",
    "CARE_IDENTITY_DISCOVERY_URL": "https://hunter2.nhs.uk",
    "CARE_IDENTITY_CLIENT_ID": "hunter2",
    "CARE_IDENTITY_CLIENT_SECRET": "hunter2",
    "CARE_IDENTITY_PRIVATE_KEY_FILE": "/etc/hunter2",
}


def test_without_any_variable_it_is_the_demo() -> None:
    for nothing in ({}, {"DEMO": ""}, {"SECRET_KEY": "", "BASE_URL": ""}):
        environment: dict[str, str] = dict(nothing)
        assert demo_by_default.choose(environment) == ""
        assert environment["DEMO"] == "1"


@pytest.mark.parametrize("name", OF_PRODUCTION)
def test_a_variable_of_production_stops_it_and_is_named_without_its_content(name: str) -> None:
    """Threat: made-up people with a published password in the database of a production."""
    environment = {name: OF_PRODUCTION[name]}
    said = demo_by_default.choose(environment)
    assert name in said
    assert "DEMO=0 make run" in said
    assert "DEMO=1 make run" in said
    assert "\n" not in said
    assert "hunter2" not in said
    assert "DEMO" not in environment


def test_all_are_named_at_once() -> None:
    said = demo_by_default.choose(dict(OF_PRODUCTION))
    assert all(name in said for name in OF_PRODUCTION)


@pytest.mark.parametrize("told", ["0", "1"])
def test_what_is_said_stands(told: str) -> None:
    environment = {**OF_PRODUCTION, "DEMO": told}
    assert demo_by_default.choose(environment) == ""
    assert environment["DEMO"] == told


@pytest.mark.parametrize(
    "more", [{"PORT": "8001", "STATE_DIR": "var/second"}, {"BASE_URL": "http://192.168.1.20:8000"}]
)
def test_what_a_demo_has_stops_nothing(more: dict[str, str]) -> None:
    environment = dict(more)
    assert demo_by_default.choose(environment) == ""
    assert environment["DEMO"] == "1"


def test_a_demo_and_a_production_have_folders_of_their_own(tmp_path: Path) -> None:
    assert state.default_folder(base=tmp_path, demo=True) == tmp_path / "var" / "demo"
    assert state.default_folder(base=tmp_path, demo=False) == tmp_path / "var"


def fill(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_a_demo_of_the_version_before_stays_where_it_is(tmp_path: Path) -> None:
    fill(tmp_path / "var", state.DATABASE, state.DEMO_KEY)
    assert state.default_folder(base=tmp_path, demo=True) == tmp_path / "var"


def test_until_one_of_this_version_is_beside_it(tmp_path: Path) -> None:
    fill(tmp_path / "var", state.DATABASE, state.DEMO_KEY)
    fill(tmp_path / "var" / "demo", state.DATABASE)
    assert state.default_folder(base=tmp_path, demo=True) == tmp_path / "var" / "demo"


def test_the_database_of_a_production_alone_is_no_demos(tmp_path: Path) -> None:
    fill(tmp_path / "var", state.DATABASE)
    assert state.default_folder(base=tmp_path, demo=True) == tmp_path / "var" / "demo"
