"""What is known of one person's ways in at one moment, each read once and only where it is asked for."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.models import SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.recovery_request import Outcome
from accounts.models.security_event import Event
from accounts.models.switched_off import Part
from accounts.services import care_identities, internet_access, log_in, recovery, second_step, switched_off
from accounts.services.recovery import looking_up
from accounts.services.second_step import ways
from helpdesk import lock_state, mail_fate, second_step_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import CareIdentity, RecoveryRequest
    from helpdesk.lock_state import LockState
    from helpdesk.mail_fate import Mail
    from helpdesk.second_step_state import Waits

# A try that failed longer ago is not what the person calls about.
LATELY = datetime.timedelta(days=1)
# Beyond the 28 days after which a person is asked whether their second step still works, nothing decides any more.
LOOKED_AT = datetime.timedelta(days=28)
MOST_EVENTS = 60

_DECISIVE = (
    *(Event.LOGGED_IN, Event.LOG_IN_REFUSED, Event.RECOVERY_DECIDED, Event.RECOVERY_LINK_USED),
    *(Event.CARE_IDENTITY_REFUSED, Event.CARE_IDENTITY_LINKED, Event.CARE_IDENTITY_UNLINKED),
    *(Event.SECOND_STEP_KEPT, Event.SECOND_STEP_ENROLLED, Event.PASSKEY_ADDED),
)
OUTSIDE = "outside_network"
_ADDRESS = "email"


class Facts:
    """The facts of `person` at the moment `now`."""

    def __init__(self, *, person: User, now: datetime.datetime) -> None:
        self.person = person
        self.now = now

    # Their record -----------------------------------------------------------------------------------------------------

    @cached_property
    def care_identity(self) -> CareIdentity | None:
        """The Care Identity that lets them in, or None where none is linked or the portal is not connected."""
        return care_identities.of(user=self.person) if self.is_connected else None

    @cached_property
    def is_connected(self) -> bool:
        """Whether people can log in with their Care Identity here."""
        return care_identities.are_connected()

    @cached_property
    def locks(self) -> LockState:
        """The counters of wrong passwords."""
        return lock_state.of(person=self.person)

    @cached_property
    def works_outside(self) -> bool:
        """Whether a password lets them in outside of the organisation's networks."""
        return internet_access.works_outside(user=self.person)

    @cached_property
    def comes_by_card_alone(self) -> bool:
        """Whether they are to log in with Care Identity alone, so that recovery gives them no password."""
        return internet_access.comes_by_card_alone(user=self.person)

    @cached_property
    def gets_a_link(self) -> bool:
        """Whether a recovery email would have a link for them today."""
        return recovery.why_no_link(user=self.person) is None

    @cached_property
    def passkeys_are_on(self) -> bool:
        """Whether passkeys let people in."""
        return switched_off.is_on(Part.PASSKEYS)

    @cached_property
    def second_step_is_missing(self) -> bool:
        """Whether a second step is required of them who have none yet."""
        return second_step_state.is_missing(person=self.person)

    @cached_property
    def has_second_step(self) -> bool:
        """Whether they have set one up."""
        return second_step.is_set_up(user=self.person)

    @cached_property
    def waits(self) -> Waits:
        """Which of their codes are not looked at now."""
        return second_step_state.waits(person=self.person)

    @cached_property
    def only_passkeys_which_are_off(self) -> bool:
        """Whether a second step is asked of them, and they have only passkeys, which are switched off for all."""
        if self.passkeys_are_on:
            return False
        return ways.are_passkeys_alone(user=self.person) and second_step.is_needed(user=self.person)

    @cached_property
    def is_known_elsewhere(self) -> bool:
        """Whether a record of another organisation has the same mailbox or the same Care Identity."""
        # Two queries: each reads its own index, and a condition with both would read every person.
        others = User.objects.exclude(organisation=self.person.organisation_id).order_by()
        if others.filter(email=self.person.email).exists():
            return True
        linked = care_identities.of(user=self.person)
        return linked is not None and others.filter(care_identity__uid=linked.uid).exists()

    # What happened ----------------------------------------------------------------------------------------------------

    @cached_property
    def last_log_in(self) -> SecurityEvent | None:
        """Their newest log-in, however long ago."""
        return log_in.last_log_in(user=self.person)

    @cached_property
    def decisive(self) -> Sequence[SecurityEvent]:
        """The events of the last weeks that can be why they call, the newest first; plain wrong passwords are none.

        Without those that would tell an agent more of a request than the request does.
        """
        refused_outside = Q(event=Event.LOG_IN_FAILED, reason=OUTSIDE)
        new_address = Q(event=Event.PERSON_CHANGED, reason=_ADDRESS)
        rows = SecurityEvent.objects.filter(
            Q(event__in=_DECISIVE) | refused_outside | new_address, user=self.person, at__gte=self.now - LOOKED_AT
        )
        return list(looking_up.readable_events(rows)[:MOST_EVENTS])

    def since_log_in(self, *events: Event, reasons: Sequence[str] = ()) -> SecurityEvent | None:
        """Return the newest of `events` (for one of `reasons`) within LATELY and since they were last in, or None."""
        for row in self.decisive:
            if row.event == Event.LOGGED_IN or row.at < self.now - LATELY:
                return None
            if row.event in events and (not reasons or row.reason in reasons):
                return row
        return None

    @property
    def decided(self) -> SecurityEvent | None:
        """The newest decision of a recovery request since they were last in or set a password by it, or None.

        Those that another took the place of say nothing.
        """
        kinds = (Event.RECOVERY_DECIDED, Event.RECOVERY_LINK_USED)
        reasons = ("", *(outcome.value for outcome in Outcome if outcome is not Outcome.SUPERSEDED))
        found = self.since_log_in(*kinds, reasons=reasons)
        return found if found is not None and found.event == Event.RECOVERY_DECIDED else None

    @cached_property
    def mails(self) -> Sequence[Mail]:
        """The last mails to them, as an agent may know of them."""
        return mail_fate.of(person=self.person)

    @cached_property
    def recovery_mail(self) -> Mail | None:
        """The newest mail with a way in, asked for within LATELY, whose link they have not used, or None.

        None too where they have got in since, or a request was decided later: that is what they call about. And where
        their address is another one since.
        """
        return None if self.mail_went_to_an_old_address else self._mail_they_wait_for

    @property
    def mail_went_to_an_old_address(self) -> bool:
        """Whether they wait for a mail with a way in that went to an address which is on their record no more."""
        mail, changed = self._mail_they_wait_for, self.newest(Event.PERSON_CHANGED)
        return mail is not None and mail.sent_at is not None and changed is not None and mail.sent_at < changed.at

    @property
    def mail_goes_to_a_new_address(self) -> bool:
        """Whether the mail that they wait for was refused or failed, and its next try goes to another address."""
        mail, changed = self._mail_they_wait_for, self.newest(Event.PERSON_CHANGED)
        return mail is not None and mail.sent_at is None and changed is not None and mail.asked_at < changed.at

    @cached_property
    def _mail_they_wait_for(self) -> Mail | None:
        newest = next((mail for mail in self.mails if mail.kind is Kind.RECOVERY), None)
        if newest is None or newest.asked_at < max(self.now - LATELY, self._had_the_last_word):
            return None
        return newest

    @property
    def _had_the_last_word(self) -> datetime.datetime:
        """When they last got in, or used a link, or a request led to none: a mail from before is of no use."""
        events = [self.last_log_in, self.newest(Event.RECOVERY_LINK_USED)]
        if self.decided is not None and self.decided.reason != Outcome.MAILED:
            events.append(self.decided)
        return max((event.at for event in events if event is not None), default=self.person.created_at)

    @property
    def refused_outside(self) -> SecurityEvent | None:
        """The newest right password that did not work where it was typed, since they were last in, or None."""
        return self.since_log_in(Event.LOG_IN_FAILED, Event.LOG_IN_REFUSED, reasons=(OUTSIDE,))

    def newest(self, *events: Event) -> SecurityEvent | None:
        """Return the newest of `events` that is still looked at, or None."""
        return next((row for row in self.decisive if row.event in events), None)

    @cached_property
    def request(self) -> RecoveryRequest | None:
        """The newest recovery request of the last day for their address, as their organisation may know of it."""
        of_address = Q(email_digest__in=recovery.email_digests(email=self.person.email))
        requests = looking_up.requests(organisation=self.person.organisation)
        return requests.filter(of_address, created_at__gte=self.now - LATELY).first()
