"""Make the demo's organisations, people and notices. What is there already stays as it is, so it can run again.

An older demo gets what has been added to the cast since: networks, cards, people.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django_otp.oath import TOTP

from accounts.models import Organisation, OutboxMessage, SecurityEvent, User
from accounts.models.outbox import Kind
from accounts.models.role import NO_ROLE, Role
from accounts.models.security_event import Event
from accounts.services import demo_parts, internet_access, lockout, log_in, password_policy, second_step
from accounts.services.second_step import recovery_codes
from demo import days, ownership, parts
from demo.cast import CAST, DOWNTIME, PASSWORD, PAYSLIP, SHARED_DOMAIN, Part
from demo.places import ORGANISATIONS, DemoOrganisation
from demo.situations import ROLES, WITH_AN_APP, Situation
from hub.models import Application, Notice
from people.organisation_facts import OrganisationFacts
from people.services import care_identity_links, organisations, people


def seed() -> None:
    """Make what is missing, and bring back what time and use take away: a lock, a first day to come, recovery codes.

    All of it or nothing. Raises NotTheDemos where the database is not a demo's, and Taken where a row that the demo did
    not make has a code or an ESR number that it needs.
    """
    with transaction.atomic():
        ownership.claim()
        for organisation in ORGANISATIONS:
            _make_organisation(organisation)
        _make_notices()
        _make_the_helpdesk_agents()
        for part in CAST:
            _refresh(part, _find_or_make(part))
        _give_internet_access()
        days.make()


def _make_the_helpdesk_agents() -> None:
    """In a demo from before there were roles, where the helpdesk looked after every organisation, let it be an agent.

    An administrator comes in its stead. Later, what was done in the demo stays so.
    """
    keys = {part.situation: demo_parts.key(parts.name_of(part)) for part in CAST if part.situation in ROLES}
    if not User.objects.filter(pk__in=keys[Situation.ADMINISTRATOR]).exists():
        helpdesk = User.objects.filter(pk__in=keys[Situation.HELPDESK], role=Role.NATIONAL_ADMIN)
        helpdesk.update(role=Role.AGENT)


def _find_or_make(part: Part) -> User:
    try:
        return parts.person(part)
    except parts.NotSeeded:
        parts.refuse_taken(part)
        return _make_person(part)


def _own_settings(wanted: DemoOrganisation) -> dict[str, Any]:
    """Return what an organisation has that the demo makes, and that one which is there already keeps as it is."""
    return {
        "it_support_email": f"it.support@{wanted.domain}",
        "payslip_address": f"payroll@{wanted.domain}",
        "second_step": wanted.second_step,
        "welsh_name": wanted.welsh_name,
        "payslip_words": wanted.payslip_words,
        "welsh_payslip_words": wanted.welsh_payslip_words,
    }


def _make_organisation(wanted: DemoOrganisation) -> None:
    known = parts.organisation(wanted)
    if known is not None and known.trusted_networks.exists():
        return
    facts = OrganisationFacts(
        code=known.code if known else wanted.code,
        name=known.name if known else wanted.name,
        support_email=known.support_email if known else f"esr@{wanted.domain}",
        email_domains=[wanted.domain, SHARED_DOMAIN],
        trusted_networks=wanted.trusted_networks,
        requires_internet_access=wanted.requires_internet_access,
        **({} if known else _own_settings(wanted)),
    )
    made = organisations.add(facts=facts)
    if known is not None:
        return
    demo_parts.mark(part=parts.name_of(wanted), row=made.organisation)
    for position, application in enumerate(wanted.applications):
        link = Application.objects.create(
            organisation=made.organisation,
            name=application.name,
            address=application.address,
            description=application.description,
            welsh_name=application.welsh_name,
            welsh_description=application.welsh_description,
            position=position,
        )
        demo_parts.mark(part=f"application {wanted.code} {application.address}", row=link)


def _make_notices() -> None:
    now = timezone.now()
    _make_notice(
        Notice(
            title=PAYSLIP,
            text="Log in and open My ESR to see it.",
            welsh_title="Mae eich slip cyflog ar gyfer y mis hwn yn barod",
            welsh_text="Mewngofnodwch ac agorwch Fy ESR i’w weld.",
            shown_from=now,
        )
    )
    # The Sunday after the coming one: each week has its own notice, and the old one goes by itself.
    today = timezone.localdate()
    sunday = today + datetime.timedelta(days=13 - today.weekday())
    begins = timezone.make_aware(datetime.datetime.combine(sunday, datetime.time(6)))
    _make_notice(
        Notice(
            title=f"{DOWNTIME}{date_format(sunday, 'l j F')} from 6am to 10am",
            text="We are making changes to ESR. You will not be able to log in during that time.",
            welsh_title=_downtime_in_welsh(sunday),
            welsh_text="Rydym yn gwneud newidiadau i ESR. Ni fyddwch yn gallu mewngofnodi yn ystod yr amser hwnnw.",
            kind=Notice.Kind.PLANNED_DOWNTIME,
            shown_from=now,
            shown_until=begins + datetime.timedelta(hours=4),
        )
    )


def _downtime_in_welsh(sunday: datetime.date) -> str:
    with translation.override("cy"):
        return f"Ni fydd ESR ar gael ddydd Sul {date_format(sunday, 'j F')} rhwng 6am a 10am"


def _make_notice(wanted: Notice) -> None:
    part = f"notice {wanted.title}"
    if not Notice.objects.filter(pk__in=demo_parts.key(part)).exists():
        wanted.save()
        demo_parts.mark(part=part, row=wanted)


def _make_person(part: Part) -> User:
    organisation = Organisation.objects.get(pk__in=demo_parts.key(f"organisation {part.organisation}"))
    with transaction.atomic():
        user = people.add(
            person=User(
                given_name=part.given_name,
                family_name=part.family_name,
                email=part.email,
                date_of_birth=part.date_of_birth,
                employee_number=part.employee_number,
                person_type=part.person_type,
                organisation=organisation,
                ends_on=_last_day(part),
                internet_access_since=timezone.now() if part.has_internet_access else None,
                care_identity_only=part.situation is Situation.CARE_IDENTITY_ONLY,
                role=ROLES.get(part.situation, NO_ROLE),
            ),
            by=None,
        )
        demo_parts.mark(part=parts.name_of(part), row=user)
        if part.has_password:
            password_policy.set_password(user=user, password=PASSWORD)
        if part.situation is Situation.MUST_CHANGE:
            user.must_change_password = True
            people.change(person=user, by=None)
        if part.situation is Situation.DORMANT:
            # After the password, which wakes.
            User.objects.filter(pk=user.pk).update(dormant_since=timezone.now() - datetime.timedelta(days=20))
        if part.situation in WITH_AN_APP:
            _set_up_second_step(user)
    return user


def _last_day(part: Part) -> datetime.date | None:
    days = {Situation.ENDED: -30, Situation.LEAVING: 7}.get(part.situation)
    return None if days is None else timezone.localdate() + datetime.timedelta(days=days)


def _link_card(part: Part, user: User) -> None:
    """Link the card that a part has had from the beginning, so no mail tells of it."""
    with transaction.atomic():
        uid = part.care_identity
        if not care_identity_links.other_person_with(uid=uid, organisation=user.organisation, but=user.pk):
            care_identity_links.link_many(uids={user.pk: uid}, tell=False, by=None)


def _set_up_second_step(user: User) -> None:
    """Do what the person does with a phone: take the secret, and type the code that it makes."""
    secret = second_step.new_secret()
    app = TOTP(bytes.fromhex(secret), digits=second_step.DIGITS)
    app.time = time.time()
    second_step.set_up(user=user, secret=secret, code=f"{app.token():0{second_step.DIGITS}}", tell=False)


def _refresh(part: Part, user: User) -> None:
    """Bring back the states of a part that end by themselves, and add what an older demo lacks."""
    if part.care_identity and not SecurityEvent.objects.filter(event=Event.CARE_IDENTITY_LINKED, user=user).exists():
        _link_card(part, user)
    if part.situation is Situation.LOST_THE_PHONE and not recovery_codes.left(user=user):
        recovery_codes.make(user=user, tell=False)
    if part.situation is Situation.LOCKED and not lockout.is_locked(username=user.username):
        _lock(user)
    _refresh_days(part, user)


def _refresh_days(part: Part, user: User) -> None:
    if part.situation is Situation.NOT_YET_STARTED and not user.starts_later():
        user.starts_on = timezone.localdate() + datetime.timedelta(days=30)
        people.change(person=user, by=None)
    if part.situation is Situation.LEAVING and user.has_ended():
        user.ends_on = _last_day(part)
        people.change(person=user, by=None)


def _lock(user: User) -> None:
    """Lock a person as wrong passwords do, for the visitors to see: without a mail, and as often as the demo starts."""
    lockout.forget_failures(username=user.username)
    while not lockout.is_locked(username=user.username):
        log_in.check_password(username=user.username, password="a wrong one")  # noqa: S106
    locks = SecurityEvent.objects.filter(event=Event.LOCKED, user=user)
    for key in locks.values_list("pk", flat=True):
        OutboxMessage.objects.filter(kind=Kind.DECIDE_LOCK_MAIL, about={"event": key}).delete()


def _give_internet_access() -> None:
    """In an older demo, have the helpdesk give it to those who have it in the cast, unless they have given it up."""
    helpdesk = next(parts.person(part) for part in CAST if part.situation is Situation.HELPDESK)
    for part in CAST:
        user = parts.person(part)
        if part.has_internet_access and internet_access.status(user=user) is internet_access.Status.NOT_REQUESTED:
            internet_access.grant_by_helpdesk(user=user, by=helpdesk)
