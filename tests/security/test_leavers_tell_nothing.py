"""Threat: the reader of a mailbox outside of the NHS comes in by it, because its person has left, or leaves.

That the form answers such an address as every other is shown in test_recovery_tells_nothing.py.
"""

from __future__ import annotations

import pytest
from django.core import mail as django_mail

from accounts.models import GivenAddress, OutboxMessage, RecoveryLink
from accounts.models.outbox import Kind
from accounts.services import mail, recovery
from accounts.services.mail_server import Connection
from tests.support.factories import DATE_OF_BIRTH, make_user
from tests.support.leavers import PERSONAL, ask, make_leaver, with_address

pytestmark = pytest.mark.django_db


def test_a_personal_address_gets_no_link_that_sets_a_password() -> None:
    """Neither before the last day, nor after it, nor where its person begins again."""
    user = make_leaver(days=-3)
    with_address(user)
    ask(PERSONAL, DATE_OF_BIRTH)
    user.ends_on = None
    user.save()
    ask(PERSONAL, DATE_OF_BIRTH)
    assert not OutboxMessage.objects.filter(kind=Kind.RECOVERY).exists()
    assert not RecoveryLink.objects.exists()


def test_the_helpdesks_recovery_mail_does_not_go_there() -> None:
    user = make_leaver(days=3)
    with_address(user)
    recovery.send_by_helpdesk(user=user, by=make_user(is_staff=True))
    message = OutboxMessage.objects.get(kind=Kind.RECOVERY)
    with Connection() as server:
        mail.send(message=message, connection=server)
    assert [sent.to for sent in django_mail.outbox] == [[user.email]]


def test_a_strangers_form_stores_no_address() -> None:
    with_address(make_leaver(days=-3))
    before = GivenAddress.objects.count()
    ask("stranger@home.example", DATE_OF_BIRTH)
    ask(PERSONAL, DATE_OF_BIRTH)
    assert GivenAddress.objects.count() == before
