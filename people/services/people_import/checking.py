"""From the cells of a line to the facts about a person, and everything that is wrong with them."""

from __future__ import annotations

import dataclasses
import datetime
import re
import unicodedata

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.identifiers import normalise_care_identity, normalise_email, username_on_record, without_blanks
from accounts.models import Organisation
from accounts.models.user import PersonType
from people.services import person_facts
from people.services.people_import.faults import Fault
from people.services.people_import.reading import Line, Table
from people.services.people_import.spreadsheets import Unseen

_PERSON_TYPES = frozenset(PersonType.values)
# What may be repeated to the operator: shapes that no date of birth has, even where columns are mixed up.
_QUOTABLE = re.compile(r"[!-.0-~]*@[!-.0-~]*|[A-Za-z ]{1,30}|[0-9]{1,3}|[0-9]{3}[A-Za-z]{2}[A-Za-z0-9]*")


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """One person as the file has them, spelt as the database spells. What the file does not say is "" or None."""

    line: int
    organisation_id: int
    organisation_code: str
    employee_number: str
    given_name: str
    family_name: str
    email: str
    # None where the file has no such column.
    date_of_birth: datetime.date | None
    person_type: str
    username: str
    starts_on: datetime.date | None
    ends_on: datetime.date | None
    care_identity: str


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds: the columns it has, the people without fault, the faults of the others; what is hidden."""

    columns: frozenset[str]
    people: list[Facts]
    faults: list[Fault]
    unseen: Unseen = dataclasses.field(default_factory=Unseen)


@dataclasses.dataclass(frozen=True, slots=True)
class _Employer:
    pk: int
    code: str
    domains: frozenset[str]


def check(*, table: Table, only: Organisation | None = None) -> Checked:
    """Return the people in `table` whose facts are valid, and all the faults that the file shows by itself.

    With `only`, a line of another organisation is a fault.
    """
    checker = _Checker(table.columns, only)
    found: list[Facts] = []
    faults: list[Fault] = []
    for line in table.lines:
        if isinstance(line, Fault):
            faults.append(line)
            continue
        facts, wrong = checker.check(line)
        faults += wrong
        if facts:
            found.append(facts)
    return Checked(columns=table.columns, people=found, faults=faults, unseen=table.unseen)


class _Checker:
    """Checks one line after the other, and remembers which people it has seen."""

    def __init__(self, columns: frozenset[str], only: Organisation | None) -> None:
        organisations = Organisation.objects.prefetch_related("email_domains")
        if only is not None:
            organisations = organisations.filter(pk=only.pk)
        self._only = only
        self._has_dates = "date_of_birth" in columns
        self._employers = {
            o.code: _Employer(o.pk, o.code, person_facts.domains_of(organisation=o)) for o in organisations
        }
        self._today = timezone.localdate()
        self._line_of_number: dict[tuple[str, str], int] = {}
        self._line_of_username: dict[str, int] = {}
        self._line_of_care_identity: dict[tuple[str, str], int] = {}

    def check(self, line: Line) -> tuple[Facts | None, list[Fault]]:
        """Return the facts of a line, or None and its faults."""
        cells = _Cells(line)
        employer = self._employer(cells)
        employee_number = self._employee_number(cells, employer)
        given_name, family_name = cells.name("given_name"), cells.name("family_name")
        date_of_birth = self._date_of_birth(cells)
        person_type = cells.text("person_type").casefold()
        if person_type not in _PERSON_TYPES:
            cells.refuse("person_type", _("Write staff, student, contractor or volunteer."))
        email = normalise_email(cells.text("email"))
        # Which domains are right depends on the person type and the organisation; where one is faulty, any domain is.
        judged_as = person_type if employer and person_type in _PERSON_TYPES else PersonType.VOLUNTEER
        domains = employer.domains if employer else ()
        cells.refuse("email", person_facts.email_problem(email=email, person_type=judged_as, domains=domains))
        username = self._username(cells, employer)
        starts_on, ends_on = cells.date("starts_on"), cells.date("ends_on")
        cells.refuse("starts_on", person_facts.first_day_problem(starts_on=starts_on))
        cells.refuse("ends_on", person_facts.last_day_problem(starts_on=starts_on, ends_on=ends_on))
        care_identity = self._care_identity(cells, employer)
        if cells.faults or employer is None or (date_of_birth is None and self._has_dates):
            return None, cells.faults
        facts = Facts(
            line=line.number,
            organisation_id=employer.pk,
            organisation_code=employer.code,
            employee_number=employee_number,
            given_name=given_name,
            family_name=family_name,
            email=email,
            date_of_birth=date_of_birth,
            person_type=person_type,
            username=username,
            starts_on=starts_on,
            ends_on=ends_on,
            care_identity=care_identity,
        )
        return facts, []

    def _employer(self, cells: _Cells) -> _Employer | None:
        code = cells.text("organisation")
        employer = self._employers.get(code)
        if employer is None:
            problem = _("There is no organisation with this code (three digits, like 999).")
            if re.fullmatch("[0-9]{1,2}", code):
                problem = _(
                    "There is no organisation with this code (three digits, like 999). A spreadsheet may have "
                    "dropped the zeros at its front."
                )
            elif self._only is not None:
                problem = _("This import is for %(name)s alone, whose code is %(code)s.") % {
                    "name": self._only.name,
                    "code": self._only.code,
                }
            cells.refuse("organisation", problem)
        return employer

    def _employee_number(self, cells: _Cells, employer: _Employer | None) -> str:
        number = cells.text("employee_number")
        problem = person_facts.employee_number_problem(employee_number=number)
        if employer and not problem:
            first = self._line_of_number.setdefault((employer.code, number), cells.line.number)
            if first != cells.line.number:
                problem = _(
                    "Line %(first)s has the same ESR number at the same organisation. Each is one person's."
                ) % {"first": first}
        cells.refuse("employee_number", problem)
        return number

    def _username(self, cells: _Cells, employer: _Employer | None) -> str:
        typed = cells.text("username")
        username = username_on_record(typed) if typed else ""
        if username:
            code = employer.code if employer else ""
            problem = person_facts.username_problem(username=username, organisation_code=code)
            first = self._line_of_username.setdefault(username, cells.line.number)
            if not problem and first != cells.line.number:
                problem = _("Line %(first)s has the same username. Each is one person's.") % {"first": first}
            cells.refuse("username", problem)
        return username

    def _care_identity(self, cells: _Cells, employer: _Employer | None) -> str:
        typed = cells.text("care_identity")
        uid = normalise_care_identity(typed) if typed else ""
        if uid:
            problem = person_facts.care_identity_problem(uid=uid)
            if employer and not problem:
                first = self._line_of_care_identity.setdefault((employer.code, uid), cells.line.number)
                if first != cells.line.number:
                    problem = _(
                        "Line %(first)s has the same Care Identity at the same organisation. Each is one person's."
                    ) % {"first": first}
            cells.refuse("care_identity", problem)
        return uid

    def _date_of_birth(self, cells: _Cells) -> datetime.date | None:
        if not self._has_dates:
            return None
        day = cells.date("date_of_birth")
        if day:
            cells.refuse("date_of_birth", person_facts.date_of_birth_problem(date_of_birth=day, today=self._today))
        elif not cells.text("date_of_birth"):
            cells.refuse("date_of_birth", _("Missing. Write it like 1980-04-23 or 23/04/1980."))
        return day


class _Cells:
    """The cells of one line, and what has been found wrong with them: at most one fault a column, the first."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self._refused: set[str] = set()
        for column, cell in line.cells.items():
            if not cell.isprintable():
                self.refuse(column, _hidden_problem(cell))

    def refuse(self, column: str, problem: str) -> None:
        """Note the problem of a column, where there is one; with what the file says, where that may be repeated."""
        if not problem or column in self._refused:
            return
        self._refused.add(column)
        cell = self.line.cells.get(column, "")
        says = cell if _QUOTABLE.fullmatch(cell) and len(cell) <= 60 else ""
        self.faults.append(Fault(self.line.number, column, problem, says))

    def text(self, column: str) -> str:
        """Return a cell without the invisible marks that come with copy and paste."""
        cell = self.line.cells.get(column, "")
        return cell if cell.isprintable() else without_blanks(cell)

    def name(self, column: str) -> str:
        """Return a name, noting what is wrong with it."""
        name = person_facts.tidy_name(self.line.cells[column])
        self.refuse(column, person_facts.name_problem(name=name))
        return name

    def date(self, column: str) -> datetime.date | None:
        """Return a day, or None where there is none, noting what is wrong with it."""
        text = self.text(column)
        try:
            return person_facts.read_date(text=text) if text else None
        except person_facts.NotADate as problem:
            self.refuse(column, str(problem))
            return None


def _hidden_problem(cell: str) -> str:
    """Return what is wrong with what cannot be printed in a cell. Invisible marks are not: `text` takes them away."""
    for character in cell:
        category = unicodedata.category(character)
        if category == "Cs":
            return _(
                'This is not UTF-8 text. In a spreadsheet, choose "Save as" and then "CSV UTF-8 (comma delimited)".'
            )
        if character in "\r\n":
            return _("There is a line break in this field. Delete it.")
        if category == "Cc":
            return _("There is a control character (U+%(code)s) in this field. Type the field again.") % {
                "code": f"{ord(character):04X}"
            }
    return ""
