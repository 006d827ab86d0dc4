"""Threat: a stranger, or the thief who made a person press “this was not me”, learns that they did.

The log-in page is held to it in test_log_in_tells_nothing.py, where a frozen password is one of the cases.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Session, User
from accounts.services import freezing
from tests.support.factories import make_user
from tests.support.freezing import not_me_token, recover
from tests.support.steps import PortalClient, send

if TYPE_CHECKING:
    from tests.support.travel import Travel

pytestmark = pytest.mark.django_db


def of_a_frozen_person() -> str:
    user = make_user()
    token = not_me_token(user)
    freezing.freeze(user=user)
    return token


def of_a_person_who_has_recovered() -> str:
    user = make_user()
    token = not_me_token(user)
    recover(user)
    return token


def of_a_person_who_left() -> str:
    user = make_user()
    token = not_me_token(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return token


def test_a_link_that_does_not_work_is_one_page_and_no_row_whatever_the_reason(travel: Travel) -> None:
    tokens = ["x" * 60, of_a_frozen_person(), of_a_person_who_has_recovered(), of_a_person_who_left()]
    Session.objects.all().delete()
    seen = set()
    for token in tokens:
        client = PortalClient()
        to = client.get(f"/this-was-not-me/link/{token}/")
        page = client.get(to["Location"])
        text = re.sub(r'(name="csrfmiddlewaretoken" value="|page-)\w+', r"\1", page.text)
        seen.add((to.status_code, to["Location"], page.status_code, text))
    assert {(first, where, status) for first, where, status, _ in seen} == {(302, "/this-was-not-me/", 410)}
    assert len(seen) == 1
    assert not Session.objects.exists()


def test_the_recovery_form_answers_as_ever_for_a_frozen_person() -> None:
    answers = []
    for frozen in (False, True):
        user = make_user()
        if frozen:
            freezing.freeze(user=user)
        client = PortalClient()
        typed = {"email": user.email, "date_of_birth_day": "23", "date_of_birth_month": "4"}
        with CaptureQueriesContext(connection) as queries:
            answer = send(client, "/recovery/", {**typed, "date_of_birth_year": "1980"})
        answers.append((answer.status_code, answer["Location"], len(queries)))
    assert answers[0] == answers[1]
