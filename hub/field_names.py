"""What the models of the hub and their fields are called where the admin shows them (accounts/field_names.py)."""

from django.utils.translation import gettext_lazy as _

from accounts.field_names import call


def call_ours() -> None:
    """Give the models of the hub their names. Called once they are all there."""
    from hub import models

    call(
        models.Application,
        _("application"),
        _("applications"),
        organisation=_("organisation"),
        name=_("name"),
        description=_("description"),
        position=_("position"),
    )
    call(
        models.Notice,
        _("notice"),
        _("notices"),
        organisation=_("organisation"),
        title=_("title"),
        text=_("text"),
        kind=_("kind"),
        shown_from=_("shown from"),
        shown_until=_("shown until"),
    )
