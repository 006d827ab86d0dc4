"""What people see when something goes wrong: always a page, and always what to do next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path, resolve, reverse

from accounts import this_request
from accounts.browser import about
from esr_portal.logs import JSONFormatter
from hub.views import errors
from tests.support.factories import PASSWORD, make_user
from tests.support.steps import PortalClient, come_in, log_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


class _DatabaseIsAway:
    """Refuses every query, as a database does that cannot be reached."""

    def __call__(self, *_: object) -> None:
        raise OperationalError("could not connect to server")


def _raise(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


def _heading(response: Answer) -> str:
    soup = BeautifulSoup(response.content, "html5lib")
    headings = [h1.get_text(strip=True) for h1 in soup.select("h1")]
    assert len(headings) == 1
    assert soup.title is not None
    assert soup.title.get_text().startswith(headings[0])
    assert len(soup.select("main p")) >= 2, "an error page says what to do next"
    assert soup.select_one('main a[href="/"]')
    is_a_refusal = response.status_code in {400, 403, 404, 405}
    assert bool(soup.select_one('main a[href="/help/why-cannot-i-get-in/"]')) == is_a_refusal
    # Where the page knows nothing of the portal, its links lead somewhere too.
    assert soup.select_one('footer a[href="/help/#find-your-organisation"]')
    return headings[0]


@pytest.fixture
def broken_pages(settings: object) -> None:
    """Give the portal pages that fail."""
    from esr_portal import urls

    extra = [
        path("fails/", _raise(RuntimeError("secret detail"))),
        path("forbidden/", _raise(PermissionDenied("secret detail"))),
        path("suspicious/", _raise(SuspiciousOperation("secret detail"))),
        path("no-database/", _raise(OperationalError("secret detail"))),
    ]
    settings.ROOT_URLCONF = type("Urls", (), {**vars(urls), "urlpatterns": [*extra, *urls.urlpatterns]})  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/nowhere/", 404, "Page not found"),
        ("/fails/", 500, "Sorry, there is a problem with ESR"),
        ("/forbidden/", 403, "You cannot see this page"),
        ("/suspicious/", 400, "We did not understand that"),
        ("/no-database/", 503, "Sorry, ESR is not available right now"),
    ],
)
def test_each_failure_has_a_page_that_gives_nothing_away(
    client: PortalClient, broken_pages: None, address: str, status: int, heading: str
) -> None:
    client.raise_request_exception = False
    response = client.get(address)
    assert (response.status_code, _heading(response)) == (status, heading)
    assert "secret detail" not in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/fails/", "/no-database/"])
def test_a_failure_of_ours_has_a_code_to_read_out_to_the_helpdesk_which_the_log_has_too(
    client: PortalClient, broken_pages: None, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    client.raise_request_exception = False
    request_id = this_request.new_id()
    with this_request.named(request_id):
        page = client.get(address).text
        (line,) = [JSONFormatter().format(record) for record in caplog.records if record.name == "django.request"]
    said = re.search(r"tell them this code: <strong>([0-9]{4} [0-9]{4})</strong>", page)
    assert said, page
    assert json.loads(line)["code"] == said[1].replace(" ", "")
    assert json.loads(line)["request_id"] == request_id


def test_what_is_no_failure_of_ours_has_no_code(client: PortalClient) -> None:
    with this_request.named(this_request.new_id()):
        assert "this code" not in client.get("/nowhere/").text


def test_a_part_that_is_away_asks_to_come_back_in_a_minute(client: PortalClient, broken_pages: None) -> None:
    client.raise_request_exception = False
    assert client.get("/no-database/")["Retry-After"] == "60"


@pytest.mark.django_db
def test_a_lost_page_still_shows_somebody_logged_in_their_way_back(client: PortalClient) -> None:
    log_in(client, make_user())
    soup = BeautifulSoup(client.get("/nowhere/").content, "html5lib")
    assert "My ESR" in soup.header.get_text()  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_wrong_method_gets_a_page_and_the_methods_that_work(client: PortalClient) -> None:
    response = client.post("/help/")
    assert (response.status_code, _heading(response)) == (405, "That does not work here")
    assert response["Allow"] == "GET, HEAD"


# Where a form is sent, and the page that has it.
FORMS = {
    "own_data_download": "own_data",
    "personal_address_remove": "personal_address",
    "email_correction_take_back": "email_correction",
    "switching_go": "switching",
    "switching_log_in": "switching",
    "still_works_passkey": "still_works",
    "still_works_lost": "still_works",
    "still_works_later": "still_works",
    "passkey_offer_later": "passkey_offer",
    "passkey_prove_complete": "security_confirm",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "page"), FORMS.items())
def test_back_to_the_answer_to_a_form_leads_to_the_page_of_that_form(
    client: PortalClient, form: str, page: str
) -> None:
    """So it does after a proof that was asked for in between."""
    come_in(client, make_user())
    for method in (client.get, client.head):
        assert method(reverse(form))["Location"] == reverse(page)
    assert client.put(reverse(form)).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_was_sent_after_a_time_out_leads_to_its_page_after_the_log_in(
    client: PortalClient, form: str
) -> None:
    user = make_user()
    asked = client.post(reverse(form), {"about": about.person(user)}, follow=True)
    found = BeautifulSoup(asked.content, "html5lib").select_one('main input[name="next"]')
    sent = {"username": user.username, "password": PASSWORD, "next": found["value"] if found else ""}
    assert client.post("/log-in/", sent, follow=True).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["unlock", "send_recovery_email", "freeze"])
def test_back_to_what_was_done_for_a_person_leads_to_their_page(desk: PortalClient, name: str) -> None:
    page = f"/admin/desk/people/{make_user().pk}/"
    response = desk.get(f"{page}{name}/")
    assert response.status_code == 405
    assert BeautifulSoup(response.content, "html5lib").select_one(f'main a[href="{page}"]')


def test_each_page_that_it_leads_to_is_there() -> None:
    """A name that has changed would take the way back with it, unseen."""
    for name in errors._PAGES_OF_FORMS:
        takes_key = name.startswith("admin:")
        assert resolve(reverse(name, args=[1] if takes_key else [])).view_name == name


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/help/", "/session/keep/"])
def test_where_there_is_no_page_above_it_leads_to_the_front_page(client: PortalClient, path: str) -> None:
    log_in(client, make_user())
    response = client.put(path)
    assert response.status_code == 405
    assert "Start again from the front page. Nothing was changed." in response.text
    assert "Open the page that the form was on" not in response.text


def test_a_form_without_its_token_is_explained(csrf_client: PortalClient) -> None:
    response = csrf_client.post("/change-password/", {"current_password": "x", "new_password": "y"})
    assert (response.status_code, _heading(response)) == (403, "Please send that again")


@pytest.mark.django_db
def test_more_than_any_form_takes_is_refused_with_a_page(client: PortalClient) -> None:
    response = client.post("/log-in/", {"username": "x" * 3_000_000, "password": "y"})
    assert (response.status_code, _heading(response)) == (413, "That was too much to send")


@pytest.mark.django_db
def test_more_fields_than_any_form_has_are_refused_with_a_page(client: PortalClient) -> None:
    response = client.post("/log-in/", {f"field{n}": "x" for n in range(1000)})
    assert response.status_code == 413


def test_a_request_for_another_host_gets_a_page(client: PortalClient) -> None:
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert (response.status_code, _heading(response)) == (400, "We did not understand that")


@pytest.mark.django_db
def test_the_front_page_says_try_again_while_the_database_is_away(client: PortalClient) -> None:
    client.raise_request_exception = False
    with connection.execute_wrapper(_DatabaseIsAway()):
        response = client.get("/")
    assert (response.status_code, _heading(response)) == (503, "Sorry, ESR is not available right now")


@pytest.mark.django_db
def test_somebody_logged_in_is_told_too_while_the_database_is_away(client: PortalClient) -> None:
    log_in(client, make_user())
    client.raise_request_exception = False
    with connection.execute_wrapper(_DatabaseIsAway()):
        assert client.get("/my-esr/").status_code == 503
        # The page that was lost cannot know who it is, and still is a page.
        assert client.get("/nowhere/").status_code in {404, 503}


def test_even_a_broken_template_ends_in_a_page(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page about a failure must not fail for the same reason."""
    monkeypatch.setattr(errors, "render_to_string", lambda *_, **__: 1 / 0)
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Try again in a few minutes" in response.content.decode()
    with this_request.named(this_request.new_id()):
        assert f"tell them this code: {this_request.spoken_code()}</p>" in errors.server_error(rf.get("/")).text
