"""Erasing a person (GDPR, article 17): what goes follows from the inventory, accounts/personal_data.

What stays are security events, sealed and append-only, until their age: with the key of a record that is there no more.
Who may be erased, and when, is accounts/services/leavers.py.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts import erased_digests
from accounts.folding import words
from accounts.models import (
    CareIdentity,
    CareIdentityLogOut,
    DemoMark,
    ErasedPerson,
    FormerEmail,
    GivenAddress,
    Lockout,
    Organisation,
    OutageUnlock,
    PeopleUpload,
    User,
)
from accounts.models.erased_person import Why
from accounts.models.security_event import Event
from accounts.personal_data import TABLES, AtErasure
from accounts.services import events, lockout, own_data

if TYPE_CHECKING:
    from collections.abc import Callable

# What agents write of an import.
_TYPED = ("file_name", "reason", "decision")
# The label of the record itself, which goes when all that leads to it has gone.
_RECORD = "accounts.User"


def erase(*, user_id: int, why: Why, by: User | None = None) -> bool:
    """Erase a person; return False where there is none any more. All of it, or, where the process is killed, nothing.

    The caller has looked whether they may be. Records PERSON_ERASED, which the log has too: by it they are erased again
    after a restore (docs/data.md).
    """
    with transaction.atomic():
        user = hold(user_id=user_id)
        if user is None:
            return False
        ErasedPerson.objects.create(
            pk=user.pk,
            organisation_id=user.organisation_id,
            number_digest=erased_digests.of_number(
                organisation_id=user.organisation_id, employee_number=user.employee_number
            ),
            username_digest=erased_digests.of_username(user.username),
            why=why,
        )
        for look_for in LOOKED_FOR.values():
            look_for(user)
        for table in TABLES.values():
            if table.at_erasure is AtErasure.GOES and table.label != _RECORD:
                apps.get_model(table.label)._base_manager.filter(**{table.person: user.pk}).delete()
        User.objects.filter(pk=user.pk).delete()
        events.record(event=Event.PERSON_ERASED, user_id=user_id, by=by, reason=why.value)
    return True


def hold(*, user_id: int) -> User | None:
    """Return a person as they are now, locked until the transaction ends; None where there is none any more.

    Their organisation is locked before, as by an import: none adds or changes people there meanwhile.
    """
    organisation = Organisation.objects.filter(pk__in=User.objects.filter(pk=user_id).values("organisation"))
    list(organisation.select_for_update(no_key=True).values_list("pk"))
    return User.objects.select_for_update(of=("self",)).select_related("organisation").filter(pk=user_id).first()


def delete_old() -> int:
    """Delete that people were erased once no event of them can be left; return how many. Daily work."""
    before = timezone.now() - events.kept_for(event=Event.PERSON_ERASED)
    deleted, _ = ErasedPerson.objects.filter(erased_at__lt=before).delete()
    return deleted


def _requests(user: User) -> None:
    """Delete the requests for a link that were sent with an address of theirs, unless others have it too."""
    given = GivenAddress.objects.filter(user=user).values_list("email", flat=True)
    former = FormerEmail.objects.filter(user=user).values_list("email", flat=True)
    for email in {user.email, *given, *former}:
        if not User.objects.filter(email=email).exclude(pk=user.pk).exists():
            own_data.requests_for(email=email).delete()


def _counters(user: User) -> None:
    Lockout.objects.filter(username_digest=lockout.username_digest(user.username)).delete()


def _log_outs(user: User) -> None:
    """Delete that they logged out at Care Identity, unless the card opens another account."""
    for uid in CareIdentity.objects.filter(user=user).values_list("uid", flat=True):
        if not CareIdentity.objects.filter(uid=uid).exclude(user=user).exists():
            CareIdentityLogOut.objects.filter(uid=uid).delete()


def _previews(user: User) -> None:
    """Take them out of lists of whom to unlock: those are of this day."""
    for row in OutageUnlock.objects.select_for_update().order_by("pk"):
        if user.pk in row.people:
            row.people = [pk for pk in row.people if pk != user.pk]
            row.save(update_fields=["people"])


def names(*, user: User, text: str) -> bool:
    """Return whether a text has a name, the username, the ESR number or the address of `user` in it."""
    if any(each.casefold() in text.casefold() for each in (user.username, user.employee_number, user.email)):
        return True
    return not words(f"{user.given_name} {user.family_name}").isdisjoint(words(text))


def _reports(user: User) -> None:
    """Take what names them out of reports of imports: what agents wrote and decided about, and faults of lines."""
    _what_agents_wrote(user)
    rows = PeopleUpload.objects.filter(organisation=user.organisation_id).order_by("pk")
    texts = {name: Cast(name, TextField()) for name in ("faults", "sample", "guarded")}
    naming = Q(faults_text__contains=user.username) | Q(sample_text__contains=user.username)
    naming |= Q(guarded_text__contains=user.username)
    for row in rows.annotate(**{f"{name}_text": text for name, text in texts.items()}).filter(naming):
        for name in texts:
            setattr(row, name, [each for each in getattr(row, name) if user.username not in str(each)])
        row.save(update_fields=list(texts))


def _what_agents_wrote(user: User) -> None:
    """Empty the reasons of imports that name them, and call a file of their name what any could be called."""
    for row in PeopleUpload.objects.filter(organisation=user.organisation_id).only(*_TYPED).order_by("pk"):
        naming = [name for name in _TYPED if names(user=user, text=getattr(row, name))]
        for name in naming:
            setattr(row, name, f"people{PurePath(row.file_name).suffix}" if name == "file_name" else "")
        if naming:
            row.save(update_fields=naming)


def _mails(user: User) -> None:
    """Delete what is not sent or done yet; of what is for others too, only their part. What is done has a number."""
    for row in own_data.to_person(user=user).filter(sent_at__isnull=True):
        others = [pk for pk in row.about["users"] if pk != user.pk]
        if others:
            row.about["users"] = others
            row.save(update_fields=["about"])
        else:
            row.delete()


def _history(user: User) -> None:
    """Delete what the admin's history says of their record, which calls it by the username."""
    log = apps.get_model("admin.LogEntry")._base_manager
    kind = ContentType.objects.get_for_model(User)
    log.filter(Q(content_type=kind, object_id=str(user.pk)) | Q(object_repr=user.username)).delete()


def _switches(user: User) -> None:
    apps.get_model("accounts.SwitchedOff")._base_manager.filter(by=user).update(by=None)


def _marks(user: User) -> None:
    DemoMark.objects.filter(Q(model=_RECORD, row=user.pk) | Q(part__contains=user.employee_number)).delete()


# Each table that the inventory says is looked for.
LOOKED_FOR: dict[str, Callable[[User], None]] = {
    "accounts.RecoveryRequest": _requests,
    "accounts.Lockout": _counters,
    "accounts.CareIdentityLogOut": _log_outs,
    "accounts.OutageUnlock": _previews,
    "accounts.PeopleUpload": _reports,
    "accounts.OutboxMessage": _mails,
    "admin.LogEntry": _history,
    "accounts.SwitchedOff": _switches,
    "accounts.DemoMark": _marks,
}
