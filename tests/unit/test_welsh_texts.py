"""Texts that an organisation has in Welsh besides: which is shown where, and what must not be stored."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import translation

from accounts.models import Organisation
from accounts.models.outbox import Kind
from accounts.services import leaving
from hub.models import Application, Notice
from hub.services import applications, notices
from tests.support.factories import make_organisation, make_user
from tests.support.in_welsh import ENGLISH, WELSH, WORDS, make_welsh_organisation
from tests.support.leavers import make_leaver, with_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from tests.support.smtp import Mail

pytestmark = pytest.mark.django_db

ROTA = {"name": "Rota", "address": "https://rota.example.nhs.uk"}


def test_the_name_is_shown_in_the_language_of_the_page_and_in_english_where_there_is_no_other() -> None:
    both, one = make_welsh_organisation(), make_organisation(code="111", name="Northern")
    for language, shown in (("cy", WELSH), ("en-gb", ENGLISH), ("fr", ENGLISH)):
        with translation.override(language):
            assert (both.shown_name, str(both)) == (shown, f"{shown} (999)")
            assert (one.shown_name, str(one)) == ("Northern", "Northern (111)")
    with translation.override(None):
        assert both.shown_name == ENGLISH


def test_organisations_are_listed_by_the_names_that_are_shown() -> None:
    for code, name, welsh in (("101", "Alder", "Ywen"), ("102", "Beech", ""), ("103", "Yew", "Aethnen")):
        make_organisation(code=code, name=name, welsh_name=welsh)
    assert [each.name for each in Organisation.objects.by_name()] == ["Alder", "Beech", "Yew"]
    with translation.override("cy"):
        assert [each.shown_name for each in Organisation.objects.by_name()] == ["Aethnen", "Beech", "Ywen"]


def test_a_leaver_reads_what_they_need_to_know_in_the_language_of_the_page() -> None:
    organisation = make_welsh_organisation(welsh_payslip_words=WORDS)
    address = with_address(make_leaver(days=-21, organisation=organisation))
    english = leaving.still_open(address_id=address.pk)
    with translation.override("cy"):
        welsh = leaving.still_open(address_id=address.pk)
    assert english
    assert welsh
    assert (english.organisation, english.payslip_words) == (ENGLISH, organisation.payslip_words)
    assert (welsh.organisation, welsh.payslip_words) == (WELSH, WORDS)


def test_a_notice_and_an_application_are_shown_in_welsh_where_they_have_texts_in_it() -> None:
    organisation = make_organisation()
    Application.objects.create(organisation=organisation, **ROTA, description="Shifts.", welsh_name="Rota waith")
    Notice.objects.create(title="Flu", text="Come.", welsh_title="Ffliw", welsh_text="Dewch.")
    with translation.override("cy"):
        [application], [notice] = applications.for_people_of(organisation.pk), notices.shown_now()
    assert (application.name, application.description) == ("Rota waith", "Shifts.")
    assert (notice.title, notice.text) == ("Ffliw", "Dewch.")
    assert (applications.for_people_of(organisation.pk)[0].name, notices.shown_now()[0].title) == ("Rota", "Flu")


@pytest.mark.parametrize("half", [{"welsh_title": "Ffliw"}, {"welsh_text": "Dewch."}])
def test_half_a_notice_in_welsh_is_refused(half: dict[str, str]) -> None:
    notice = Notice(title="Flu", text="Come.", **half)
    with pytest.raises(ValidationError, match="Write both the title and the text in Welsh, or neither"):
        notice.full_clean()
    with pytest.raises(IntegrityError):
        notice.save()


def test_two_applications_of_an_organisation_do_not_share_a_welsh_name_and_may_both_have_none() -> None:
    organisation = make_organisation()
    Application.objects.create(organisation=organisation, **ROTA, welsh_name="Rota waith")
    for name in ("Learning", "Expenses"):
        Application.objects.create(organisation=organisation, **ROTA | {"name": name})
    again = Application(organisation=organisation, **ROTA | {"name": "Shifts"}, welsh_name="Rota waith")
    with pytest.raises(ValidationError, match="with this name in Welsh already"):
        again.full_clean()
    with pytest.raises(IntegrityError):
        again.save()


@pytest.mark.one_database
def test_a_mail_in_welsh_names_the_organisation_in_welsh(send: Callable[..., Mail], settings: Settings) -> None:
    user = make_user(organisation=make_welsh_organisation())
    assert ENGLISH in send(Kind.PASSWORD_CHANGED, user).text
    settings.LANGUAGE_CODE = "cy"
    with translation.override("cy"):
        mail = send(Kind.PASSWORD_CHANGED, user)
    for said in (mail.text, mail.html):
        assert WELSH in said
        assert ENGLISH not in said


FACTS = {"code": "999", "name": ENGLISH, "support_email": "esr@glanymor.nhs.example", "email_domains": ["nhs.net"]}


def test_the_command_line_takes_the_texts_in_welsh_and_says_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_organisation", **FACTS)
    decomposed = unicodedata.normalize("NFD", WELSH)
    call_command("add_organisation", **FACTS, welsh_name=decomposed, welsh_payslip_words=WORDS)
    stored = Organisation.objects.get()
    assert (stored.welsh_name, stored.welsh_payslip_words) == (WELSH, WORDS)
    assert f"name in Welsh (optional) changed from none to {WELSH}." in capsys.readouterr().out
    call_command("add_organisation", **FACTS)
    assert Organisation.objects.get().welsh_name == WELSH


def test_it_refuses_an_invisible_character_in_the_name_in_welsh_too() -> None:
    with pytest.raises(CommandError, match="--welsh-name: There is an invisible character in the name"):
        call_command("add_organisation", **FACTS, welsh_name="Bwrdd\u202e Iechyd")
