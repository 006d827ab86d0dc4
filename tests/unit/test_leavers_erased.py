"""Which leavers the daily work erases, and who stays."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ErasedPerson, Organisation, PeopleUpload, Proposal, SecurityEvent, User
from accounts.models.organisation import FEWEST_DAYS_LEAVERS_KEPT, MOST_DAYS_LEAVERS_KEPT
from accounts.models.role import Role
from accounts.models.security_event import Event
from accounts.services import erasing, leavers
from accounts.services.leavers import Stays
from helpdesk.services import helping
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import make_agent
from tests.support.people_files import HEADING, JO, run
from tests.support.threads import all_at_once

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db

SIX_YEARS = 6 * 365 + 2
LONG_AGO = datetime.timedelta(days=30)


def left(days_ago: int, **facts: Any) -> User:
    return make_user(ends_on=timezone.localdate() - datetime.timedelta(days=days_ago), **facts)


def keep(organisation: Organisation, days: int | None, *, since: datetime.timedelta = LONG_AGO) -> None:
    Organisation.objects.filter(pk=organisation.pk).update(
        leavers_kept_days=days, leavers_kept_since=timezone.now() - since
    )


def is_there(user: User) -> bool:
    return User.objects.filter(pk=user.pk).exists()


@pytest.mark.both_databases
def test_six_years_after_the_last_day_and_not_a_day_sooner() -> None:
    at_six_years, past = left(SIX_YEARS), left(SIX_YEARS + 1)
    in_force, switched_off = make_user(), make_user(is_active=False)
    assert leavers.erase_due() == 1
    assert not is_there(past)
    assert all(is_there(user) for user in (at_six_years, in_force, switched_off))
    assert ErasedPerson.objects.get().why == "age"


def test_each_organisation_has_its_own_number() -> None:
    short, long, other = (make_organisation(code=code) for code in ("111", "222", "333"))
    keep(short, 400)
    keep(long, 3000)
    gone = [left(401, organisation=short), left(3001, organisation=long), left(SIX_YEARS + 1, organisation=other)]
    kept = [left(400, organisation=short), left(3000, organisation=long), left(401, organisation=other)]
    assert leavers.erase_due() == 3
    assert [is_there(user) for user in (*gone, *kept)] == [False] * 3 + [True] * 3


@pytest.mark.parametrize("days", [400, None])
def test_a_number_that_was_lowered_erases_nobody_for_a_week(days: int | None) -> None:
    """Threat: a slip of the finger, and a thousand records are gone for good the next morning."""
    user = left(SIX_YEARS + 1)
    keep(user.organisation, days, since=datetime.timedelta(days=6, hours=23))
    assert leavers.erase_due() == 0
    keep(user.organisation, days, since=datetime.timedelta(days=7, minutes=1))
    assert leavers.erase_due() == 1


def waits(user: User) -> None:
    Proposal.objects.create(user=user, action="unfreeze", reason="x", asked_by=make_agent())


def imports(user: User) -> None:
    PeopleUpload.objects.create(organisation=user.organisation, file_name="x.csv", uploaded_by=make_agent())


def had_role(user: User) -> None:
    SecurityEvent.objects.create(event=Event.ROLE_TAKEN_AWAY, user=user, reason="lead")


def has_role(user: User) -> None:
    user.role = Role.AGENT
    user.save()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (waits, Stays.CHANGE_WAITS),
        (imports, Stays.IMPORT_IS_OPEN),
        (had_role, Stays.HAD_ROLE),
        (has_role, Stays.HAS_ROLE),
    ],
)
def test_who_stays_is_counted_and_the_log_says_why(make: object, why: Stays, caplog: pytest.LogCaptureFixture) -> None:
    user = left(SIX_YEARS + 1)
    assert leavers.staying() == 0
    make(user)  # type: ignore[operator]
    assert leavers.why_not(user=User.objects.get(pk=user.pk)) is why
    assert leavers.erase_due() == 0
    with caplog.at_level("WARNING", logger="esr_portal.erasing"):
        assert leavers.staying() == 1
    (record,) = [record for record in caplog.records if record.name == "esr_portal.erasing"]
    assert (record.user, record.reason) == (user.pk, why.value)  # type: ignore[attr-defined]


def test_people_in_force_and_those_without_a_last_day_have_a_reason_to_stay() -> None:
    for user in (make_user(), make_user(is_active=False), left(0)):
        assert leavers.why_not(user=user) is Stays.IN_FORCE
    assert leavers.why_not(user=left(1)) is None


def test_a_run_that_is_killed_has_erased_some_whole_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    users = [left(SIX_YEARS + 10 - n) for n in range(4)]
    erase = erasing.erase

    def killed(**facts: object) -> bool:
        if facts["user_id"] == users[2].pk:
            raise SystemExit
        return erase(**facts)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "erase", killed)
        with pytest.raises(SystemExit):
            leavers.erase_due()
    assert [is_there(user) for user in users] == [False, False, True, True]
    assert leavers.erase_due() == 2


def test_no_more_than_so_many_in_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leavers, "MOST_A_DAY", 2)
    for n in range(3):
        left(SIX_YEARS + 1 + n)
    assert [leavers.erase_due() for _ in range(3)] == [2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_erase_each_once() -> None:
    for n in range(6):
        left(SIX_YEARS + 1 + n)
    assert sum(all_at_once([leavers.erase_due] * 2)) == 6
    assert SecurityEvent.objects.filter(event=Event.PERSON_ERASED).count() == 6


def test_the_daily_work_erases_and_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    left(SIX_YEARS + 1)
    has_role(left(SIX_YEARS + 1))
    call_command("tidy_up")
    said = capsys.readouterr().out
    assert "people who left so long ago that they are erased: 1 deleted" in said
    assert "people who left so long ago and stay for a reason, which the log has: 1" in said


@pytest.mark.parametrize("days", [FEWEST_DAYS_LEAVERS_KEPT - 1, MOST_DAYS_LEAVERS_KEPT + 1])
def test_the_database_takes_no_number_beyond_the_bounds(days: int) -> None:
    organisation = make_organisation()
    with pytest.raises(IntegrityError, match="leavers_kept"), transaction.atomic():
        keep(organisation, days)


def changed(before: int | None, after: int | None, *, since: datetime.datetime | None = None) -> Organisation:
    was = Organisation(code="999", leavers_kept_days=before, leavers_kept_since=since)
    now = Organisation(code="999", leavers_kept_days=after, leavers_kept_since=since)
    leavers.note_change(organisation=now, before=was, by=None)
    return now


def test_since_when_a_number_holds_is_when_it_was_lowered_last(travel: Travel) -> None:
    long_ago = timezone.now() - LONG_AGO
    for before, after in ((None, 400), (800, 400), (3000, None), (3000, SIX_YEARS)):
        lowered = changed(before, after, since=long_ago if before else None)
        assert lowered.leavers_kept_since is not None
        assert lowered.leavers_kept_since > long_ago
    assert changed(400, 800, since=long_ago).leavers_kept_since == long_ago
    assert changed(400, None, since=long_ago).leavers_kept_since is None
    # What is saved for another reason takes no hold away.
    assert changed(None, None, since=long_ago).leavers_kept_since == long_ago
    reasons = SecurityEvent.objects.filter(event=Event.LEAVERS_KEPT_CHANGED).values_list("reason", flat=True)
    assert set(reasons) == {
        *("999_none_to_400", "999_800_to_400", "999_3000_to_none", f"999_3000_to_{SIX_YEARS}"),
        *("999_400_to_800", "999_400_to_none"),
    }


def test_a_last_day_that_was_put_lately_erases_nobody_however_long_ago_it_is(agent: User, travel: Travel) -> None:
    """Threat: one agent, or a slip, gives a colleague a last day of years ago, who is gone for good the next night."""
    person = make_user()
    long_ago = timezone.localdate() - datetime.timedelta(days=SIX_YEARS + 100)
    assert helping.change_last_day(person=person, by=agent, note="They left.", was=None, day=long_ago)
    assert leavers.erase_due() == 0
    travel(days=FEWEST_DAYS_LEAVERS_KEPT - 1)
    assert leavers.erase_due() == 0
    travel(days=2)
    assert leavers.erase_due() == 1
    assert not is_there(person)


@pytest.mark.both_databases
def test_a_file_with_a_wrong_year_erases_nobody(travel: Travel) -> None:
    make_organisation()
    run(JO)
    person = User.objects.get(employee_number="10000001")
    travel(days=FEWEST_DAYS_LEAVERS_KEPT + 100)
    run(f"{JO},2016-11-30", heading=f"{HEADING},ends_on")
    assert leavers.erase_due() == 0
    assert is_there(person)
