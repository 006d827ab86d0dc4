"""An organisation in the admin: where its computers are, and what it asks for elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import LogEntry

from accounts import trusted_networks
from accounts.models import Organisation, TrustedNetwork
from people.organisation_facts import FIELDS
from tests.support.factories import make_organisation
from tests.support.helpdesk import at_work, make_agent, text
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

ORGANISATIONS = "/admin/accounts/organisation/"


def page_of(organisation: Organisation) -> str:
    return f"{ORGANISATIONS}{organisation.pk}/change/"


def form(organisation: Organisation, *typed: str, going: tuple[str, ...] = (), **facts: Any) -> dict[str, Any]:
    """Return what the page sends when networks were `typed` below those it has, of which some are `going`."""
    kept = list(organisation.trusted_networks.all())
    shown = {name: getattr(organisation, name) for name in FIELDS if name != "code"}
    boxes = {name: "on" if value is True else value for name, value in shown.items() if value is not False}
    sent: dict[str, Any] = {
        **{name: "" if value is None else value for name, value in boxes.items()},
        # The page sends what it showed as well.
        **{f"initial-{name}": "" if value is None else value for name, value in shown.items()},
        "email_domains-TOTAL_FORMS": 0,
        "email_domains-INITIAL_FORMS": 0,
        "trusted_networks-TOTAL_FORMS": len(kept) + len(typed),
        "trusted_networks-INITIAL_FORMS": len(kept),
    }
    for number, row in enumerate(kept):
        sent[f"trusted_networks-{number}-id"] = row.pk
        for prefix in ("", "initial-"):
            sent[f"{prefix}trusted_networks-{number}-network"] = row.network
        if row.network in going:
            sent[f"trusted_networks-{number}-DELETE"] = "on"
    for number, network in enumerate(typed, start=len(kept)):
        sent[f"trusted_networks-{number}-network"] = network
    return sent | facts


def stored(organisation: Organisation) -> list[str]:
    return [row.network for row in organisation.trusted_networks.all()]


def faults(response: Any) -> str:
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    return " ".join(" ".join(item.get_text() for item in page.select(".errorlist li")).split())


def test_an_operator_adds_networks_and_takes_one_away(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    assert (
        operators_desk.post(page_of(organisation), form(organisation, " 10.20.0.0/16", "2001:DB8::/32")).status_code
        == 302
    )
    assert stored(organisation) == ["10.20.0.0/16", "2001:db8::/32"]
    assert trusted_networks.trusting(address="10.20.30.40") == {organisation.pk}
    operators_desk.post(page_of(organisation), form(organisation, "192.0.2.7", going=("10.20.0.0/16",)))
    assert stored(organisation) == ["192.0.2.7/32", "2001:db8::/32"]
    assert trusted_networks.trusting(address="10.20.30.40") == set()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["ward 7"], "Write a network like 10.20.0.0/16 or 2001:db8:12::/48."),
        (["0.0.0.0/0"], "This is too wide to be one organisation's network. The widest is a /8."),
        (["::/0"], "This is too wide to be one organisation's network. The widest is a /16."),
        (["10.20.1.5/16"], "This is an address inside a network. Write 10.20.0.0/16 if you mean the whole network."),
        (["::ffff:10.20.0.0/112"], "This is an IPv4 network written as IPv6. Write 10.20.0.0/16 if you mean that."),
        (["10.20.0.0/16", "10.20.0.0/255.255.0.0"], "10.20.0.0/16 is there twice. Delete one."),
        (
            ["10.20.0.0/16", "10.30.0.0/16", "10.20.7.0/24"],
            "10.20.7.0/24 is inside 10.20.0.0/16. Delete one of the two.",
        ),
    ],
)
def test_what_is_wrong_with_a_network_is_said(operators_desk: PortalClient, typed: list[str], says: str) -> None:
    organisation = make_organisation()
    assert says in faults(operators_desk.post(page_of(organisation), form(organisation, *typed)))
    assert stored(organisation) == []


def test_one_network_takes_the_place_of_those_inside_it(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    operators_desk.post(page_of(organisation), form(organisation, "10.20.7.0/24"))
    assert "is inside" in faults(operators_desk.post(page_of(organisation), form(organisation, "10.20.0.0/16")))
    sent = form(organisation, "10.20.0.0/16", going=("10.20.7.0/24",))
    assert operators_desk.post(page_of(organisation), sent).status_code == 302
    assert stored(organisation) == ["10.20.0.0/16"]


def test_two_organisations_may_share_a_network(operators_desk: PortalClient) -> None:
    both = make_organisation(), make_organisation(code="111", name="Southern")
    for organisation in both:
        operators_desk.post(page_of(organisation), form(organisation, "10.20.0.0/16"))
    assert trusted_networks.trusting(address="10.20.0.1") == {organisation.pk for organisation in both}


def test_nobody_is_locked_out_by_a_tick_without_a_network(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    says = "There is no trusted network, so everybody without internet access would be locked out everywhere."
    assert says in faults(operators_desk.post(page_of(organisation), form(organisation, requires_internet_access="on")))
    sent = form(organisation, "10.20.0.0/16", requires_internet_access="on")
    assert operators_desk.post(page_of(organisation), sent).status_code == 302
    organisation.refresh_from_db()
    assert organisation.requires_internet_access
    # Nor by taking the last one away.
    assert says in faults(operators_desk.post(page_of(organisation), form(organisation, going=("10.20.0.0/16",))))
    assert stored(organisation) == ["10.20.0.0/16"]


def test_the_level_is_chosen_with_a_warning(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    assert "Warning: with level 2, whoever learns" in text(operators_desk, page_of(organisation))
    assert operators_desk.post(page_of(organisation), form(organisation, care_identity_level="2")).status_code == 302
    organisation.refresh_from_db()
    assert organisation.care_identity_level == 2
    for level in ("1", "4", ""):
        assert faults(operators_desk.post(page_of(organisation), form(organisation, care_identity_level=level)))


def test_what_was_changed_stands_in_the_history(operators_desk: PortalClient) -> None:
    organisation = make_organisation()
    sent = form(organisation, "10.20.0.0/16", requires_internet_access="on", care_identity_level="2")
    operators_desk.post(page_of(organisation), sent)
    said = LogEntry.objects.get().get_change_message()
    assert "Outside only with internet access" in said
    assert "Care Identity level" in said
    assert "10.20.0.0/16" in said


def test_an_agent_reads_the_networks_and_cannot_change_them() -> None:
    """Threat: an agent adds the network of their own home."""
    agent = make_agent()
    organisation = agent.organisation
    TrustedNetwork.objects.create(organisation=organisation, network="10.20.0.0/16")
    desk = at_work(agent)
    page = desk.get(page_of(organisation)).content.decode()
    assert "10.20.0.0/16" in page
    assert 'name="trusted_networks-0-network"' not in page
    assert desk.post(page_of(organisation), form(organisation, "192.0.2.7")).status_code == 403
    assert desk.post(page_of(organisation), form(organisation, care_identity_level="2")).status_code == 403
    assert stored(organisation) == ["10.20.0.0/16"]
