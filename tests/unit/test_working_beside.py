"""What a worker does beside the mails: one failure ends none of it."""

from __future__ import annotations

import threading

import pytest

from accounts.jobs import Filing
from accounts.management.commands import work


def test_what_fails_beside_the_mails_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(work, "BETWEEN_LOOKS_WITHOUT_DATABASE", 0.0)
    ended, tries = threading.Event(), []

    def fail_once(_: Filing) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError
        ended.set()

    monkeypatch.setattr(Filing, "do_what_is_due", fail_once)
    thread = work._beside(Filing(), ended=ended, name="filing")
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert len(tries) == 2
    assert "failed beside the mails" in caplog.text
