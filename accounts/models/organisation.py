"""An employer."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator, validate_email
from django.db import models
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _

from accounts import mail_links, welsh_texts
from accounts.identifiers import follows

CODE_FORM = RegexValidator(r"\A[0-9]{3}\Z", _("An organisation's code is three digits, like 999."))
DOMAIN_FORM = RegexValidator(
    r"\A(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])\Z",
    _("Write the part after the @ in small letters, like nhs.net."),
)

_WEB_ADDRESS = URLValidator(schemes=["https"])


def validate_payslip_address(value: str) -> None:
    """Refuse what is neither an email address nor a web address that begins with https. Raises ValidationError."""
    if not (follows(validate_email, value) or follows(_WEB_ADDRESS, value)):
        raise ValidationError(_("Put an email address, or a web address that begins with https://."), code="invalid")


# A first warning comes thirty days before, so that fewer would warn a person who was there last month; and a log-in is
# known for six years.
FEWEST_DAYS_TO_DORMANCY, MOST_DAYS_TO_DORMANCY = 60, 1095

# Log-ins are kept for 400 days (esr_portal/event_ages.py): with fewer for the rest, a log-in would be known and not how
# its password, passkey or Care Identity came to be. Six years is the longest that the portal keeps anything.
FEWEST_DAYS_EVENTS_KEPT, MOST_DAYS_EVENTS_KEPT = 400, 2190
# A leaver comes back within a year more often than not, and what happened to their record is kept for a year at least.
# Ten years are the longest that a dispute with a former employer was thought of.
FEWEST_DAYS_LEAVERS_KEPT, MOST_DAYS_LEAVERS_KEPT = 400, 3653


class AuthenticationLevel(models.IntegerChoices):
    """How sure Care Identity is of who logged in (NHS England, authentication assurance levels)."""

    TWO = 2, _("2: a password and a code from an app are enough")
    THREE = 3, _("3: a smartcard, security key or the like")


class SecondStepPolicy(models.TextChoices):
    """Which of an organisation's people need a second step. All who may use the admin always do."""

    OFF = "off", _("Off: none can be set up")
    OPTIONAL = "optional", _("Optional: for people who set one up")
    REQUIRED_OUTSIDE = "required_outside", _("Required outside the trusted networks")
    REQUIRED = "required", _("Required")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations in the order in which a list of them is read."""

    def by_name(self) -> "OrganisationQuerySet":
        """Return them by the name that is shown, in the language of the page that they are read for."""
        if not welsh_texts.in_welsh():
            return self.order_by("name", "code")
        return self.order_by(Coalesce(NullIf("welsh_name", models.Value("")), "name"), "code")


class Organisation(models.Model):
    """An NHS organisation whose people log in here. Its `code` begins each of their usernames."""

    code = models.CharField(max_length=3, unique=True, validators=[CODE_FORM], help_text=_("Three digits, like 999."))
    name = models.CharField(max_length=200)
    welsh_name = models.CharField(
        _("name in Welsh (optional)"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown on pages and in emails in Welsh. Empty: the name is shown as it is in English."),
    )
    support_email = models.EmailField(
        _("ESR contact email"),
        help_text=_("People who need help are told to write here with their name and ESR number."),
    )
    it_support_email = models.EmailField(
        _("IT support email"),
        blank=True,
        help_text=_("Where people renew a smartcard. Empty: the ESR contact is shown."),
    )
    requires_internet_access = models.BooleanField(
        _("outside only with internet access"),
        default=False,
        help_text=_("A username and password work outside the trusted networks only for people with internet access."),
    )
    care_identity_level = models.PositiveSmallIntegerField(
        _("Care Identity level"),
        choices=AuthenticationLevel,
        default=AuthenticationLevel.THREE,
        help_text=_("How sure Care Identity must be of who somebody is before they get in with it."),
    )
    second_step = models.CharField(
        max_length=20,
        choices=SecondStepPolicy,
        default=SecondStepPolicy.OPTIONAL,
        db_default=SecondStepPolicy.OPTIONAL,
        help_text=_("A passkey, or a code from a phone, after the password. Helpdesk staff always need one."),
    )
    second_step_share = models.PositiveSmallIntegerField(
        _("share of people with a second step"),
        default=100,
        db_default=100,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "A percentage, to begin with some: the setting above holds for so many of the people, always the same ones."
        ),
    )
    dormant_after_days = models.PositiveSmallIntegerField(
        _("days until a password is dormant"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_DAYS_TO_DORMANCY), MaxValueValidator(MOST_DAYS_TO_DORMANCY)],
        help_text=_("So many days without a log-in. Empty: passwords are never dormant."),
    )
    payslip_address = models.CharField(
        _("where leavers ask for payslips"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        validators=[validate_payslip_address],
        help_text=_("An email address, or a web address that begins with https. Empty: this is not used."),
    )
    payslip_words = models.CharField(
        _("what leavers need to know"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("A sentence or two that are shown with it, like what to send."),
    )
    welsh_payslip_words = models.CharField(
        _("what leavers need to know, in Welsh (optional)"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown on pages in Welsh. Empty: the English text is shown."),
    )
    events_kept_days = models.PositiveSmallIntegerField(
        _("days that events are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_DAYS_EVENTS_KEPT), MaxValueValidator(MOST_DAYS_EVENTS_KEPT)],
        help_text=_("What happened to people's accounts, but not what agents did. Empty: six years."),
    )
    # When the number was lowered last: nothing is deleted by it within a week (accounts/services/events_kept.py).
    events_kept_since = models.DateTimeField(null=True, blank=True, editable=False)
    leavers_kept_days = models.PositiveSmallIntegerField(
        _("days that leavers are kept"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FEWEST_DAYS_LEAVERS_KEPT), MaxValueValidator(MOST_DAYS_LEAVERS_KEPT)],
        help_text=_("So many days after their last day people are erased. Empty: six years."),
    )
    # When the number was lowered last: by it nobody is erased within a week (accounts/services/leavers.py).
    leavers_kept_since = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9]{3}$"), name="organisation_code_is_three_digits"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(care_identity_level__in=AuthenticationLevel.values),
                name="care_identity_level_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(second_step__in=SecondStepPolicy.values), name="second_step_policy_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(second_step_share__lte=100), name="second_step_share_is_a_percentage"
            ),
            models.CheckConstraint(condition=~models.Q(support_email=""), name="organisation_has_a_contact"),
            models.CheckConstraint(
                condition=models.Q(dormant_after_days__isnull=True)
                | models.Q(dormant_after_days__range=(FEWEST_DAYS_TO_DORMANCY, MOST_DAYS_TO_DORMANCY)),
                name="days_to_dormancy_within_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(events_kept_days__isnull=True)
                | models.Q(
                    events_kept_days__range=(FEWEST_DAYS_EVENTS_KEPT, MOST_DAYS_EVENTS_KEPT),
                    events_kept_since__isnull=False,
                ),
                name="events_kept_within_bounds_since_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(leavers_kept_days__isnull=True)
                | models.Q(
                    leavers_kept_days__range=(FEWEST_DAYS_LEAVERS_KEPT, MOST_DAYS_LEAVERS_KEPT),
                    leavers_kept_since__isnull=False,
                ),
                name="leavers_kept_within_bounds_since_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shown_name} ({self.code})"

    @property
    def shown_name(self) -> str:
        """The name in the language of the page or mail."""
        return welsh_texts.shown(self, "name")

    @property
    def shown_payslip_words(self) -> str:
        """What leavers need to know, in the language of the page."""
        return welsh_texts.shown(self, "payslip_words")

    @property
    def smartcard_contact(self) -> str:
        """The address for renewing a smartcard: the IT support's, or the ESR contact where none is known."""
        return self.it_support_email or self.support_email

    @property
    def help_address(self) -> str:
        """A mailto: address of the ESR contact, which already asks for name and ESR number."""
        return mail_links.asking_for_help(address=self.support_email)

    @property
    def smartcard_address(self) -> str:
        """A mailto: address for renewing a smartcard."""
        return mail_links.renewing_a_smartcard(address=self.smartcard_contact)


class EmailDomain(models.Model):
    """A mail domain at which an organisation gives addresses to its staff, students and contractors."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="email_domains")
    domain = models.CharField(max_length=253, validators=[DOMAIN_FORM], help_text=_("Like nhs.net."))

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "domain"], name="email_domain_once_an_organisation"),
            models.CheckConstraint(condition=models.Q(domain=Lower("domain")), name="email_domain_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.domain
