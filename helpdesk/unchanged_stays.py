"""Forms over a record that another agent may have changed since the page was opened (docs/decisions/0020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from django.forms.widgets import Widget
    from django.utils.safestring import SafeString

    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class _ShownAgain(forms.BoundField):
    """A box whose page was sent, and is shown again with an error: what it first showed goes along once more.

    Django does so for one box and not for two, the date and the time of one field.
    """

    def as_widget(
        self, widget: Widget | None = None, attrs: dict[str, Any] | None = None, only_initial: bool = False
    ) -> SafeString:
        """Return the box, or with `only_initial` the hidden one that says what was shown."""
        hidden, form = self.field.hidden_widget(), self.form
        name = self.html_initial_name
        if not only_initial or not form.is_bound or hidden.value_omitted_from_data(form.data, form.files, name):
            return super().as_widget(widget, attrs, only_initial)
        shown = hidden.value_from_datadict(form.data, form.files, name)
        return hidden.render(name, shown, {"id": self.html_initial_id, **(attrs or {})}, form.renderer)


class UnchangedStays(ModelForm):
    """Stores what was changed on the page. All else stays as it is by now, whatever the page showed of it.

    A page that was open while another agent kept a leaver out must not let them in again, nor an old page of an
    organisation take back what a colleague has set.
    """

    bound_field_class = _ShownAgain

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
