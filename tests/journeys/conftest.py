"""What browser journeys can ask for: the portal over TLS, and people at browsers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings
from joserfc.jwk import RSAKey

from accounts import turns
from care_identity.services import provider
from tests.support import chromium, collected, stand_in
from tests.support.browser import DESKTOP, ROOT, Walker
from tests.support.engines import Chromium, Engine
from tests.support.live import HOST, LivePortal
from tests.support.screen_reader import ScreenReader
from tests.support.stand_in import StandIn
from tests.support.virtual_authenticator import VirtualAuthenticator
from tests.support.welsh_walker import WelshWalker

if TYPE_CHECKING:
    from playwright.sync_api import Playwright, ViewportSize
    from pytest_django import DjangoDbBlocker, Settings


SMTP = "django.core.mail.backends.smtp.EmailBackend"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def collected_static_files() -> Path:
    """Build and collect the static files as production does; return the folder."""
    return collected.static_files()


@pytest.fixture(autouse=True)
def static_files(settings: Settings, collected_static_files: Path) -> None:
    """Serve the collected static files under their hashed names, as production does."""
    settings.STATIC_ROOT = collected_static_files


@pytest.fixture(scope="session")
def running_portal(
    collected_static_files: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[LivePortal]:
    """Return the portal of this test process; `portal` is the one to use in a test."""
    # Django's test runner takes the mail server away, and the portal refuses to start without one. A proxy in front of
    # it says where people are: see Walker.moves_to.
    behind_proxy = {"TRUSTED_PROXIES": ["127.0.0.1"]}
    safe = override_settings(STATIC_ROOT=collected_static_files, EMAIL_BACKEND=SMTP, **behind_proxy)
    # As it starts, it looks in the database for a demo's marks.
    with safe, django_db_blocker.unblock():
        of_this_process = turns.use(turns.Turns(at_once=turns.CORES))
        from esr_portal.wsgi import application

        # Loading it lets few wait for a hash. That is for the tests of the portal alone, in a process of many tests.
        live = LivePortal(application, turns=turns.use(of_this_process))
    live.start()
    yield live
    live.stop()


@pytest.fixture
def portal(running_portal: LivePortal, transactional_db: None, settings: Settings) -> Iterator[LivePortal]:
    """Return the running portal, with an empty database; its mails link to it."""
    settings.BASE_URL = running_portal.url
    of_this_process = turns.use(running_portal.turns)
    yield running_portal
    turns.use(of_this_process)


@pytest.fixture(scope="session")
def one_browser(playwright: Playwright) -> Iterator[Engine]:
    """Return the browser that the journeys of this test process share. A file may have another one."""
    engine = Chromium(chromium.launch(playwright.chromium))
    yield engine
    engine.browser.close()


@pytest.fixture(scope="session")
def running_care_identity(running_portal: LivePortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Return the stand-in Care Identity of this test process; `care_identity` is the one to use in a test."""
    with stand_in_for(running_portal, state=tmp_path_factory.mktemp("care-identity")) as running:
        yield running


def stand_in_for(portal: LivePortal, *, state: Path) -> AbstractContextManager[StandIn]:
    """Run a stand-in for `portal`, under another name, so that the two are strangers to a browser.

    The portal proves itself there by a key, as it does at the real one, and hears from it over TLS.
    """
    authority, key = state / "portal-authority.pem", state / "portal-key.pem"
    authority.write_bytes(portal.authority)
    key.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    told = {
        "STAND_IN_HOST": "localhost",
        "STAND_IN_BACK_CHANNEL_LOGOUT_URI": f"{portal.inner_url}/care-identity/back-channel-logout/",
        "STAND_IN_CLIENT_KEYS": f"{portal.inner_url}/care-identity/keys.json",
        "REQUESTS_CA_BUNDLE": str(authority),
    }
    return stand_in.running(state=state, portal_address=portal.url, variables=told)


@pytest.fixture
def care_identity(running_care_identity: StandIn, portal: LivePortal, settings: Settings) -> Iterator[StandIn]:
    """Return the stand-in, which the portal takes for Care Identity and has never asked anything."""
    provider.forget()
    for name, value in running_care_identity.portal_settings.items():
        setattr(settings, name, value)
    settings.CARE_IDENTITY_CLIENT_SECRET = ""
    settings.CARE_IDENTITY_PRIVATE_KEY_FILE = str(running_care_identity.state / "portal-key.pem")
    yield running_care_identity
    running_care_identity.behave()


TypeOfPerson = Callable[..., Walker]


@pytest.fixture
def reads_welsh() -> bool:
    """Return whether the people of a journey read Welsh."""
    return False


@pytest.fixture
def somebody(
    one_browser: Engine, portal: LivePortal, reads_welsh: bool, request: pytest.FixtureRequest
) -> Iterator[TypeOfPerson]:
    """Return a function that gives a person a browser of their own: `somebody(size=PHONE, javascript=False)`.

    Each page is checked at the sizes `also` too. Where the test asks for `care_identity`, the browser may go there.
    It asks for the language that people of that `kind` read. `more` is told to Playwright.
    """
    walkers: list[Walker] = []
    there = request.getfixturevalue("care_identity") if "care_identity" in request.fixturenames else None
    others = (there.issuer, there.card_origin) if there else ()

    def sit_down(
        *,
        size: ViewportSize = DESKTOP,
        also: Sequence[ViewportSize] = (),
        javascript: bool = True,
        kind: type[Walker] = WelshWalker if reads_welsh else Walker,
        **more: Any,
    ) -> Walker:
        more.setdefault("locale", kind.language)
        page = one_browser.new_context(javascript=javascript, **more).new_page()
        page.set_viewport_size(size)
        told: dict[str, Any] = {"javascript": javascript, "others": others, "also": also}
        walkers.append(kind(page, engine=one_browser, url=portal.url, name=request.node.name, **told))
        return walkers[-1]

    yield sit_down
    if getattr(request.node, "failed", False):
        _keep_what_is_seen(walkers, name=request.node.name)
    for walker in walkers:
        walker.leave()


@pytest.fixture
def person(somebody: TypeOfPerson) -> Walker:
    """Return a person at a desktop computer."""
    return somebody()


@pytest.fixture
def reader(person: Walker) -> ScreenReader:
    """Return the screen reader of the person at the desktop computer."""
    return ScreenReader(person.page)


TypeOfPutIn = Callable[[Walker], VirtualAuthenticator]


@pytest.fixture
def with_authenticator(portal: LivePortal, settings: Settings) -> Iterator[TypeOfPutIn]:
    """Return a function that puts an authenticator into a person's browser.

    Passkeys belong to the address at which the browser finds the portal.
    """
    settings.OTP_WEBAUTHN_RP_ID, settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = HOST, [portal.url]
    made: list[VirtualAuthenticator] = []

    def put_in(person: Walker) -> VirtualAuthenticator:
        person.page.goto(person.url)
        made.append(VirtualAuthenticator(person.page))
        return made[-1]

    yield put_in
    for authenticator in made:
        authenticator.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Tell `somebody` whether the journey failed."""
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


def _keep_what_is_seen(walkers: list[Walker], *, name: str) -> None:
    """Put a picture and the markup of each page into test-results/, which say why a journey failed."""
    folder = ROOT / "test-results"
    folder.mkdir(exist_ok=True)
    for number, walker in enumerate(walkers, start=1):
        (folder / f"{name}-{number}.html").write_text(walker.page.content(), encoding="utf-8")
        if walker.engine.takes_pictures:
            walker.page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)
