"""What Python itself would write as plain text, with what it quotes, is a line of the log."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esr_portal import process_logs

ROOT = Path(__file__).resolve().parents[2]
# The last line is what ends the process.
NOISE = """
import sys, threading, warnings
from esr_portal import process_logs
process_logs.take_over()
warnings.warn("an old way", UserWarning)

class Loud:
    def __del__(self):
        int("hunter2 of an object")

def fail():
    int("hunter2 of a thread")

Loud()
thread = threading.Thread(target=fail, name="counting")
thread.start()
thread.join()
quiet = threading.Thread(target=sys.exit)
quiet.start()
quiet.join()
int("hunter2 of the process")
"""


def said(code: str) -> tuple[int, list[dict[str, Any]]]:
    """Run `code` in a process of its own; return its exit code and the lines of its log."""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert not ended.stdout
    return ended.returncode, [json.loads(line) for line in ended.stderr.splitlines()]


def test_warnings_and_exceptions_that_nothing_caught_are_lines_without_what_they_quote() -> None:
    """Threat: a traceback in plain text, with what a person typed, in a log that many read."""
    code, lines = said(NOISE)
    assert code == 1
    assert [(line["level"], line["logger"]) for line in lines] == [
        ("WARNING", "py.warnings"),
        ("ERROR", "esr_portal.process"),
        ("CRITICAL", "esr_portal.process"),
        ("CRITICAL", "esr_portal.process"),
    ]
    assert "an old way" in lines[0]["message"]
    assert lines[2]["thread_name"] == "counting"
    assert all(line["exception"].endswith("ValueError") for line in lines[1:])
    assert "hunter2" not in str(lines)


def test_what_a_process_says_is_words_at_a_terminal_and_in_a_demo_and_a_line_of_the_log_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DEMO", "0")
    process_logs.say("\nCannot start: one.\nCannot start: two.\n")
    assert [record.message for record in caplog.records] == ["Cannot start: one.", "Cannot start: two."]
    caplog.clear()
    monkeypatch.setenv("DEMO", "1")
    process_logs.say("Port 8000 is taken.")
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    process_logs.say("Cannot start: one.")
    assert not caplog.records
    assert capsys.readouterr().err.splitlines()[-2:] == ["Port 8000 is taken.", "Cannot start: one."]
