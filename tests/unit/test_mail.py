"""The mails: which people get them, and what they say. Each goes through a real mail server."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import FormerEmail, OutboxMessage, RecoveryRequest, User
from accounts.models.outbox import Kind
from accounts.services import outbox, recovery
from tests.support.factories import NEW_PASSWORD, make_organisation, make_user
from tests.support.links import link_token
from tests.support.mails import link_in, token_in
from tests.support.smtp import REFUSED_FOR_GOOD, Inbox, Mail, MailServer
from tests.support.travel import Travel

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

Deliver = Callable[[], None]
Send = Callable[..., Mail]
ORIGIN = "https://esr.example.nhs.uk"
CONTACT = "esr@org999.nhs.example"
TO_RECOVERY = (
    'open ESR as you always do, choose "Login to ESR" and then "Forgotten | Request Username/Password | Unlock Account"'
)
TODAY = datetime.date(2026, 11, 22)


def test_the_recovery_mail_says_the_username_and_carries_a_link_that_works(send: Send) -> None:
    user = make_user(password=None)
    mail = send(Kind.RECOVERY, user)
    assert mail.recipients == [user.email]
    assert f"Username: {user.username}" in mail.text
    assert "Northern Test Hospitals" in mail.text
    assert link_in(mail).startswith(f"{ORIGIN}/recovery/link/")
    assert recovery.link_for(token=token_in(link_in(mail))).user == user


@pytest.mark.parametrize("kind", [Kind.RECOVERY, Kind.DATE_OF_BIRTH_DIFFERS])
def test_a_mail_that_answers_a_form_has_the_forms_reference(send: Send, kind: Kind) -> None:
    user = make_user()
    reference = recovery.ask(email=user.email, date_of_birth=TODAY)
    request = RecoveryRequest.objects.get()
    OutboxMessage.objects.all().delete()
    mail = send(kind, user, request=request.pk)
    assert f"Your reference is {reference}." in mail.text
    assert reference in mail.html
    assert "Your reference" not in send(kind, user).text


def test_a_second_copy_after_its_link_was_used_says_that_a_password_was_set_and_carries_no_link(
    send: Send, deliver_mail: Deliver, inbox: Inbox
) -> None:
    """The worker was killed after the mail server had taken the mail, and the person was quick."""
    user = make_user(password=None)
    link = recovery.link_for(token=token_in(link_in(send(Kind.RECOVERY, user))))
    recovery.use(link_id=link.pk, password=NEW_PASSWORD)
    OutboxMessage.objects.exclude(kind=Kind.RECOVERY).delete()
    OutboxMessage.objects.update(sent_at=None, leased_until=None)
    inbox.clear()
    deliver_mail()
    copy = inbox.only()
    assert "A password was set for this account after this email was asked for" in copy.text
    assert "/recovery/link/" not in copy.text + copy.html
    assert copy.subject == "Your ESR username"


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ("2026-11-22T13:35:59+00:00", "lasts 60 minutes, until 2:35pm today, 22 November 2026."),
        ("2026-07-01T12:35:00+00:00", "lasts 60 minutes, until 2:35pm today, 1 July 2026."),
        ("2026-11-22T23:10:00+00:00", "lasts 60 minutes, until 12:10am tomorrow, 23 November 2026."),
        ("2026-11-22T11:00:30+00:00", "lasts 60 minutes, until midday today, 22 November 2026."),
    ],
)
def test_the_link_ends_sixty_minutes_after_sending_told_in_london_time(
    sent: str, end: str, send: Send, travel: Travel
) -> None:
    travel.to(datetime.datetime.fromisoformat(sent))
    mail = send(Kind.RECOVERY, make_user())
    assert end in mail.text
    assert end.split("until ")[1].rstrip(".") in mail.html
    link = recovery.link_for(token=token_in(link_in(mail)))
    assert abs(link.expires_at - timezone.now() - datetime.timedelta(minutes=60)) < datetime.timedelta(seconds=10)


@pytest.mark.parametrize(
    ("begins", "lasts", "said"),
    [
        ("2026-11-22T13:00", {"hours": 24}, "before 1pm tomorrow, 23 November 2026."),
        ("2026-11-22T13:00", {"days": 30}, "before 22 December 2026 at 1pm."),
        # The clocks go forward in the night.
        ("2027-03-27T23:30", {"hours": 24}, "before 29 March 2027 at 12:30am."),
    ],
)
def test_the_mail_says_until_when_no_link_is_given(
    begins: str, lasts: dict[str, int], said: str, send: Send, travel: Travel
) -> None:
    travel.to(begun := datetime.datetime.fromisoformat(f"{begins}+00:00"))
    held = make_user(links_held_until=begun + datetime.timedelta(**lasts))
    assert said in send(Kind.RECOVERY, held).text


def test_several_accounts_are_listed_by_organisation_with_a_link_each(send: Send) -> None:
    south = make_organisation(code="111", name="Southern Test Hospitals")
    users = [make_user(email="jo@nhs.net"), make_user(email="jo@nhs.net", organisation=south)]
    mail = send(Kind.RECOVERY, *users)
    links = [link for link in mail.links if "/recovery/link/" in link]
    assert [recovery.link_for(token=token_in(link)).user for link in links] == users
    assert mail.text.index("Northern") < mail.text.index(users[0].username) < mail.text.index("Southern")
    assert "about 2 accounts." in mail.text
    assert "Hello Jo," in mail.text


def test_people_who_share_a_mailbox_see_whose_account_is_whose(send: Send) -> None:
    users = [make_user(email="family@nhs.net", given_name=name) for name in ("Jo", "Sam")]
    mail = send(Kind.RECOVERY, *users)
    assert mail.text.startswith("ESR Portal\n\nHello,")
    assert f"Name: Sam\nUsername: {users[1].username}" in mail.text
    assert "Name: <strong>Sam</strong>" in re.sub(r"\s+", " ", mail.html)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"care_identity_only": True}, ["Log in with my Care Identity", "Manage Internet Access", "Login to ESR"]),
        ({"ends_on": TODAY - datetime.timedelta(days=1)}, ["has ended", "last day was 21 November 2026", CONTACT]),
        ({"starts_on": TODAY + datetime.timedelta(days=9)}, ["from that day", "1 December 2026", CONTACT]),
        ({"is_active": False}, ["is not active", CONTACT]),
        ({"is_active": False, "care_identity_only": True}, ["is not active", CONTACT]),
        ({"starts_on": TODAY + datetime.timedelta(days=9), "care_identity_only": True}, ["Manage Internet Access"]),
    ],
)
def test_who_gets_no_link_is_told_why_and_what_to_do(
    facts: dict[str, Any], says: list[str], send: Send, travel: Travel
) -> None:
    travel.to(datetime.datetime(2026, 11, 22, 13, tzinfo=datetime.UTC))
    user = make_user(**facts)
    mail = send(Kind.RECOVERY, user)
    for words in [*says, user.username, "state your Name and ESR number"]:
        assert words in mail.text
    assert "/recovery/link/" not in mail.text + mail.html
    assert mail.subject == "Your ESR username"
    assert not user.recovery_links.exists()


def test_the_first_and_the_last_day_of_work_count(send: Send, travel: Travel) -> None:
    travel.to(datetime.datetime(2026, 11, 22, 13, tzinfo=datetime.UTC))
    assert link_in(send(Kind.RECOVERY, make_user(starts_on=TODAY, ends_on=TODAY)))


def test_somebody_deactivated_before_the_mail_goes_gets_no_link(deliver_mail: Deliver, inbox: Inbox) -> None:
    user = make_user()
    outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    User.objects.filter(pk=user.pk).update(is_active=False)
    deliver_mail()
    assert "is not active" in inbox.only().text
    assert "/recovery/link/" not in inbox.only().text


def test_mail_goes_to_the_address_stored_when_it_is_sent(deliver_mail: Deliver, inbox: Inbox) -> None:
    user = make_user(email="wrong@nhs.net")
    outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    User.objects.filter(pk=user.pk).update(email="right@nhs.net")
    deliver_mail()
    assert inbox.only().recipients == ["right@nhs.net"]


def test_a_mail_that_was_held_up_by_a_wrong_address_carries_a_link_for_the_right_one_alone(
    deliver_mail: Deliver, inbox: Inbox
) -> None:
    """Threat: the mail did reach the wrong mailbox after all, and its link works there too."""
    user = make_user(email="wrong@nhs.net")
    message = outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    deliver_mail()
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=None)
    User.objects.filter(pk=user.pk).update(email="right@nhs.net")
    deliver_mail()
    wrong, right = inbox.newest("wrong@nhs.net"), inbox.newest("right@nhs.net")
    assert recovery.link_for(token=token_in(link_in(right))).user == user
    with pytest.raises(recovery.LinkUnusable):
        recovery.link_for(token=token_in(link_in(wrong)))


def test_a_link_for_an_address_that_changes_while_it_is_made_is_dead() -> None:
    """Threat: the helpdesk corrects an address while its mail is being written; the old mailbox gets a way in."""
    user = make_user(email="wrong@nhs.net")
    User.objects.filter(pk=user.pk).update(email="right@nhs.net")
    with pytest.raises(recovery.LinkUnusable) as refused:
        link_token(user)
    assert refused.value.reason == "email_changed"


def test_people_with_different_addresses_by_now_get_a_mail_each(deliver_mail: Deliver, inbox: Inbox) -> None:
    users = [make_user(email="one@nhs.net"), make_user(email="two@nhs.net")]
    outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk for user in users]})
    deliver_mail()
    assert sorted(mail.recipients for mail in inbox.mails) == [["one@nhs.net"], ["two@nhs.net"]]
    for user in users:
        mail = inbox.newest(user.email)
        assert recovery.link_for(token=token_in(link_in(mail))).user == user
    assert users[1].username not in inbox.newest("one@nhs.net").text
    assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()


def test_nothing_is_sent_when_nobody_is_left(deliver_mail: Deliver, inbox: Inbox) -> None:
    user = make_user()
    outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    user.delete()
    deliver_mail()
    assert inbox.mails == []
    assert OutboxMessage.objects.get().sent_at is not None


def test_a_mail_that_comes_after_its_person_has_set_a_password_says_so(
    deliver_mail: Deliver, inbox: Inbox, travel: Travel, smtp_server: MailServer
) -> None:
    """A second copy after a crash must not bring a used link back, nor offer a dead one."""
    user = make_user()
    message = outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    deliver_mail()
    recovery.use(link_id=recovery.link_for(token=token_in(link_in(inbox.only()))).pk, password=NEW_PASSWORD)
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=None)
    inbox.clear()
    deliver_mail()
    [again] = [mail for mail in inbox.mails if mail.subject == "Your ESR username"]
    assert "A password was set for this account" in again.text
    assert 'You can log in: open ESR as you always do and choose "Login to ESR".' in again.text
    assert "No password has changed" not in again.text + again.html
    assert again.links == []


def test_a_recovery_mail_by_the_helpdesk_says_so(send: Send) -> None:
    by_self, by_helpdesk = send(Kind.RECOVERY, make_user()), send(Kind.RECOVERY, make_user(), by_helpdesk=True)
    assert "helpdesk sent you" in by_helpdesk.text
    assert "helpdesk sent you" in by_helpdesk.html
    assert "helpdesk" not in by_self.text + by_self.html


def test_a_wrong_date_of_birth_is_told_without_name_username_or_link(send: Send) -> None:
    south = make_organisation(code="111", name="Southern Test Hospitals")
    users = [make_user(email="jo@nhs.net"), make_user(email="jo@nhs.net", organisation=south)]
    mail = send(Kind.DATE_OF_BIRTH_DIFFERS, *users)
    for contact in (
        f"Northern Test Hospitals: email {CONTACT}",
        "Southern Test Hospitals: email esr@org111.nhs.example",
    ):
        assert contact in mail.text
    assert "state your Name and ESR number" in mail.text
    assert f"fill in the form again: {TO_RECOVERY}." in mail.text
    assert mail.links == []
    for absent in ("Jo", "/recovery/link/", *(user.username for user in users)):
        assert absent not in mail.text + mail.html


def test_a_changed_password_is_told_with_the_time_of_the_change(
    deliver_mail: Deliver, inbox: Inbox, travel: Travel
) -> None:
    travel.to(datetime.datetime(2026, 7, 1, 13, 35, tzinfo=datetime.UTC))
    user = make_user()
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    travel(hours=7)
    deliver_mail()
    mail = inbox.only()
    assert "was changed at 2:35pm on 1 July 2026." in mail.text
    for words in (user.username, f"Set a new password now: {TO_RECOVERY}.", CONTACT, "If it was not you"):
        assert words in mail.text


def test_a_changed_address_is_told_to_the_former_one_which_is_then_forgotten(send: Send) -> None:
    user = make_user(email="new@nhs.net")
    former = FormerEmail.objects.create(user=user, email="former@nhs.net")
    mail = send(Kind.EMAIL_CHANGED, user, former_email=former.pk)
    assert mail.recipients == ["former@nhs.net"]
    assert "new@nhs.net" not in mail.text + mail.html
    assert f"Tell your organisation now. Email {CONTACT}" in mail.text
    assert not FormerEmail.objects.exists()
    assert send(Kind.EMAIL_CHANGED, user).recipients == ["new@nhs.net"]


def test_a_former_address_that_refuses_mail_is_forgotten_after_thirty_days(
    deliver_mail: Deliver, inbox: Inbox, smtp_server: MailServer, travel: Travel
) -> None:
    user = make_user()
    former = FormerEmail.objects.create(user=user, email="closed@nhs.net")
    outbox.add(kind=Kind.EMAIL_CHANGED, about={"users": [user.pk], "former_email": former.pk})
    smtp_server.answer_to_recipient = REFUSED_FOR_GOOD
    deliver_mail()
    travel(days=31)
    call_command("tidy_up", verbosity=0)
    assert not FormerEmail.objects.exists()
    deliver_mail()
    assert OutboxMessage.objects.get().sent_at is not None
