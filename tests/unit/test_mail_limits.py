"""The limits of a day are told before they are met: in the mail that is the last to come, and in the one before it."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from accounts.models import RecoveryRequest, User
from accounts.models.recovery_request import Outcome
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.smtp import Inbox, Mail
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

Ask = Callable[..., "Mail | None"]
OTHER_DATE = datetime.date(1991, 1, 31)
START = datetime.datetime(2026, 11, 22, 14, 30, 20, tzinfo=datetime.UTC)
ONE_MORE = (
    "The form for a forgotten username or password can send you one more email before 2:31pm tomorrow, 23 November "
    "2026. After that one it sends none until then: ask your organisation."
)
NO_MORE = (
    "The form for a forgotten username or password sends you no more emails before 2:31pm tomorrow, 23 November 2026. "
    "If you fill it in before then, nothing comes: ask your organisation."
)
NO_SECOND = "If the date is wrong again within 24 hours, you get no second email."


@pytest.fixture
def ask(inbox: Inbox, deliver_mail: Callable[[], None]) -> Ask:
    """Return a function that sends the form and returns the mail that came of it, or None."""

    def ask_for(user: User, date_of_birth: datetime.date = DATE_OF_BIRTH) -> Mail | None:
        inbox.clear()
        recovery.ask(email=user.email, date_of_birth=date_of_birth)
        deliver_mail()
        return inbox.only() if inbox.mails else None

    return ask_for


def announced(mail: Mail | None) -> str:
    """Return what a mail says of the limit, the same in both its forms."""
    assert mail is not None
    said = [line for line in mail.text.splitlines() if line.startswith("The form ")]
    in_html = [" ".join(p.get_text().split()) for p in BeautifulSoup(mail.html, "html.parser").find_all("p")]
    assert said == [line for line in in_html if line.startswith("The form ")]
    return " ".join(said)


def test_the_fourth_mail_of_a_day_announces_the_fifth_and_the_fifth_that_none_follows(ask: Ask, travel: Travel) -> None:
    user = make_user()
    travel.to(START)
    assert [announced(ask(user)) for _ in range(5)] == ["", "", "", ONE_MORE, NO_MORE]
    assert ask(user) is None


def test_what_is_announced_is_true_to_the_minute(ask: Ask, travel: Travel) -> None:
    user = make_user()
    travel.to(START)
    ask(user)
    travel(hours=2)
    for _ in range(4):
        ask(user)
    travel.to(START + datetime.timedelta(hours=23, minutes=59))
    assert ask(user) is None
    travel.to(START.replace(minute=31, second=1) + datetime.timedelta(days=1))
    assert "sends you no more emails before 4:31pm today, 23 November 2026." in announced(ask(user))


def test_the_mail_about_a_wrong_date_says_that_no_second_one_comes(ask: Ask) -> None:
    user = make_user()
    mail = ask(user, OTHER_DATE)
    assert mail is not None
    assert NO_SECOND in mail.text
    assert NO_SECOND in mail.html
    assert announced(mail) == ""
    assert ask(user, OTHER_DATE) is None


@pytest.mark.parametrize("mails_before", [3, 4])
def test_the_mail_about_a_wrong_date_counts_too(ask: Ask, travel: Travel, mails_before: int) -> None:
    """A fifth mail is the last one whatever it says."""
    user = make_user()
    travel.to(START)
    for _ in range(mails_before):
        ask(user)
    assert announced(ask(user, OTHER_DATE)) == {3: ONE_MORE, 4: NO_MORE}[mails_before]


def test_the_last_mail_does_not_send_people_to_a_form_that_sends_nothing(ask: Ask) -> None:
    right, wrong = make_user(), make_user()
    for user in (right, wrong):
        for _ in range(4):
            ask(user)
    for mail in (ask(right), ask(wrong, OTHER_DATE)):
        assert mail is not None
        assert "The form for a forgotten" in mail.text
        for said in (mail.text, mail.html):
            assert "Forgotten |" not in said
            assert NO_SECOND not in said


def test_a_mail_that_says_why_there_is_no_link_announces_it_as_well(ask: Ask, travel: Travel) -> None:
    user = make_user(is_active=False)
    travel.to(START)
    assert [announced(ask(user)) for _ in range(5)] == ["", "", "", ONE_MORE, NO_MORE]


def test_a_mail_that_was_held_up_says_what_is_true_when_it_is_sent(
    ask: Ask, travel: Travel, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user()
    travel.to(START)
    for _ in range(3):
        ask(user)
    for _ in range(2):
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    for request in RecoveryRequest.objects.filter(decided_at=None):
        recovery.decide(request_id=request.pk)
    inbox.clear()
    deliver_mail()
    assert [announced(mail) for mail in inbox.mails] == [NO_MORE, NO_MORE]
    assert not RecoveryRequest.objects.filter(outcome=Outcome.LIMITED).exists()


def test_the_helpdesks_mail_does_not_speak_of_the_form(
    ask: Ask, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user()
    for _ in range(4):
        ask(user)
    inbox.clear()
    recovery.send_by_helpdesk(user=user, by=make_user(is_staff=True))
    deliver_mail()
    assert announced(inbox.only()) == ""


def test_another_address_by_now_is_told_nothing_of_the_former_ones_limit(
    ask: Ask, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = make_user(email="former@nhs.net")
    for _ in range(4):
        ask(user)
    recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    recovery.decide(request_id=RecoveryRequest.objects.get(decided_at=None).pk)
    User.objects.filter(pk=user.pk).update(email="new@nhs.net")
    deliver_mail()
    assert announced(inbox.newest("new@nhs.net")) == ""
