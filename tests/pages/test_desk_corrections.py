"""The desk's list of corrections that people asked for by smartcard, and the page on which one is decided."""

from __future__ import annotations

import pytest

from accounts.models import GivenAddress, SecurityEvent, User
from accounts.models.role import Role
from accounts.models.security_event import Event
from tests.support.corrections import NEW_EMAIL, asked_by_card
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, text
from tests.support.steps import PortalClient, about_in, send

pytestmark = pytest.mark.django_db

LIST = "/admin/desk/corrections/"


def page_of(asked: GivenAddress) -> str:
    return f"{LIST}{asked.pk}/"


def test_the_list_has_what_waits_at_the_organisation_and_nothing_else(desk: PortalClient) -> None:
    assert "Nothing waits." in text(desk, LIST)
    theirs, waiting = make_user(), asked_by_card(make_user(given_name="Ann"), "ann@nhs.net", confirmed=False)
    asked = asked_by_card(theirs)
    elsewhere = asked_by_card(make_user(organisation=make_organisation(code="111", name="South")), "x@south.nhs.uk")
    listed = text(desk, LIST)
    assert NEW_EMAIL in listed
    assert theirs.email in listed
    assert "ann@nhs.net" not in listed
    assert "x@south.nhs.uk" not in listed
    assert desk.get(page_of(asked)).status_code == 200
    for guessed in (elsewhere, waiting):
        for path in ("", "accept/", "refuse/"):
            address = f"{page_of(guessed)}{path}"
            assert (desk.post(address) if path else desk.get(address)).status_code == 404


def test_the_page_of_the_person_leads_to_it(desk: PortalClient) -> None:
    person = make_user()
    asked = asked_by_card(person, confirmed=False)
    said = "They have asked by smartcard for another email address on their record"
    assert said not in text(desk, f"/admin/desk/people/{person.pk}/")
    GivenAddress.objects.update(confirmed_at=asked.card_shown_at)
    page = desk.get(f"/admin/desk/people/{person.pk}/").text
    assert said in page
    assert f'href="{page_of(asked)}"' in page
    assert NEW_EMAIL not in page


def test_the_page_shows_old_and_new_and_that_the_card_was_used_and_when(desk: PortalClient) -> None:
    person = make_user()
    page = text(desk, page_of(asked_by_card(person)))
    for said in (person.email, NEW_EMAIL, "Shown to the portal on", "By a link that was sent there, on"):
        assert said in page
    assert "Why a second agent" not in page


def test_it_is_accepted_with_a_reason(desk: PortalClient) -> None:
    person = make_user()
    asked = asked_by_card(person)
    shown = about_in(desk.get(page_of(asked)))
    assert "Enter a reason" in desk.post(f"{page_of(asked)}accept/", shown).text
    answer = desk.post(f"{page_of(asked)}accept/", {**shown, "reason": "HR has it"})
    assert answer["Location"] == f"/admin/desk/people/{person.pk}/"
    assert "The new address is on record." in desk.get(answer["Location"]).text
    assert User.objects.get(pk=person.pk).email == NEW_EMAIL


def test_it_is_refused_with_a_reason(desk: PortalClient) -> None:
    person = make_user()
    asked = asked_by_card(person)
    shown = about_in(desk.get(page_of(asked)))
    assert "Enter a reason" in desk.post(f"{page_of(asked)}refuse/", shown).text
    answer = desk.post(f"{page_of(asked)}refuse/", {**shown, "reason": "HR knows no such address"})
    assert "You refused it." in desk.get(answer["Location"]).text
    assert User.objects.get(pk=person.pk).email == person.email
    assert SecurityEvent.objects.get(event=Event.EMAIL_CORRECTION_REFUSED).note == "HR knows no such address"


def test_who_was_recovered_lately_takes_a_second_agent_and_the_page_says_so(desk: PortalClient) -> None:
    person = make_user()
    SecurityEvent.objects.create(event=Event.RECOVERY_LINK_USED, user=person)
    asked = asked_by_card(person)
    assert "The person was recovered or changed in the last 72 hours" in text(desk, page_of(asked))
    shown = about_in(desk.get(page_of(asked)))
    answer = desk.post(f"{page_of(asked)}accept/", {**shown, "reason": "HR has it"})
    assert answer["Location"].startswith("/admin/desk/second-agent/")
    assert "A second agent has to agree." in desk.get(answer["Location"]).text
    waits = text(at_work(make_lead()), answer["Location"])
    assert "The person asked in My ESR, after using their smartcard on" in waits
    assert "Card shown in person" not in waits
    lead = at_work(make_lead())
    send(lead, answer["Location"] + "agree/", about_in(lead.get(answer["Location"])))
    assert User.objects.get(pk=person.pk).email == NEW_EMAIL


def test_an_agent_sees_their_own_and_decides_nothing_about_it(desk: PortalClient, agent: User) -> None:
    asked = asked_by_card(agent)
    page = desk.get(page_of(asked))
    assert "accept/" not in page.text
    answer = desk.post(f"{page_of(asked)}accept/", {**about_in(desk.get("/admin/desk/")), "reason": "Mine"})
    assert answer.status_code == 403


def test_an_auditor_reads_and_decides_nothing() -> None:
    asked = asked_by_card(make_user())
    auditor = at_work(make_user(role=Role.AUDITOR))
    assert "accept/" not in auditor.get(page_of(asked)).text


def test_a_stale_page_of_a_decided_one_decides_nothing(desk: PortalClient) -> None:
    person = make_user()
    asked = asked_by_card(person)
    shown = about_in(desk.get(page_of(asked)))
    asked.delete()
    assert desk.post(f"{page_of(asked)}accept/", {**shown, "reason": "HR has it"}).status_code == 404
    assert User.objects.get(pk=person.pk).email == person.email


def test_the_form_of_another_agents_page_decides_nothing(desk: PortalClient) -> None:
    asked = asked_by_card(make_user())
    other = about_in(at_work(make_agent()).get(page_of(asked)))
    assert desk.post(f"{page_of(asked)}accept/", {**other, "reason": "HR has it"}).status_code == 409
    assert GivenAddress.objects.filter(pk=asked.pk).exists()


@pytest.mark.parametrize(("what", "word"), [("accept", "accepted"), ("refuse", "refused")])
def test_back_from_what_was_decided_leads_to_who_decided_when_and_why(
    desk: PortalClient, agent: User, what: str, word: str
) -> None:
    person = make_user()
    asked = asked_by_card(person)
    shown = about_in(desk.get(page_of(asked)))
    desk.post(f"{page_of(asked)}{what}/", {**shown, "reason": "HR says so"})
    page = text(desk, page_of(asked))
    for said in (f"This correction was {word}", agent.get_full_name(), "HR says so", person.get_full_name()):
        assert said in page
    # The address that was refused is erased; the one that was accepted stands in the record.
    assert NEW_EMAIL not in page
    assert f'href="/admin/desk/people/{person.pk}/"' in desk.get(page_of(asked)).text
    # And a second press, from the page that is still open, is told so.
    again = desk.post(f"{page_of(asked)}{what}/", {**shown, "reason": "Again"})
    assert again["Location"] == page_of(asked)
    assert "Nothing was done: it was decided already" in desk.get(again["Location"]).text
    assert SecurityEvent.objects.filter(reference=f"C{asked.pk}").count() == 1


def test_what_was_decided_at_another_organisation_is_not_there(desk: PortalClient) -> None:
    """Threat: the number of a correction tells an agent elsewhere who has asked for one, and who decided."""
    asked = asked_by_card(make_user())
    shown = about_in(desk.get(page_of(asked)))
    desk.post(f"{page_of(asked)}refuse/", {**shown, "reason": "No"})
    south = at_work(make_agent(organisation=make_organisation(code="111", name="South")))
    assert south.get(page_of(asked)).status_code == 404
    for what in ("accept", "refuse"):
        assert south.post(f"{page_of(asked)}{what}/", {"reason": "x"}).status_code == 404
    for key in (0, asked.pk + 1, 10**30):
        assert desk.get(f"{LIST}{key}/").status_code == 404
    assert "This correction was refused" in text(at_work(make_user(role=Role.AUDITOR)), page_of(asked))


def test_of_one_whose_person_is_on_record_no_more_nothing_is_shown(desk: PortalClient) -> None:
    asked = asked_by_card(make_user())
    shown = about_in(desk.get(page_of(asked)))
    desk.post(f"{page_of(asked)}refuse/", {**shown, "reason": "No"})
    User.objects.filter(pk=asked.user_id).delete()
    assert desk.get(page_of(asked)).status_code == 404
