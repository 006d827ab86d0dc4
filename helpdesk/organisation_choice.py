"""Choosing an organisation, or all of them, on the desk: for national administrators."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation


class OrganisationChoice(forms.Form):
    """One organisation by its code, or "" for all."""

    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Organisation.objects.by_name()
        field = cast("forms.ChoiceField", self.fields["organisation"])
        field.choices = [("", _("All organisations")), *((each.code, str(each)) for each in known)]
