"""How long an import of new people takes beside a bare COPY of the same rows: `python -m bench.importing [PEOPLE]`.

The import reads, checks and compares each line, and tells who is faulty; COPY takes what it is given.
"""

from __future__ import annotations

import cProfile
import datetime
import io
import logging
import pstats
import sys
import time

from bench import portal

PEOPLE = 20_000
TIMES = 3
GIVEN_NAMES = ("Jo", "Amina", "Olu", "Siân", "Mary-Ann", "Piotr", "Zoë")
BORN = datetime.date(2004, 1, 1)
DAY = datetime.timedelta(days=1)
HEADING = "organisation,employee_number,username,given_name,family_name,email,date_of_birth,person_type\n"


def file_of(count: int, first: int) -> io.BytesIO:
    """Return a CSV file of `count` people whose numbers begin with `first`."""
    lines = (
        f"999,{20_000_000 + n},999IMPORT{n:06},{GIVEN_NAMES[n % len(GIVEN_NAMES)]},{family_name(n)},"
        f"import{n}@bench.example,{BORN - n % 15_000 * DAY},staff\n"
        for n in range(first, first + count)
    )
    return io.BytesIO((HEADING + "".join(lines)).encode())


def family_name(number: int) -> str:
    """Return a family name that no other person has; every tenth is written with more than the letters A to Z."""
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(5))
    return f"{'Ó ' if number % 10 == 0 else ''}{letters.capitalize()}"


def main() -> None:
    """Print the least time of each, and what share of the rate of COPY the import has."""
    count = next((int(word) for word in sys.argv[1:] if word.isdigit()), PEOPLE)
    with portal.database():
        logging.disable(logging.WARNING)
        importing, copying = [], []
        for round_ in range(TIMES):
            importing.append(_import(file_of(count, round_ * count)))
            copying.append(_copy(count))
        if "profile" in sys.argv:
            profile = cProfile.Profile()
            profile.runcall(_import, file_of(count, TIMES * count))
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    took, bare = min(importing), min(copying)
    print(f"  {count:,} new people: import {took:.2f} s, COPY {bare:.2f} s; {bare / took:.2f} of its rate (goal 0.2)")


def _import(file: io.BytesIO) -> float:
    from people.services import people_import

    began = time.perf_counter()
    people_import.run(file=file)
    return time.perf_counter() - began


def _copy(count: int) -> float:
    """Return how long COPY takes for the newest people, into a table like theirs with the same indexes."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (LIKE accounts_user INCLUDING ALL) ON COMMIT DROP")
        newest = "COPY (SELECT * FROM accounts_user ORDER BY id DESC LIMIT %s) TO STDOUT"
        with cursor.copy(newest, [count]) as out:
            rows = b"".join(bytes(data) for data in out)
        began = time.perf_counter()
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write(rows)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
