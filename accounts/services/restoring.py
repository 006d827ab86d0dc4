"""After a back-up of the database was restored: what was good when it was made, and may have ended since, ends now.

Sessions that people have ended, links that were used and mails that were sent since are all there again. What the
back-up cannot know has to be done again by hand (docs/operations.md), and people are erased again (docs/data.md).
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts import settled_events
from accounts.models import (
    BootstrapCode,
    CallerCheck,
    GivenAddress,
    OutageUnlock,
    OutboxMessage,
    PeopleUpload,
    PeopleUploadPiece,
    Proposal,
    RecoveryLink,
    RecoveryRequest,
    RememberedBrowser,
    Session,
    User,
)
from accounts.models.erased_person import Why
from accounts.models.given_address import Purpose
from accounts.models.outbox import Kind
from accounts.models.people_upload import OPEN, UploadState
from accounts.models.proposal import State
from accounts.models.security_event import Event
from accounts.services import erasing, events

if TYPE_CHECKING:
    from collections.abc import Iterable

# A mail makes the link that it carries (recovery.mint_link): sent once more, it would bring back one that was used.
_ENDED_KINDS = (Kind.DECIDE_RECOVERY, Kind.RECOVERY, Kind.CONFIRM_ADDRESS, Kind.STILL_OPEN)
# More events than are written in the days between a back-up and its restore: other systems have those that were lost
# (manage.py events_as_json), and none of them is another event's key.
KEYS_LEFT_OUT = 1_000_000
# What a key of a person may be.
LARGEST_NUMBER = 2**63 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """How much of each kind has ended."""

    sessions: int
    half_finished: int
    links: int
    requests: int
    mails: int
    remembered_browsers: int
    helpdesk: int


@transaction.atomic
def end_what_was_revived() -> Ended:
    """End all sessions, half-finished log-ins, recovery links and requests, and remembered browsers; return how many.

    Of the helpdesk: checks of callers, what waits for a second agent or was allowed, codes for a new second step,
    corrections of addresses, imports, and previews of many to unlock. What was refused or cancelled since would wait
    again, and a code that was used be good once more. People log in again, and ask for a link again. The counters of
    remembered browsers are behind their cookies. Mails that only tell something stay in the outbox. Records
    DATABASE_RESTORED. A second call finds nothing to end.
    """
    now = timezone.now()
    sessions = Session.objects.filter(user_id__isnull=False).count()
    everything, _ = Session.objects.all().delete()
    links = RecoveryLink.objects.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    GivenAddress.objects.filter(link_digest__isnull=False).update(link_digest=None, link_expires_at=None)
    waiting = OutboxMessage.objects.filter(kind__in=_ENDED_KINDS, sent_at__isnull=True)
    mails = waiting.filter(kind=Kind.RECOVERY).count()
    waiting.update(sent_at=now, leased_until=None, last_error="Not sent: the database was restored from a back-up.")
    requests, _ = RecoveryRequest.objects.filter(decided_at__isnull=True).delete()
    browsers, _ = RememberedBrowser.objects.all().delete()
    helpdesk = _end_what_the_helpdesk_had_begun()
    settled_events.leave_out(keys=KEYS_LEFT_OUT)
    events.record(event=Event.DATABASE_RESTORED, user_id=None)
    return Ended(
        sessions=sessions,
        half_finished=everything - sessions,
        links=links,
        requests=requests,
        mails=mails,
        remembered_browsers=browsers,
        helpdesk=helpdesk,
    )


class NotALine(Exception):
    """A line of the file is not one of the log, nor of what was handed out; its number."""


def erase_again(*, lines: Iterable[str]) -> int:
    """Erase the people who were erased since the back-up, as these lines of the log say; return how many are erased.

    Also lines of `manage.py events_as_json`. A number counts where its record is older than the line: another person
    may have been given it since. Raises NotALine, before anybody is erased.
    """
    erased_at: dict[int, datetime.datetime] = {}
    for number, line in enumerate(lines, start=1):
        try:
            erased_at |= _who_was_erased(line)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotALine(str(number)) from None
    rows = User.objects.filter(pk__in=erased_at).order_by("pk").values_list("pk", "created_at")
    older = [pk for pk, created_at in rows if created_at < erased_at[pk]]
    if older:
        settled_events.leave_out(keys=KEYS_LEFT_OUT)
    return sum(erasing.erase(user_id=pk, why=Why.RESTORED) for pk in older)


def _who_was_erased(line: str) -> dict[int, datetime.datetime]:
    """Return whom this line says was erased, and when; nothing where it says something else.

    Raises ValueError, KeyError, TypeError or AttributeError where it cannot be read.
    """
    if not line.strip():
        return {}
    said = json.loads(line[line.index("{") :])
    if said["event"] != Event.PERSON_ERASED:
        return {}
    at, user = datetime.datetime.fromisoformat(said.get("at") or said["time"]), int(said["user"])
    if at.tzinfo is None or not 0 < user <= LARGEST_NUMBER:
        raise ValueError
    return {user: at}


def _end_what_the_helpdesk_had_begun() -> int:
    checks, _ = CallerCheck.objects.all().delete()
    codes, _ = BootstrapCode.objects.all().delete()
    proposals = Proposal.objects.filter(state__in=[State.WAITING, State.APPROVED]).order_by().update(state=State.OVER)
    corrections, _ = GivenAddress.objects.filter(purpose=Purpose.CORRECTION).delete()
    previews, _ = OutageUnlock.objects.filter(done_at__isnull=True).delete()
    return checks + codes + proposals + corrections + previews + _stop_imports()


def _stop_imports() -> int:
    """Stop imports where they are, whose agents may have lost the right since, and erase their files."""
    uploads = PeopleUpload.objects.filter(state__in=OPEN).order_by()
    PeopleUploadPiece.objects.filter(upload__in=uploads).delete()
    # Of those of which nothing was done, what they would have done is counted no longer.
    uploads.filter(applied_to=0).update(added=0, changed=0, ended=0, unchanged=0)
    return uploads.update(
        state=UploadState.STOPPED,
        ended_at=timezone.now(),
        faults=[],
        sample=[],
        guarded=[],
        unseen=None,
        has_changed=False,
    )
