"""The facts about a person that an import or the helpdesk gives: what each may be, the same for both.

Each `…_problem` takes a fact as it will be stored and returns a sentence that says what to mend, or "" where it is
valid.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import email_addresses
from accounts.email_addresses import Fault
from accounts.identifiers import JOINERS, follows
from accounts.models.care_identity import UID_FORM
from accounts.models.user import EARLIEST_YEAR, EMPLOYEE_NUMBER_FORM, USERNAME_FORM, PersonType
from nhsuk import wording
from nhsuk.date_input import month_named
from people.damaged_names import PLAIN, damage

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Organisation, User

# The column of accounts.User.
LONGEST_NAME = 100
EARLIEST = datetime.date(EARLIEST_YEAR, 1, 1)
# Children and Young Persons Act 1933, section 18: no child under this age may be employed.
YOUNGEST = 14

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
# With slashes as in the UK, or points as in Germany or Poland.
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.])([0-9]{1,2})\2([0-9]{4})")
# As Oracle (23-APR-1980), SAS (23APR1980) and people write it.
_NAMED = re.compile(r"([0-9]{1,2})([-/. ]?)([A-Za-z]{3,10}\.?)\2([0-9]{4})")
_TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}([/. -][0-9]{1,2}[/. -]|[-/. ]?[A-Za-z]{3,10}\.?[-/. ]?)[0-9]{2}")
# What a database adds to a date that it keeps as a time: midnight.
_MIDNIGHT = re.compile(r"(?P<date>.+?)[T ]00:00(:00([.,]0+)?)?", re.DOTALL)
_TIME = re.compile(r".+[T ][0-9]{1,2}:[0-9]{2}.*", re.DOTALL)
# What a spreadsheet makes of twelve digits.
_SHORTENED = re.compile(r"[0-9]([.,][0-9]+)?[Ee]\+?[0-9]+")
# What mail programs make links of. Narrow, since a fault stops a whole import: the endings are in no name, so that
# "Md.Rahman" and "J.R." stay good. What passes is no link in mails either (accounts/names_in_mail.py).
_ADDRESS = re.compile(
    r"@|://|\\\\|\b(?:https?|ftp|file|mailto|tel|sms|javascript|data):|\bwww\.|\bxn--"
    r"|\w\.[^\W\d_]{2,}[/?#:]|\w\.(?:com|net|org|info|biz|gov|edu|uk|eu|xyz|app|site|online|shop|click|example)\b"
    r"|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+"
)


class NotADate(Exception):
    """The text is not a date, or not one with a single meaning. Says how to write it, and never repeats the text."""


def read_date(*, text: str) -> datetime.date:
    """Return the day that `text` says, where that can be meant one way only. Raises NotADate.

    2026-11-22; with the day first 22/11/2026 or 22.11.2026; 22-NOV-2026 with any English name of a month; each also
    with midnight behind it, as in 2026-11-22 00:00:00.
    """
    midnight = _MIDNIGHT.fullmatch(text)
    year, month, day = _numbers(midnight["date"] if midnight else text)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise NotADate(_("There is no such day in the calendar. Check the day, the month and the year.")) from None


def _numbers(text: str) -> tuple[int, int, int]:
    """Return the year, month and day of a date. Raises NotADate."""
    if iso := _ISO.fullmatch(text):
        return int(iso[1]), int(iso[2]), int(iso[3])
    if day_first := _DAY_FIRST.fullmatch(text):
        day, month = int(day_first[1]), int(day_first[3])
        if month > 12 >= day:
            raise NotADate(_("This date has its month first. Put the day first, like 22/11/2026."))
        return int(day_first[4]), month, day
    named = _NAMED.fullmatch(text)
    if named and (named_month := month_named(named[3])):
        return int(named[4]), named_month, int(named[1])
    if _TWO_DIGIT_YEAR.fullmatch(text):
        raise NotADate(_("The year has two digits. Write all four, like 22/11/2026."))
    if _TIME.fullmatch(text):
        raise NotADate(_("There is a time of day beside this date. Write the date alone, like 2026-11-22."))
    raise NotADate(_("This is not a date. Write it like 2026-11-22 or 22/11/2026."))


def tidy_name(typed: str) -> str:
    """Return a name as it is stored: as given, without outer blanks, in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", typed).strip()


def name_problem(*, name: str) -> str:
    """Return what is wrong with a given or family name. Any script and any mark of names is allowed."""
    if not name:
        return _("Missing. Everybody has a given and a family name here; where there is only one, put - for the other.")
    if len(name) > LONGEST_NAME:
        return _("This is %(number)s characters. A name has at most %(most)s.") % {
            "number": len(name),
            "most": LONGEST_NAME,
        }
    if PLAIN.fullmatch(name):
        return ""
    if _is_like_an_address(name):
        return _("This looks like a web or email address. Type the name of the person alone.")
    for character in name:
        # Controls, invisible marks (some turn the direction of writing), line separators, half a character.
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in JOINERS:
            return _("There is an invisible character (U+%(code)s) in this name. Type the name again.") % {
                "code": f"{ord(character):04X}"
            }
    return damage(name)


def _is_like_an_address(name: str) -> bool:
    """Return whether a name holds a web, email or file address, in whatever form of its letters (NFKC, UTS #46)."""
    seen = unicodedata.normalize("NFKC", name).replace("。", ".").casefold()
    return bool(_ADDRESS.search("".join(c for c in seen if c not in JOINERS)))


def email_problem(*, email: str, person_type: str, domains: Collection[str]) -> str:
    """Return what is wrong with an address (as `identifiers.normalise_email` spells it).

    Volunteers may have any address. Other people have one at exactly one of `domains`, those of the organisation:
    recovery mails go there, so an address that the organisation did not give out would be a stranger's way in.
    """
    if not email:
        return _("Missing. Without an email address this person cannot get a username or a password.")
    fault = email_addresses.fault(email)
    if fault:
        return _email_fault_in_words(fault, email)
    if person_type == PersonType.VOLUNTEER or email.rpartition("@")[2] in domains:
        return ""
    if not domains:
        return _("The organisation has no email domains yet. Add them first: only volunteers may have any address.")
    endings = wording.any_of(f"@{domain}" for domain in sorted(domains))
    return _(
        "Only volunteers may have any address. Others need one that the organisation gave them, ending in %(endings)s."
    ) % {"endings": endings}


def _email_fault_in_words(fault: Fault, email: str) -> str:
    local_part = email.rpartition("@")[0]
    match fault:
        case Fault.TOO_LONG:
            return _("This is %(number)s characters. An email address has at most %(most)s.") % {
                "number": len(email),
                "most": email_addresses.LONGEST,
            }
        case Fault.LOCAL_PART_TOO_LONG:
            most = email_addresses.LONGEST_LOCAL_PART
            return _("The part before the @ is %(number)s characters. It has at most %(most)s.") % {
                "number": len(local_part),
                "most": most,
            }
        case Fault.LETTERS:
            letter = next(character for character in local_part if not character.isascii())
            return _(
                "No mail can reach this address: before the @ is a letter (U+%(code)s) that mail "
                "servers do not take. Ask for the person's address in plain letters, a to z."
            ) % {"code": f"{ord(letter):04X}"}
        case Fault.DOMAIN if not email.isascii():
            return _("What follows the @ is not the name of a mail domain. Write it like jo.smith@nhs.net.")
        case _:
            return _("This is not an email address. Write it like jo.smith@nhs.net.")


def employee_number_problem(*, employee_number: str) -> str:
    """Return what is wrong with an ESR number."""
    if follows(EMPLOYEE_NUMBER_FORM, employee_number):
        return ""
    if re.fullmatch(r"[0-9]{1,7}", employee_number):
        return _("An ESR number is eight digits, like 10000001. A spreadsheet may have dropped the zeros at its front.")
    return _("An ESR number is eight digits, like 10000001.")


def care_identity_problem(*, uid: str) -> str:
    """Return what is wrong with a Care Identity number (as `identifiers.normalise_care_identity` spells it)."""
    if follows(UID_FORM, uid):
        return ""
    if _SHORTENED.fullmatch(uid):
        return _("A spreadsheet has rounded this number. Type it again, in a column whose cells are formatted as text.")
    return _("A Care Identity number (UUID) is twelve digits, like 555512345678.")


def username_problem(*, username: str, organisation_code: str) -> str:
    """Return what is wrong with a username that was not made here (as `identifiers.username_on_record` spells it)."""
    if not follows(USERNAME_FORM, username):
        return _("A username is the organisation's three digits, then letters and digits, like 999JSMITH01.")
    if not username.startswith(organisation_code):
        return _("A username at this organisation begins with %(organisation_code)s.") % {
            "organisation_code": organisation_code
        }
    return ""


def date_of_birth_problem(*, date_of_birth: datetime.date, today: datetime.date | None = None) -> str:
    """Return what is wrong with a date of birth. The sentence does not tell the date."""
    today = today or timezone.localdate()
    if date_of_birth > today:
        return _("This date of birth is in the future. Check the year.")
    if date_of_birth < EARLIEST:
        return _("This date of birth is before %(year)s. Check the year.") % {"year": EARLIEST_YEAR}
    if (date_of_birth.year + YOUNGEST, date_of_birth.month, date_of_birth.day) > (today.year, today.month, today.day):
        return _("This date of birth makes the person younger than %(age)s. Check the year.") % {"age": YOUNGEST}
    return ""


def first_day_problem(*, starts_on: datetime.date | None) -> str:
    """Return what is wrong with a first day."""
    return (
        _("This is before %(year)s. Check the year.") % {"year": EARLIEST_YEAR}
        if starts_on and starts_on < EARLIEST
        else ""
    )


def last_day_problem(*, starts_on: datetime.date | None, ends_on: datetime.date | None) -> str:
    """Return what is wrong with a last day, given the first."""
    if ends_on is None:
        return ""
    if ends_on < EARLIEST:
        return _("This is before %(year)s. Check the year.") % {"year": EARLIEST_YEAR}
    return _("The last day is before the first day.") if starts_on and ends_on < starts_on else ""


def domains_of(*, organisation: Organisation) -> frozenset[str]:
    """Return the email domains of `organisation`."""
    return frozenset(domain.domain for domain in organisation.email_domains.all())


def problems(*, person: User, domains: Collection[str] | None = None) -> dict[str, str]:
    """Return what is wrong with a person as they would be stored, by field: what a form shows beside each.

    `person` need not be saved, but has its organisation. `domains` are the organisation's, where the caller knows them.
    """
    if domains is None:
        domains = domains_of(organisation=person.organisation)
    found = {
        "given_name": name_problem(name=person.given_name),
        "family_name": name_problem(name=person.family_name),
        "email": email_problem(email=person.email, person_type=person.person_type, domains=domains),
        "employee_number": employee_number_problem(employee_number=person.employee_number),
        "person_type": ""
        if person.person_type in PersonType.values
        else _("Choose staff, student, contractor or volunteer."),
        "date_of_birth": date_of_birth_problem(date_of_birth=person.date_of_birth)
        if person.date_of_birth
        else _("Missing."),
        "starts_on": first_day_problem(starts_on=person.starts_on),
        "ends_on": last_day_problem(starts_on=person.starts_on, ends_on=person.ends_on),
    }
    return {field: problem for field, problem in found.items() if problem}
