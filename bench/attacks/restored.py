"""A back-up is restored, as docs/operations.md says: what it revives ends, and people log in again."""

from __future__ import annotations

import dataclasses
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import back_ups, portal
from bench.attacks import faults, ledger, load, people
from bench.attacks.attack import Attack, Result, scaled
from bench.attacks.postgresql import OneDatabase
from bench.attacks.visitor import Unexpected, Visitor
from tests.support.portal import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.attacks.rig import Rig

PEOPLE = 500
LETTERS = "REST"
# The names of people: who is logged in, who uses a link after the back-up, who waits for a mail at the back-up, and
# who is erased after it.
LOGGED_IN, LINKED, WAITING, ERASED = "REST", "RESTL", "RESTW", "RESTE"


@dataclasses.dataclass
class Lost:
    """What there was when the database was lost, and the copy does not know."""

    cookies: list[dict[str, str]]
    links: list[str]
    mailed: Counter[str]
    erased: list[int]
    newest_event: int


def run(rig: Rig, share: float) -> Result:
    """Restore a back-up of a share of so many people."""
    return restore(rig, count=scaled(PEOPLE, share, least=10))


def restore(rig: Rig, *, count: int, within: float = faults.BACK_WITHIN) -> Result:
    """Make a back-up while people come, let things happen, lose the database, and go on with the copy."""
    if rig.postgresql is None:
        msg = "this rig's database is not its own"
        raise RuntimeError(msg)
    result, database = Result(), OneDatabase(rig.postgresql.address)
    file, log = str(rig.folder / "esr-portal.dump"), rig.folder / "erased.log"
    programs = rig.postgresql.programs

    def program(name: str, *arguments: str) -> None:
        subprocess.run([str(programs / name), *arguments], check=True, timeout=600)

    lost = _copied_and_gone_on(
        rig, count, result, lambda: back_ups.back_up(program, address=database.address, file=file)
    )
    lines = [line for line in rig.manage("events_as_json").splitlines() if "person_erased" in line]
    log.write_text("\n".join(lines), encoding="utf-8")
    began = time.monotonic()
    with _lost(rig, database):
        back_ups.restore(program, rig.must_manage, file=file, into=database.address, erased=str(log))
        result.say("Restored, migrated and ended in", f"{time.monotonic() - began:.0f} s")
        began = time.monotonic()
        for each in [*rig.workers, *rig.servers]:
            each.start()
        seconds = _in_after(rig, began, within)
        result.must(seconds is not None, f"no person was let in within {within:.0f} s of the start")
        result.say("From the start to the first person in", f"{seconds:.1f} s" if seconds is not None else "never")
        wait_until(lambda: all(server.answers() for server in rig.servers))
        _check(rig, lost, result)
    return result


def _copied_and_gone_on(rig: Rig, count: int, result: Result, copy: Callable[[], None]) -> Lost:
    from accounts.models import OutboxMessage, SecurityEvent, User
    from accounts.models.erased_person import Why
    from accounts.services import erasing
    from tests.support.links import link_path

    for letters in (LOGGED_IN, LINKED, WAITING, ERASED):
        portal.make_people(letters, count)
    before = [_logged_in(rig, number) for number in range(count)]
    links = [link_path(user) for user in User.objects.filter(username__startswith=f"999{LINKED}").order_by("pk")]
    rig.mail.stop()
    for number in range(count):
        visitor = Visitor(rig)
        people.ask_for_recovery(visitor, f"{WAITING.lower()}{number}@bench.example")
        visitor.close()
    waiting = OutboxMessage.objects.filter(sent_at__isnull=True, kind="recovery")
    wait_until(waiting.exists)
    with load.coming(rig, f"{LETTERS}X", threads=4, asking=count, changing=0):
        copy()
    result.say("People logged in, with a link, waiting for a mail, and erased since", f"{count} each")
    rig.mail.start()
    for link in links:
        visitor = Visitor(rig)
        path, page = people.open_link(visitor, link)
        visitor.post(path, page, new_password=people.NEW_PASSWORD, **people.about(page))
        visitor.close()
    after = [_logged_in(rig, number) for number in range(count)]
    erased = list(User.objects.filter(username__startswith=f"999{ERASED}").values_list("pk", flat=True))
    for pk in erased:
        erasing.erase(user_id=pk, why=Why.ORDER)
    ledger.settle(ends_leases=True)
    newest = SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return Lost([*before, *after], links, _mailed(rig), erased, newest)


def _logged_in(rig: Rig, number: int) -> dict[str, str]:
    """Log a person in; return the cookies of their browser. Raises Unexpected."""
    visitor = Visitor(rig)
    name = f"999{LOGGED_IN}{number:05}"
    try:
        if not people.is_in(visitor, people.try_to_log_in(visitor, name, portal.PASSWORD)):
            msg = f"{name} is not in"
            raise Unexpected(msg)
    finally:
        visitor.close()
    return dict(visitor.cookies)


def _mailed(rig: Rig) -> Counter[str]:
    """Return how many mails with a link each address was sent."""
    with_a_link = [mail for mail in rig.mail.mails if any("/recovery/link/" in link for link in mail.links)]
    return Counter(address for mail in with_a_link for address in mail.recipients)


@contextmanager
def _lost(rig: Rig, database: OneDatabase) -> Iterator[None]:
    """Stop the portal and put an empty database in the place of its own, which stays beside it until the block ends."""
    from django.db import connections

    for program in [*rig.servers, *rig.workers]:
        program.stop()
    connections.close_all()
    database.put_aside()
    try:
        yield
    finally:
        database.drop_what_was_put_aside()


def _in_after(rig: Rig, began: float, within: float) -> float | None:
    while time.monotonic() < began + within:
        try:
            _logged_in(rig, 0)
        except (OSError, Unexpected):
            time.sleep(0.1)
        else:
            return time.monotonic() - began
    return None


def _check(rig: Rig, lost: Lost, result: Result) -> None:
    from accounts.models import SecurityEvent, User

    _check_at_the_pages(rig, lost, result)
    there = User.objects.filter(pk__in=lost.erased).count()
    result.must(there == 0 and bool(lost.erased), f"{there} people who had been erased are there again")
    ledger.settle(ends_leases=True)
    again = _mailed(rig) - lost.mailed
    result.say("Mails with a link that were sent again", again.total())
    result.must(not again, f"{again.total()} mails with a link were sent again")
    restored = SecurityEvent.objects.get(event="database_restored").pk
    used_again = SecurityEvent.objects.filter(pk__gte=restored, pk__lte=lost.newest_event).count()
    result.say("Events before the loss, and the first after it", f"{lost.newest_event:,}, {restored:,}")
    result.must(used_again == 0, f"{used_again} keys of events were handed out a second time")


def _check_at_the_pages(rig: Rig, lost: Lost, result: Result) -> None:
    inside = good = 0
    for cookies in lost.cookies:
        visitor = Visitor(rig)
        visitor.cookies = dict(cookies)
        inside += b"Log out" in visitor.get("/my-esr/").body
        visitor.close()
    for link in lost.links:
        visitor = Visitor(rig)
        answer = visitor.get(link)
        page = visitor.get(answer.location) if answer.location else answer
        good += b'name="new_password"' in page.body
        visitor.close()
    result.say("Sessions that go on", f"{inside} of {len(lost.cookies)}")
    result.say("Links that are good again", f"{good} of {len(lost.links)}")
    result.must(inside == 0, f"{inside} sessions of before go on")
    result.must(good == 0, f"{good} links that were used are good again")


ATTACK = Attack(
    name="restored",
    title="6. A back-up restored after the database was lost",
    must_hold=(
        "after pg_restore, migrate and after_restore no session goes on, no link that was there is good, who was "
        "erased since is erased again, no mail with a link is sent again, no key of an event is used again, and people "
        "log in within 30 seconds of the start."
    ),
    estimate="ten minutes",
    run=run,
)
