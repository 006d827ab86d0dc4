"""Reads the search for an organisation."""

from django import forms

from hub.services import organisations


class OrganisationSearchForm(forms.Form):
    """One box: a name, a part of one, or the three-digit code."""

    organisation = forms.CharField(
        label="Name of your organisation",
        help_text="Or the first 3 numbers of your username",
        min_length=organisations.SHORTEST_SEARCH,
        max_length=organisations.LONGEST_SEARCH,
        error_messages={
            "required": "Enter the name of your organisation",
            "min_length": f"Enter at least {organisations.SHORTEST_SEARCH} letters of the name",
            "max_length": f"Enter {organisations.LONGEST_SEARCH} letters or fewer",
            "null_characters_not_allowed": "Enter the name in letters and numbers",
        },
        widget=forms.TextInput(attrs={"autocomplete": "organization", "spellcheck": "false"}),
    )
