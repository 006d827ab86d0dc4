"""Leavers after their last day: the personal address and the date of birth get one mail, to a page and nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import GivenAddress, OutboxMessage, RecoveryRequest, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import given_addresses, leaving, restoring
from accounts.services.recovery import slowing
from tests.support.factories import DATE_OF_BIRTH, make_organisation, make_user
from tests.support.leavers import PAYSLIPS, PERSONAL, ask, make_leaver, with_address
from tests.support.mails import token_in
from tests.support.smtp import Inbox
from tests.support.threads import all_at_once
from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 26, 6, tzinfo=datetime.UTC)
TODAY, DAY = NOW.date(), datetime.timedelta(days=1)
WRONG = DATE_OF_BIRTH + DAY


@pytest.fixture(autouse=True)
def early_in_the_morning(travel: Travel) -> None:
    travel.to(NOW)


def kinds() -> list[str]:
    rows = OutboxMessage.objects.exclude(kind=Kind.DECIDE_RECOVERY).order_by("created_at")
    return list(rows.values_list("kind", flat=True))


def to_confirm(inbox: Inbox, deliver_mail: Callable[[], None]) -> str:
    """Return the digest of the token in a link that confirms an address."""
    leaving.give(user=make_leaver(), email=PERSONAL)
    deliver_mail()
    return given_addresses.digest_in(written=token_in(inbox.newest(PERSONAL).links[0]))


def left(*, days_ago: int = 21, **facts: Any) -> User:
    user = make_leaver(days=-days_ago, **facts)
    with_address(user)
    return user


def test_address_and_date_of_birth_get_a_leaver_one_mail_with_one_link(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    user = left()
    reference = ask(PERSONAL, DATE_OF_BIRTH)
    deliver_mail()
    mail = inbox.only()
    assert mail.recipients == [PERSONAL]
    assert len(mail.links) == 1
    assert "/after-leaving/link/" in mail.links[0]
    assert reference in mail.text
    for fact in (user.username, user.get_full_name(), user.employee_number, user.email):
        assert fact not in mail.text
    assert RecoveryRequest.objects.get().outcome == Outcome.TOLD_WHY_NOT


@pytest.mark.parametrize("days_ago", [-1, 0, 91])
def test_a_personal_address_is_worth_nothing_while_its_person_is_in_and_after_ninety_days(days_ago: int) -> None:
    left(days_ago=days_ago)
    ask(PERSONAL, DATE_OF_BIRTH)
    assert kinds() == []
    assert RecoveryRequest.objects.get().outcome == Outcome.NO_MATCH


def test_nor_is_one_that_is_not_confirmed_or_of_a_person_who_was_switched_off() -> None:
    with_address(make_leaver(days=-3), confirmed=False)
    with_address(make_leaver(days=-3, is_active=False))
    ask(PERSONAL, DATE_OF_BIRTH)
    assert kinds() == []


def test_a_wrong_date_is_told_to_the_personal_address_once_a_day(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    left()
    for _ in range(2):
        ask(PERSONAL, WRONG)
    deliver_mail()
    mail = inbox.only()
    assert mail.recipients == [PERSONAL]
    assert mail.subject == "The date of birth did not match your ESR record"
    assert mail.links == []


def test_wrong_dates_are_slowed_as_for_every_address() -> None:
    left()
    for _ in range(slowing.WRONG_DATES_AT_ONCE):
        ask(PERSONAL, WRONG)
    ask(PERSONAL, DATE_OF_BIRTH)
    assert Kind.STILL_OPEN not in kinds()
    assert RecoveryRequest.objects.latest("pk").outcome == Outcome.UNDECIDED


def test_five_mails_a_day_and_no_more() -> None:
    left()
    for _ in range(6):
        ask(PERSONAL, DATE_OF_BIRTH)
    assert kinds() == [Kind.STILL_OPEN] * 5
    assert RecoveryRequest.objects.latest("pk").outcome == Outcome.LIMITED


def test_a_person_on_record_and_a_leaver_with_one_mailbox_get_each_their_own_mail() -> None:
    """A volunteer's mailbox is a personal one; a household shares one."""
    leaver, other = left(), make_user(email=PERSONAL, organisation=make_organisation(code="998", name="Southern"))
    ask(PERSONAL, DATE_OF_BIRTH)
    rows = OutboxMessage.objects.exclude(kind=Kind.DECIDE_RECOVERY)
    assert {row.kind: row.about["users"] for row in rows} == {Kind.RECOVERY: [other.pk], Kind.STILL_OPEN: [leaver.pk]}


def test_a_link_is_used_once_and_shows_the_organisations_facts(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    user = left()
    ask(PERSONAL, DATE_OF_BIRTH)
    deliver_mail()
    digest = given_addresses.digest_in(written=token_in(inbox.only().links[0]))
    assert given_addresses.leads_somewhere(digest=digest)
    address = leaving.use_link(digest=digest)
    with pytest.raises(given_addresses.LinkUnusable):
        leaving.use_link(digest=digest)
    found = leaving.still_open(address_id=address.pk)
    assert found
    assert (found.organisation, found.payslip_address) == ("Northern Test Hospitals", PAYSLIPS)
    assert found.until == TODAY - 21 * DAY + 90 * DAY
    assert SecurityEvent.objects.filter(user=user, event=Event.LEAVER_PAGE_OPENED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_leavers_link_at_once_one_wins(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    left()
    ask(PERSONAL, DATE_OF_BIRTH)
    deliver_mail()
    digest = given_addresses.digest_in(written=token_in(inbox.only().links[0]))
    came = all_at_once([lambda: leaving.use_link(digest=digest)] * 4)
    assert sum(isinstance(each, GivenAddress) for each in came) == 1


def test_a_link_to_confirm_an_address_opens_no_page_and_the_other_way_round(
    inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    digest = to_confirm(inbox, deliver_mail)
    with pytest.raises(given_addresses.LinkUnusable):
        leaving.use_link(digest=digest)


def test_the_page_is_over_as_soon_as_the_address_or_the_person_is(travel: Travel) -> None:
    user = left(days_ago=90)
    address = GivenAddress.objects.get()
    assert leaving.still_open(address_id=address.pk)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert leaving.still_open(address_id=address.pk) is None
    User.objects.filter(pk=user.pk).update(is_active=True)
    travel(days=1)
    assert leaving.still_open(address_id=address.pk) is None
    address.delete()
    assert leaving.still_open(address_id=address.pk) is None


def test_a_back_up_that_is_restored_brings_no_link_back(inbox: Inbox, deliver_mail: Callable[[], None]) -> None:
    digest = to_confirm(inbox, deliver_mail)
    restoring.end_what_was_revived()
    with pytest.raises(given_addresses.LinkUnusable):
        given_addresses.confirm(digest=digest)
