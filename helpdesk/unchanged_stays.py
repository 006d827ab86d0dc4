"""Forms over a record that another agent may have changed since the page was opened (docs/decisions/0020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class UnchangedStays(ModelForm):
    """Stores what was changed on the page. All else stays as it is by now, whatever the page showed of it.

    A page that was open while another agent kept a leaver out must not let them in again, nor an old page of an
    organisation take back what a colleague has set.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for name in self.fields.keys() & self.initial.keys():
                # The page sends back what it showed, so that the server sees what was changed on it.
                self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        """Return the facts, with those that are on record in the place of those that were not changed."""
        facts = super().clean() or self.cleaned_data
        if self.instance.pk is not None:
            unchanged = (facts.keys() & self.initial.keys()) - set(self.changed_data)
            facts |= {name: getattr(self.instance, name) for name in unchanged}
        return facts
