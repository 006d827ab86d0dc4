"""What models and their fields are called where the admin shows them, in words that can be translated.

Django makes these names of the code's own. They are said here and not in the fields, where each would be a migration
that changes nothing in a database. A field that has another name than the code's says it itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.db.models import Model
    from django_stubs_ext import StrOrPromise


def call(model: type[Model], one: StrOrPromise, many: StrOrPromise, **fields: StrOrPromise) -> None:
    """Call a model `one` and `many`, and its fields as `fields` says, from here on."""
    model._meta.verbose_name, model._meta.verbose_name_plural = one, many
    for name, words in fields.items():
        model._meta.get_field(name).verbose_name = words  # type: ignore[union-attr]


def call_ours() -> None:
    """Give the models of accounts their names. Called once they are all there."""
    from accounts import models

    call(
        models.Organisation,
        _("organisation"),
        _("organisations"),
        code=_("code"),
        name=_("name"),
        second_step=_("second step"),
    )
    call(
        models.EmailDomain,
        _("email domain"),
        _("email domains"),
        organisation=_("organisation"),
        domain=_("domain"),
    )
    call(
        models.TrustedNetwork,
        _("trusted network"),
        _("trusted networks"),
        organisation=_("organisation"),
        network=_("network"),
    )
    call(
        models.User,
        _("person"),
        _("people"),
        username=_("username"),
        given_name=_("given name"),
        family_name=_("family name"),
        email=_("email"),
        date_of_birth=_("date of birth"),
        person_type=_("person type"),
        organisation=_("organisation"),
        starts_on=_("starts on"),
        ends_on=_("ends on"),
        role=_("role"),
        must_change_password=_("must change password"),
        password_changed_at=_("password changed at"),
        created_at=_("created at"),
        language=_("chosen language"),
        last_language=_("language of the last log-in"),
    )
    _call_what_is_recorded()


def _call_what_is_recorded() -> None:
    from accounts import models

    call(
        models.SecurityEvent,
        _("security event"),
        _("security events"),
        at=pgettext_lazy("security event", "at"),
        event=_("event"),
        user=_("user"),
        by=pgettext_lazy("security event", "by"),
        address=_("address"),
        device=_("device"),
        reason=_("reason"),
        reference=_("reference"),
    )
    call(
        models.RecoveryRequest,
        _("recovery request"),
        _("recovery requests"),
        reference=_("reference"),
        created_at=_("created at"),
        email=_("email"),
        network=_("network"),
        outcome=_("outcome"),
        decided_at=_("decided at"),
    )
    call(
        models.OutboxMessage,
        _("outbox message"),
        _("outbox messages"),
        kind=_("kind"),
        about=pgettext_lazy("outbox message", "about"),
        created_at=_("created at"),
        due_at=_("due at"),
        leased_until=_("leased until"),
        attempts=_("attempts"),
        last_error=_("last error"),
    )
    _call_second_steps()


def _call_second_steps() -> None:
    from accounts import models

    call(
        models.SecondStepExcuse,
        _("excuse from the second step"),
        _("excuses from the second step"),
        user=_("person"),
        reason=_("reason"),
        review_on=_("review on"),
        made_by=pgettext_lazy("excuse", "made by"),
        made_at=pgettext_lazy("excuse", "made at"),
    )
    call(
        models.SwitchedOff,
        _("part that is switched off"),
        _("parts that are switched off"),
        part=_("part"),
        at=pgettext_lazy("switched off", "since"),
        by=pgettext_lazy("switched off", "by"),
        reason=_("reason"),
    )
