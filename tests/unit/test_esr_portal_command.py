"""deploy/esr-portal runs a command as the portal's user with the variables of a file, and says what is wrong."""

from __future__ import annotations

import getpass
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "deploy" / "esr-portal"
ME = getpass.getuser()
SECRET = "hunter2-and-more"


def run(file: Path, *arguments: str, user: str = ME, home: Path | None = None, **more: str) -> tuple[int, str, str]:
    """Run it; return how it ended and what it said."""
    options = ["--user", user, "--variables", str(file), "--home", str(home or portal_in(file.parent))]
    ended = subprocess.run(
        [sys.executable, "-I", str(COMMAND), *options, *arguments],
        env={"PATH": os.environ["PATH"], **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def portal_in(folder: Path) -> Path:
    """Return a folder with a Python, and a manage.py that shows what it was given."""
    home = folder / "version"
    (home / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    python = home / ".venv" / "bin" / "python"
    if not python.exists():
        python.symlink_to(sys.executable)
    (home / "manage.py").write_text(
        "import os, sys\nprint(sys.argv[1:], os.getcwd(), os.getuid(), oct(os.umask(0)))\n"
        "print(sorted((name, value) for name, value in os.environ.items() if name.startswith('A_')))\n"
    )
    return home


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "esr-portal.env"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_a_command_gets_its_arguments_and_the_variables_of_the_file_alone(tmp_path: Path) -> None:
    file = written(
        tmp_path, '# keys\nA_KEY=\'$not "read" #in any way\'\n\nA_BARE=x=1;y z  \n  A_DOUBLE="a \\"b\\""\nA_NONE=\n'
    )
    code, out, err = run(
        file, "manage", "add_organisation", "--code", "999", "--name", "a b", A_ROOTS="of root's shell"
    )
    assert (code, err) == (0, "")
    given, variables = out.splitlines()
    home = portal_in(tmp_path).resolve()
    assert given == f"['add_organisation', '--code', '999', '--name', 'a b'] {home} {os.getuid()} 0o77"
    assert variables == str(
        [("A_BARE", "x=1;y z"), ("A_DOUBLE", 'a "b"'), ("A_KEY", '$not "read" #in any way'), ("A_NONE", "")]
    )


def test_what_nginx_is_to_read_can_be_read(tmp_path: Path) -> None:
    _, out, _ = run(written(tmp_path, ""), "manage", "collectstatic", "--noinput")
    assert out.splitlines()[0].endswith("0o22")


def test_a_version_that_is_put_in_place_meanwhile_is_not_mixed_in(tmp_path: Path) -> None:
    current = tmp_path / "current"
    current.symlink_to(portal_in(tmp_path))
    _, out, _ = run(written(tmp_path, ""), "manage", "check", home=current)
    assert str(portal_in(tmp_path).resolve()) in out


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Threat: every user of the machine reads the keys and the password of the database."""
    code, out, err = run(written(tmp_path, f"A_KEY={SECRET}\n", mode), "manage", "check")
    assert (code, out) == (os.EX_CONFIG, "")
    assert "chmod 600" in err
    assert SECRET not in err


@pytest.mark.parametrize("line", ["A_NAME='St Mary's'", "A_NAME=St Mary's"])
def test_a_value_with_an_apostrophe_is_written_as_the_message_says(tmp_path: Path, line: str) -> None:
    code, _, err = run(written(tmp_path, f"{line}\n"), "manage", "check")
    assert code == os.EX_CONFIG
    assert "where an apostrophe is in it between double ones, with a backslash before each" in err
    told = written(tmp_path, 'A_NAME="the team of St Mary\'s, \\"ESR\\" \\$1"\n')
    code, out, err = run(told, "manage", "variables")
    assert (code, err) == (0, "")
    assert repr('the team of St Mary\'s, "ESR" $1') in out


@pytest.mark.parametrize(
    "line", [f"export A_KEY={SECRET}", f"A_KEY='{SECRET}' 'more'", f'A_KEY="{SECRET}', f"A_KEY={SECRET}\\", SECRET]
)
def test_a_line_that_systemd_would_read_in_another_way_is_named_without_its_content(tmp_path: Path, line: str) -> None:
    """Threat: half a password stands on a screen, or a command runs with half a key."""
    code, out, err = run(written(tmp_path, f"A_FIRST=1\n{line}\n"), "manage", "check")
    assert (code, out) == (os.EX_CONFIG, "")
    assert "line 2" in err
    assert SECRET not in err
    assert "Traceback" not in err


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    for arguments, said in (
        ({"file": tmp_path / "none"}, "is missing"),
        ({"file": written(tmp_path, ""), "user": "no-such-user"}, "There is no user no-such-user"),
        ({"file": written(tmp_path, ""), "home": tmp_path / "nowhere"}, "There is no portal that"),
    ):
        code, out, err = run(arguments.pop("file"), "manage", "check", **arguments)  # type: ignore[arg-type]
        assert (code, out, said in err) == (os.EX_CONFIG, "", True), err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_becomes_the_portals_user_for_good(tmp_path: Path) -> None:
    """Threat: a command runs as root, or can become root again."""
    nobody = pwd.getpwnam("nobody")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    home = portal_in(tmp_path)
    (home / "manage.py").write_text("import os\nprint(os.getresuid(), os.getresgid(), 0 in os.getgroups())\n")
    code, out, err = run(written(tmp_path, ""), "manage", "check", user="nobody", home=home)
    if code == os.EX_CONFIG and "There is no portal that" in err:
        pytest.skip("this Python is in a folder of root's")
    uid, gid = nobody.pw_uid, nobody.pw_gid
    assert (code, out.strip()) == (0, f"{(uid,) * 3} {(gid,) * 3} False"), err
