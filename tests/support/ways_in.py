"""The ways in of tests/support/matrix.py, and the states of an account, driven through the portal's own log-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse

from accounts import adapter, stages, webauthn
from accounts.browser import device_cookies
from accounts.models import User
from accounts.models.organisation import SecondStepPolicy
from accounts.models.role import Role
from accounts.models.switched_off import Part
from accounts.services import freezing, lockout, recovery, second_step, switched_off
from accounts.services.second_step import bootstrap_codes, passkey_uses, passkeys, recovery_codes
from accounts.stages import SecondStepStage
from care_identity.services import logins
from care_identity.services.refusals import Refused
from tests.support.authenticator import PhoneApp
from tests.support.care_identity import an_app, let_apps_in, link, smartcard, trust
from tests.support.factories import NEW_PASSWORD, PASSWORD
from tests.support.links import link_token
from tests.support.matrix import Result
from tests.support.passkeys import SoftwareAuthenticator, registered
from tests.support.remembered_browsers import log_in_with_tick
from tests.support.steps import PortalClient, answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from accounts.proof import Proof

_AT = {
    "second_step": Result.ASKED,
    "second_step_enrol": Result.SET_UP,
    "must_change_password": Result.NEW_PASSWORD,
}


def where(client: PortalClient) -> Result | None:
    """Return whether a browser is in, or what its log-in waits for; None where there is neither."""
    if client.session.get(SESSION_KEY):
        return Result.IN
    found: list[Result] = []

    def look(request: HttpRequest) -> HttpResponse:
        stage = stages.pending(request)
        found.extend([_AT[stage.page()]] if stage else [])
        return HttpResponse()

    answered(client, look)
    return found[0] if found else None


class Way:
    """A way in with nothing but a password: `prepare` sets up what it takes, `come` goes it."""

    def prepare(self, client: PortalClient, user: User) -> None:
        """Set up what `user` needs to come this way, while nothing is in their way."""

    def come(self, client: PortalClient, user: User) -> Result:
        """Come this way as far as it leads; return what came of it."""
        return self._by_password(client, user)

    def _by_password(self, client: PortalClient, user: User, password: str = PASSWORD) -> Result:
        answer = client.post("/log-in/", {"username": user.username, "password": password})
        if answer.status_code == 200:
            assert "The username or password is not right" in answer.text
            return Result.LIKE_WRONG
        if where(client) is Result.ASKED:
            answered(client, self._at_second_step)
        result = where(client)
        assert result, answer["Location"]
        return result

    def _at_second_step(self, request: HttpRequest) -> HttpResponse:
        stage = SecondStepStage.of(request)
        assert stage
        return self._show(stage) or HttpResponse()

    def _show(self, stage: SecondStepStage) -> HttpResponse | None:
        return None


class RememberedBrowser(Way):
    """No code in this browser for 30 days."""

    def prepare(self, client: PortalClient, user: User) -> None:
        PhoneApp.of(user)
        log_in_with_tick(client, user)


class AppCode(Way):
    """A code of an authenticator app after the password."""

    def prepare(self, client: PortalClient, user: User) -> None:
        PhoneApp.of(user)

    def _show(self, stage: SecondStepStage) -> HttpResponse | None:
        return stage.passed_with(second_step.check(user=stage.user, code=PhoneApp.of(stage.user).code()))


class RecoveryCode(Way):
    """A recovery code after the password."""

    def prepare(self, client: PortalClient, user: User) -> None:
        PhoneApp.of(user)
        self._code = recovery_codes.make(user=user)[0]

    def _show(self, stage: SecondStepStage) -> HttpResponse | None:
        code = recovery_codes.as_typed(self._code)
        assert code
        return stage.passed_with(recovery_codes.use(user=stage.user, code=code))


class BootstrapCode(Way):
    """A code of the helpdesk after the password, for a person who has lost their app."""

    def prepare(self, client: PortalClient, user: User) -> None:
        PhoneApp.of(user)
        self._code = bootstrap_codes.as_typed(bootstrap_codes.make(user=user, by=None))

    def _show(self, stage: SecondStepStage) -> HttpResponse | None:
        assert self._code
        bootstrap_codes.use(user=stage.user, code=self._code)
        return stage.bootstrapped()


class PasskeyAfterPassword(Way):
    """A passkey as the second step."""

    def prepare(self, client: PortalClient, user: User) -> None:
        self._authenticator: SoftwareAuthenticator = registered(user)[0]

    def _show(self, stage: SecondStepStage) -> HttpResponse | None:
        try:
            begun = passkeys.begin_use(user=stage.user)
            used = self._authenticator.use(begun.options)
            device = passkey_uses.pass_second_step(user=stage.user, challenge=begun.challenge, credential=used)
        except webauthn.Refused:
            return None
        return stage.passed_with(device)


class PasskeyAlone(PasskeyAfterPassword):
    """A passkey, from the log-in page."""

    def prepare(self, client: PortalClient, user: User) -> None:
        super().prepare(client, user)
        # The log-in page is open already when the account comes into its state.
        self._options = client.post("/passkeys/log-in/begin/").json()

    def come(self, client: PortalClient, user: User) -> Result:
        answer = client.post("/passkeys/log-in/", {"credential": self._authenticator.use(self._options)})
        if "That passkey did not log you in." in answer.content.decode():
            return Result.LIKE_WRONG
        return where(client) or Result.TOLD_WHY


class ByCareIdentity(Way):
    """A smartcard, or at level 2 a password and a code at Care Identity."""

    def __init__(self, proof: Callable[..., Proof]) -> None:
        self._proof = proof

    def prepare(self, client: PortalClient, user: User) -> None:
        let_apps_in(link(user))

    def come(self, client: PortalClient, user: User) -> Result:
        try:
            (found,) = logins.logins_for(proof=self._proof())
        except Refused:
            return Result.TOLD_WHY

        def enter(request: HttpRequest) -> HttpResponse:
            return adapter.enter_by_care_identity(request, user=found, proof=self._proof(), id_token="", next_url="")

        answered(client, enter)
        result = where(client)
        assert result
        return result


class RecoveryLink(Way):
    """A link by email, a new password, and a log-in with it."""

    def come(self, client: PortalClient, user: User) -> Result:
        try:
            found = recovery.link_for(token=link_token(user))
            recovery.use(link_id=found.pk, password=NEW_PASSWORD)
        except recovery.LinkUnusable:
            return Result.DEAD_LINK
        return self._by_password(client, user, NEW_PASSWORD)


WAYS: dict[str, Callable[[], Way]] = {
    "password": Way,
    "password, remembered browser": RememberedBrowser,
    "password, app code": AppCode,
    "password, recovery code": RecoveryCode,
    "password, passkey": PasskeyAfterPassword,
    "passkey alone": PasskeyAlone,
    "Care Identity, level 3": lambda: ByCareIdentity(smartcard),
    "Care Identity, level 2": lambda: ByCareIdentity(an_app),
    "recovery link, new password": RecoveryLink,
    "password, bootstrap code": BootstrapCode,
}


def _facts(**facts: Any) -> Callable[[PortalClient, User], None]:
    def become(client: PortalClient, user: User) -> None:
        User.objects.filter(pk=user.pk).update(**facts)

    return become


def _organisation(*, inside: bool = False, **facts: Any) -> Callable[[PortalClient, User], None]:
    def become(client: PortalClient, user: User) -> None:
        type(user.organisation).objects.filter(pk=user.organisation_id).update(**facts)
        if inside:
            trust(user.organisation)

    return become


def _locked(client: PortalClient, user: User) -> None:
    """Use up the tries in this very browser: another's leave it its own. The form sends the last."""

    def try_all_but_one(request: HttpRequest) -> HttpResponse:
        browser = device_cookies.known_browser(request, username=user.username)
        for _ in range(lockout.LIMIT - 1):
            lockout.record_failure(username=user.username, browser=browser)
        return HttpResponse()

    answered(client, try_all_but_one)
    client.post("/log-in/", {"username": user.username, "password": "not the password at all"})


def _set_up(client: PortalClient, user: User) -> None:
    PhoneApp.of(user)


def _frozen(client: PortalClient, user: User) -> None:
    freezing.freeze(user=user)


def _passkeys_off(client: PortalClient, user: User) -> None:
    switched_off.switch(part=Part.PASSKEYS, on=False, by=None, reason="a test")


STATES: dict[str, Callable[[PortalClient, User], None]] = {
    "in force": _facts(is_active=True),
    "a second step is set up, none is shown": _set_up,
    "locked after ten wrong passwords": _locked,
    "must change the password": _facts(must_change_password=True),
    "ended": _facts(ends_on="2020-01-01"),
    "starts later": _facts(starts_on="2999-01-01"),
    "not active": _facts(is_active=False),
    "outside the networks, without internet access": _organisation(requires_internet_access=True),
    "frozen after “this was not me”": _frozen,
    "dormant after too long without a log-in": _facts(dormant_since="2026-01-01T00:00Z"),
    "Care Identity only, without a password": _facts(care_identity_only=True, password="!none"),
    "may use the admin": _facts(role=Role.AGENT),
    "policy `required`, nothing set up": _organisation(second_step=SecondStepPolicy.REQUIRED),
    "policy `required_outside`, inside": _organisation(second_step=SecondStepPolicy.REQUIRED_OUTSIDE, inside=True),
    "policy `required_outside`, outside": _organisation(second_step=SecondStepPolicy.REQUIRED_OUTSIDE),
    "policy `off`": _organisation(second_step=SecondStepPolicy.OFF),
    "passkeys are switched off": _passkeys_off,
}
