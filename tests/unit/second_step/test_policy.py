"""Who needs a second step: the organisation's setting, and all that makes an exception to it, as one table."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from django.utils import timezone

from accounts.models import SecondStepExcuse, TrustedNetwork, User
from accounts.models.organisation import SecondStepPolicy
from accounts.services import second_step
from accounts.services.second_step import roll_out
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

INSIDE, OUTSIDE = "10.20.7.7", "192.0.2.7"
OFF, OPTIONAL, REQUIRED_OUTSIDE, REQUIRED = SecondStepPolicy


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """All that the answer depends on."""

    policy: SecondStepPolicy
    inside: bool
    set_up: bool
    in_share: bool
    excused: bool
    staff: bool
    frozen: bool

    def is_needed(self) -> bool:
        """Return what docs/decisions/0042 says, in its own order."""
        if self.staff:
            return True
        if self.frozen and self.policy is not OFF:
            return self.set_up or not self.excused
        if self.inside and self.policy is REQUIRED_OUTSIDE:
            return False
        return self.set_up or self.is_required()

    def is_required(self) -> bool:
        """Return whether the person has to set one up, at least outside."""
        requires = self.policy in {REQUIRED, REQUIRED_OUTSIDE} and self.in_share and not self.excused
        return self.staff or requires

    def is_offered(self) -> bool:
        """Return whether the person may set one up."""
        return self.staff or (self.policy is not OFF and (self.in_share or self.frozen or self.set_up))


CASES = [Case(policy, *rest) for policy in SecondStepPolicy for rest in itertools.product((False, True), repeat=6)]


def case_of(policy: SecondStepPolicy, *, excused: bool = False) -> Case:
    """Return the case of a person in the share who has set up nothing."""
    return Case(policy, inside=False, set_up=False, in_share=True, excused=excused, staff=False, frozen=False)


def person_of(case: Case) -> User:
    """Make a person and an organisation as a case has them."""
    user = make_user(
        organisation=make_organisation(second_step=case.policy),
        is_staff=case.staff,
        password_frozen_at=timezone.now() if case.frozen else None,
    )
    TrustedNetwork.objects.get_or_create(organisation=user.organisation, network="10.20.0.0/16")
    number = roll_out.number(user.pk)
    user.organisation.second_step = case.policy
    user.organisation.second_step_share = number + case.in_share
    user.organisation.save()
    if case.set_up:
        PhoneApp.of(user)
    if case.excused:
        SecondStepExcuse.objects.create(user=user, reason="No phone.", review_on=timezone.localdate())
    return user


def test_the_table_of_policy_network_set_up_share_excuse_rights_and_freeze() -> None:
    """One test and not 256: each takes a millisecond, and a hundred times that to begin."""
    assert len(CASES) == 4 * 2**6
    wrong = []
    for case in CASES:
        user = person_of(case)
        found = (
            second_step.is_needed(user=user, address=INSIDE if case.inside else OUTSIDE),
            second_step.is_required(user=user),
            second_step.is_offered(user=user),
        )
        if found != (case.is_needed(), case.is_required(), case.is_offered()):
            wrong.append((case, found))
    assert not wrong


@pytest.mark.parametrize("address", ["", None, "no address", "10.20.0.0/16", "::ffff:192.0.2.7", "10.21.0.1"])
def test_what_is_no_address_inside_is_outside(address: str | None) -> None:
    """Threat: an address that cannot be read counts as one of the organisation's own (fail closed)."""
    user = person_of(case_of(REQUIRED_OUTSIDE))
    assert second_step.is_needed(user=user, address=address)
    assert not second_step.is_needed(user=user, address=INSIDE)
    assert not second_step.is_needed(user=user, address=f"::ffff:{INSIDE}")


def test_the_network_of_another_organisation_is_outside() -> None:
    user = person_of(case_of(REQUIRED_OUTSIDE))
    TrustedNetwork.objects.create(
        organisation=make_organisation(code="111", name="Southern", domain=""), network="192.0.2.0/24"
    )
    assert second_step.is_needed(user=user, address=OUTSIDE)


def test_an_excuse_ends_with_its_day(travel: Travel) -> None:
    user = person_of(case_of(REQUIRED, excused=True))
    assert not second_step.is_needed(user=user)
    travel(days=1)
    assert second_step.is_needed(user=user)


def test_a_larger_share_takes_no_person_away_and_a_share_is_about_as_large_as_it_says() -> None:
    numbers = [roll_out.number(key) for key in range(1, 5001)]
    assert set(numbers) == set(range(100))
    for share in (10, 50, 90):
        assert share * 50 * 0.9 < sum(number < share for number in numbers) < share * 50 * 1.1


def test_the_number_of_a_person_stays() -> None:
    """With another digest, an upgrade would ask other people for a second step, and no longer those of before."""
    assert [roll_out.number(key) for key in (1, 2, 3, 1000)] == [69, 81, 40, 28]
