"""manage.py add_organisation: organisations, from the command line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation
from tests.threads import all_at_once

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
        ({"name": "x" * 201}, "--name: Ensure this value has at most 200 characters (it has 201)."),
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
