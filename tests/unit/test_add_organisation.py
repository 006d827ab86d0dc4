"""manage.py add_organisation: organisations, from the command line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation, SecurityEvent
from people.organisation_facts import FIELDS
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "code": "999",
    "name": "Northern Test Hospitals",
    "support_email": "esr@nth.nhs.example",
    "email_domains": ["nhs.net"],
}


def add(**facts: Any) -> None:
    call_command("add_organisation", **FACTS | facts)


def domains() -> list[str]:
    return [row.domain for row in Organisation.objects.get().email_domains.all()]


def test_an_organisation_is_added_with_its_domains(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        *(
            "add_organisation",
            "--code=999",
            "--name",
            " Northern Test Hospitals ",
            "--support-email=ESR@nth.nhs.example",
        ),
        *("--email-domain", "@NHS.net", "--email-domain", "nth.nhs.uk", "--email-domain", "nhs.net"),
    )
    organisation = Organisation.objects.get()
    assert (organisation.code, organisation.name) == ("999", "Northern Test Hospitals")
    assert (organisation.support_email, organisation.it_support_email) == ("esr@nth.nhs.example", "")
    assert domains() == ["nhs.net", "nth.nhs.uk"]
    assert capsys.readouterr().out == "Added Northern Test Hospitals (999).\n"


def test_the_same_call_twice_is_once(capsys: pytest.CaptureFixture[str]) -> None:
    add()
    before = Organisation.objects.values().get()
    add()
    assert Organisation.objects.values().get() == before
    assert capsys.readouterr().out.endswith("is there already, just so. Nothing was changed.\n")


def test_what_changed_is_stored_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    add(it_support_email="it@nth.nhs.example")
    add(name="Northern Hospitals", support_email="help@nth.nhs.example", email_domains=["nth.nhs.uk"])
    organisation = Organisation.objects.get()
    assert (organisation.name, organisation.support_email) == ("Northern Hospitals", "help@nth.nhs.example")
    # What is not given stays.
    assert organisation.it_support_email == "it@nth.nhs.example"
    assert domains() == ["nhs.net", "nth.nhs.uk"]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Northern Hospitals (999): name changed from Northern Test Hospitals to Northern Hospitals.",
        "Northern Hospitals (999): ESR contact email changed from esr@nth.nhs.example to help@nth.nhs.example.",
        "Northern Hospitals (999): email domain nth.nhs.uk added.",
    ]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"code": ""}, "--code: Put three digits, like 999."),
        ({"code": "99"}, "--code: Put three digits, like 999."),
        ({"code": "９９９"}, "--code: Put three digits, like 999."),
        ({"name": " "}, "--name: Put the organisation's name."),
        ({"name": "North\0ern"}, "--name: There is an invisible character in the name. Type it again."),
        ({"name": "x" * 201}, "--name: Make this shorter: 200 characters fit, and it has 201."),
        ({"support_email": ""}, "--support-email: Put an email address, like esr@trust.nhs.uk."),
        ({"support_email": "esr"}, "--support-email: Put an email address, like esr@trust.nhs.uk."),
        ({"it_support_email": "it"}, "--it-support-email: Put an email address, like esr@trust.nhs.uk."),
        ({"email_domains": []}, "--email-domain: Put the part of people's addresses after the @, like nhs.net."),
        (
            {"email_domains": ["b.uk", "b"]},
            "--email-domain: Put the part of people's addresses after the @, like nhs.net.",
        ),
        (
            {"email_domains": ["a@b.uk"]},
            "--email-domain: Put the part of people's addresses after the @, like nhs.net.",
        ),
    ],
)
def test_bad_input_says_in_one_line_what_to_put(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError) as refused:
        add(**facts)
    assert str(refused.value) == says
    assert refused.value.returncode == 1
    assert not Organisation.objects.exists()


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(CommandError, match=r"--code: .* --name: .* --support-email: .* --email-domain: "):
        call_command("add_organisation")


@pytest.mark.django_db(transaction=True)
def test_four_at_once_add_one() -> None:
    assert all_at_once([add] * 4) == [None] * 4
    assert Organisation.objects.count() == 1
    assert domains() == ["nhs.net"]


def networks() -> list[str]:
    return [row.network for row in Organisation.objects.get().trusted_networks.all()]


def test_trusted_networks_and_what_goes_with_them_are_stored() -> None:
    call_command(
        *("add_organisation", "--code=999", "--name=North", "--support-email=esr@nth.nhs.example"),
        *("--email-domain=nhs.net", "--trusted-network=10.20.0.0/16", "--trusted-network", " 2001:DB8:12::/48 "),
        *("--requires-internet-access", "--care-identity-level=2"),
    )
    organisation = Organisation.objects.get()
    assert networks() == ["10.20.0.0/16", "2001:db8:12::/48"]
    assert (organisation.requires_internet_access, organisation.care_identity_level) == (True, 2)


def test_without_a_word_of_them_an_organisation_asks_for_level_3_and_for_nothing_outside() -> None:
    add()
    organisation = Organisation.objects.get()
    assert (organisation.requires_internet_access, organisation.care_identity_level) == (False, 3)


def test_networks_are_added_and_what_is_not_given_stays(capsys: pytest.CaptureFixture[str]) -> None:
    add(trusted_networks=["10.20.0.0/16"], requires_internet_access=True, care_identity_level=2)
    add(trusted_networks=["10.30.0.0/255.255.0.0", "10.20.0.0/16"])
    organisation = Organisation.objects.get()
    assert networks() == ["10.20.0.0/16", "10.30.0.0/16"]
    assert (organisation.requires_internet_access, organisation.care_identity_level) == (True, 2)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Northern Test Hospitals (999): trusted network 10.30.0.0/16 added."
    ]


def test_what_the_organisation_asks_for_is_changed_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    add(trusted_networks=["192.0.2.7"])
    add(requires_internet_access=True, care_identity_level=2)
    assert networks() == ["192.0.2.7/32"]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Northern Test Hospitals (999): outside only with internet access changed from no to yes.",
        "Northern Test Hospitals (999): Care Identity level changed from 3 to 2.",
    ]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ward 7", "'ward 7': Write a network like 10.20.0.0/16 or 2001:db8:12::/48."),
        ("10.20.0.0/33", "'10.20.0.0/33': Write a network like"),
        ("fe80::1%eth0/64", "This is an address inside a network. Write fe80::/64 if"),
        ("", "'': Write a network like"),
        ("10.20.1.5/16", "This is an address inside a network. Write 10.20.0.0/16 if you mean the whole network."),
        ("0.0.0.0/0", "too wide to be one organisation's network. The widest is a /8."),
        ("128.0.0.0/1", "too wide"),
        ("::/0", "too wide to be one organisation's network. The widest is a /16."),
        ("2000::/3", "too wide"),
        ("::ffff:0:0/96", "too wide"),
        ("::/16", "This network holds every IPv4 address."),
        ("::ffff:10.20.0.0/112", "This is an IPv4 network written as IPv6. Write 10.20.0.0/16 if you mean that."),
    ],
)
def test_a_network_that_cannot_be_meant_is_refused_with_what_to_write(typed: str, says: str) -> None:
    with pytest.raises(CommandError) as refused:
        add(trusted_networks=[typed])
    assert str(refused.value).startswith("--trusted-network: ")
    assert says in str(refused.value)
    assert not Organisation.objects.exists()


def test_a_network_inside_another_is_refused_and_nothing_is_changed() -> None:
    add(trusted_networks=["10.20.0.0/16"])
    with pytest.raises(CommandError, match=r"10\.20\.7\.0/24 is inside 10\.20\.0\.0/16\. Delete one of the two\."):
        add(name="Changed", trusted_networks=["10.20.7.0/24"])
    assert networks() == ["10.20.0.0/16"]
    assert Organisation.objects.get().name == "Northern Test Hospitals"


def test_nobody_is_locked_out_by_asking_for_internet_access_without_a_network() -> None:
    with pytest.raises(CommandError, match=r"^--requires-internet-access: There is no trusted network"):
        add(requires_internet_access=True)
    assert not Organisation.objects.exists()
    add()
    with pytest.raises(CommandError, match="Add a trusted network first"):
        add(requires_internet_access=True)
    assert not Organisation.objects.get().requires_internet_access


def test_a_level_is_2_or_3() -> None:
    with pytest.raises(CommandError, match=r"^--care-identity-level: Put 2 or 3\.$"):
        add(care_identity_level=1)


def test_who_needs_a_second_step_is_stored_and_what_is_not_said_stays(capsys: pytest.CaptureFixture[str]) -> None:
    add()
    organisation = Organisation.objects.get()
    assert (organisation.second_step, organisation.second_step_share) == ("optional", 100)
    call_command(
        *("add_organisation", "--code=999", "--name=Northern Test Hospitals", "--support-email=esr@nth.nhs.example"),
        *("--email-domain=nhs.net", "--second-step", "Required-Outside", "--second-step-share=0"),
    )
    add()
    organisation.refresh_from_db()
    assert (organisation.second_step, organisation.second_step_share) == ("required_outside", 0)
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "Northern Test Hospitals (999): second step changed from optional to required_outside.",
        "Northern Test Hospitals (999): share of people with a second step changed from 100 to 0.",
    ]


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"second_step": "always"}, "--second-step: Put off, optional, required_outside or required."),
        ({"second_step_share": 101}, "--second-step-share: Put a number from 0 to 100."),
        ({"second_step_share": -1}, "--second-step-share: Put a number from 0 to 100."),
        ({"second_step_share": 10**20}, "--second-step-share: Put a number from 0 to 100."),
    ],
)
def test_a_second_step_that_cannot_be_is_refused_with_what_to_put(facts: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError) as refused:
        add(**facts)
    assert str(refused.value) == says
    assert not Organisation.objects.exists()


def test_every_field_of_an_organisation_is_a_setting_of_the_command_line_and_the_admin() -> None:
    fields = {field.name for field in Organisation._meta.concrete_fields if field.editable and not field.primary_key}
    assert set(FIELDS) == fields


def test_how_long_events_are_kept_is_stored_with_its_moment_and_recorded(
    capsys: pytest.CaptureFixture[str], travel: Travel
) -> None:
    add(events_kept_days=800)
    first = Organisation.objects.get()
    travel(minutes=2)
    add()
    assert Organisation.objects.get().events_kept_since == first.events_kept_since
    add(events_kept_days=400)
    lowered = Organisation.objects.get()
    assert (first.events_kept_days, lowered.events_kept_days) == (800, 400)
    assert first.events_kept_since
    assert lowered.events_kept_since
    assert lowered.events_kept_since > first.events_kept_since
    travel(minutes=2)
    add(events_kept_days=900)
    assert Organisation.objects.get().events_kept_since == lowered.events_kept_since
    assert capsys.readouterr().out.splitlines()[2:] == [
        "Northern Test Hospitals (999): days that events are kept changed from 800 to 400.",
        "Northern Test Hospitals (999): days that events are kept changed from 400 to 900.",
    ]
    recorded = list(SecurityEvent.objects.order_by("pk"))
    assert [(row.event, row.reason) for row in recorded] == [
        ("events_kept_changed", f"999_{reason}") for reason in ("none_to_800", "800_to_400", "400_to_900")
    ]
    assert {(row.user_id, row.by_id) for row in recorded} == {(None, None)}


def test_how_long_leavers_are_kept_is_stored_with_its_moment_and_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    add(leavers_kept_days=800)
    first = Organisation.objects.get()
    add(leavers_kept_days=400)
    lowered = Organisation.objects.get()
    assert (first.leavers_kept_days, lowered.leavers_kept_days) == (800, 400)
    assert first.leavers_kept_since
    assert lowered.leavers_kept_since
    assert lowered.leavers_kept_since > first.leavers_kept_since
    assert "days that leavers are kept changed from 800 to 400." in capsys.readouterr().out
    recorded = SecurityEvent.objects.order_by("pk").values_list("event", "reason")
    assert list(recorded) == [("leavers_kept_changed", f"999_{reason}") for reason in ("none_to_800", "800_to_400")]


@pytest.mark.parametrize("days", [399, 3654])
def test_days_that_leavers_cannot_be_kept_are_refused_with_what_to_put(days: int) -> None:
    with pytest.raises(CommandError) as refused:
        add(leavers_kept_days=days)
    assert str(refused.value) == "--leavers-kept-days: Put a number from 400 to 3653."
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("days", [399, 2191, -400])
def test_days_that_events_cannot_be_kept_are_refused_with_what_to_put(days: int) -> None:
    with pytest.raises(CommandError) as refused:
        add(events_kept_days=days)
    assert str(refused.value) == "--events-kept-days: Put a number from 400 to 2190."
    assert not Organisation.objects.exists()
