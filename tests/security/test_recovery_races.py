"""Threat: what may be done once is done many times at once."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

import pytest

from accounts.models import OutboxMessage, PasswordHistory, RecoveryLink, RecoveryRequest, SecurityEvent
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.links import link_path, link_token
from tests.support.steps import PortalClient, about_in
from tests.support.threads import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_of_fifty_parallel_uses_of_one_link_one_wins() -> None:
    """Fifty browsers have the link open, and all send the form at once."""
    user = make_user()
    link = link_path(user)
    passwords = [f"velvet harbour biscuit {n:02}" for n in range(50)]

    def send(password: str) -> Callable[[], tuple[int, str]]:
        browser = PortalClient()
        page = browser.get(link)["Location"]
        form = {**about_in(browser.get(page)), "new_password": password}
        return lambda: (browser.post(page, form).status_code, password)

    answers = all_at_once([send(password) for password in passwords])
    assert sorted(status for status, _ in answers) == [302] + [410] * 49
    user.refresh_from_db()
    assert [user.check_password(password) for status, password in answers if status == 302] == [True]
    assert PasswordHistory.objects.filter(user=user).count() == 1
    assert OutboxMessage.objects.filter(kind=Kind.PASSWORD_CHANGED).count() == 1
    assert SecurityEvent.objects.filter(event=Event.RECOVERY_LINK_USED).count() == 1


def test_parallel_decisions_for_one_address_keep_the_daily_limit() -> None:
    user = make_user()
    for _ in range(12):
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    pending = list(RecoveryRequest.objects.values_list("pk", flat=True))

    def decide(pk: int) -> Callable[[], datetime.datetime | None]:
        return lambda: recovery.decide(request_id=pk)

    # Each twice, as when a worker was taken for dead.
    assert set(all_at_once([decide(pk) for pk in pending * 2])) == {None}
    outcomes = sorted(RecoveryRequest.objects.values_list("outcome", flat=True))
    assert outcomes == [Outcome.LIMITED] * 7 + [Outcome.MAILED] * 5
    assert OutboxMessage.objects.filter(kind=Kind.RECOVERY).count() == 5


def test_parallel_decisions_compare_no_more_wrong_dates_than_one_after_the_other() -> None:
    """Threat: a burst of dates is compared by several workers at once, before any of them counts."""
    user = make_user()
    for days in range(1, 13):
        recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH + datetime.timedelta(days=days))
    pending = list(RecoveryRequest.objects.values_list("pk", flat=True))

    def decide(pk: int) -> Callable[[], datetime.datetime | None]:
        return lambda: recovery.decide(request_id=pk)

    answers = all_at_once([decide(pk) for pk in pending * 2])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    compared = RecoveryRequest.objects.filter(outcome__in=[Outcome.TOLD_DATE_DIFFERS, Outcome.DATE_DIFFERS])
    assert compared.count() == 5


def test_links_made_and_used_at_the_same_time_do_not_wait_for_each_other_for_ever() -> None:
    user = make_user()
    link = recovery.link_for(token=link_token(user))
    message_ids = [uuid.uuid4() for _ in range(8)]

    def mint(message_id: uuid.UUID) -> Callable[[], str]:
        return lambda: link_token(user, message_id=message_id)

    def use() -> str:
        return recovery.use(link_id=link.pk, password="velvet harbour biscuit").username

    outcomes = all_at_once([*(mint(message_id) for message_id in message_ids), use])
    assert all(isinstance(outcome, str | recovery.LinkUnusable) for outcome in outcomes), outcomes
    assert RecoveryLink.objects.filter(used_at=None).count() == 1


def test_requests_sent_at_the_same_time_all_get_a_reference_of_their_own() -> None:
    def ask() -> str:
        return recovery.ask(email="jo@nhs.net", date_of_birth=DATE_OF_BIRTH)

    references = all_at_once([ask] * 20)
    assert len(set(references)) == 20
    assert RecoveryRequest.objects.count() == 20
