"""A notice: something that all visitors of the portal should know, or the people of one organisation."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import welsh_texts
from accounts.models import Organisation


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by when they are shown."""

    def for_visitors(self, now: datetime.datetime) -> "NoticeQuerySet":
        """Return those that are for every visitor at this moment: planned downtime first, then the newest."""
        return self.filter(organisation__isnull=True).shown_at(now)

    def for_people_of(self, organisation: int, now: datetime.datetime) -> "NoticeQuerySet":
        """Return those, and the ones for people of the organisation with this key, in the same order."""
        return self.filter(Q(organisation__isnull=True) | Q(organisation=organisation)).shown_at(now)

    def shown_at(self, now: datetime.datetime) -> "NoticeQuerySet":
        """Return those of them that are shown at this moment, in the order in which they are."""
        shown = self.filter(Q(shown_until__isnull=True) | Q(shown_until__gt=now), shown_from__lte=now)
        downtime_first = models.Case(models.When(kind=Notice.Kind.PLANNED_DOWNTIME, then=0), default=1)
        return shown.order_by(downtime_first, "-shown_from", "-pk")


class Notice(models.Model):
    """A short text on the front page and on My ESR, or on My ESR of one organisation, from a time until a time."""

    class Kind(models.TextChoices):
        """What a notice is about."""

        INFORMATION = "information", _("Information")
        PLANNED_DOWNTIME = "planned_downtime", _("Planned downtime")

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
        help_text=_("Its people read it on My ESR. Empty: all visitors of the portal read it, on the front page too."),
    )
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=1000, help_text=_("Plain text. An empty line begins a new paragraph."))
    welsh_title = models.CharField(
        _("title in Welsh (optional)"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown on pages in Welsh, with the text in Welsh. Empty: the notice is shown in English."),
    )
    welsh_text = models.TextField(
        _("text in Welsh (optional)"),
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text=_("Plain text. An empty line begins a new paragraph."),
    )
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.INFORMATION)
    shown_from = models.DateTimeField(default=timezone.now)
    # When it came to say what it says; NULL of one that was there before this was kept. It may be shown from earlier.
    changed_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    shown_until = models.DateTimeField(null=True, blank=True, help_text=_("Empty: until you take it away."))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-shown_from"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="notice_has_a_title"),
            models.CheckConstraint(
                condition=Q(shown_until__isnull=True) | Q(shown_until__gt=models.F("shown_from")),
                name="notice_ends_after_it_begins",
                violation_error_message=_("A notice ends after it begins."),
            ),
            # A reader of Welsh would get half of it in each language.
            models.CheckConstraint(
                condition=Q(welsh_title="", welsh_text="") | ~(Q(welsh_title="") | Q(welsh_text="")),
                name="notice_in_welsh_is_whole",
                violation_error_message=_("Write both the title and the text in Welsh, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """The title in the language of the page."""
        return welsh_texts.shown(self, "title")

    @property
    def shown_text(self) -> str:
        """The text in the language of the page."""
        return welsh_texts.shown(self, "text")
