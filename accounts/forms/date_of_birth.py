"""Reads a date of birth."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models.user import EARLIEST_YEAR
from nhsuk.date_input import BOXES, DateField, date_error


class DateOfBirthField(DateField):
    """A date of birth in three boxes, in the words of the guide that staff are given (step 4)."""

    def __init__(self, **kwargs: Any) -> None:
        shown = {"label": gettext_lazy("Date of Birth"), "help_text": gettext_lazy("For example, 15 3 1984"), **kwargs}
        super().__init__(called=gettext_lazy("Date of birth"), earliest_year=EARLIEST_YEAR, **shown)

    def validate(self, value: datetime.date | None) -> None:
        """Refuse a day to come, and no day where one is required. Raises ValidationError."""
        if value is None:
            if self.required:
                raise date_error(_("Enter your date of birth"), *BOXES, code="required")
        elif value > timezone.localdate():
            raise date_error(_("Date of birth must be in the past"), *BOXES)
