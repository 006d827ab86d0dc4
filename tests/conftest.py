"""What every test can ask for. Browser journeys have more in tests/journeys/conftest.py."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db.backends.postgresql.creation import DatabaseCreation
from django.http.response import HttpResponseBase
from django.test import TransactionTestCase, override_settings
from django.test import client as test_client
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Playwright, sync_playwright

from tests.support import cookies, database, portal, stand_in
from tests.support.care_identity import link
from tests.support.factories import make_user
from tests.support.hashes import full_hashes, full_strength, quick_hashes  # noqa: F401  (the last each test asks for)
from tests.support.helpdesk import at_work, make_agent, make_lead, make_operator
from tests.support.kept_components import components_are_compiled_once  # noqa: F401  (each test asks for it)
from tests.support.made_up_welsh import welsh  # noqa: F401  (a fixture)
from tests.support.openid_provider import CLIENT_ID, OpenIDProvider
from tests.support.portal import Running
from tests.support.scheduling import longest_first
from tests.support.shells import shells_are_as_rendered  # noqa: F401  (each test asks for it)
from tests.support.smtp import Inbox, MailServer
from tests.support.stand_in import StandIn
from tests.support.steps import PortalClient, keep_the_pages_context
from tests.support.travel import Travel

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker, Settings

    from accounts.models import User


# Speed is measured by `make bench`: a busy machine fails no test.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what runs on both databases, and put long groups first.

    The rules are where the statements are that the two could take in two ways: all unit tests that touch the database,
    from which pytest-django keeps every other test away, unless they say that what they are about is another thing. Of
    the rest those that say so: races, limits of a column, what no row may be, and one walk over every page.
    """
    units = Path(__file__).parent / "unit"
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        touches = item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "empty_database"}
        if touches and units in item.path.parents and not item.get_closest_marker("one_database"):
            item.add_marker(pytest.mark.both_databases)
    yield
    longest_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Keep the garbage collector from looking through what is collected: it stays, and so may a little rubbish."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Give this process a test database of its own, so that several runs can go on side by side."""
    with django_db_blocker.unblock():
        database.give_this_process_its_own()


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Keep the file that is there already, on SQLite; the folder that it is in goes when the process ends."""
    return database.is_sqlite()


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Empty the database after a test that commits in less time than Django takes for that; drop it at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: database.empty())
        patch.setattr(DatabaseCreation, "_destroy_test_db", database.drop)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_context_a_page() -> Iterator[None]:
    """Let Django's test client copy no context but the page's own: a page is drawn with up to a hundred templates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(test_client, "store_rendered_templates", keep_the_pages_context)
        yield


@pytest.fixture(scope="session", autouse=True)
def cookies_are_described() -> Iterator[None]:
    """Let the portal set no cookie that its page about cookies does not describe, nor one that is kept for longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpResponseBase, "set_cookie", cookies.set_one_that_is_described)
        yield


# Storages that let pages name static files which have not been collected.
UNCOLLECTED = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    """Make the folder of the collected static files, whose absence the portal would warn of."""
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Let pages name static files that have not been collected."""
    with override_settings(STORAGES=UNCOLLECTED):
        yield


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with nothing in the cache and no request counted, as a process does."""
    from hub.services import flood_limit

    cache.clear()
    monkeypatch.setattr(flood_limit, "BUCKETS", flood_limit.Buckets())


@pytest.fixture(autouse=True)
def no_passkey_is_due(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer no passkey on the way from a log-in, but in tests that say so."""
    if not request.node.get_closest_marker("passkeys_are_offered"):
        monkeypatch.setattr("accounts.services.passkey_log_in.is_offer_due", lambda **_: False)


@pytest.fixture
def client() -> PortalClient:
    """Return a browser without JavaScript, over TLS. It need not send CSRF tokens."""
    return PortalClient()


@pytest.fixture
def csrf_client() -> PortalClient:
    """Return a browser that is held to CSRF tokens."""
    return PortalClient(enforce_csrf_checks=True)


@pytest.fixture
def other_client() -> PortalClient:
    """Return a second browser, somewhere else."""
    return PortalClient()


@pytest.fixture
def user(db: None) -> User:
    """Return a person who can log in by password and by Care Identity."""
    return link(make_user())


@pytest.fixture
def agent(db: None) -> User:
    """Return a person of the helpdesk of Northern Test Hospitals (999)."""
    return make_agent(username="999AGENT01")


@pytest.fixture
def lead(db: None) -> User:
    """Return an agent of the same who may approve and import."""
    return make_lead(given_name="Lee", family_name="Lead")


@pytest.fixture
def desk(agent: User) -> PortalClient:
    """Return the browser of `agent`, who has logged in."""
    return at_work(agent)


@pytest.fixture
def operators_desk(db: None) -> PortalClient:
    """Return the browser of an operator, who has logged in and sees every organisation."""
    return at_work(make_operator(username="999OPER01"))


@pytest.fixture
def smtp_server(settings: Settings) -> Iterator[MailServer]:
    """Return a running mail server, which the portal sends through."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    server.stop()


@pytest.fixture
def inbox(smtp_server: MailServer) -> Inbox:
    """Return the mails that were delivered."""
    return Inbox(smtp_server)


@pytest.fixture
def deliver_mail(smtp_server: MailServer, db: None) -> Callable[[], None]:
    """Return a function that lets the worker do all that is due, once."""

    def deliver() -> None:
        call_command("work", once=True)

    return deliver


@pytest.fixture
def openid_provider(settings: Settings) -> Iterator[OpenIDProvider]:
    """Return a running provider, which the portal takes for Care Identity."""
    from care_identity.services import provider

    running = OpenIDProvider()
    running.start()
    provider.forget()
    settings.CARE_IDENTITY_DISCOVERY_URL = f"{running.issuer}/.well-known/openid-configuration"
    settings.CARE_IDENTITY_CLIENT_ID = CLIENT_ID
    settings.CARE_IDENTITY_CLIENT_SECRET = "a secret for tests alone"
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = True
    yield running
    running.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return the demo in processes of its own, for all the tests of this process that ask for it.

    Their files are of one group too, with others that begin with what a demo has made. The last test of
    tests/site/test_run.py ends it, which is the last file of the group: see tests/support/scheduling.py.
    """
    state = tmp_path_factory.mktemp("demo")
    with portal.port_of_a_demo() as port, portal.running(state=state, variables={"DEMO": "1"}, port=port) as running:
        yield running


@pytest.fixture(scope="session")
def running_care_identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Return a stand-in Care Identity in a process of its own, for all the tests of this process that ask for it.

    Their files are of one group, so that one process runs them: see tests/support/scheduling.py.
    """
    with stand_in.running(state=tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def care_identity(running_care_identity: StandIn) -> Iterator[StandIn]:
    """Return a stand-in that behaves when the test begins, and again when it ends."""
    running_care_identity.behave()
    yield running_care_identity
    running_care_identity.behave()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return what drives the browsers of this test process: there can be one in it."""
    # Playwright runs an event loop in this thread; Django would take it for an asynchronous program.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as running:
        yield running


@pytest.fixture
def travel() -> Iterator[Travel]:
    """Return a way to move the clock."""
    traveller = Travel()
    yield traveller
    traveller.back()
