"""Whether a caller is the person they say they are: what the agent who has them on the telephone can ask for.

The agent begins a check. It has a code of six digits, which only the person can see: in My ESR, after they have proved
again who they are, or in a mail to the address on record. And it has a word, which both see: an agent who knows it has
the same check open, so the person reads the code to no stranger who calls. A card that is shown in person, and a call
back on a number from HR, are the agent's own word, and count for less (docs/decisions/0050-the-caller-is-checked.md).

A check belongs to one agent and one person: what a caller has read to one agent is worth nothing to another.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import typed_codes
from accounts.caller_words import WORDS
from accounts.identifiers import earlier_keyed_digests, keyed_digest
from accounts.models import CallerCheck, SecurityEvent, User
from accounts.models.caller_check import CheckKind
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from accounts.services import events, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

DIGITS = 6
# Long enough for a mail to arrive and for the person to find it.
OPEN_FOR = datetime.timedelta(minutes=15)
# One call.
COUNTS_FOR = datetime.timedelta(minutes=30)
# Twenty guesses a day at codes of six digits: NIST SP 800-63B-4, 3.2.2, allows a hundred in a row.
MOST_WRONG_TRIES = 5
WRONG_TRIES_A_DAY = 20
# And an agent as many as callers mistype in a long day: no agent guesses a little for each of thousands of people.
WRONG_TRIES_OF_AN_AGENT_A_DAY = 50
# As many as recovery mails: no agent can fill a mailbox.
MAILS_A_DAY = 5
DAY = datetime.timedelta(days=1)

_CODE, _WORD = "caller_check.code", "caller_check.word"
_STRENGTH = {CheckKind.CODE: 3, CheckKind.CARD: 2, CheckKind.CALL_BACK: 1}
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()\-]{5,28}", re.ASCII)


class NotPassed(Exception):
    """The caller has not shown who they are. The subclasses say why."""


class WrongCode(NotPassed):
    """The code is not the one of this check; `left` tries are left."""

    def __init__(self, *, left: int) -> None:
        super().__init__()
        self.left = left


class Over(NotPassed):
    """The check is over, or had too many wrong tries: begin another."""


class TooManyWrongCodes(NotPassed):
    """So many wrong codes were typed for this person, or by this agent, today that none is looked at."""


class NoNumber(NotPassed):
    """What was typed is no telephone number."""


class TooManyMails(Exception):
    """As many codes were mailed to this person as may be in a day."""


class AddressHeld(Exception):
    """The helpdesk has changed the address lately: a code that is read from it shows nothing yet."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What the person sees of a check: the code in groups, the word, who asks, and until when."""

    code: str
    word: str
    agent: str
    ends_at: datetime.datetime


def begin(*, person: User, agent: User) -> CallerCheck:
    """Return the check of `person` that `agent` has open, or a new one. The caller asks `rights` first."""
    found = open_one(person=person, agent=agent)
    if found is not None:
        return found
    now = timezone.now()
    return CallerCheck.objects.create(user=person, agent=agent, begun_at=now, ends_at=now + OPEN_FOR)


def open_one(*, person: User, agent: User) -> CallerCheck | None:
    """Return the check of `person` whose code `agent` waits for, or None."""
    return _open().filter(user=person, agent=agent).order_by("-begun_at").first()


def passed(*, person: User, agent: User) -> CallerCheck | None:
    """Return the strongest check of `person` that `agent` has made and that still counts, or None."""
    found = CallerCheck.objects.filter(user=person, agent=agent, passed_at__isnull=False, ends_at__gt=timezone.now())
    return max(found, key=lambda check: (_STRENGTH[CheckKind(check.kind)], check.ends_at), default=None)


def mail_code(*, check: CallerCheck) -> None:
    """Send the code of a check to the address on record. Raises AddressHeld, and TooManyMails after MAILS_A_DAY."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=check.user_id)
        if person.links_are_held():
            raise AddressHeld
        today = person.security_events.filter(event=Event.CALLER_CODE_MAILED, at__gt=timezone.now() - DAY)
        if today.count() >= MAILS_A_DAY:
            raise TooManyMails
        event = events.record(event=Event.CALLER_CODE_MAILED, user_id=person.pk, by=check.agent)
        outbox.add(kind=Kind.CALLER_CODE, about={"users": [person.pk], "check": check.pk, "event": event.pk})


def shown_to(*, person: User) -> Sequence[Shown]:
    """Return what `person` sees of the checks that agents have open now, the newest first."""
    return [_shown(check) for check in _open().filter(user=person).select_related("agent", "user").order_by("-pk")[:3]]


def may_be_mailed(*, check_id: int) -> bool:
    """Return whether the mail of a check may go: it waits for its code still, and to an address that gets links."""
    check = _open().filter(pk=check_id).select_related("user").first()
    return check is not None and not check.user.links_are_held()


def shown_in_mail(*, check_id: int) -> Shown:
    """Return what the mail of a check says."""
    return _shown(CallerCheck.objects.select_related("agent", "user").get(pk=check_id))


def word_of(*, check: CallerCheck) -> str:
    """Return the word that agent and caller see."""
    return WORDS[int(keyed_digest(purpose=_WORD, value=_about(check)), 16) % len(WORDS)]


def pass_with_code(*, person: User, agent: User, typed: str) -> CallerCheck:
    """Let the check of `agent` pass by the code that the caller has read out. Raises NotPassed.

    Of two tabs that send the same code, both find it passed. Records CALLER_CHECKED or CALLER_CHECK_FAILED.
    """
    with transaction.atomic():
        # Both first, in the order of their keys: however many agents guess at once, and an agent in however many tabs,
        # they are counted one after the other.
        list(User.objects.select_for_update().filter(pk__in=[person.pk, agent.pk]).order_by("pk"))
        check = _open().select_for_update().filter(user=person, agent=agent).order_by("-begun_at").first()
        failure = _compare(check, typed)
    # Raised outside: the count of wrong tries must stay.
    if failure is not None or check is None:
        raise failure or Over
    return check


def pass_with_card(*, person: User, agent: User) -> CallerCheck:
    """Write down that `agent` saw the card of `person`, who stands before them. Records CALLER_CHECKED."""
    return _pass_by_word(person, agent, CheckKind.CARD)


def pass_with_call_back(*, person: User, agent: User, number: str) -> CallerCheck:
    """Write down that `agent` called `person` back on a number from HR. Raises NoNumber. Records CALLER_CHECKED."""
    number = " ".join(number.split())
    if not _TELEPHONE.fullmatch(number):
        raise NoNumber
    return _pass_by_word(person, agent, CheckKind.CALL_BACK, called=number)


def delete_old() -> int:
    """Delete the checks that count no more; return how many. Their events stay. Daily work."""
    deleted, _ = CallerCheck.objects.filter(ends_at__lt=timezone.now() - DAY).delete()
    return deleted


def _open() -> QuerySet[CallerCheck]:
    return CallerCheck.objects.filter(
        passed_at__isnull=True, ends_at__gt=timezone.now(), wrong_tries__lt=MOST_WRONG_TRIES
    )


def _compare(check: CallerCheck | None, typed: str) -> NotPassed | None:
    """Let a check pass where its code was typed, and else count a wrong try; return why it did not pass, or None."""
    if check is None:
        return Over()
    wrong = SecurityEvent.objects.filter(user_id=check.user_id, event=Event.CALLER_CHECK_FAILED)
    # The rows of checks are kept for as long as this looks back, and are found by their agent.
    lately = CallerCheck.objects.filter(agent_id=check.agent_id, begun_at__gt=timezone.now() - DAY)
    of_agent = lately.aggregate(tries=Sum("wrong_tries"))["tries"] or 0
    of_person = wrong.filter(at__gt=timezone.now() - DAY).count()
    if of_person >= WRONG_TRIES_A_DAY or of_agent >= WRONG_TRIES_OF_AN_AGENT_A_DAY:
        return TooManyWrongCodes()
    code = typed_codes.plain(typed)
    if not constant_time_compare(_code(check), code):
        # Made under the key before, and right until our keys were changed: no try of the caller's.
        was_right = code in [_digits(each) for each in earlier_keyed_digests(purpose=_CODE, value=_about(check))]
        return Over() if was_right else _count_wrong(check)
    _pass(check, CheckKind.CODE)
    return None


def _count_wrong(check: CallerCheck) -> NotPassed:
    check.wrong_tries += 1
    check.save(update_fields=["wrong_tries"])
    events.record(event=Event.CALLER_CHECK_FAILED, user_id=check.user_id, by=check.agent)
    left = MOST_WRONG_TRIES - check.wrong_tries
    return WrongCode(left=left) if left else Over()


def _pass_by_word(person: User, agent: User, kind: CheckKind, *, called: str = "") -> CallerCheck:
    with transaction.atomic():
        check = begin(person=person, agent=agent)
        _pass(check, kind, called=called)
    return check


def _pass(check: CallerCheck, kind: CheckKind, *, called: str = "") -> None:
    now = timezone.now()
    check.passed_at, check.ends_at, check.kind, check.called = now, now + COUNTS_FOR, kind, called
    check.save(update_fields=["passed_at", "ends_at", "kind", "called"])
    events.record(event=Event.CALLER_CHECKED, user_id=check.user_id, by=check.agent, reason=kind.value)


def _shown(check: CallerCheck) -> Shown:
    code = _code(check)
    return Shown(
        code=f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}",
        word=word_of(check=check),
        agent=check.agent.given_name,
        ends_at=check.ends_at,
    )


def _code(check: CallerCheck) -> str:
    return _digits(keyed_digest(purpose=_CODE, value=_about(check)))


def _digits(digest: str) -> str:
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}}"


def _about(check: CallerCheck) -> str:
    return f"{check.pk} {check.user_id} {check.agent_id} {check.begun_at.isoformat()}"
