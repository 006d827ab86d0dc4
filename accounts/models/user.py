"""One person's login at one organisation. A person with two employers has two."""

from __future__ import annotations

import datetime
import enum
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import keyed_digest, normalise_email, normalise_username, username_on_record
from accounts.languages import ENGLISH, LANGUAGES, UNKNOWN, WELSH
from accounts.models.organisation import Organisation
from accounts.models.role import NO_ROLE, Role, flags
from accounts.models.search_words import SOURCES, SearchWordsField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# No person alive was born earlier: a year before it is a slip of the finger.
EARLIEST_YEAR = 1900
EMPLOYEE_NUMBER_FORM = RegexValidator(r"\A[0-9]{8}\Z", _("An ESR number is eight digits, like 10000001."))
USERNAME_FORM = RegexValidator(
    r"\A[0-9]{3}[A-Z0-9]{2,60}\Z", _("A username begins with the organisation's three digits, like 999JSMITH01.")
)


# The others are of all.
OF_ONE_ORGANISATION = (Role.AGENT, Role.LEAD, Role.AUDITOR, Role.ORGANISATION_ADMIN)


class PersonType(models.TextChoices):
    """What a person is to the organisation. It decides which email address they may have."""

    STAFF = "staff", _("Staff")
    STUDENT = "student", _("Student")
    CONTRACTOR = "contractor", _("Contractor")
    VOLUNTEER = "volunteer", _("Volunteer")


class NotInForce(enum.StrEnum):
    """Why a login cannot be opened today. Only a person who has proven who they are is told."""

    NOT_ACTIVE = "not_active"
    ENDED = "ended"
    STARTS_LATER = "starts_later"


class UserQuerySet(models.QuerySet["User"]):
    """Writes no name without the words that it is searched by, and no role without the flags that it grants."""

    def update(self, **values: Any) -> int:
        """Update rows. Raises ValueError where the words of a search would have to follow: save the rows instead."""
        if SOURCES & values.keys():
            raise ValueError("The words of a search follow from names: save these rows, one by one.")
        return super().update(**values, **(flags(values["role"]) if "role" in values else {}))


class UserManager(BaseUserManager["User"]):
    """Finds people by what they type."""

    def get_queryset(self) -> UserQuerySet:
        """Return all people."""
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user whose username this is, however it is typed. Raises User.DoesNotExist."""
        return self.get(username=normalise_username(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """One person's login at one organisation."""

    username = models.CharField(max_length=64, unique=True, validators=[USERNAME_FORM])
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    # Not unique: one person may have several employers, and a household may share a mailbox.
    email = models.EmailField(db_index=True)
    # A filter in recovery, not a secret. Never shown, logged or mailed.
    date_of_birth = models.DateField()
    employee_number = models.CharField(_("ESR number"), max_length=8, validators=[EMPLOYEE_NUMBER_FORM])
    person_type = models.CharField(max_length=10, choices=PersonType, default=PersonType.STAFF)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    starts_on = models.DateField(null=True, blank=True, help_text=_("First day. Empty: has started."))
    ends_on = models.DateField(null=True, blank=True, help_text=_("Last day. Empty: no end is planned."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Untick to keep this person out at once."))
    role = models.CharField(
        max_length=20,
        choices=Role,
        blank=True,
        default=NO_ROLE,
        db_default=NO_ROLE,
        help_text=_("What they may do in this admin. Changing it logs them out."),
    )
    # Whether there is a role. It and `is_superuser` (Django's own) follow from the role when it is saved.
    is_staff = models.BooleanField(_("helpdesk"), default=False, editable=False)
    must_change_password = models.BooleanField(
        default=False, help_text=_("At the next log-in a new password is asked for before anything else.")
    )
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    care_identity_only = models.BooleanField(
        _("logs in with Care Identity only"),
        default=False,
        help_text=_("Recovery gives this person no password; the mail says how to get one."),
    )
    # Username and password outside the trusted networks: neither is set while it was never asked for.
    internet_access_since = models.DateTimeField(null=True, blank=True, editable=False)
    internet_access_withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Wrong passwords in a row up to the last tidying; those since then are in Lockout.
    wrong_passwords_before = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # When they were last told by mail that they were locked.
    lock_mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the person said that something was not them: the password lets them in again only after a recovery.
    password_frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # After the helpdesk has changed the address: until then it gets no link, unless a second agent confirms it. When it
    # is over it stays, so that "this was not me" knows of it.
    links_held_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When the person was warned, twice, that their password is about to become dormant. Log-ins do not touch these: a
    # warning that is older than the last one is void.
    dormancy_warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    dormancy_warned_again_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since then their password lets them in only after a recovery, or after a log-in that needs none.
    dormant_since = models.DateTimeField(null=True, blank=True, editable=False)
    # When they were welcomed by mail, on their first day.
    welcomed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The last day for which they were asked by mail for a personal address.
    leaving_mailed_for = models.DateField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The language that they chose while they were logged in, and that of the last log-in; "" is none yet.
    language = models.CharField(
        max_length=10, choices=LANGUAGES, blank=True, default=UNKNOWN, db_default=UNKNOWN, editable=False
    )
    last_language = models.CharField(
        max_length=10, choices=LANGUAGES, blank=True, default=UNKNOWN, db_default=UNKNOWN, editable=False
    )
    search_words = SearchWordsField()

    # Django's own, which nothing here reads: the LOGGED_IN events say when, and from where.
    last_login = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["family_name", "given_name"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["family_name", "given_name"], name="user_by_name")]
        constraints = [
            models.UniqueConstraint("organisation", "employee_number", name="employee_number_once_an_organisation"),
            models.CheckConstraint(
                condition=models.Q(employee_number__regex=r"^[0-9]{8}$"), name="employee_number_is_eight_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[0-9]{3}[A-Z0-9]{2,60}$"), name="username_in_its_one_spelling"
            ),
            models.CheckConstraint(condition=models.Q(person_type__in=PersonType.values), name="person_type_is_known"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="ends_on_not_before_starts_on",
            ),
            # An empty password counts as usable in Django; a person without one has "!…".
            models.CheckConstraint(condition=~models.Q(password=""), name="password_is_never_empty"),
            models.CheckConstraint(
                condition=models.Q(language__in=[UNKNOWN, ENGLISH, WELSH], last_language__in=[UNKNOWN, ENGLISH, WELSH]),
                name="user_languages_are_known",
            ),
            models.CheckConstraint(condition=~models.Q(email=""), name="user_has_an_email"),
            models.CheckConstraint(
                condition=models.Q(internet_access_since__isnull=True)
                | models.Q(internet_access_withdrawn_at__isnull=True),
                name="internet_access_is_on_or_withdrawn",
            ),
            # So that no row has rights of which its role says nothing.
            models.CheckConstraint(
                condition=models.Q(role=NO_ROLE, **flags(NO_ROLE))
                | models.Q(role=Role.NATIONAL_ADMIN, **flags(Role.NATIONAL_ADMIN))
                | models.Q(role__in=OF_ONE_ORGANISATION, is_staff=True, is_superuser=False),
                name="rights_are_those_of_the_role",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with username and email in the spelling that look-ups use, and with no password unless one was set.

        Django's two flags are saved with the role from which they follow.
        """
        for flag, is_on in flags(self.role).items():
            setattr(self, flag, is_on)
        self.username = username_on_record(self.username)
        self.email = normalise_email(self.email)
        if not self.password:
            self.set_unusable_password()
        super().save(*args, **kwargs | _with_what_follows(kwargs.get("update_fields")))

    def get_full_name(self) -> str:
        """Return the name as people say it."""
        return f"{self.given_name} {self.family_name}"

    def get_short_name(self) -> str:
        """Return the given name."""
        return self.given_name

    def password_is_frozen(self) -> bool:
        """Return whether the person said that something was not them, and no new password was set since."""
        frozen, changed = self.password_frozen_at, self.password_changed_at
        return frozen is not None and (changed is None or changed <= frozen)

    def is_dormant(self) -> bool:
        """Return whether the password lets them in no more, because it was too long since they were last in."""
        return self.dormant_since is not None

    def links_are_held(self) -> bool:
        """Return whether the address on record, which an agent put there, gets no link yet."""
        return self.links_held_until is not None and self.links_held_until > timezone.now()

    def has_to_set_a_new_password(self) -> bool:
        """Return whether a new password comes before anything else.

        Without a password there is none to change. A frozen one is changed by recovery or with a smartcard alone: a
        passkey opens the account meanwhile, and says nothing of the password.
        """
        return self.must_change_password and self.has_usable_password() and not self.password_is_frozen()

    def get_session_auth_hash(self) -> str:
        """Return what each session of this person has to hold: another once the password is another, or is frozen.

        A session that is being stored while the password is frozen is so worth nothing.
        """
        return self._with_the_freeze(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under each of the keys before."""
        yield from map(self._with_the_freeze, super().get_session_auth_fallback_hash())

    def _with_the_freeze(self, digest: str) -> str:
        if self.password_frozen_at is None:
            return digest
        return keyed_digest(purpose="user.frozen_session", value=f"{digest} {self.password_frozen_at.isoformat()}")

    def may_enter(self, *, on: datetime.date | None = None) -> bool:
        """Return whether this login is in force on a day (today where none is given): active and within its dates."""
        return self.why_not_in_force(on=on) is None

    def why_not_in_force(self, *, on: datetime.date | None = None) -> NotInForce | None:
        """Return why this login is not in force on a day (today where none is given), or None where it is."""
        if not self.is_active:
            return NotInForce.NOT_ACTIVE
        if self.has_ended(on=on):
            return NotInForce.ENDED
        return NotInForce.STARTS_LATER if self.starts_later(on=on) else None

    def day_of(self, why: NotInForce | None) -> datetime.date | None:
        """Return the day that goes with a reason: the last of an account that has ended, the first of one to come."""
        return {NotInForce.ENDED: self.ends_on, NotInForce.STARTS_LATER: self.starts_on}.get(why) if why else None

    def has_ended(self, *, on: datetime.date | None = None) -> bool:
        """Return whether the last day is past."""
        return self.ends_on is not None and self.ends_on < (on or timezone.localdate())

    def starts_later(self, *, on: datetime.date | None = None) -> bool:
        """Return whether the first day is still to come."""
        return self.starts_on is not None and self.starts_on > (on or timezone.localdate())


def _with_what_follows(update_fields: Iterable[str] | None) -> dict[str, set[str]]:
    """Return the fields to save, with the words of a search and the flags of a role that follow from these."""
    wanted = set(update_fields or ())
    more = {"search_words"} if wanted & SOURCES else set()
    if "role" in wanted:
        more |= flags(NO_ROLE).keys()
    return {"update_fields": wanted | more} if more else {}
