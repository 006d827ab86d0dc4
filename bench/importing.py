"""How long an import of new people takes beside a bare COPY of the same rows: `bench.importing [PEOPLE] [desk]`.

The import reads, checks and compares each line, and tells who is faulty; COPY takes what it is given. With `desk`
the same file also goes the way of one that a lead uploads: sealed, looked at, confirmed, and imported in batches.
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


def file_of(count: int, first: int, *, with_usernames: bool = True) -> io.BytesIO:
    """Return a CSV file of `count` people whose numbers begin with `first`."""
    username = "999IMPORT{:06}" if with_usernames else ""
    lines = (
        f"999,{20_000_000 + n},{username.format(n)},{GIVEN_NAMES[n % len(GIVEN_NAMES)]},{family_name(n)},"
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
        if "desk" in sys.argv:
            looked, imported = _from_the_desk(file_of(count, (TIMES + 1) * count, with_usernames=False))
            print(f"  from the desk: looked at in {looked:.2f} s, imported in {imported:.2f} s")
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


def _from_the_desk(file: io.BytesIO) -> tuple[float, float]:
    """Return how long a worker takes to look at the file of a lead, and then to import it."""
    import uuid

    from accounts.jobs import LongWorker
    from accounts.models import Organisation, User
    from accounts.models.role import Role
    from helpdesk.services.people_uploads import deciding, taking

    lead = User.objects.order_by("pk")[0]
    lead.role, lead.organisation = Role.LEAD, Organisation.objects.get(code="999")
    lead.save(update_fields=["role", "organisation"])
    content, sealed_as, piece = file.getvalue(), uuid.uuid4(), 256 * 1024
    pieces = (
        taking.seal_piece(content[start : start + piece], sealed_as=sealed_as, number=number)
        for number, start in enumerate(range(0, len(content), piece))
    )
    began = time.perf_counter()
    upload = taking.take(
        organisation=lead.organisation,
        file_name="people.csv",
        size=len(content),
        sealed_as=sealed_as,
        pieces=pieces,
        by=lead,
    )
    LongWorker().do_what_is_due()
    looked = time.perf_counter()
    upload.refresh_from_db()
    deciding.confirm(upload=upload, by=lead, digest=upload.digest)
    LongWorker().do_what_is_due()
    return looked - began, time.perf_counter() - looked


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
