"""What happens on each day of the week."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final

from bench import back_ups
from bench.portal import ROOT
from bench.week.books import Books
from bench.week.machines import KEY, SECOND_STEP, SECRET
from bench.week.operator import Operator
from bench.week.people import HEADING, AtABrowser, Person

if TYPE_CHECKING:
    from pathlib import Path

    from bench.week.machines import Machines

# Long enough before the week for what is kept for 90 days to be gone in it.
BEFORE = 100
FIRST_DAY = 101
MORNING, NIGHT = 7, 22
PEOPLE = 24
EVENTS_OF: Final = "accounts_securityevent AS e JOIN accounts_user AS u ON u.id = e.user_id"
LOG_INS: Final = f"{EVENTS_OF} WHERE e.event = 'logged_in' AND u.username = %s"
FIRST_LOG_INS: Final = "accounts_securityevent WHERE event = 'logged_in' AND at < now() - interval '91 days'"
WRONG_PASSWORDS: Final = "accounts_securityevent WHERE event = 'log_in_failed'"
WRONG_PASSWORD = "not my password at all 1"  # noqa: S105 - made up.


class Week:
    """The week: who is on record, at which browsers, and what was promised to them."""

    def __init__(self, machines: Machines, *, before: Path | None) -> None:
        self.machines, self.books = machines, Books()
        self._before = before
        self._people = [AtABrowser(Person(number), machines) for number in range(1, PEOPLE + 1)]
        self._operator = Operator(machines)
        self._joined = self._people[: PEOPLE // 2]
        self._logged_in_at_seven: list[AtABrowser] = []
        self._log_ins_before = 0

    def live(self) -> None:
        """Live through it. Raises Failed, or Unexpected, where it cannot go on."""
        self.machines.code = self._before or ROOT
        self._begin()
        for day in range(7):
            self._morning(day)
            self._night(day)
        self._count_up()

    # A hundred days before ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.books.begin(f"{BEFORE} days before")
        with self.machines.at(day=1, hour=NIGHT):
            for command in (["migrate", "--no-input"], ["collectstatic", "--no-input"]):
                self.machines.manage(*command, "--verbosity=0")
            who = ["--code=999", "--name=Week Hospitals", "--support-email=esr@week.example"]
            self.machines.manage("add_organisation", *who, "--email-domain=week.example")
            self._import()
            facts = {"organisation": "999", "given-name": "Olwen", "family-name": "Price", "email": "op@week.example"}
            facts |= {"date-of-birth": "15/3/1984", "employee-number": "29999999"}
            printed = self.machines.manage("create_admin", *(f"--{name}={value}" for name, value in facts.items()))
            with self.machines.services():
                self._operator.begin(printed, "quiet-orchard-lantern-9")
                for person in self._joined:
                    self._recover(person)
                    self.books.hold("who has set a password gets in", person.log_in())
                    self.books.hold("a wrong password lets nobody in", not person.log_in(WRONG_PASSWORD))
            self._tidy_up()
            wrong = self.machines.count(WRONG_PASSWORDS)
            self.books.hold("an event for each wrong password", wrong == len(self._joined), wrong)
            self._log_ins_before = len(self._joined) + 1

    # Each day -------------------------------------------------------------------------------------------------------

    def _morning(self, day: int) -> None:
        self.books.begin(f"day {day}, {MORNING}:00")
        with self.machines.at(day=FIRST_DAY + day, hour=MORNING):
            if day == 2:
                self._replace_secret_key()
            if day == 3:
                self._drop_former_secret_key()
                self._replace_second_step_key()
            if day == 4:
                self._upgrade()
            if day == 5:
                self._restore()
            self._import(joining=self._people[len(self._joined) : len(self._joined) + 2], leaving=day)
            with self.machines.services():
                if day == 2:
                    self._mails_of_the_night_have_come()
                self._all_log_in(day)
                self._recover(self._joined[day])
                self.books.hold("the operator gets in with the app's code", self._operator.log_in())

    def _night(self, day: int) -> None:
        self.books.begin(f"day {day}, {NIGHT}:00")
        with self.machines.at(day=FIRST_DAY + day, hour=NIGHT):
            mail_is_down = day == 1
            if mail_is_down:
                self.machines.mails.stop()
            with self.machines.services():
                for person in self._logged_in_at_seven:
                    self.books.hold("a session ends within the day", not person.is_logged_in())
                if mail_is_down:
                    for person in self._joined[-3:]:
                        person.ask_for_a_mail()
                        self.books.note("mails asked for while the mail server was down")
            self.machines.mails.start()
            self._tidy_up()
            if day == 4:
                self._back_up()

    def _all_log_in(self, day: int) -> None:
        self._logged_in_at_seven = []
        for person in self._joined:
            is_past = person.person.ends_on is not None and person.person.ends_on < self._today()
            if is_past:
                self.books.hold("who has left does not get in", not person.log_in())
                self.books.note("wrong passwords in the week")
                continue
            if not person.person.password:
                self._recover(person)
            self.books.hold("the newest password lets its person in", person.log_in(), person.person.username)
            self._logged_in_at_seven.append(person)
        changed = [person for person in self._logged_in_at_seven if person.person.former_password]
        for person in changed[-2:]:
            self.books.hold("a former password lets nobody in", not person.log_in(person.person.former_password))
            self.books.note("wrong passwords in the week")
            person.log_in()

    def _recover(self, person: AtABrowser) -> None:
        came = len(person.mails())
        person.ask_for_a_mail()
        self.books.note("mails asked for")
        mail = person.wait_for_mails(came + 1)
        password = f"violet-harbour-{person.person.number}-{person.person.asked}-tandem"
        self.books.hold("a link sets a password", person.set_password_by(mail, password))
        self.books.hold("a link works once", not person.set_password_by(mail, "another-lantern-orchard-1"))

    def _mails_of_the_night_have_come(self) -> None:
        for person in self._joined[-5:-2]:
            self.books.hold(
                "a mail of the night comes in the morning", bool(person.wait_for_mails(person.person.asked))
            )

    # What operators do ----------------------------------------------------------------------------------------------

    def _import(self, *, joining: list[AtABrowser] | None = None, leaving: int | None = None) -> None:
        """Import a file with everybody, two who are new, and the last day of one who leaves."""
        self._joined += joining or []
        if leaving is not None:
            self._joined[leaving - 7].person.ends_on = self._today()
        file = self.machines.folder / "people.csv"
        file.write_text("\n".join([HEADING, *(at.person.line for at in self._joined), ""]), encoding="utf-8")
        self.machines.manage("import_people", str(file))
        self.books.note("files of people imported")

    def _tidy_up(self) -> None:
        self.machines.manage("tidy_up")
        self.machines.manage("verify_events")
        self.books.note("times tidied up, and events compared with their seals")

    def _replace_secret_key(self) -> None:
        self.machines.variables |= {"SECRET_KEY": KEY.format("of-new-secrets"), "SECRET_KEY_FALLBACKS": SECRET}
        self.books.note("SECRET_KEY replaced")

    def _drop_former_secret_key(self) -> None:
        self.machines.variables.pop("SECRET_KEY_FALLBACKS", None)

    def _replace_second_step_key(self) -> None:
        new = KEY.format("of-new-second-steps")
        self.machines.variables["SECOND_STEP_KEYS"] = f"{new},{SECOND_STEP}"
        self.machines.manage("reseal_second_steps")
        self.machines.manage("seal_events")
        self.machines.variables["SECOND_STEP_KEYS"] = new
        self.books.note("SECOND_STEP_KEYS replaced")

    def _upgrade(self) -> None:
        if self._before is None:
            return
        self.machines.code = ROOT
        for command in (["migrate", "--no-input"], ["collectstatic", "--no-input"]):
            self.machines.manage(*command, "--verbosity=0")
        self.books.note("upgraded from the version before")

    def _back_up(self) -> None:
        address = self.machines.variables["DATABASE_URL"]
        back_ups.back_up(self.machines.program, address=address, file=self._dump)

    def _restore(self) -> None:
        """Lose the database, and go on with the copy of the night before."""
        self.machines.make_database("restored")
        address = self.machines.database_named("restored")
        # What follows the restoring is done in it already.
        self.machines.variables["DATABASE_URL"] = address
        back_ups.restore(self.machines.program, self.machines.manage, file=self._dump, into=address)
        self.books.note("restored from the back-up of the night before")

    @property
    def _dump(self) -> str:
        return str(self.machines.folder / "esr-portal.dump")

    def _today(self) -> datetime.date:
        return self.machines.clock.now().date()

    # On the last day ------------------------------------------------------------------------------------------------

    def _count_up(self) -> None:
        self.books.begin("on the last day, all that people were told")
        count, hold = self.machines.count, self.books.hold
        with self.machines.at(day=FIRST_DAY + 7, hour=MORNING):
            waiting = count("accounts_outboxmessage WHERE sent_at IS NULL AND due_at <= now()")
            hold("nothing is left to be sent", waiting == 0, waiting)
            for at in self._joined:
                asked, came = at.person.asked, len(at.mails())
                hold("one mail for each that was asked for", asked == came, f"{came} of {asked}")
            for at in (*self._joined, self._operator):
                noted, was_in = count(LOG_INS, at.person.username), at.person.let_in
                hold("an event for each log-in", noted == was_in, f"{noted} of {was_in} of {at.person.username}")
            wrong = count(WRONG_PASSWORDS)
            newer = self.books.done["wrong passwords in the week"]
            hold("what is kept for 90 days is gone after them, and no more", wrong == newer, f"{wrong}, {newer} newer")
            kept = count(FIRST_LOG_INS)
            hold("what is kept for longer is there", kept == self._log_ins_before, f"{kept} of {self._log_ins_before}")
