"""Threat: break the admin with what no agent types."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.template.response import TemplateResponse

from tests.support.factories import make_user
from tests.support.helpdesk import PEOPLE, form_of, page_of
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

NASTY = ["\0", "a\0b", "😀" * 50, "\u202e", "\ud800", "'\"><script>alert(1)</script>", "9" * 40, "-1", "x" * 100_000]
# A form of a browser cannot carry half a character; an address can.
POSTED = [typed for typed in NASTY if typed != "\ud800"]
LISTS = ["user", "organisation", "securityevent", "outboxmessage", "recoveryrequest", "secondstepexcuse"]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def query(name: str, value: str) -> str:
    return f"?{name}={quote_from_bytes(encoded(value[:4000]))}"


def fits(response: Any) -> bool:
    return response.status_code in {200, 302, 400, 403, 404, 413} and b"<script>alert" not in response.content


@pytest.mark.both_databases
def test_searches(operators_desk: PortalClient) -> None:
    for page in LISTS:
        for typed in NASTY:
            assert fits(operators_desk.get(f"/admin/accounts/{page}/{query('q', typed)}")), (page, typed[:20])


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["x " * 30_000, "x" * 60_000, "9" * 500, "x " * 250])
@pytest.mark.parametrize("page", ["hub/application", "hub/notice", "accounts/securityevent"])
def test_searches_of_more_than_any_row_holds(operators_desk: PortalClient, page: str, typed: str) -> None:
    """SQLite fails on a pattern of 50,000 bytes, and on conditions that are nested a thousand deep."""
    make_user()
    assert operators_desk.get(f"/admin/{page}/", {"q": typed}).status_code == 200


@pytest.mark.both_databases
def test_filters_pages_and_orders(operators_desk: PortalClient) -> None:
    names = ["in_force", "locked", "organisation", "rights", "person_type__exact", "p", "o", "all", "e", "_to_field"]
    for name in names:
        for typed in NASTY:
            assert fits(operators_desk.get(PEOPLE + query(name, typed))), (name, typed[:20])
    for name in ("event__exact", "at__gte", "at__lt", "at__isnull", "user__id__exact"):
        for typed in NASTY:
            assert fits(operators_desk.get("/admin/accounts/securityevent/" + query(name, typed))), (name, typed[:20])


@pytest.mark.both_databases
def test_keys(operators_desk: PortalClient) -> None:
    for page in LISTS:
        for typed in NASTY:
            key = quote_from_bytes(encoded(typed[:200]), safe="")
            for what in ("change/", "history/"):
                assert fits(operators_desk.get(f"/admin/accounts/{page}/{key}/{what}")), (page, typed[:20])
    for key in ("9" * 40, "0", "99999999999999999999"):
        assert operators_desk.post(f"{PEOPLE}{key}/unlock/").status_code == 404


@pytest.mark.both_databases
def test_ticks_and_actions(operators_desk: PortalClient) -> None:
    for typed in POSTED:
        for action in ("unlock", "send_recovery_email", typed):
            sent = {"action": action, "_selected_action": [typed[:4000]], "index": typed[:4000]}
            assert fits(operators_desk.post(PEOPLE, sent)), (action[:20], typed[:20])


def test_every_field_of_the_form(operators_desk: PortalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text in each field by itself, as far as it is taken; and drawn again in all of them, which takes longest."""
    person = make_user()
    fields = list(form_of(person, new_date_of_birth="", starts_on="", ends_on=""))
    # What the page showed is sent back with what is typed now.
    showed = [field for field in fields if field.startswith("initial-")]
    typed_in = [field for field in fields if field not in showed]
    for typed in POSTED:
        for several in (typed_in, showed):
            sent = {**form_of(person), **dict.fromkeys(several, typed)}
            assert fits(operators_desk.post(page_of(person), sent)), (several[0], typed[:20])
            person.refresh_from_db()
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")
    for field in typed_in:
        for typed in POSTED:
            assert fits(operators_desk.post(page_of(person), form_of(person, **{field: typed}))), (field, typed[:20])
            person.refresh_from_db()


def test_a_form_without_any_field(operators_desk: PortalClient) -> None:
    assert fits(operators_desk.post(f"{PEOPLE}add/", {}))
    assert fits(operators_desk.post("/admin/accounts/organisation/add/", {}))
    assert fits(operators_desk.post("/admin/hub/application/add/", {}))
    assert fits(operators_desk.post("/admin/hub/notice/add/", {}))


def test_a_name_that_is_markup_is_shown_as_text(operators_desk: PortalClient) -> None:
    person = make_user(given_name="<script>alert(1)</script>", family_name="<img src=x onerror=alert(2)>")
    for address in (PEOPLE, page_of(person), f"{PEOPLE}{person.pk}/history/"):
        page = operators_desk.get(address).content
        assert b"<script>alert" not in page
        assert b"<img src=x" not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods(operators_desk: PortalClient, method: str) -> None:
    person = make_user()
    for address in ("/admin/", PEOPLE, page_of(person), f"{PEOPLE}{person.pk}/unlock/"):
        assert getattr(operators_desk, method)(address).status_code in {200, 302, 403, 405}
