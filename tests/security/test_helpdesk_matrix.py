"""Threat: a role reaches an address, a record or a field that is not its own (OWASP ASVS 8.2.1, 8.4.1).

tests/support/desk_matrix.py says what each role gets of each address; here the portal is asked, with guessed keys.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from accounts.models import (
    CareIdentity,
    Organisation,
    OutageUnlock,
    OutboxMessage,
    PeopleUpload,
    Proposal,
    RecoveryRequest,
    SecondStepExcuse,
    SecurityEvent,
    TrustedNetwork,
    User,
)
from accounts.models.outbox import Kind
from accounts.models.people_upload import UploadState
from accounts.models.role import NO_ROLE, Role
from accounts.models.security_event import Event
from accounts.services import events, outbox
from hub.models import Application, Notice
from people.services import rights
from tests.support import desk_matrix
from tests.support.corrections import asked_by_card
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import PEOPLE, about_of, at_work, form_of, lock, page_of

if TYPE_CHECKING:
    from django.db.models import Model

pytestmark = pytest.mark.django_db


def named_addresses(patterns: list[Any]) -> Iterator[str]:
    """Yield the names of the admin's addresses."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named_addresses(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def records_of(organisation: Organisation) -> dict[str, Model]:
    """Return one row of each kind at an organisation, by the name of its model in addresses."""
    person = make_user(organisation=organisation)
    more = make_user(organisation=organisation)
    excuse = SecondStepExcuse.objects.create(
        user=more, reason="No phone.", review_on=timezone.localdate() + datetime.timedelta(days=1)
    )
    outbox.add(kind=Kind.PASSWORD_CHANGED, about={"users": [person.pk]})
    events.record(event=Event.UNLOCKED, user_id=person.pk)
    return {
        "accounts_user": person,
        "accounts_secondstepexcuse": excuse,
        "accounts_organisation": organisation,
        "accounts_outboxmessage": OutboxMessage.objects.latest("created_at"),
        "accounts_securityevent": SecurityEvent.objects.filter(user=person).latest("pk"),
        "accounts_recoveryrequest": RecoveryRequest.objects.create(
            reference=f"REF{organisation.code}", email_digest="0" * 64
        ),
        "hub_application": Application.objects.create(
            organisation=organisation, name="Payslips", address="https://payslips.nhs.example/"
        ),
        "desk_proposal": Proposal.objects.create(
            user=person,
            asked_by=make_user(organisation=organisation, role=Role.AGENT),
            action="unfreeze",
            reason="Pressed by mistake",
        ),
        "desk_correction": asked_by_card(person),
        "hub_notice": Notice.objects.create(title="Planned downtime", text="Tonight.", organisation=organisation),
        "desk_unlock_many": OutageUnlock.objects.create(
            asked_by=make_user(organisation=organisation, role=Role.LEAD),
            organisation=organisation,
            cause="wrong_passwords",
            begins_at=timezone.now() - datetime.timedelta(hours=1),
            ends_at=timezone.now(),
        ),
        "desk_import": PeopleUpload.objects.create(
            organisation=organisation,
            file_name="people.csv",
            uploaded_by=(lead := make_user(organisation=organisation, role=Role.LEAD)),
            confirmed_by=lead,
            confirmed_at=timezone.now(),
            state=UploadState.WAITING,
        ),
    }


def test_every_address_of_the_admin_has_a_row() -> None:
    assert set(named_addresses(admin.site.get_urls())) == {row.name for row in desk_matrix.rows()}


def test_the_document_has_the_table_of_today() -> None:
    document = desk_matrix.DOCUMENT.read_text(encoding="utf-8")
    assert desk_matrix.with_table(document) == document, "python -m tests.support.desk_matrix"
    assert desk_matrix.as_markdown() in document


@pytest.mark.parametrize("role", desk_matrix.ROLES)
def test_each_role_gets_what_the_table_says_of_each_address(role: str) -> None:
    caller = make_user(role=role)
    desk = at_work(caller)
    records = {"own": records_of(caller.organisation), "other": records_of(make_organisation(code="111", name="South"))}
    people = {whose: rows["accounts_user"] for whose, rows in records.items()}
    people |= {"self": caller, "more": make_user(role=Role.NATIONAL_ADMIN)}
    column = desk_matrix.ROLES.index(role)

    def address(row: desk_matrix.Row) -> str:
        if row.name == "app_list":
            return reverse("admin:app_list", args=["accounts"])
        if row.name == "accounts_switchedoff_switch":
            return reverse(f"admin:{row.name}", args=["passkeys", "on"])
        if row.whose == "-":
            return reverse(f"admin:{row.name}")
        # What is about a person: their record's pages, its buttons, and the pages of the desk.
        model = next((name for name in records["own"] if f"{row.name}_".startswith(f"{name}_")), "accounts_user")
        record = people[row.whose] if model == "accounts_user" else records[row.whose][model]
        return reverse(f"admin:{row.name}", args=[record.pk])

    def result(row: desk_matrix.Row) -> str:
        query = {"format": "csv"} if row.method == "CSV" else {}
        if row.name.startswith("desk_") and row.method == "POST":
            query = {"about": about_of(desk)}
        ask = desk.post if row.method == "POST" else desk.get
        return {403: "no", 404: "gone", 405: "no"}.get(ask(address(row), query).status_code, "yes")

    wanted = {(row.name, row.method, row.whose): row.results[column] for row in desk_matrix.rows()}
    assert {(row.name, row.method, row.whose): result(row) for row in desk_matrix.rows()} == wanted


def keys_of(*people: User) -> list[str]:
    return [str(person.pk) for person in people]


def test_an_action_on_the_list_leaves_out_the_people_that_it_is_not_for() -> None:
    """Threat: the keys of others are added to those that were ticked."""
    lead = make_user(role=Role.LEAD)
    there = make_user(organisation=make_organisation(code="111", name="South"))
    person, admin_here = make_user(), make_user(role=Role.NATIONAL_ADMIN)
    for each in (there, person, admin_here, lead):
        lock(each)
    chosen = {"_selected_action": keys_of(there, person, admin_here, lead)}
    for role, done in ((Role.AUDITOR, set()), (Role.ORGANISATION_ADMIN, set()), (Role.LEAD, {person.pk})):
        desk = at_work(lead if role == Role.LEAD else make_user(role=role))
        for action in ("unlock", "send_recovery_email", "delete_selected"):
            desk.post(PEOPLE, {"action": action, **chosen})
        unlocked = SecurityEvent.objects.filter(event=Event.UNLOCKED).values_list("user", flat=True)
        mailed = SecurityEvent.objects.filter(event=Event.RECOVERY_EMAIL_SENT_BY_HELPDESK).values_list(
            "user", flat=True
        )
        assert set(unlocked) == set(mailed) == done
    assert User.objects.filter(pk__in=keys_of(there, person, admin_here, lead)).count() == 4


def test_an_organisation_administrator_gives_the_roles_of_the_helpdesk_and_changes_nothing_else_on_a_record() -> None:
    """Threat: fields that the page does not show are sent with a role, or a role that it does not offer."""
    boss, person = make_user(role=Role.ORGANISATION_ADMIN), make_user()
    desk = at_work(boss)
    before = User.objects.filter(pk=person.pk).values().get()
    tampered = {
        "email": "mine@nhs.net",
        "new_date_of_birth": "1/1/1980",
        "care_identity_number": "555000000555",
        "is_active": False,
        "organisation": str(make_organisation(code="111", name="South").pk),
    }
    for role, changes in (("national_admin", False), ("organisation_admin", False), ("lead", True), ("", True)):
        desk.post(page_of(person), form_of(person, **tampered, role=role))
        person.refresh_from_db()
        assert person.role == (role if changes else NO_ROLE)
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert not CareIdentity.objects.exists()
    for peer in (make_user(role=Role.ORGANISATION_ADMIN), make_user(role=Role.NATIONAL_ADMIN), boss):
        had = peer.role
        assert desk.post(page_of(peer), form_of(peer, role="agent")).status_code == 403
        peer.refresh_from_db()
        assert peer.role == had


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.AUDITOR])
def test_the_helpdesk_and_auditors_give_no_role_and_add_nobody_elsewhere(role: Role) -> None:
    desk, person = at_work(make_user(role=role)), make_user()
    desk.post(page_of(person), form_of(person, role="agent", family_name="Stored"))
    person.refresh_from_db()
    assert (person.role, person.family_name) == (NO_ROLE, "Smith" if role == Role.AUDITOR else "Stored")
    elsewhere = make_organisation(code="111", name="South")
    new = {"organisation": str(elsewhere.pk), "employee_number": "20000001", "new_date_of_birth": "1/1/1980"}
    desk.post(f"{PEOPLE}add/", form_of(make_user(), **new, role="lead"))
    assert not User.objects.filter(employee_number="20000001").exists()


def organisation_form() -> dict[str, str]:
    """Return what the form of an organisation sends, with a domain and a network more."""
    return {
        "code": "777",
        "name": "Renamed",
        "support_email": "new@org999.nhs.example",
        "it_support_email": "",
        "requires_internet_access": "on",
        "care_identity_level": "3",
        "second_step": "required",
        "second_step_share": "50",
        "dormant_after_days": "180",
        "payslip_address": "payroll@org999.nhs.example",
        "email_domains-TOTAL_FORMS": "1",
        "email_domains-INITIAL_FORMS": "0",
        "email_domains-0-domain": "mine.example",
        "trusted_networks-TOTAL_FORMS": "1",
        "trusted_networks-INITIAL_FORMS": "0",
        "trusted_networks-0-network": "192.0.2.0/24",
    }


def test_an_organisation_administrator_sets_up_their_organisation_and_neither_names_it_nor_adds_a_domain() -> None:
    """Threat: with a mail domain of their own, an administrator has people's links sent to a server of theirs."""
    boss = make_user(role=Role.ORGANISATION_ADMIN)
    desk, organisation = at_work(boss), boss.organisation
    address = reverse("admin:accounts_organisation_change", args=[organisation.pk])
    assert desk.post(address, organisation_form()).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.code, organisation.name) == ("999", "Northern Test Hospitals")
    assert (organisation.support_email, organisation.second_step) == ("new@org999.nhs.example", "required")
    assert (organisation.dormant_after_days, organisation.payslip_address) == (180, "payroll@org999.nhs.example")
    assert list(TrustedNetwork.objects.values_list("network", flat=True)) == ["192.0.2.0/24"]
    assert list(organisation.email_domains.values_list("domain", flat=True)) == ["nhs.net"]


def test_a_role_is_worth_nothing_once_its_holder_has_left() -> None:
    person = make_user()
    for role in Role:
        left = make_user(role=role, ends_on=datetime.date(2020, 1, 1))
        may = [rights.may_see, rights.may_help, rights.may_change, rights.may_approve]
        assert not any(question(by=left, person=person) for question in may)
        assert not rights.may_import(by=left)
        assert not rights.may_export(by=left)
        assert not rights.may_set_up(by=left)
        assert not rights.is_auditor(user=left)
        assert not rights.roles_to_give(by=left, person=person)


def test_who_approves_and_imports_is_a_lead_or_a_national_administrator() -> None:
    """Threat: an agent approves what they proposed for themselves, or a lead what is done to more rights."""
    person, more = make_user(), make_user(role=Role.NATIONAL_ADMIN)
    there = make_user(organisation=make_organisation(code="111", name="South"))
    for role in Role:
        by = make_user(role=role)
        approves = [rights.may_approve(by=by, person=each) for each in (person, there, more, by)]
        national = role == Role.NATIONAL_ADMIN
        assert approves == [national or role == Role.LEAD, national, national, False]
        assert rights.may_import(by=by) == (national or role == Role.LEAD)
        assert rights.is_auditor(user=by) == (role == Role.AUDITOR)
