"""What Jinja has compiled of the components is kept beside what Python has compiled, and only where that is kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from nhsuk.kept_bytecode import KeptAsPythonKeeps

SAYS = "It is {{ 6 * 7 }}."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which Python keeps the package compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    folder = Path(KeptAsPythonKeeps().directory)
    assert tmp_path in folder.parents
    folder.mkdir(parents=True)
    return folder


def rendered(text: str = SAYS) -> str:
    """Return what a process renders that has compiled nothing yet."""
    return Environment(loader=DictLoader({"it": text}), bytecode_cache=KeptAsPythonKeeps()).get_template("it").render()  # noqa: S701


def is_kept(text: str = SAYS) -> bool:
    """Return whether a process finds it compiled."""
    environment = Environment(bytecode_cache=KeptAsPythonKeeps())  # noqa: S701
    return KeptAsPythonKeeps().get_bucket(environment, "it", None, text).code is not None


def test_what_one_process_has_compiled_the_next_one_takes(folder: Path) -> None:
    assert not is_kept()
    assert rendered() == "It is 42."
    assert is_kept()
    assert rendered() == "It is 42."
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o644, "the user who runs the portal is not the one who installs it"


def test_after_an_upgrade_of_a_component_it_is_compiled_anew() -> None:
    rendered()
    assert not is_kept("It was {{ 6 * 7 }}.")
    assert rendered("It was {{ 6 * 7 }}.") == "It was 42."


def test_where_python_keeps_nothing_it_is_not_kept_either(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered() == "It is 42."
    assert not list(folder.iterdir())


def test_where_nothing_can_be_written_it_is_rendered_all_the_same(folder: Path) -> None:
    folder.rmdir()
    assert rendered() == "It is 42."
    assert not is_kept()
