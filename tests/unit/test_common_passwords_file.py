"""The operator's own file of common passwords."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

import common_passwords
from common_passwords import lists

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    """Let no other test see this one's file."""
    yield
    lists.forget()


def _refused(password: str) -> bool:
    return bool(common_passwords.recognise(password=password, own_words={}))


def test_without_a_file_there_is_no_problem(settings: Settings) -> None:
    settings.COMMON_PASSWORDS_FILE = ""
    assert common_passwords.operators_file_problem() is None


def test_what_the_operator_lists_is_refused_also_dressed_up(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_bytes(b"\xef\xbb\xbfQuillfeathery\r\nzorbaq wexlip tunvoy\r\n\r\nmore than thirty letters of phrase\r\n")
    assert not _refused("zorbaq wexlip tunvoy")
    assert not _refused("Qu1llfeathery2026!")
    settings.COMMON_PASSWORDS_FILE = str(path)
    assert common_passwords.operators_file_problem() is None
    for password in (
        "quillfeathery",
        "Qu1llfeathery2026!",
        "zorbaq wexlip tunvoy",
        "More than thirty letters of phrase",
    ):
        assert _refused(password)


def test_a_missing_file_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.COMMON_PASSWORDS_FILE = str(tmp_path / "missing.txt")
    problem = common_passwords.operators_file_problem() or ""
    assert "COMMON_PASSWORDS_FILE" in problem
    assert "missing.txt cannot be read: No such file or directory" in problem
    with pytest.raises(ImproperlyConfigured, match=r"missing\.txt"):
        common_passwords.read_lists()


def test_a_folder_is_no_file(settings: Settings, tmp_path: Path) -> None:
    settings.COMMON_PASSWORDS_FILE = str(tmp_path)
    assert "cannot be read" in (common_passwords.operators_file_problem() or "")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"caf\xe9\n", "not UTF-8 text (at byte 3)"),
        (b"\n \n", "has no passwords in it"),
        (b"word\n" * (lists.MOST_LINES + 1), "at most 500,000 are kept in memory"),
        (b"x" * (lists.LARGEST_FILE + 1), "larger than 64 MB"),
    ],
    ids=["not UTF-8", "empty", "too many lines", "too large"],
)
def test_a_file_that_cannot_be_used_is_explained(
    settings: Settings, tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "ours.txt"
    path.write_bytes(content)
    settings.COMMON_PASSWORDS_FILE = str(path)
    assert problem in (common_passwords.operators_file_problem() or "")
