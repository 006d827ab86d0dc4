"""How the inventory speaks of a table."""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_stubs_ext import StrPromise


class AtErasure(enum.Enum):
    """What happens to rows about a person when the person is erased. The words are those of docs/data.md."""

    # `Table.person` finds them.
    GOES = "deleted with the person"
    # accounts/services/erasing.py has a function for it, which the table names.
    LOOKED_FOR = "looked for, and deleted or emptied"
    # A number that leads to no person any more, until the age of the row.
    STAYS = "stays until its age: the number in it leads to no person"
    NOTHING = "none is about a person"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The fields of one table, each in one of four lists, as words between blanks.

    `told` are handed out to the person who asks what is kept. `in_full` are handed out by the operator alone, to a
    person who has shown who they are: a thief of the session must not have them (services/activity.py says why).
    `kept_back` are about a person too, and go to nobody: what checks a secret, a digest, which other person it was.
    `plain` say nothing of a person. `heading` is what the file for the person calls the rows; `person` leads from a row
    to the key of the person whom it is about, "" where nothing does.
    """

    label: str
    told: str = ""
    in_full: str = ""
    kept_back: str = ""
    plain: str = ""
    heading: StrPromise | str = ""
    person: str = ""
    at_erasure: AtErasure = AtErasure.NOTHING

    def handed_out(self, *, in_full: bool) -> Sequence[str]:
        """Return the fields that are handed out."""
        return [*self.told.split(), *(self.in_full.split() if in_full else ())]

    @property
    def fields(self) -> Sequence[str]:
        """All fields, of all lists."""
        return [*self.handed_out(in_full=True), *self.kept_back.split(), *self.plain.split()]

    @property
    def is_about_people(self) -> bool:
        """Whether any of its fields says something of a person."""
        return bool(self.told or self.in_full or self.kept_back)
