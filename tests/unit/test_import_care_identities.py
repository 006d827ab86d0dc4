"""The column of an import that says which Care Identity opens which login."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CareIdentity, Organisation, OutboxMessage, SecurityEvent, Session, User
from accounts.models.outbox import Kind
from accounts.models.security_event import Event
from people.services import care_identity_links, people_import
from tests.support.factories import make_organisation, make_user
from tests.support.people_files import ANN, HEADING, JO, faults, jo, run
from tests.support.threads import all_at_once

pytestmark = pytest.mark.django_db

WITH_IT = f"{HEADING},care_identity"
UID, OTHER = "555000000101", "555000000202"


@pytest.fixture(autouse=True)
def organisation() -> Organisation:
    return make_organisation()


def on_record(employee_number: str = "10000001", uid: str = "") -> User:
    """Return a person that the file need not change but for their Care Identity."""
    user = make_user(
        employee_number=employee_number, email="jo.smith@nhs.net", date_of_birth=datetime.date(1980, 4, 23)
    )
    if uid:
        care_identity_links.link(user=user, uid=uid, by=None)
    return user


def linked() -> dict[str, str]:
    """Return the Care Identities by ESR number."""
    return dict(CareIdentity.objects.values_list("user__employee_number", "uid"))


def reasons(user: User) -> list[tuple[str, str]]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("event", "reason"))


def told() -> list[list[int]]:
    """Return the people who get a mail about their Care Identity."""
    rows = OutboxMessage.objects.filter(kind=Kind.CARE_IDENTITY_CHANGED)
    return [row.about["users"] for row in rows.order_by("created_at")]


def test_new_people_come_with_theirs_and_get_no_mail() -> None:
    assert run(f"{JO},5550 0000 0101", f"{ANN},", heading=WITH_IT).added == 2
    assert linked() == {"10000001": UID}
    jo_smith = User.objects.get(employee_number="10000001")
    assert reasons(jo_smith) == [(Event.PERSON_IMPORTED, ""), (Event.CARE_IDENTITY_LINKED, "")]
    assert not OutboxMessage.objects.exists()


def test_whoever_is_on_record_is_told_by_mail() -> None:
    user = on_record()
    assert run(f"{JO},{UID}", heading=WITH_IT) == people_import.Result(added=0, changed=1, unchanged=0)
    assert linked() == {"10000001": UID}
    assert reasons(user) == [(Event.CARE_IDENTITY_LINKED, "")]
    assert told() == [[user.pk]]


def test_the_same_file_twice_changes_nothing() -> None:
    run(f"{JO},{UID}", heading=WITH_IT)
    before = CareIdentity.objects.values().get()
    assert run(f"{JO},{UID}", heading=WITH_IT) == people_import.Result(added=0, changed=0, unchanged=1)
    assert CareIdentity.objects.values().get() == before
    assert SecurityEvent.objects.count() == 2


@pytest.mark.parametrize(("line", "heading"), [(f"{JO},", WITH_IT), (f"{JO}, ", WITH_IT), (JO, HEADING)])
def test_an_empty_cell_and_a_missing_column_take_nothing_away(line: str, heading: str) -> None:
    on_record(uid=UID)
    assert run(line, heading=heading).unchanged == 1
    assert linked() == {"10000001": UID}


def test_another_one_takes_the_place_of_the_first_and_ends_its_sessions() -> None:
    user = on_record(uid=UID)
    for came_by in (UID, ""):
        Session.objects.create(
            session_key=uuid.uuid4().hex,
            session_data="",
            expire_date=timezone.now() + datetime.timedelta(hours=1),
            user_id=user.pk,
            care_identity_uid=came_by,
        )
    assert run(f"{jo(given_name='Joe')},{OTHER}", heading=WITH_IT).changed == 1
    assert linked() == {"10000001": OTHER}
    assert reasons(user)[1:] == [
        (Event.PERSON_CHANGED, "given_name"),
        (Event.CARE_IDENTITY_UNLINKED, "replaced"),
        (Event.CARE_IDENTITY_LINKED, ""),
    ]
    assert list(Session.objects.values_list("care_identity_uid", flat=True)) == [""]
    assert told() == [[user.pk]] * 2


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("55500000010", "A Care Identity number (UUID) is twelve digits, like 555512345678."),
        ("5550000001011", "twelve digits"),
        ("55500000010O", "twelve digits"),
        ("-", "twelve digits"),
        ("5.55E+11", "A spreadsheet has rounded this number."),
        ("jo.smith@nhs.net", "twelve digits"),
    ],
)
def test_what_is_no_number_is_a_fault(cell: str, says: str) -> None:
    (fault,) = faults(f"{JO},{cell}", heading=WITH_IT)
    assert fault.startswith("line 2, care_identity: ")
    assert says in fault


def test_one_care_identity_twice_at_one_organisation_is_a_fault() -> None:
    (fault,) = faults(f"{JO},{UID}", f"{ANN},5550 0000 0101", heading=WITH_IT)
    assert fault.startswith("line 3, care_identity: Line 2 has the same Care Identity at the same organisation.")


def test_at_two_organisations_it_is_one_person_with_two_employers() -> None:
    make_organisation(code="998", name="Southern Test Trust")
    assert run(f"{JO},{UID}", f"{jo(organisation='998')},{UID}", heading=WITH_IT).added == 2
    assert CareIdentity.objects.filter(uid=UID).count() == 2


def test_the_care_identity_of_somebody_else_on_record_is_a_fault() -> None:
    """Threat: a line that slipped in the spreadsheet lets a colleague in with their own card."""
    colleague = on_record("10000009", uid=UID)
    for_somebody_new = faults(f"{JO},{UID}", heading=WITH_IT)
    on_record()
    for_somebody_known = faults(f"{JO},{UID}", heading=WITH_IT)
    says = f"{colleague.username} at the same organisation has this Care Identity already. Take it away there first."
    assert for_somebody_new == for_somebody_known == [f"line 2, care_identity: {says}"]
    assert linked() == {"10000009": UID}


def test_two_people_whose_care_identities_were_mixed_up_are_put_right_by_one_file() -> None:
    first, second = on_record("10000001", uid=OTHER), on_record("10000002", uid=UID)
    run(f"{JO},{UID}", f"{jo(employee_number='10000002')},{OTHER}", heading=WITH_IT)
    assert linked() == {"10000001": UID, "10000002": OTHER}
    assert sorted(told()[2:]) == [[first.pk], [second.pk]]


def test_nothing_is_linked_where_any_line_is_faulty() -> None:
    on_record()
    faults(f"{JO},{UID}", f"{ANN.replace('@', ' ')},", heading=WITH_IT)
    assert not CareIdentity.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_the_number_of_queries_does_not_grow_with_each_person() -> None:
    def queries(number: int, first: int, uid: int) -> int:
        lines = [f"{jo(employee_number=f'{first + n}')},{uid + n}" for n in range(number)]
        with CaptureQueriesContext(connection) as captured:
            run(*lines, heading=WITH_IT)
        return len(captured)

    # Django gives SQLite 999 values a statement, which is a batch of some thirty people.
    few_new, many_new = queries(2, 30_000_000, 555_100_000_000), queries(300, 31_000_000, 555_200_000_000)
    assert many_new - few_new <= 15
    few_changed, many_changed = queries(2, 30_000_000, 555_300_000_000), queries(300, 31_000_000, 555_400_000_000)
    assert many_changed - few_changed <= 10


@pytest.mark.django_db(transaction=True)
def test_an_import_and_the_helpdesk_never_link_one_to_two_people_at_the_same_moment() -> None:
    colleague = on_record("10000009")
    answers = all_at_once(
        [
            lambda: run(f"{JO},{UID}", heading=WITH_IT),
            lambda: care_identity_links.link(user=colleague, uid=UID, by=None),
        ]
    )
    assert CareIdentity.objects.filter(uid=UID).count() == 1
    refused = [a for a in answers if isinstance(a, people_import.Faulty | care_identity_links.LinkedToAnotherPerson)]
    assert len(refused) == 1
