"""Threat: a request claims another host, caller or page, and answers or mails lead to an attacker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.attacks import poisoning
from bench.attacks.attack import Result

if TYPE_CHECKING:
    from bench.attacks.rig import Rig

pytestmark = pytest.mark.own_processes


def test_no_claim_leads_an_answer_or_a_mail_elsewhere(rig: Rig) -> None:
    result = Result()
    poisoning.claim(rig, result, every=9)
    assert result.broken == []


def test_no_address_to_go_on_to_leads_elsewhere(rig: Rig) -> None:
    result = Result()
    poisoning.lead(rig, result, every=4)
    assert result.broken == []


@pytest.mark.parametrize(
    "location", ["//evil.example/", "/\\evil.example", "\t//evil.example", "https://evil.example/", "//[evil.example"]
)
def test_what_leads_elsewhere_is_known_as_that(location: str) -> None:
    assert not poisoning.is_ours(location, "/log-in/")
