"""Made-up people, whose words their passwords are checked against; and passwords made of those words."""

from __future__ import annotations

import datetime
import random
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.models import Organisation, User
from bench.password_corpus import dressed
from bench.password_corpus.base_passwords import in_half
from bench.password_corpus.split import Half

PLACES = ("Northfield", "Eastmoor", "Westbrook", "Southgate", "Midvale", "Lakeside", "Highcliffe", "Riverbank")
KINDS_OF_PLACE = ("Hospitals NHS Foundation Trust", "Community Health", "Ambulance Service", "Integrated Care Board")


@cache
def _names(half: Half, name_list: str) -> tuple[str, ...]:
    # A person called Jo Li is protected by the words of the place and by the other rules.
    return tuple(n for n in FREQUENCY_LISTS[name_list][:2_000] if len(n) >= 4 and in_half(n, half))


def person(chance: random.Random, half: Half) -> User:
    """Return a person who is in no database."""
    given = chance.choice(_names(half, chance.choice(("female_names", "male_names")))).capitalize()
    family = chance.choice(_names(half, "surnames")).capitalize()
    code = str(chance.randint(100, 999))
    return User(
        username=f"{code}{given[0]}{family}{chance.randint(1, 40):02}".upper(),
        given_name=given,
        family_name=family,
        email=f"{given}.{family}{chance.randint(1, 99)}@nhs.net".lower(),
        employee_number=str(chance.randint(10_000_000, 39_999_999)),
        date_of_birth=datetime.date(chance.randint(1950, 2005), chance.randint(1, 12), chance.randint(1, 28)),
        organisation=Organisation(code=code, name=f"{chance.choice(PLACES)} {chance.choice(KINDS_OF_PLACE)}"),
    )


def made_of_own_words(chance: random.Random, half: Half, who: User) -> str:
    """Return a password that a person makes of their name, number, birthday or workplace."""
    born = who.date_of_birth
    day = f"{born.day:02}{born.month:02}{born.year}"
    place = who.organisation.name.split()[0]
    given, family = who.given_name, who.family_name
    names = (
        f"{given}{family}",
        f"{given}.{family}",
        f"{family}{given[0]}",
        f"{given[::-1]}{family}",
        f"{given}{given}",
    )
    dates = (f"{given}{born.year}", f"{given}{day}", f"{family}{born.year}!", f"{family}{day}")
    places = (f"{given}{place}", f"{given}@{place}", f"{place}{who.organisation.code}", f"{family}NHS", f"nhs{place}")
    numbers = (who.employee_number, f"ESR{who.employee_number}", who.username, who.username.lower(), who.username[3:])
    start = chance.choice((*names, *dates, *places, *numbers, who.email.partition("@")[0]))
    start = start.replace("o", "0").replace("a", "@").replace("e", "3") if chance.random() < 0.2 else start
    return dressed.padded(chance, chance.choice((start, start, start.lower(), start.upper())))
