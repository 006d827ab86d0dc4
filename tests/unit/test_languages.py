"""accounts/languages.py, services/language.py: which language an answer and a mail are in."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import get_language, override
from pytest_django import DjangoAssertNumQueries

from accounts import languages
from accounts.languages import ENGLISH, WELSH
from accounts.models import OutboxMessage, User
from accounts.models.outbox import Kind
from accounts.services import language, log_in, outbox
from tests.support.factories import make_user

CHROME = "cy-GB,cy;q=0.9,en-GB;q=0.8,en;q=0.7"


@pytest.mark.parametrize(
    ("account", "browser", "accepts", "said"),
    [
        ("", "", "", ENGLISH),
        ("", "", CHROME, WELSH),
        ("", "", "cy", WELSH),
        ("", "", "CY-gb", WELSH),
        ("", "", "en-GB,en;q=0.9", ENGLISH),
        ("", "", "en;q=0.5, cy;q=0.8", WELSH),
        ("", "", "en;q=0.8, cy;q=0.5", ENGLISH),
        ("", "", "de, fr;q=0.9, cy;q=0.1", WELSH),
        ("", "", "de, fr;q=0.9", ENGLISH),
        ("", "", "cy;q=0, en", ENGLISH),
        ("", "", "cy;q=0", ENGLISH),
        ("", "", "*", ENGLISH),
        ("", "", "cym, cyb", ENGLISH),
        ("", "", "not a header \0;q=x", ENGLISH),
        ("", "", "cy," * 5000, WELSH),
        ("", "en-gb", CHROME, ENGLISH),
        ("", "cy", "en", WELSH),
        ("", "CY", "en", ENGLISH),
        ("", "cy-GB", "en", ENGLISH),
        ("", "en", CHROME, WELSH),
        ("cy", "en-gb", "en", WELSH),
        ("en-gb", "cy", CHROME, ENGLISH),
        ("xx", "cy", "en", WELSH),
        ("../cy", "", "en", ENGLISH),
    ],
)
def test_the_account_comes_first_then_the_browser_then_what_it_accepts(
    account: str, browser: str, accepts: str, said: str
) -> None:
    assert languages.choose(account=account, browser=browser, accepts=accepts) == said


def test_a_language_is_named_as_markup_names_it() -> None:
    assert [languages.tag(each) for each, _ in languages.LANGUAGES] == ["en-GB", "cy"]


def test_a_page_leads_to_the_other_language() -> None:
    with override(WELSH):
        assert languages.other() == ENGLISH
    for code in (ENGLISH, "en-xa"):
        with override(code):
            assert languages.other() == WELSH


def test_an_answer_that_is_made_as_it_is_sent_is_in_its_language_and_changes_no_other() -> None:
    said = []

    def pieces() -> Any:
        for _ in range(2):
            said.append(get_language())
            yield b"x"

    with override(ENGLISH):
        for _ in languages.piecewise(pieces(), language=WELSH):
            assert get_language() == ENGLISH
    assert said == [WELSH, WELSH]


@pytest.mark.django_db
class TestOfPeople:
    """What an account remembers, and what its mails are in."""

    def test_a_choice_is_remembered_and_one_that_is_none_is_refused(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        user = make_user()
        language.choose(user=user, language=WELSH)
        assert User.objects.get().language == WELSH
        with django_assert_num_queries(0):
            language.choose(user=user, language=WELSH)
        with pytest.raises(language.UnknownLanguage):
            language.choose(user=user, language="de")

    def test_a_log_in_writes_its_language_only_where_it_is_another(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        user = make_user()
        for said in (ENGLISH, ""):
            with django_assert_num_queries(0):
                language.note(user=user, language=said)
        log_in.finish(user=user, in_language=WELSH)
        assert User.objects.get().last_language == WELSH
        with django_assert_num_queries(0):
            language.note(user=user, language=WELSH)
        log_in.finish(user=user, in_language=ENGLISH)
        assert User.objects.get().last_language == ENGLISH
        assert User.objects.get().language == ""

    @pytest.mark.parametrize(
        ("kind", "asked", "people", "said"),
        [
            (Kind.RECOVERY, WELSH, [("", "")], WELSH),
            (Kind.RECOVERY, ENGLISH, [(WELSH, WELSH)], ENGLISH),
            (Kind.RECOVERY, "", [(WELSH, ENGLISH)], WELSH),
            (Kind.LOCKED, "", [("", WELSH)], WELSH),
            (Kind.LOCKED, "", [(ENGLISH, WELSH)], ENGLISH),
            (Kind.LOCKED, "", [("", "")], ENGLISH),
            (Kind.RECOVERY, "", [("", ""), ("", WELSH)], WELSH),
            (Kind.FROZEN_FOR_CONTACT, "", [(WELSH, WELSH)], ENGLISH),
        ],
    )
    def test_a_mail_is_in_the_language_in_which_it_was_asked_for_else_in_that_of_the_person(
        self, kind: Kind, asked: str, people: list[tuple[str, str]], said: str
    ) -> None:
        users = [make_user(language=chosen, last_language=last) for chosen, last in people]
        message = OutboxMessage(kind=kind, about=outbox.asked_in(asked))
        # The process that sends it may be in any.
        with override(WELSH if said == ENGLISH else ENGLISH):
            assert language.of_mail(message=message, users=users) == said

    def test_a_row_of_the_outbox_says_one_of_our_languages_and_nothing_else(self) -> None:
        about = {"users": [make_user().pk], "language": WELSH}
        assert outbox.add(kind=Kind.RECOVERY, about=about).about == about
        for wrong in ("de", "cy; DROP", ["cy"], {"cy": 1}):
            with pytest.raises(TypeError):
                outbox.add(kind=Kind.RECOVERY, about={**about, "language": wrong})
