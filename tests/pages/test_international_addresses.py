"""Addresses with letters beyond ASCII, at every door by which an address comes in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import EmailDomain, Organisation, RecoveryRequest, User
from accounts.models.recovery_request import Outcome
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.helpdesk import PEOPLE, at_work, form_of, make_operator, page_of
from tests.support.people_files import faults, jo, run
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

# As Chromium sends it, as Firefox does, and as capitals and a combining mark make it.
SENT = ["otto@xn--mnchen-3ya.example", "otto@münchen.example", "OTTO@MU\u0308NCHEN.EXAMPLE"]
STORED = "otto@xn--mnchen-3ya.example"
NO_MAIL = "No mail can reach this address: before the @ is a letter"


def decided(client: PortalClient, email: str) -> str:
    """Send the recovery form; return what the worker makes of it."""
    answer = client.post(
        "/recovery/",
        {
            "email": email,
            "date_of_birth_day": DATE_OF_BIRTH.day,
            "date_of_birth_month": DATE_OF_BIRTH.month,
            "date_of_birth_year": DATE_OF_BIRTH.year,
        },
    )
    assert answer.status_code == 302
    request = RecoveryRequest.objects.latest("pk")
    recovery.decide(request_id=request.pk)
    request.refresh_from_db()
    return request.outcome


def added_in_the_admin(desk: PortalClient, organisation: Organisation, email: str) -> Any:
    facts = {"given_name": "Otto", "family_name": "Weber", "employee_number": "20000001", "person_type": "volunteer"}
    typed = {**facts, "email": email, "new_date_of_birth": "15/3/1984", "organisation": organisation.pk}
    return desk.post(f"{PEOPLE}add/", typed)


@pytest.mark.parametrize("recorded", SENT)
@pytest.mark.parametrize("sent", SENT)
def test_a_domain_beyond_ascii_is_found_whichever_browser_sends_it(
    client: PortalClient, recorded: str, sent: str
) -> None:
    make_organisation()
    run(jo(email=recorded, person_type="volunteer", date_of_birth=DATE_OF_BIRTH.isoformat()))
    assert User.objects.get().email == STORED
    assert decided(client, sent) == Outcome.MAILED


def test_all_spellings_of_an_address_use_up_the_requests_of_one_day(client: PortalClient) -> None:
    make_user(email=STORED, person_type="volunteer")
    outcomes = [decided(client, SENT[number % 3]) for number in range(recovery.REQUESTS_A_DAY + 1)]
    assert outcomes == [Outcome.MAILED] * recovery.REQUESTS_A_DAY + [Outcome.LIMITED]
    assert len({recovery.email_digest(email=email) for email in SENT}) == 1


def test_a_colleague_with_a_folded_address_gets_no_mail(client: PortalClient) -> None:
    """Threat: the link of Anna Straße goes to the mailbox of Anna Strasse."""
    make_user(email="anna.strasse@nhs.net")
    volunteer = make_user(email="x@fass.example", person_type="volunteer")
    (fault,) = faults(jo(email="anna.straße@nhs.net"))
    assert fault.startswith(f"line 2, email: {NO_MAIL} (U+00DF)")
    assert decided(client, "x@faß.example") == Outcome.NO_MATCH
    run(jo(email="x@faß.example", person_type="volunteer", date_of_birth=DATE_OF_BIRTH.isoformat()))
    assert sorted(User.objects.filter(email__startswith="x@").values_list("email", flat=True)) == [
        volunteer.email,
        "x@xn--fa-hia.example",
    ]


@pytest.mark.parametrize("email", ["ıpek@nhs.net", "jo.ſmith@nhs.net", "søren@nhs.net", "王@nhs.net"])
def test_an_address_that_no_mail_reaches_is_refused_at_every_door(desk: PortalClient, agent: User, email: str) -> None:
    (fault,) = faults(jo(email=email))
    assert NO_MAIL in fault
    answer = added_in_the_admin(desk, agent.organisation, email)
    assert NO_MAIL in " ".join(answer.context["adminform"].form.errors["email"])
    with pytest.raises(CommandError, match="--email: No mail can reach this address"):
        call_command(
            "create_admin",
            organisation="999",
            given_name="Ada",
            family_name="Hara",
            email=email,
            date_of_birth="15/3/1984",
            employee_number="10000009",
        )
    assert not User.objects.filter(email=email).exists()


def test_a_local_part_has_at_most_64_characters() -> None:
    make_organisation()
    (fault,) = faults(jo(email="a" * 65 + "@nhs.net"))
    assert fault == "line 2, email: The part before the @ is 65 characters. It has at most 64."
    assert run(jo(email="a" * 64 + "@nhs.net")).added == 1


@pytest.mark.parametrize("typed", SENT)
def test_the_admin_stores_a_domain_as_dns_has_it(desk: PortalClient, agent: User, typed: str) -> None:
    assert added_in_the_admin(desk, agent.organisation, typed).status_code == 302
    assert User.objects.get(employee_number="20000001").email == STORED


def test_an_address_on_record_that_no_mail_reaches_does_not_keep_a_leaver_in(desk: PortalClient) -> None:
    """The version before stored such addresses."""
    person = make_user(email="ıpek@nhs.net")
    assert desk.post(page_of(person), form_of(person, is_active=False)).status_code == 302
    person.refresh_from_db()
    assert (person.is_active, person.email) == (False, "ıpek@nhs.net")


def test_an_email_domain_of_an_organisation_is_stored_as_people_have_it() -> None:
    call_command(
        "add_organisation",
        code="999",
        name="North",
        support_email="esr@пример.рф",
        email_domains=["@ПРИМЕР.рф", "faß.example"],
    )
    organisation = Organisation.objects.get()
    assert organisation.support_email == "esr@xn--e1afmkfd.xn--p1ai"
    assert set(EmailDomain.objects.values_list("domain", flat=True)) == {"xn--e1afmkfd.xn--p1ai", "xn--fa-hia.example"}
    assert run(jo(email="jo@пример.РФ")).added == 1
    client = at_work(make_operator())
    typed = {
        "name": "North",
        "support_email": "ESR@münchen.example",
        "care_identity_level": 3,
        "second_step": "optional",
        "second_step_share": 100,
        "email_domains-TOTAL_FORMS": 1,
        "email_domains-INITIAL_FORMS": 0,
        "email_domains-0-domain": "MÜNCHEN.example",
        "trusted_networks-TOTAL_FORMS": 0,
        "trusted_networks-INITIAL_FORMS": 0,
    }
    assert client.post(f"/admin/accounts/organisation/{organisation.pk}/change/", typed).status_code == 302
    organisation.refresh_from_db()
    assert organisation.support_email == "esr@xn--mnchen-3ya.example"
    assert organisation.email_domains.filter(domain="xn--mnchen-3ya.example").exists()
