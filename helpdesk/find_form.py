"""The one box in which the desk's search is typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

# More is never a name or a number; the search says so of what is longer than anything on record.
LONGEST_TYPED = 1000


class FindForm(forms.Form):
    """What a caller says of themselves."""

    q = forms.CharField(
        label=_("Name, username, ESR number, email address, Care Identity or recovery reference"),
        required=False,
        max_length=LONGEST_TYPED,
        error_messages={
            "max_length": _("That is longer than anything on record. Type a name, a username or an ESR number."),
            "null_characters_not_allowed": _("Type a name, a username or an ESR number."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
    )
