"""The made-up organisations and people, one for each situation that a person can be in.

What is stored of them is English: names, notices, and what an application is for. One organisation, and the notices,
have texts in Welsh besides.

Addresses end in ".example", which is never given out (RFC 2606): with a real mail server, no stranger gets mail.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models.user import PersonType
from demo.care_identity import cards
from demo.situations import Situation

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Keeps every rule of the password policy, and is easy to type on a phone.
PASSWORD = "violet-harbour-tandem"  # noqa: S105 - shown on the demo page.
# Of every card of the stand-in Care Identity.
PASSCODE = cards.PASSCODE
# All organisations take addresses at this domain, as real ones take those at nhs.net.
SHARED_DOMAIN = "nhsmail.example"
# The titles of its notices, the second to its date.
PAYSLIP = "Your payslip for this month is ready"
DOWNTIME = "ESR will not be available on "


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One made-up login: who it is, and what to try with it."""

    situation: Situation
    given_name: str
    family_name: str
    organisation: str
    employee_number: str
    email: str
    date_of_birth: datetime.date
    to_try: StrPromise
    person_type: PersonType = PersonType.STAFF
    has_password: bool = True
    # The number (UUID) on this person's card, or "" where there is none.
    care_identity: str = ""
    has_internet_access: bool = False


CAST = (
    Part(
        situation=Situation.ORDINARY,
        given_name="Amina",
        family_name="Okafor",
        organisation="101",
        employee_number="10000101",
        email=f"amina.okafor@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1988, 4, 23),
        to_try=_("Log in with the password or the card. Or forget the password, and ask for it by email."),
        care_identity="555000000101",
    ),
    Part(
        situation=Situation.LOCKED,
        given_name="Ben",
        family_name="Carter",
        organisation="101",
        employee_number="10000102",
        email=f"ben.carter@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1975, 9, 2),
        to_try=_("Try to log in: the right password is refused too. Then unlock the account by email."),
    ),
    Part(
        situation=Situation.NEVER_LOGGED_IN,
        given_name="Chloe",
        family_name="O'Brien-Évans",
        organisation="101",
        employee_number="10000103",
        email=f"chloe.obrien@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(2001, 1, 31),
        to_try=_("Ask for the username and a first password, as every new starter does."),
        has_password=False,
    ),
    Part(
        situation=Situation.VOLUNTEER,
        given_name="Dev",
        family_name="Patel",
        organisation="202",
        employee_number="10000201",
        email="dev.patel@home.example",
        date_of_birth=datetime.date(1954, 12, 19),
        to_try=_(
            "Ask for a new password with the personal address, not one of the NHS. It works here because Dev has "
            "internet access."
        ),
        person_type=PersonType.VOLUNTEER,
        has_internet_access=True,
    ),
    Part(
        situation=Situation.TWO_EMPLOYERS,
        given_name="Ewa",
        family_name="Nowak",
        organisation="101",
        employee_number="10000104",
        email=f"ewa.nowak@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1990, 6, 7),
        to_try=_(
            "Ask once: one mail lists both usernames, each with a link of its own. Or log in with the card, and "
            "choose the employer."
        ),
        care_identity="555000000105",
    ),
    Part(
        situation=Situation.TWO_EMPLOYERS,
        given_name="Ewa",
        family_name="Nowak",
        organisation="202",
        employee_number="10000202",
        email=f"ewa.nowak@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1990, 6, 7),
        to_try=_(
            "The same person and card at her second employer. This computer is outside its network, and she has no "
            "internet access: the password is refused, the card is not, and Manage Internet Access says what is "
            "missing."
        ),
        person_type=PersonType.CONTRACTOR,
        care_identity="555000000105",
    ),
    Part(
        situation=Situation.MUST_CHANGE,
        given_name="Femi",
        family_name="Adeyemi",
        organisation="101",
        employee_number="10000105",
        email=f"femi.adeyemi@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1983, 3, 15),
        to_try=_("Log in: a new password is asked for before anything else."),
    ),
    Part(
        situation=Situation.ENDED,
        given_name="Grace",
        family_name="Hughes",
        organisation="101",
        employee_number="10000106",
        email=f"grace.hughes@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1961, 11, 5),
        to_try=_(
            "Try to log in, with the password or the card. Then ask by email: the mail says what somebody who has "
            "left can do."
        ),
        care_identity="555000000107",
    ),
    Part(
        situation=Situation.CARE_IDENTITY_ONLY,
        given_name="Harjit",
        family_name="Singh",
        organisation="101",
        employee_number="10000108",
        email=f"harjit.singh@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1979, 8, 28),
        to_try=_(
            "Ask for a password by email: the mail says how a smartcard user gets one. Then do so: log in with the "
            "card, and open Manage Internet Access."
        ),
        has_password=False,
        care_identity="555000000108",
    ),
    Part(
        situation=Situation.NOT_YET_STARTED,
        given_name="Isla",
        family_name="MacLeod",
        organisation="202",
        employee_number="10000204",
        email="isla.macleod@moorland.nhs.example",
        date_of_birth=datetime.date(2004, 2, 29),
        to_try=_("Ask by email: the mail says from when it works."),
        person_type=PersonType.STUDENT,
        has_password=False,
    ),
    Part(
        situation=Situation.HAS_AN_APP,
        given_name="Kofi",
        family_name="Mensah",
        organisation="101",
        employee_number="10000109",
        email=f"kofi.mensah@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1986, 10, 9),
        to_try=_("Log in with the password, then with the code on this page, which the app on his phone shows."),
    ),
    Part(
        situation=Situation.LOST_THE_PHONE,
        given_name="Lena",
        family_name="Fischer",
        organisation="101",
        employee_number="10000110",
        email=f"lena.fischer@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1969, 5, 17),
        to_try=_("Log in with the password. There is no code from an app: use one of the recovery codes on this page."),
    ),
    Part(
        situation=Situation.NEEDS_A_SECOND_STEP,
        given_name="Marta",
        family_name="Silva",
        organisation="505",
        employee_number="10000501",
        email=f"marta.silva@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1995, 2, 3),
        to_try=_(
            "Log in: her organisation requires a second step and she has none, so setting one up is the next page, and "
            "no other opens before."
        ),
    ),
    Part(
        situation=Situation.ORDINARY,
        given_name="Carys",
        family_name="Morgan",
        organisation="606",
        employee_number="10000601",
        email=f"carys.morgan@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1982, 3, 1),
        to_try=_("Log in, and read My ESR in Welsh: her organisation has its texts in both languages."),
    ),
    Part(
        situation=Situation.DORMANT,
        given_name="Quentin",
        family_name="Bell",
        organisation="101",
        employee_number="10000114",
        email=f"quentin.bell@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1977, 4, 8),
        to_try=_("Try to log in: the password was not used for so long that it is dormant. Then wake it by email."),
    ),
    Part(
        situation=Situation.LEAVING,
        given_name="Ruth",
        family_name="Jones",
        organisation="101",
        employee_number="10000115",
        email=f"ruth.jones@{SHARED_DOMAIN}",
        date_of_birth=datetime.date(1964, 9, 26),
        to_try=_(
            "Log in, and give a personal email address in My ESR: for 90 days after the last day it gets a page that "
            "says where to ask for payslips."
        ),
    ),
    Part(
        situation=Situation.HELPDESK,
        given_name="Jess",
        family_name="Turner",
        organisation="101",
        employee_number="10000107",
        email="jess.turner@riverside.nhs.example",
        date_of_birth=datetime.date(1993, 7, 11),
        to_try=_(
            "Log in with the code on this page, or with the card, which needs no code. Then open the admin: unlock "
            "Ben, send Chloe her mail, or give Ewa internet access. Jess sees the people of her own organisation alone."
        ),
        care_identity="555000000110",
    ),
    Part(
        situation=Situation.LEAD,
        given_name="Nadia",
        family_name="Rahman",
        organisation="101",
        employee_number="10000111",
        email="nadia.rahman@riverside.nhs.example",
        date_of_birth=datetime.date(1984, 1, 19),
        to_try=_(
            "Log in with the code on this page. Then open the admin: import the file from this page, or download the "
            "table of second steps."
        ),
    ),
    Part(
        situation=Situation.AUDITOR,
        given_name="Owen",
        family_name="Price",
        organisation="101",
        employee_number="10000112",
        email="owen.price@riverside.nhs.example",
        date_of_birth=datetime.date(1972, 6, 30),
        to_try=_("Log in with the code on this page. Then open the admin, where Owen changes nothing."),
    ),
    Part(
        situation=Situation.ADMINISTRATOR,
        given_name="Priya",
        family_name="Sharma",
        organisation="101",
        employee_number="10000113",
        email="priya.sharma@riverside.nhs.example",
        date_of_birth=datetime.date(1980, 12, 2),
        to_try=_(
            "Log in with the code on this page. Then open the admin: change an organisation, write a notice, or give "
            "Amina a role."
        ),
    ),
)
