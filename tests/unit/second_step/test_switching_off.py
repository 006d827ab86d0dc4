"""Switching a part of the portal off for all: the reason, and manage.py passkeys."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SecurityEvent, SwitchedOff
from accounts.models.switched_off import LONGEST_REASON, Part
from accounts.services import switched_off

pytestmark = pytest.mark.django_db


def run(what: str, **options: str) -> str:
    printed = io.StringIO()
    call_command("passkeys", what, stdout=printed, **options)
    return printed.getvalue()


@pytest.mark.parametrize("reason", ["", " \n", "x" * (LONGEST_REASON + 1), "a\0b"])
def test_a_part_is_switched_off_for_a_reason_of_a_length_that_can_be_kept(reason: str) -> None:
    with pytest.raises(switched_off.ReasonNeeded):
        switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason=reason)
    with pytest.raises(CommandError, match=r"^Nothing was switched off: say why by --reason, in 300 characters"):
        run("off", reason=reason)
    assert switched_off.is_on(Part.PASSKEYS)
    assert not SecurityEvent.objects.exists()


def test_the_command_switches_passkeys_off_for_a_reason_and_on_without() -> None:
    assert run("status") == "Passkeys are on.\n"
    assert run("off", reason=" A flaw ").endswith("UTC. A flaw\n")
    assert run("off", reason="Another").endswith("UTC. A flaw\n")
    assert SwitchedOff.objects.get().reason == "A flaw"
    assert run("on") == "Passkeys are on.\n"


def test_each_part_has_an_event_of_its_own() -> None:
    assert set(switched_off.RECORDED_AS) == set(Part)
    assert len(set(switched_off.RECORDED_AS.values())) == len(Part)
