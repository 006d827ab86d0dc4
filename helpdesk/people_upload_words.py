"""What is kept of an import, in words for its page."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.models.user import PersonType
from helpdesk.services.people_uploads import looking
from helpdesk.templatetags.desk_pages import grouped
from nhsuk import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Field

    from accounts.models import PeopleUpload


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """One fact: what it is now, and what it becomes."""

    what: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True, slots=True)
class Left:
    """A line that is left out, the column as the file has it, and what to do."""

    line: int
    column: str
    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """A person whom the file adds, or changes."""

    line: int
    name: str
    username: str
    changes: list[Changed]


def of(upload: PeopleUpload) -> dict[str, Any]:
    """Return what the page shows of an import, by the names that it has there."""
    return {
        "samples": sorted(map(_sample, upload.sample), key=lambda each: each.line),
        "guarded": [(each, change) for each in upload.guarded for change in _all_of(each)],
        "left": [_left(*fault) for fault in upload.faults],
        "unseen": list(_unseen(upload.unseen or {})),
        "has_more_left": len(upload.faults) >= looking.MOST_FAULTS_KEPT,
        "not_shown": upload.added + upload.changed > len(upload.sample),
    }


def _unseen(unseen: dict[str, Any]) -> Iterator[str]:
    """Give a sentence for each thing that the person may not see of the workbook, or expect to be read."""
    number = unseen.get("lines", 0)
    if number:
        said = ngettext(
            "%(number)s line is hidden in your workbook. It is read too.",
            "%(number)s lines are hidden in your workbook. They are read too.",
            number,
        )
        yield said % {"number": grouped(number)}
    columns = [column.replace("_", " ") for column in unseen.get("columns", [])]
    if columns:
        yield _("Columns are hidden in your workbook. They are read too: %(columns)s.") % {
            "columns": ", ".join(columns).lower()
        }
    if unseen.get("sheet"):
        yield _("The sheet “%(name)s” is read, which is the first. Your workbook has others, which are not.") % {
            "name": unseen["sheet"]
        }


def _all_of(guarded: dict[str, Any]) -> list[Changed]:
    """Return what a line changes for which a second agent is needed: the address or the card, and what else."""
    own = [guarded["column"], guarded["old"], guarded["new"]]
    # A line that was looked at by the version before has no others.
    return [_changed(*change) for change in (own, *guarded.get("others", []))]


def _left(line: int, column: str, problem: str, says: str) -> Left:
    if says:
        problem = _('%(problem)s The file says "%(cell)s".') % {"problem": problem, "cell": says}
    return Left(line, column.replace("_", " "), problem)


def _sample(each: dict[str, Any]) -> Sample:
    return Sample(each["line"], each["name"], each["username"], [_changed(*change) for change in each["changes"]])


def _changed(column: str, old: str, new: str) -> Changed:
    what = _("Care Identity") if column == "care_identity" else str(_field(column).verbose_name)
    what = what[:1].upper() + what[1:]
    return Changed(what, _fact(column, old), _fact(column, new))


def _field(column: str) -> Field[Any, Any]:
    return next(field for field in User._meta.concrete_fields if field.name == column)


def _fact(column: str, value: str) -> str:
    if not value:
        return _("none")
    if column == "person_type" and value in PersonType.values:
        return str(PersonType(value).label)
    if column in {"starts_on", "ends_on"}:
        return wording.spoken_date(datetime.date.fromisoformat(value))
    return value
