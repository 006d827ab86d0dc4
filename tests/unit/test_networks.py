"""Whose network an address is in."""

from __future__ import annotations

import pytest

from accounts import trusted_networks
from accounts.models import TrustedNetwork
from tests.support.factories import make_organisation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.20.0.0/16", ["10.20.0.0", "10.20.255.255", "::ffff:10.20.3.4"], ["10.19.255.255", "10.21.0.0", "::a14:1"]),
        ("192.0.2.7/32", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
        ("9.0.0.0/8", ["9.255.255.255"], ["10.0.0.0", "90.0.0.0", "8.255.255.255"]),
        ("2001:db8:12::/48", ["2001:db8:12::", "2001:db8:12:ffff::1"], ["2001:db8:13::", "2001:db8:11:ffff::"]),
        ("fd00::/16", ["fd00:ffff::"], ["fd01::", "10.0.0.1"]),
    ],
)
def test_an_address_is_inside_from_the_first_to_the_last(network: str, inside: list[str], outside: list[str]) -> None:
    organisation = make_organisation()
    TrustedNetwork.objects.create(organisation=organisation, network=network)
    assert {trusted_networks.trusting(address=address) for address in inside} == {frozenset({organisation.pk})}
    assert {trusted_networks.trusting(address=address) for address in outside} == {frozenset()}


def test_organisations_may_share_a_network() -> None:
    north, south = make_organisation(), make_organisation(code="998", name="Southern Care")
    TrustedNetwork.objects.create(organisation=north, network="10.0.0.0/8")
    TrustedNetwork.objects.create(organisation=south, network="10.20.0.0/16")
    assert trusted_networks.trusting(address="10.20.0.1") == {north.pk, south.pk}
    assert trusted_networks.trusting(address="10.21.0.1") == {north.pk}


@pytest.mark.parametrize(
    "address", ["", "unknown", "10.20.0.1:443", "10.20.0.1, 10.20.0.2", "010.20.0.1", "unix:", "1"]
)
def test_what_is_no_address_is_nowhere(address: str) -> None:
    TrustedNetwork.objects.create(organisation=make_organisation(), network="10.0.0.0/8")
    assert trusted_networks.trusting(address=address) == frozenset()


def test_it_is_known_whether_an_organisation_has_any() -> None:
    organisation = make_organisation()
    assert not trusted_networks.are_on_record(organisation=organisation)
    TrustedNetwork.objects.create(organisation=organisation, network="10.0.0.0/8")
    assert trusted_networks.are_on_record(organisation=organisation)
