"""The pages on which an agent checks a caller and asks, and on which a second agent agrees or refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from accounts.models import CallerCheck, CareIdentity, FormerEmail, OutboxMessage, Proposal, SecurityEvent, User
from accounts.models.caller_check import CheckKind
from accounts.models.outbox import Kind
from accounts.models.proposal import Action, State
from accounts.models.security_event import Event
from accounts.services import caller_checks
from helpdesk.services import proposals
from people.services import care_identity_links
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work, make_agent, make_lead, text
from tests.support.steps import PortalClient, send

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

UID = "555000000101"
NEW = "jo.newname@nhs.net"
QUEUE = "/admin/desk/second-agent/"


def page_of(person: User, action: str = "change_email") -> str:
    return f"/admin/desk/people/{person.pk}/{action}/"


def ask(desk: PortalClient, person: User, action: str = "change_email", **typed: str) -> Answer:
    value = {"value": NEW} if action == "change_email" else {}
    return send(desk, page_of(person, action), {**value, "reason": "Married", "how": "not_checked", **typed})


def faults(answer: Answer) -> list[str]:
    page = BeautifulSoup(answer.content, "html.parser")
    return [" ".join(fault.get_text().split()) for fault in page.select(".nhsuk-error-summary li")]


def email_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_the_word_is_on_the_page_and_the_code_is_not(desk: PortalClient, agent: User) -> None:
    person = make_user()
    page = text(desk, page_of(person))
    check = CallerCheck.objects.get(user=person, agent=agent)
    assert f"which they see too: {caller_checks.word_of(check=check)}" in page
    shown = caller_checks.shown_to(person=person)[0]
    assert shown.code not in page
    assert shown.code.replace(" ", "") not in page


def test_the_caller_reads_the_code_and_the_address_is_changed(desk: PortalClient, agent: User) -> None:
    person = make_user(email="jo.before@nhs.net")
    desk.get(page_of(person))
    code = caller_checks.shown_to(person=person)[0].code
    answer = ask(desk, person, how="code", code=code)
    assert answer["Location"] == f"/admin/desk/people/{person.pk}/"
    assert email_of(person) == NEW
    event = SecurityEvent.objects.get(event=Event.DONE_FOR_CALLER)
    assert (event.by_id, event.note) == (agent.pk, "Married")
    assert "Done: Change the email address. The person is told by email." in desk.get(answer["Location"]).text
    former = FormerEmail.objects.get()
    assert (former.user_id, former.email) == (person.pk, "jo.before@nhs.net")
    told = [row.about for row in OutboxMessage.objects.filter(kind=Kind.EMAIL_CHANGED).order_by("created_at")]
    about = {"users": [person.pk], "event": SecurityEvent.objects.get(event=Event.PERSON_CHANGED, reason="email").pk}
    assert told == [{**about, "former_email": former.pk}, about]
    assert "nhs.net" not in str(told)


@pytest.mark.parametrize("typed", ["55500000010", "55500000010O", "jo.smith@nhs.net", "<script>"])
def test_what_is_no_number_of_a_care_identity_is_refused_beside_its_box(desk: PortalClient, typed: str) -> None:
    answer = ask(desk, make_user(), "link_care_identity", value=typed)
    assert faults(answer) == ["A Care Identity number (UUID) is twelve digits, like 555512345678."]


def test_the_care_identity_of_a_colleague_is_refused_beside_its_box(desk: PortalClient) -> None:
    colleague = make_user()
    care_identity_links.link(user=colleague, uid=UID, by=None)
    says = [f"{colleague.username} at this organisation has this Care Identity. Take it away there first."]
    assert faults(ask(desk, make_user(), "link_care_identity", value=UID)) == says


def test_that_of_a_person_elsewhere_can_be_linked_and_tells_nothing_of_them(desk: PortalClient) -> None:
    """Threat: try numbers until the answer says who has one at another organisation."""
    stranger = make_user(organisation=make_organisation(code="111", name="Southern"), username="111STRANGE01")
    care_identity_links.link(user=stranger, uid=UID, by=None)
    person = make_user()
    desk.get(page_of(person, "link_care_identity"))
    code = caller_checks.shown_to(person=person)[0].code
    answer = ask(desk, person, "link_care_identity", value="5550 0000 0101", how="code", code=code)
    page = desk.get(answer["Location"])
    assert "111STRANGE01" not in page.text
    assert "Southern" not in page.text
    assert CareIdentity.objects.filter(uid=UID).count() == 2


def test_a_check_that_has_passed_is_not_asked_for_again_when_something_else_is_wrong(desk: PortalClient) -> None:
    person = make_user()
    desk.get(page_of(person))
    code = caller_checks.shown_to(person=person)[0].code
    answer = ask(desk, person, how="code", code=code, value="jo@gmail.com")
    assert "Only volunteers" in faults(answer)[0]
    assert "You have checked the caller: Code from My ESR" in " ".join(answer.text.split())
    assert 'name="how"' not in answer.text
    assert 'value="Married"' in answer.text
    assert ask(desk, person).status_code == 302
    assert email_of(person) == NEW


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"how": ""}, "Choose how you found out"),
        ({"how": "code", "code": ""}, "Enter the six digits that they read to you"),
        ({"how": "code", "code": "12345"}, "This is not the code. Ask for it again: 4 tries are left."),
        ({"how": "call_back", "number": ""}, "Enter the number that you called"),
        ({"how": "call_back", "number": "the ward"}, "Enter a telephone number, like 01632 960 001"),
        ({"reason": ""}, "Enter a reason"),
        ({"reason": "x" * 201}, "The reason must be 200 characters or fewer"),
        ({"value": "jo@"}, "Enter a valid email address."),
        ({"value": ""}, "Enter the new email address"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_lost(
    desk: PortalClient, typed: dict[str, str], says: str
) -> None:
    person = make_user()
    answer = ask(desk, person, **typed)
    assert faults(answer) == [says]
    assert f'value="{typed.get("value", NEW)}"' in answer.text
    assert not Proposal.objects.exists()
    assert email_of(person) != NEW


@pytest.mark.parametrize(("box", "kind"), [("code", CheckKind.CODE), ("number", CheckKind.CALL_BACK)])
def test_what_was_typed_says_how_the_agent_found_out_unless_it_is_both(
    desk: PortalClient, box: str, kind: CheckKind
) -> None:
    """On the telephone each press counts: a code in its box needs no radio button."""
    person = make_user()
    desk.get(page_of(person))
    typed = {"code": caller_checks.shown_to(person=person)[0].code, "number": "01632 960 001"}
    assert faults(ask(desk, person, how="", **typed)) == ["Choose how you found out"]
    ask(desk, person, how="", **{box: typed[box]})
    assert CallerCheck.objects.get(user=person, passed_at__isnull=False).kind == kind


def test_how_many_tries_are_left_is_said_in_good_english(desk: PortalClient) -> None:
    person = make_user()
    desk.get(page_of(person))
    right = caller_checks.shown_to(person=person)[0].code.replace(" ", "")
    wrong = f"{(int(right) + 1) % 10**6:06}"
    said = [faults(ask(desk, person, how="code", code=wrong)) for _ in range(4)]
    assert said[2:] == [
        ["This is not the code. Ask for it again: 2 tries are left."],
        ["This is not the code. Ask for it again: 1 try is left."],
    ]


@pytest.mark.parametrize("key", [0, 10**30])
def test_a_key_that_no_row_has_is_not_found(desk: PortalClient, key: int) -> None:
    for address in (f"/admin/desk/people/{key}/", f"/admin/desk/people/{key}/change_email/", f"{QUEUE}{key}/"):
        assert desk.get(address).status_code == 404


def test_without_a_check_it_waits_and_a_second_agent_agrees(desk: PortalClient, agent: User) -> None:
    person = make_user(email="jo.before@nhs.net")
    answer = ask(desk, person)
    proposal = Proposal.objects.get()
    address = f"{QUEUE}{proposal.pk}/"
    assert answer["Location"] == address
    assert email_of(person) != NEW
    assert "Agree" not in text(desk, address)
    lead = make_lead()
    second = at_work(lead)
    assert person.username in text(second, QUEUE)
    page = text(second, address)
    for part in ("jo.before@nhs.net", NEW, agent.get_full_name(), "Married", "showed no code and no card"):
        assert part in page
    assert send(second, address, {}).status_code == 405
    agreed = second.post(f"{address}agree/", {**about(second, address), "decision": "I called her"})
    assert agreed["Location"] == address
    assert email_of(person) == NEW
    assert (Proposal.objects.get().state, Proposal.objects.get().decided_by_id) == (State.DONE, lead.pk)
    assert "I called her" in text(second, address)


def about(desk: PortalClient, address: str) -> dict[str, str]:
    page = BeautifulSoup(desk.get(address).content, "html.parser")
    return {"about": str(page.select('main input[name="about"]')[0]["value"])}


def test_a_refusal_needs_a_reason(desk: PortalClient) -> None:
    person, second = make_user(), at_work(make_lead())
    ask(desk, person)
    address = f"{QUEUE}{Proposal.objects.get().pk}/"
    assert faults(second.post(f"{address}refuse/", about(second, address))) == ["Enter a reason"]
    second.post(f"{address}refuse/", {**about(second, address), "decision": "She did not call"})
    assert Proposal.objects.get().state == State.REFUSED
    assert "Refused by a second agent" in text(desk, address)
    assert email_of(person) != NEW


def test_the_agent_who_asked_neither_agrees_nor_refuses_and_takes_it_back(desk: PortalClient) -> None:
    person = make_user()
    ask(desk, person)
    address = f"{QUEUE}{Proposal.objects.get().pk}/"
    for step in ("agree", "refuse"):
        assert desk.post(f"{address}{step}/", {**about(desk, address), "decision": "x"}).status_code == 403
    assert desk.post(f"{address}take-back/", about(desk, address))["Location"] == address
    assert Proposal.objects.get().state == State.WITHDRAWN
    assert email_of(person) != NEW


def test_the_code_for_a_new_second_step_is_shown_once(desk: PortalClient) -> None:
    person = make_user()
    PhoneApp.of(person)
    desk.get(page_of(person, "make_bootstrap_code"))
    code = caller_checks.shown_to(person=person)[0].code
    address = ask(desk, person, "make_bootstrap_code", how="code", code=code)["Location"]
    held = about(desk, address)
    shown = desk.post(f"{address}code/", held)
    assert BeautifulSoup(shown.content, "html.parser").select_one(".desk-code") is not None
    assert "no-store" in shown["Cache-Control"]
    again = desk.post(f"{address}code/", held, follow=True)
    assert "The code was shown already" in again.text
    assert not BeautifulSoup(again.content, "html.parser").select(".desk-code")


def test_a_code_is_mailed_with_one_press_and_not_more_than_five_a_day(desk: PortalClient) -> None:
    person = make_user(email="jo.smith@nhs.net")
    for number in range(6):
        send(desk, page_of(person), {"mail": "yes"})
        says = "The code is on its way to" if number < 5 else "No code was sent: as many as may be were sent"
        assert says in desk.get(page_of(person)).text
    assert OutboxMessage.objects.filter(kind=Kind.CALLER_CODE).count() == 5
    assert "jo.smith@nhs.net" not in text(desk, page_of(person))


def test_a_form_of_another_agents_tab_is_out_of_date(desk: PortalClient) -> None:
    """Threat: two agents share a computer, and one asks in the other's name."""
    person = make_user()
    other = at_work(make_lead())
    sent = about(other, page_of(person))
    typed = {**sent, "value": NEW, "reason": "Married", "how": "card"}
    assert desk.post(page_of(person), typed).status_code == 409
    assert email_of(person) != NEW


def test_nothing_of_another_organisation_is_there(desk: PortalClient) -> None:
    stranger = make_user(organisation=make_organisation(code="111", name="Southern", domain="southern.nhs.uk"))
    for action in ("change_email", "unfreeze"):
        assert desk.get(page_of(stranger, action)).status_code == 404
    proposal = Proposal.objects.create(
        user=stranger, asked_by=make_lead(organisation=stranger.organisation), action="unfreeze", reason="x"
    )
    for step in ("", "agree/", "refuse/", "take-back/", "code/"):
        address = f"{QUEUE}{proposal.pk}/{step}"
        assert (desk.post(address) if step else desk.get(address)).status_code == 404
    assert stranger.username not in text(desk, QUEUE)
    assert not CallerCheck.objects.exists()


def test_nothing_can_be_asked_for_a_person_with_rights(desk: PortalClient, agent: User) -> None:
    for person in (agent, make_lead()):
        answer = desk.get(page_of(person))
        assert answer.status_code == 403
        assert "Not for you to do" in answer.text
        assert ask(desk, person).status_code == 403
    assert not Proposal.objects.exists()


def test_what_a_deleted_agent_asked_for_or_decided_breaks_no_page(desk: PortalClient) -> None:
    """Accounts are deleted by `clear_demo` and by operators; the rows that name them stay."""
    person, agent, lead = make_user(), make_agent(), make_lead()
    waits, decided = (ask_as(agent, person, action) for action in (Action.CHANGE_EMAIL, Action.LINK_CARE_IDENTITY))
    proposals.refuse(proposal=decided, by=lead, decision="No")
    User.objects.filter(pk=lead.pk).delete()
    assert desk.get(f"/admin/desk/second-agent/{decided.pk}/").status_code == 200
    User.objects.filter(pk=agent.pk).delete()
    assert "Nothing waits." in text(desk, "/admin/desk/second-agent/")
    assert desk.get(f"/admin/desk/second-agent/{waits.pk}/").status_code == 404
    assert proposals.end_old() == 0


def ask_as(agent: User, person: User, action: Action) -> Proposal:
    value = {Action.CHANGE_EMAIL: NEW, Action.LINK_CARE_IDENTITY: "555000000101"}[action]
    return proposals.ask(person=person, action=action, by=agent, reason="Married", value=value)
