"""manage.py import_people: what the operator sees."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.support.factories import make_organisation
from tests.support.people_files import ANN, HEADING, JO, jo

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    """A place to write to that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_organisation()
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADING}\n{JO}\n{ANN}\n", encoding="utf-8")
    return path


def test_it_says_how_many_were_added_changed_and_unchanged(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_people", str(file))
    assert capsys.readouterr().out == "2 added, 0 changed, 0 unchanged.\n"
    file.write_text(f"{HEADING}\n{jo(given_name='Joe')}\n{ANN}\n", encoding="utf-8")
    call_command("import_people", str(file))
    assert capsys.readouterr().out == "0 added, 1 changed, 1 unchanged.\n"


def test_it_shows_each_fault_on_a_line_and_fails(file: Path) -> None:
    file.write_text(f"{HEADING}\n{JO}\n{jo(email='jo@gmail.com', employee_number='1')}\n", encoding="utf-8")
    shown = io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("import_people", str(file), stderr=shown, no_color=True)
    assert str(failed.value) == "2 faults: nothing was changed."
    assert failed.value.returncode == 1
    number, email = shown.getvalue().splitlines()
    assert number.startswith("line 3, employee_number: An ESR number is eight digits")
    assert email.endswith('ending in @nhs.net. The file says "jo@gmail.com".')
    assert not User.objects.exists()


def test_a_file_that_is_not_there_or_cannot_be_read_is_told_in_one_line(file: Path) -> None:
    with pytest.raises(CommandError, match=r"nobody\.csv cannot be read: No such file or directory\."):
        call_command("import_people", "nobody.csv")
    with pytest.raises(CommandError, match=r"cannot be read: Is a directory\."):
        call_command("import_people", str(file.parent))


def test_a_bar_is_drawn_on_a_terminal_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for stderr in (terminal, pipe):
        monkeypatch.setattr("sys.stderr", stderr)
        # So that a short file has one too.
        monkeypatch.setattr("people.management.commands.import_people.SHORT", 0)
        call_command("import_people", str(file))
        User.objects.all().delete()
    assert "Adding: 100%" in terminal.getvalue()
    assert "%" not in pipe.getvalue()
