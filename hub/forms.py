"""Reads the search for an organisation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.services import organisations
from nhsuk import wording


class OrganisationSearchForm(forms.Form):
    """One box: a name, a part of one, or the three-digit code."""

    organisation = forms.CharField(
        label=_("Name of your organisation"),
        help_text=_("Or the first 3 numbers of your username"),
        min_length=organisations.SHORTEST_SEARCH,
        max_length=organisations.LONGEST_SEARCH,
        error_messages={
            "required": _("Enter the name of your organisation"),
            "min_length": wording.filled_in(
                _("Enter at least %(least)s letters of the name"), least=organisations.SHORTEST_SEARCH
            ),
            "max_length": wording.filled_in(_("Enter %(most)s letters or fewer"), most=organisations.LONGEST_SEARCH),
            "null_characters_not_allowed": _("Enter the name in letters and numbers"),
        },
        widget=forms.TextInput(attrs={"autocomplete": "organization", "spellcheck": "false"}),
    )
