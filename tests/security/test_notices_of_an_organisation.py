"""Threat: an administrator of one organisation puts words of theirs before the people of others, or every visitor."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from accounts.models import Organisation
from accounts.models.role import Role
from hub.models import Notice
from tests.support.factories import make_organisation, make_user
from tests.support.helpdesk import at_work
from tests.support.steps import PortalClient

pytestmark = pytest.mark.django_db

NOTICES = "/admin/hub/notice/"


@pytest.fixture
def administrator() -> PortalClient:
    return at_work(make_user(role=Role.ORGANISATION_ADMIN))


@pytest.fixture
def elsewhere() -> Organisation:
    return make_organisation(code="111", name="Southern Elsewhere", domain="")


def typed(organisation: int | str, title: str = "Forged") -> dict[str, str]:
    """Return what the form sends."""
    when = {"shown_from_0": "26/11/2026", "shown_from_1": "09:00", "shown_until_0": "", "shown_until_1": ""}
    return {"organisation": str(organisation), "title": title, "text": "x", "kind": "information", **when}


def test_an_administrator_writes_for_their_own_organisation(administrator: PortalClient) -> None:
    own = Organisation.objects.get(code="999")
    assert administrator.post(f"{NOTICES}add/", typed(own.pk, "Car park")).status_code == 302
    notice = Notice.objects.get()
    assert (notice.title, notice.organisation) == ("Car park", own)
    assert administrator.post(f"{NOTICES}{notice.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Notice.objects.exists()


@pytest.mark.parametrize("for_whom", ["every visitor", "another organisation"])
def test_and_for_no_other(administrator: PortalClient, elsewhere: Organisation, for_whom: str) -> None:
    """The field is tampered with: emptied, or given the key of another organisation."""
    forged = "" if for_whom == "every visitor" else elsewhere.pk
    answer = administrator.post(f"{NOTICES}add/", typed(forged))
    assert (answer.status_code, "organisation" in answer.context["adminform"].form.errors) == (200, True)
    own = Notice.objects.create(title="Car park", text="x", organisation=Organisation.objects.get(code="999"))
    answer = administrator.post(f"{NOTICES}{own.pk}/change/", typed(forged))
    assert (answer.status_code, "organisation" in answer.context["adminform"].form.errors) == (200, True)
    assert list(Notice.objects.values_list("title", flat=True)) == ["Car park"]


def test_the_list_has_none_of_another_organisation(administrator: PortalClient, elsewhere: Organisation) -> None:
    Notice.objects.create(title="Theirs alone", text="x", organisation=elsewhere)
    Notice.objects.create(title="Everybody’s", text="x")
    page = administrator.get(NOTICES).text
    assert "Everybody’s" in page
    assert "All visitors" in page
    assert "Theirs alone" not in page


def test_an_operator_writes_for_every_visitor_and_for_any_organisation(elsewhere: Organisation) -> None:
    operator = at_work(make_user(role=Role.NATIONAL_ADMIN))
    for chosen in ("", elsewhere.pk):
        assert operator.post(f"{NOTICES}add/", typed(chosen)).status_code == 302
    assert {notice.organisation for notice in Notice.objects.all()} == {None, elsewhere}
    listed = operator.get(NOTICES, {"organisation": elsewhere.pk})
    assert listed.status_code == 200
    assert "All visitors" not in listed.text


@pytest.mark.parametrize(
    ("role", "choices", "says_what_empty_means"),
    [
        (Role.NATIONAL_ADMIN, ["All visitors", "Northern Test Hospitals (999)"], True),
        (Role.ORGANISATION_ADMIN, ["Northern Test Hospitals (999)"], False),
    ],
)
def test_the_form_offers_and_explains_what_its_writer_may_choose(
    role: Role, choices: list[str], says_what_empty_means: bool
) -> None:
    page = BeautifulSoup(at_work(make_user(role=role)).get(f"{NOTICES}add/").content, "html.parser")
    assert [option.get_text() for option in page.select("#id_organisation option")] == choices
    help_text = page.select_one("#id_organisation_helptext")
    assert help_text
    assert "Its people read it on My ESR." in help_text.get_text()
    assert ("Empty: all visitors" in help_text.get_text()) is says_what_empty_means
