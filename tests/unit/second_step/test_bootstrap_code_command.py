"""manage.py bootstrap_code."""

from __future__ import annotations

import datetime
import io
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import BootstrapCode, SecurityEvent
from accounts.models.security_event import Event
from accounts.services.second_step import bootstrap_codes
from tests.support.factories import make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def run(username: str) -> str:
    printed = io.StringIO()
    call_command("bootstrap_code", username=username, stdout=printed)
    return printed.getvalue()


def test_an_operator_gets_a_code_that_works_and_reads_until_when(travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 11, 26, 10, 30, tzinfo=datetime.UTC))
    user = make_user()
    printed = run(user.username.lower())
    assert "until 2026-11-26 11:30 UTC" in printed
    assert user.get_full_name() in printed
    [code] = re.findall(r": (\d{4} \d{4})$", printed, re.MULTILINE)
    made = SecurityEvent.objects.get(user=user)
    assert (made.event, made.by) == (Event.BOOTSTRAP_CODE_MADE, None)
    bootstrap_codes.use(user=user, code=bootstrap_codes.as_typed(code) or "")


def test_another_code_ends_the_first() -> None:
    user = make_user()
    first, second = run(user.username), run(user.username)
    assert first != second
    assert BootstrapCode.objects.filter(user=user).count() == 1


def test_an_unknown_username_is_refused_in_one_line() -> None:
    make_user()
    with pytest.raises(CommandError, match=r"^There is no person with the username 999NOBODY99\.$"):
        run("999NOBODY99")
    assert not BootstrapCode.objects.exists()
