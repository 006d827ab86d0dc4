"""Leavers: they are asked once for a personal address, which lets nobody in, and is erased in time."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import GivenAddress, Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import freezing, given_addresses, leaving
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.leavers import PERSONAL, make_leaver, with_address
from tests.support.mails import token_in
from tests.support.smtp import Inbox, Mail
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 26, 6, tzinfo=datetime.UTC)
TODAY, DAY = NOW.date(), datetime.timedelta(days=1)
WRONG = DATE_OF_BIRTH + DAY


@pytest.fixture(autouse=True)
def early_in_the_morning(travel: Travel) -> None:
    travel.to(NOW)


def asked(user: User) -> int:
    return sum(row.about["users"] == [user.pk] for row in OutboxMessage.objects.filter(kind=Kind.LEAVING_SOON))


def kinds() -> list[str]:
    return list(
        OutboxMessage.objects.exclude(kind=Kind.DECIDE_RECOVERY).order_by("created_at").values_list("kind", flat=True)
    )


def is_there(address: GivenAddress) -> bool:
    return GivenAddress.objects.filter(pk=address.pk).exists()


# The mail before the last day -----------------------------------------------------------------------------------------


def test_a_person_is_asked_two_weeks_before_the_last_day_and_once(travel: Travel) -> None:
    user = make_leaver(days=20)
    seen = []
    for number in range(25):
        travel.to(NOW + number * DAY)
        leaving.ask()
        seen.append(asked(user))
    assert seen == [0] * 6 + [1] * 19


def test_after_an_outage_it_is_caught_up_with_until_the_last_day() -> None:
    on_the_last, after_it = make_leaver(days=0), make_leaver(days=-1)
    assert leaving.ask() == 1
    assert (asked(on_the_last), asked(after_it)) == (1, 0)


@pytest.mark.parametrize("facts", [{"is_active": False}, {"starts_on": TODAY + DAY}, {"ends_on": None}])
def test_who_is_not_in_or_does_not_leave_is_not_asked(facts: dict[str, Any]) -> None:
    make_leaver(**facts)
    assert leaving.ask() == 0


def test_an_organisation_that_does_not_say_where_payslips_are_asked_for_asks_nobody() -> None:
    """So that an upgrade mails nobody."""
    make_user(ends_on=TODAY + DAY)
    assert leaving.ask() == 0


def test_who_has_confirmed_an_address_already_is_not_asked() -> None:
    with_address(make_leaver())
    with_address(make_leaver(), confirmed=False)
    assert leaving.ask() == 1


def test_a_last_day_that_is_moved_brings_a_second_mail_only_where_the_first_has_gone_by(travel: Travel) -> None:
    user = make_leaver(days=7)
    leaving.ask()
    User.objects.filter(pk=user.pk).update(ends_on=TODAY + 10 * DAY)
    leaving.ask()
    assert asked(user) == 1
    User.objects.filter(pk=user.pk).update(ends_on=TODAY + 200 * DAY)
    travel.to(NOW + 190 * DAY)
    leaving.ask()
    assert asked(user) == 2


@pytest.mark.django_db(transaction=True)
def test_the_daily_work_done_by_many_at_once_asks_once() -> None:
    user = make_leaver()
    assert sorted(all_at_once([leaving.ask] * 4)) == [0, 0, 0, 1]
    assert asked(user) == 1


def test_the_mail_names_the_way_and_has_no_link(send: Callable[..., Mail]) -> None:
    asking = send(Kind.LEAVING_SOON, make_leaver())
    assert "Your last day at Northern Test Hospitals is 3 December 2026." in asking.text
    assert 'choose "Give a personal email address" in My ESR' in asking.text
    assert asking.links == []


def test_a_mail_that_was_held_up_past_the_last_day_is_not_sent(
    travel: Travel, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    make_leaver(days=0)
    leaving.ask()
    travel(days=1)
    deliver_mail()
    assert inbox.mails == []


# Giving and confirming it ---------------------------------------------------------------------------------------------


def give(user: User, inbox: Inbox, deliver_mail: Callable[[], None], email: str = PERSONAL) -> str:
    """Give an address; return the digest of the token in the link that came there."""
    leaving.give(user=user, email=email)
    deliver_mail()
    [link] = inbox.newest(email).links
    return given_addresses.digest_in(written=token_in(link))


def test_an_address_counts_once_its_owner_has_confirmed_it(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user = make_leaver()
    digest = give(user, inbox, deliver_mail)
    assert user.get_full_name() not in inbox.newest(PERSONAL).text
    assert user.username not in inbox.newest(PERSONAL).text
    address = given_addresses.of(user=user, purpose=Purpose.PERSONAL)
    assert address
    assert address.confirmed_at is None
    given_addresses.confirm(digest=digest)
    address.refresh_from_db()
    assert address.confirmed_at
    assert address.link_digest is None
    deliver_mail()
    told = inbox.newest(user.email)
    assert told.subject == "A personal email address was added to your ESR account"
    assert PERSONAL not in told.text


def test_of_many_who_use_a_link_at_once_one_wins(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    digest = give(make_leaver(), inbox, deliver_mail)
    given_addresses.confirm(digest=digest)
    with pytest.raises(given_addresses.LinkUnusable):
        given_addresses.confirm(digest=digest)


@pytest.mark.parametrize("hours", [1, 24])
def test_a_link_ends_after_an_hour(inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel, hours: int) -> None:
    digest = give(make_leaver(), inbox, deliver_mail)
    travel(hours=hours)
    with pytest.raises(given_addresses.LinkUnusable):
        given_addresses.confirm(digest=digest)


def test_who_has_left_meanwhile_confirms_nothing(
    inbox: Inbox, deliver_mail: Callable[[], None], travel: Travel
) -> None:
    travel.to(datetime.datetime(2026, 11, 26, 23, 40, tzinfo=datetime.UTC))
    digest = give(make_leaver(days=0), inbox, deliver_mail)
    travel(minutes=30)
    with pytest.raises(given_addresses.LinkUnusable):
        given_addresses.confirm(digest=digest)


def test_the_newest_address_alone_can_be_confirmed(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user = make_leaver()
    first = give(user, inbox, deliver_mail)
    give(user, inbox, deliver_mail, email="other@home.example")
    with pytest.raises(given_addresses.LinkUnusable):
        given_addresses.confirm(digest=first)
    assert GivenAddress.objects.get().email == "other@home.example"


def test_five_links_a_day_are_sent_and_no_more(travel: Travel) -> None:
    """Threat: a person, or who sits at their session, fills a stranger's mailbox."""
    user = make_leaver()
    for _ in range(5):
        leaving.give(user=user, email="victim@home.example")
    with pytest.raises(given_addresses.TooMany):
        leaving.give(user=user, email="victim@home.example")
    travel(days=1)
    leaving.give(user=user, email="victim@home.example")


def test_an_address_of_the_organisation_is_refused() -> None:
    with pytest.raises(leaving.Unusable):
        leaving.give(user=make_leaver(), email="jo@nhs.net")
    assert not GivenAddress.objects.exists()


def test_a_confirmed_one_is_not_replaced_in_passing() -> None:
    user = make_leaver()
    with_address(user)
    with pytest.raises(given_addresses.AlreadyConfirmed):
        leaving.give(user=user, email="thief@home.example")


def test_this_was_not_me_forgets_what_is_not_confirmed() -> None:
    """A thief of a session may have given it."""
    user = make_leaver()
    waiting = with_address(user, confirmed=False)
    freezing.freeze(user=user)
    assert not is_there(waiting)


@pytest.mark.parametrize(("days", "stays"), [(6, False), (8, True)])
def test_and_what_was_confirmed_while_the_button_of_the_mail_that_told_of_it_works(
    travel: Travel, days: int, stays: bool
) -> None:
    """A thief of a session confirms an address of theirs at once; an older one is the person's own."""
    user = make_leaver(days=10)
    address = with_address(user)
    travel.to(NOW + days * DAY)
    freezing.freeze(user=user)
    assert is_there(address) is stays
    assert SecurityEvent.objects.filter(user=user, event=Event.ADDRESS_REMOVED).exists() is not stays


def test_the_database_takes_one_of_each_person() -> None:
    user = make_leaver()
    with_address(user)
    with pytest.raises(IntegrityError), transaction.atomic():
        with_address(user, "other@home.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        with_address(make_leaver(), "")


# Erasing it -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "stays"), [(15, False), (14, True), (0, True), (-1, True), (-90, True), (-91, False), (None, False)]
)
def test_it_is_kept_from_two_weeks_before_the_last_day_until_ninety_days_after(days: int | None, stays: bool) -> None:
    user = make_leaver()
    address = with_address(user)
    User.objects.filter(pk=user.pk).update(ends_on=None if days is None else TODAY + days * DAY)
    call_command("tidy_up")
    assert is_there(address) is stays
    gone = SecurityEvent.objects.filter(user=user, event=Event.ADDRESS_REMOVED, reason="personal_over")
    assert gone.exists() is not stays
    assert Kind.ADDRESS_TOLD not in kinds()


def test_the_person_erases_it_at_once_and_is_told() -> None:
    user = make_leaver()
    address = with_address(user)
    assert given_addresses.remove(user=user, purpose=Purpose.PERSONAL)
    assert not is_there(address)
    assert kinds() == [Kind.ADDRESS_TOLD]
    assert not given_addresses.remove(user=user, purpose=Purpose.PERSONAL)


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("payroll@north.nhs.uk", True),
        ("https://payslips.north.nhs.uk/leavers", True),
        ("http://payslips.north.nhs.uk", False),
        ("javascript:alert(1)", False),
        ("room 5", False),
    ],
)
def test_where_payslips_are_asked_for_is_an_email_or_a_secure_web_address(address: str, is_good: bool) -> None:
    organisation = Organisation(code="997", name="East", support_email="esr@east.nhs.example", payslip_address=address)
    try:
        organisation.clean_fields()
    except ValidationError:
        assert not is_good
    else:
        assert is_good
