"""The date input of the NHS.UK design system: three boxes, read as the day that was meant.

Follows https://service-manual.nhs.uk/design-system/components/date-input
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nhsuk import wording

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Longer than any month's name: the rest of a pasted novel need not be looked at.
LONGEST_PART = 20
# In both languages of the NHS in England and Wales: a person may type either, whatever language the page is in.
_ENGLISH = ["january", "february", "march", "april", "may", "june"]
_ENGLISH += ["july", "august", "september", "october", "november", "december"]
_WELSH = ["ionawr", "chwefror", "mawrth", "ebrill", "mai", "mehefin"]
_WELSH += ["gorffennaf", "awst", "medi", "hydref", "tachwedd", "rhagfyr"]
MONTHS = (_ENGLISH, _WELSH)
BOXES = ("day", "month", "year")
LABELS = {"day": gettext_lazy("Day"), "month": gettext_lazy("Month"), "year": gettext_lazy("Year")}
# What is missing, whole: languages join it in their own ways.
_MISSING = {
    ("day",): gettext_lazy("a day"),
    ("month",): gettext_lazy("a month"),
    ("year",): gettext_lazy("a year"),
    ("day", "month"): gettext_lazy("a day and a month"),
    ("day", "year"): gettext_lazy("a day and a year"),
    ("month", "year"): gettext_lazy("a month and a year"),
}


class DateParts(NamedTuple):
    """A date as it was typed into three boxes."""

    day: str = ""
    month: str = ""
    year: str = ""


class DatePartsInput(forms.Widget):
    """Three boxes for day, month and year: the date input of the NHS.UK design system."""

    use_fieldset = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> DateParts:
        """Return what was typed. A box that was not sent counts as empty."""
        return DateParts(*(data.get(f"{name}_{part}") or "" for part in BOXES))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Return whether none of the boxes was sent."""
        return not any(f"{name}_{part}" in data for part in BOXES)

    def format_value(self, value: Any) -> DateParts:
        """Return what to show in the boxes for a date, for typed parts or for nothing."""
        if isinstance(value, datetime.date):
            return DateParts(str(value.day), str(value.month), str(value.year))
        return value if isinstance(value, DateParts) else DateParts()

    def id_for_label(self, id_: str) -> str:
        """Return the id of the first box."""
        return f"{id_}_day" if id_ else ""


class DateField(forms.Field):
    """A date, typed as day, month and year.

    Takes "3", "03", full-width digits and the names of months. Each error is one sentence and names in
    ``params["boxes"]`` the boxes that it is about. `called` begins the sentences about the date as a whole.
    """

    widget = DatePartsInput

    def __init__(self, *, called: StrOrPromise, earliest_year: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.called = called
        self.earliest_year = earliest_year

    def to_python(self, value: DateParts | datetime.date | None) -> datetime.date | None:
        """Return the date, or None where all the boxes are empty. Raises ValidationError."""
        if value is None or isinstance(value, datetime.date):
            return value
        parts = DateParts(*(_tidy(part) for part in value))
        if not any(parts):
            return None
        missing = [name for name, part in zip(BOXES, parts, strict=True) if not part]
        if missing:
            facts = {"called": self.called, "missing": _MISSING[tuple(missing)]}
            raise date_error(_("%(called)s must include %(missing)s") % facts, *missing)
        day, month, year = self._numbers(parts)
        try:
            return datetime.date(year, month, day)
        except ValueError:
            raise date_error(
                _("There is no %(date)s") % {"date": wording.spelt_date(day, month, year)}, *BOXES
            ) from None

    def _numbers(self, parts: DateParts) -> tuple[int, int, int]:
        """Return day, month and year. Raises one ValidationError with everything that is wrong with them."""
        numbers: list[int] = []
        errors: list[ValidationError] = []
        for read, part in zip((_day, _month, self._year), parts, strict=True):
            try:
                numbers.append(read(part))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        day, month, year = numbers
        return day, month, year

    def _year(self, typed: str) -> int:
        if not re.fullmatch(r"[0-9]{4}", typed):
            raise date_error(_("Year must be 4 numbers, like 1984"), "year")
        if int(typed) < self.earliest_year:
            raise date_error(_("Year must be %(year)s or later") % {"year": self.earliest_year}, "year")
        return int(typed)


def date_error(sentence: str, *boxes: str, code: str = "invalid") -> ValidationError:
    """Return the error that says `sentence` beside these boxes."""
    return ValidationError(sentence, code=code, params={"boxes": boxes})


def _tidy(typed: str) -> str:
    """Return a typed part in plain digits and letters, without blanks and invisible marks, and not endless."""
    plain = unicodedata.normalize("NFKC", typed[: LONGEST_PART * 2])
    return "".join(c for c in plain if c.isprintable() and not c.isspace())[: LONGEST_PART + 1].casefold()


def _day(typed: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", typed) or not 1 <= int(typed) <= 31:
        raise date_error(_("Day must be a number between 1 and 31"), "day")
    return int(typed)


def _month(typed: str) -> int:
    if re.fullmatch(r"[0-9]{1,2}", typed) and 1 <= int(typed) <= 12:
        return int(typed)
    named = month_named(typed)
    if named is None:
        raise date_error(_("Month must be a number between 1 and 12, or a name like March"), "month")
    return named


def month_named(name: str) -> int | None:
    """Return which month a name is, in English or Welsh, 1 to 12, or None.

    It may be cut to three letters or more: "Sept", "Chwef". A point may follow it.
    """
    short = name.casefold().removesuffix(".")
    fitting = (number for names in MONTHS for number, month in enumerate(names, start=1) if month.startswith(short))
    return next(fitting, None) if len(short) >= 3 else None
