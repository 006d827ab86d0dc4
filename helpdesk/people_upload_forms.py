"""The forms by which people are imported from the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from helpdesk.proposal_forms import ReasonField
from helpdesk.services.people_uploads import taking
from nhsuk import wording
from people.services import rights

if TYPE_CHECKING:
    from accounts.models import User

MEGABYTE = 1024 * 1024
LEAVE_OUT, ASK = "leave_out", "ask"


class FileForm(forms.Form):
    """The file, and for those who look after several organisations the one that it is for."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"),
        queryset=Organisation.objects.all(),
        empty_label=gettext_lazy("Choose an organisation"),
        error_messages={"required": gettext_lazy("Choose the organisation that the file is for")},
    )
    file = forms.FileField(
        label=gettext_lazy("File of people"),
        help_text=wording.filled_in(
            gettext_lazy("An Excel workbook (.xlsx) or a CSV file (UTF-8), up to %(most)s MB."),
            most=taking.LARGEST // MEGABYTE,
        ),
        max_length=None,
        error_messages={
            "required": gettext_lazy("Choose a file"),
            "missing": gettext_lazy("Choose a file"),
            "invalid": gettext_lazy("Choose a file"),
            "empty": gettext_lazy("The file is empty. Choose another"),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rights.is_operator(user=by):
            del self.fields["organisation"]
        else:
            # In the order of the names that this page shows.
            self.fields["organisation"].queryset = Organisation.objects.by_name()  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse a file that is larger than what is kept."""
        file = self.cleaned_data["file"]
        if file.size > taking.LARGEST:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Split it into several") % {"most": taking.LARGEST // MEGABYTE}
            )
        return file


class ConfirmForm(forms.Form):
    """Which look at the file is confirmed, and what happens to the lines for which two agents are needed."""

    look = forms.CharField(widget=forms.HiddenInput)
    guarded = forms.ChoiceField(
        label=gettext_lazy("What happens to the lines that need a second agent?"),
        choices=[
            (LEAVE_OUT, gettext_lazy("Leave them out, and import the rest now")),
            (ASK, gettext_lazy("Ask a second agent to agree, and import all of it then")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens to these lines")},
    )
    reason = ReasonField(
        label=gettext_lazy("Why do they change?"),
        required=False,
        help_text=gettext_lazy("For the second agent, for example “New mail domain, list from HR of 20 November”."),
    )

    def __init__(self, *args: Any, has_guarded: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_guarded:
            del self.fields["guarded"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """Ask for a reason where a second agent is asked."""
        facts = super().clean() or self.cleaned_data
        if facts.get("guarded") == ASK and not facts.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Tell the second agent why these records change"))
        return facts
