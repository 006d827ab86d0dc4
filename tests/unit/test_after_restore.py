"""After a restore: nothing that has ended since the back-up works again."""

from __future__ import annotations

import datetime
import io
import uuid
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.models import (
    BootstrapCode,
    CallerCheck,
    GivenAddress,
    OutageUnlock,
    OutboxMessage,
    PeopleUploadPiece,
    Proposal,
    RecoveryLink,
    RecoveryRequest,
    RememberedBrowser,
    SecurityEvent,
    Session,
    User,
)
from accounts.models.outage_unlock import Cause
from accounts.models.outbox import Kind
from accounts.models.people_upload import UploadState
from accounts.models.proposal import Action, State
from accounts.services import caller_checks, outbox, recovery
from accounts.services.second_step import bootstrap_codes
from tests.support.corrections import asked_by_card
from tests.support.factories import DATE_OF_BIRTH, NEW_PASSWORD, make_user
from tests.support.helpdesk import make_agent, make_lead
from tests.support.imports import csv_of, looked_at, work
from tests.support.leavers import with_address
from tests.support.links import link_path, open_link
from tests.support.people_files import jo
from tests.support.smtp import Inbox
from tests.support.steps import PortalClient, log_in, send

pytestmark = pytest.mark.django_db


def after_restore() -> str:
    said = io.StringIO()
    call_command("after_restore", stdout=said)
    return said.getvalue()


def test_sessions_and_what_is_half_finished_end(client: PortalClient, other_client: PortalClient, user: User) -> None:
    """Threat: a session that its person ended since, on a PC that is not theirs, goes on."""
    half_way = PortalClient()
    log_in(client, user)
    log_in(other_client, make_user(is_staff=True))
    opened = open_link(half_way, make_user())
    said = after_restore()
    assert client.get("/my-esr/").status_code == 302
    assert other_client.get("/second-step/set-up/").status_code == 302
    assert half_way.get(opened).status_code == 410
    assert "logged in: 1 ended" in said
    assert "half-finished log-ins and recoveries: 2 ended" in said
    assert not Session.objects.exists()
    assert SecurityEvent.objects.filter(event="database_restored", user=None).count() == 1


def test_a_link_that_was_good_when_the_back_up_was_made_ends(client: PortalClient, user: User) -> None:
    """Threat: a link that was used since works a second time, for the reader of an old mail."""
    used = make_user()
    send(client, open_link(client, used), {"new_password": NEW_PASSWORD})
    link = link_path(user)
    assert "could still be used: 1 ended" in after_restore()
    assert client.get(link, follow=True).status_code == 410
    assert RecoveryLink.objects.filter(used_at__isnull=False).count() == 1
    assert client.get(link_path(user), follow=True).status_code == 200, "a new one works"


def test_a_recovery_mail_that_waited_in_the_back_up_is_not_sent_once_more(
    inbox: Inbox, deliver_mail: Callable[[], None], user: User
) -> None:
    """Threat: its link is made of the mail's id, so the one that was mailed, and used, since would be good again."""
    mail = outbox.add(kind=Kind.RECOVERY, about={"users": [user.pk]})
    told = outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [user.pk]})
    outbox.claim(kinds={Kind.RECOVERY})
    said = after_restore()
    assert "mails that were not sent: 1 will" in said
    deliver_mail()
    assert not RecoveryLink.objects.exists()
    assert OutboxMessage.objects.get(pk=mail.pk).last_error
    assert not OutboxMessage.objects.get(pk=told.pk).last_error
    assert [each.subject for each in inbox.mails] == ["Your ESR password was changed"]


def test_a_request_of_back_then_is_not_decided_now(inbox: Inbox, deliver_mail: Callable[[], None], user: User) -> None:
    recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    assert "not decided: 1 deleted" in after_restore()
    deliver_mail()
    assert not inbox.mails
    assert not RecoveryRequest.objects.exists()
    # People can ask at once.
    recovery.ask(email=user.email, date_of_birth=DATE_OF_BIRTH)
    deliver_mail()
    assert len(inbox.mails) == 1


def test_a_second_time_ends_nothing_more(user: User) -> None:
    link_path(user, message_id=uuid.uuid4())
    after_restore()
    ends_at = RecoveryLink.objects.get().expires_at
    said = after_restore()
    assert said.count(": 0 ") == 8
    assert RecoveryLink.objects.get().expires_at == ends_at
    assert ends_at <= datetime.datetime.now(datetime.UTC)


def test_without_a_database_it_says_what_to_do() -> None:
    def away(*_: object) -> None:
        raise OperationalError("could not connect to server")

    with connection.execute_wrapper(away), pytest.raises(CommandError, match="migrate first"):
        after_restore()


def test_remembered_browsers_are_forgotten(user: User) -> None:
    """Their counters are behind the cookies by then: a copy with an old one would pass, and its owner be told."""
    RememberedBrowser.objects.create(user=user, series="a", password_digest="b")
    assert "passed the second step: 1 forgotten" in after_restore()
    assert not RememberedBrowser.objects.exists()


def test_what_the_helpdesk_had_begun_ends(user: User) -> None:
    """Threat: a change that was refused since waits again, or a code that was read out since is good once more."""
    agent, reset = make_agent(), make_user()
    caller_checks.pass_with_card(person=user, agent=agent)
    bootstrap_codes.make(user=reset, by=agent)
    row = {"asked_by": agent, "reason": "Lost", "check_kind": "card"}
    allowed = Proposal.objects.create(user=user, action=Action.MAKE_BOOTSTRAP_CODE, state=State.APPROVED, **row)
    waits = Proposal.objects.create(user=user, action=Action.CHANGE_EMAIL, value="jo.new@nhs.net", **row)
    done = Proposal.objects.create(user=user, action=Action.UNFREEZE, state=State.DONE, **row)
    assert "of the helpdesk: 4 ended" in after_restore()
    assert not CallerCheck.objects.exists()
    assert not BootstrapCode.objects.exists()
    states = dict(Proposal.objects.values_list("pk", "state"))
    assert states == {allowed.pk: State.OVER, waits.pk: State.OVER, done.pk: State.DONE}


def test_a_correction_that_was_refused_since_waits_no_more(user: User) -> None:
    """A personal address stays: it lets no person in, and its person cannot give it again after the last day."""
    asked_by_card(user)
    kept = with_address(user)
    assert "of the helpdesk: 1 ended" in after_restore()
    assert list(GivenAddress.objects.all()) == [kept]


@pytest.mark.parametrize("state", [UploadState.READY, UploadState.WAITING, UploadState.APPLYING])
def test_an_import_that_was_cancelled_since_is_not_done(state: UploadState) -> None:
    """Threat: a second agent has refused it since, or its agents have lost the right; the back-up knows neither."""
    lead = make_lead()
    row = looked_at(csv_of(jo()), by=lead)
    row.confirmed_by, row.state = lead, state
    row.save()
    assert "of the helpdesk: 1 ended" in after_restore()
    assert work(row).state == UploadState.STOPPED
    assert (row.sample, row.faults, row.guarded, row.added) == ([], [], [], 0)
    assert not PeopleUploadPiece.objects.exists()
    assert not User.objects.filter(email="jo.smith@nhs.net").exists()


def test_whom_a_lead_was_shown_is_not_unlocked(user: User) -> None:
    now = datetime.datetime.now(datetime.UTC)
    since = now - datetime.timedelta(hours=1)
    shown = {"asked_by": user, "cause": Cause.WRONG_PASSWORDS, "begins_at": since, "ends_at": now, "people": [user.pk]}
    done = OutageUnlock.objects.create(**shown, done_at=now)
    OutageUnlock.objects.create(**shown)
    assert "of the helpdesk: 1 ended" in after_restore()
    assert list(OutageUnlock.objects.all()) == [done]
