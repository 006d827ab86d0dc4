"""The mails that tell of a second step or a browser, and from where what any mail tells of was done."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import FormerEmail, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox
from accounts.services.second_step import remembered_browsers
from tests.support.authenticator import PhoneApp
from tests.support.factories import make_organisation, make_user
from tests.support.mails import of_second_steps
from tests.support.remembered_browsers import CHROME
from tests.support.smtp import Inbox, Mail
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Send = Callable[..., Mail]
AT_WORK, ELSEWHERE = "10.20.1.2", "192.0.2.7"
CONTACT = "esr@org999.nhs.example"
MOMENT = datetime.datetime(2026, 7, 1, 13, 35, tzinfo=datetime.UTC)


@pytest.fixture
def jo() -> User:
    user = make_user()
    user.organisation.trusted_networks.create(network="10.20.0.0/16")
    return user


def happened(user: User, *, address: str = ELSEWHERE, user_agent: str = CHROME, by: User | None = None) -> int:
    """Record an event of no particular kind; return its key."""
    with events.coming_from(events.Origin(address=address, user_agent=user_agent)):
        return events.record(event=Event.PASSWORD_CHANGED, user_id=user.pk, by=by).pk


SAYS = {
    (Kind.SECOND_STEP_ADDED, "passkey"): "A passkey was added to your ESR account at 2:35pm on 1 July 2026.",
    (Kind.SECOND_STEP_ADDED, "authenticator"): "An authenticator app was set up for your ESR account at 2:35pm on",
    (Kind.SECOND_STEP_ADDED, ""): "A second step was added to your ESR account at 2:35pm on 1 July 2026.",
    (Kind.SECOND_STEP_REMOVED, "passkey"): "A passkey was removed from your ESR account at 2:35pm on 1 July 2026.",
    (Kind.SECOND_STEP_REMOVED, "authenticator"): "The authenticator app was removed from your ESR account at 2:35pm",
    (Kind.SECOND_STEP_REMOVED, "stopped_passkeys"): "The passkeys of your ESR account were stopped at 2:35pm on 1 July",
    (Kind.SECOND_STEP_REMOVED, "copied_passkey"): "A passkey of your ESR account was stopped at 2:35pm on 1 July 2026,",
    (Kind.SECOND_STEP_REMOVED, "all"): "Every second step was removed from your ESR account at 2:35pm on 1 July 2026:",
    (Kind.SECOND_STEP_REMOVED, ""): "A second step was removed from your ESR account at 2:35pm on 1 July 2026.",
    (Kind.RECOVERY_CODES_MADE, ""): "New recovery codes were made for your ESR account at 2:35pm on 1 July 2026.",
    (
        Kind.NEW_BROWSER,
        "",
    ): "Your ESR account was logged in to at 2:35pm on 1 July 2026, in a browser that was not used",
    (Kind.WRONG_CODES, ""): "and then too many wrong codes. The last of them was typed at 2:35pm on 1 July 2026.",
    (Kind.WRONG_CODES, "recovery_codes"): "and then too many wrong recovery codes. The last of them was typed at",
    (
        Kind.BROWSER_COPIED,
        "",
    ): "At 2:35pm on 1 July 2026, somebody logged in with your password and showed us an old copy",
}


@pytest.mark.parametrize(("kind", "about"), of_second_steps())
def test_each_says_what_when_and_from_where_and_what_to_do(
    send: Send, travel: Travel, jo: User, kind: Kind, about: dict[str, Any]
) -> None:
    travel.to(MOMENT)
    event = happened(jo)
    travel(minutes=20)
    mail = send(kind, jo, **about, event=event)
    assert mail.recipients == [jo.email]
    for words in (
        SAYS[kind, about.get("what", "")],
        f"Username: {jo.username}",
        "Device: Chrome on Windows\nNetwork: another network\n",
        "If it was not you\n\nIf it was not you, you can stop your account at once: open this link",
        "/\n\n1. Set a new password now: open ESR as you always do",
        f"Tell your organisation. Email {CONTACT} and state your Name and ESR number.",
    ):
        assert words in mail.text
    assert ["/this-was-not-me/" in link for link in mail.links] == [True], "no link but a one-time one"


def test_a_network_of_the_organisations_own_has_its_name(send: Send, jo: User) -> None:
    mail = send(Kind.NEW_BROWSER, jo, event=happened(jo, address=AT_WORK))
    assert "Network: Northern Test Hospitals\n" in mail.text


def test_another_organisations_network_is_another_network(send: Send, jo: User) -> None:
    elsewhere = make_user(organisation=make_organisation(code="111", name="Southern Test Hospitals"))
    mail = send(Kind.NEW_BROWSER, elsewhere, event=happened(elsewhere, address=AT_WORK))
    assert "Network: another network\n" in mail.text


def test_a_browser_that_does_not_say_what_it_is_is_not_known(send: Send, jo: User) -> None:
    assert "Device: not known\n" in send(Kind.NEW_BROWSER, jo, event=happened(jo, user_agent="")).text


def test_what_was_done_at_a_command_line_has_no_device(send: Send, jo: User) -> None:
    mail = send(Kind.SECOND_STEP_REMOVED, jo, what="all", event=events.record(event=Event.LOCKED, user_id=jo.pk).pk)
    assert "Device:" not in mail.text + mail.html
    assert "Network:" not in mail.text + mail.html


def test_what_the_helpdesk_did_says_so_before_the_device_that_it_was_done_from(send: Send, jo: User) -> None:
    mail = send(Kind.SECOND_STEP_REMOVED, jo, what="all", event=happened(jo, by=make_user(), address=AT_WORK))
    assert (
        "Done by: your organisation's ESR helpdesk\nDevice: Chrome on Windows\nNetwork: Northern Test Hospitals\n"
    ) in mail.text
    assert "Done by" not in send(Kind.PASSWORD_CHANGED, jo, event=happened(jo, by=jo)).text


@pytest.mark.parametrize("event", [0, None])
def test_a_mail_whose_event_is_gone_says_the_rest(send: Send, jo: User, event: int | None) -> None:
    mail = send(Kind.NEW_BROWSER, jo, **({} if event is None else {"event": event}))
    assert "Device:" not in mail.text
    assert f"Username: {jo.username}" in mail.text


CHANGES: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.PASSWORD_CHANGED, {}),
    (Kind.CARE_IDENTITY_CHANGED, {"linked": True}),
    (Kind.CARE_IDENTITY_CHANGED, {"linked": False}),
    (Kind.INTERNET_ACCESS_GRANTED, {}),
    (Kind.INTERNET_ACCESS_WITHDRAWN, {}),
    (Kind.LOCKED, {}),
    (Kind.EMAIL_CHANGED, {}),
]


@pytest.mark.parametrize(("kind", "about"), CHANGES)
def test_every_other_change_says_from_where_too(send: Send, jo: User, kind: Kind, about: dict[str, Any]) -> None:
    mail = send(kind, jo, **about, event=happened(jo))
    assert "Device: Chrome on Windows\nNetwork: another network\n" in mail.text
    assert "<strong>Chrome on Windows</strong>" in mail.html


def test_so_does_the_mail_to_the_former_address_which_has_no_username(send: Send, jo: User) -> None:
    former = FormerEmail.objects.create(user=jo, email="former@nhs.net")
    mail = send(Kind.EMAIL_CHANGED, jo, former_email=former.pk, event=happened(jo))
    assert "Device: Chrome on Windows\n" in mail.text
    assert jo.username not in mail.text + mail.html


def test_a_copied_browser_is_told_to_its_owner(
    deliver_mail: Callable[[], None], inbox: Inbox, jo: User, travel: Travel
) -> None:
    PhoneApp.of(jo)
    made = remembered_browsers.remember(user=jo)
    assert made is not None
    assert remembered_browsers.use(user=jo, shown=made.shown, shared=False)
    assert remembered_browsers.use(user=jo, shown=made.shown, shared=False) is None
    deliver_mail()
    assert inbox.only().subject == "A browser of yours may have been copied"
    assert SecurityEvent.objects.filter(event=Event.BROWSER_COPIED).count() == 1


@pytest.mark.parametrize("what", ["phone", "jo.smith@nhs.net", ["passkey"], None])
def test_a_row_says_what_in_words_of_ours_alone(jo: User, what: object) -> None:
    with pytest.raises(TypeError):
        outbox.add(kind=Kind.SECOND_STEP_ADDED, about={"users": [jo.pk], "what": what})
