"""What Care Identity says of itself is read at run time, kept for an hour, and believed only from where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from accounts.browser import preferred_method
from care_identity.services import authorization, provider, tokens
from care_identity.services.refusals import Page, Refused
from tests.support import threads
from tests.support.openid_provider import UID, OpenIDProvider, key_named
from tests.support.openid_server import Answer
from tests.support.travel import Travel

DISCOVERY = "/.well-known/openid-configuration"
# As Care Identity writes them: the port in the issuer, and not in the address of the document.
REALM = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"
CIS2 = f"https://am.nhsidentity.spineservices.nhs.uk{REALM}"
CIS2_ISSUER = f"https://am.nhsidentity.spineservices.nhs.uk:443{REALM}"


def document(**changes: Any) -> dict[str, Any]:
    """Return a discovery document as Care Identity's, with changes; None takes a member away."""
    members = {
        "issuer": CIS2_ISSUER,
        "authorization_endpoint": f"{CIS2_ISSUER}/authorize",
        "token_endpoint": f"{CIS2_ISSUER}/access_token",
        "userinfo_endpoint": f"{CIS2_ISSUER}/userinfo",
        "jwks_uri": f"{CIS2_ISSUER}/connect/jwk_uri",
        "end_session_endpoint": f"{CIS2_ISSUER}/connect/endSession",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


@pytest.fixture
def production(settings: Settings) -> None:
    """Be configured for the real Care Identity, which no test talks to."""
    settings.CARE_IDENTITY_DISCOVERY_URL = CIS2 + DISCOVERY
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False


def refusal(**changes: Any) -> str:
    """Return why a discovery document with these changes is not taken."""
    with pytest.raises(Refused) as refused:
        provider.metadata_of(document(**changes))
    assert refused.value.page is Page.UNAVAILABLE
    assert len(refused.value.reason) <= 40
    return refused.value.reason


def log_in(running: OpenIDProvider) -> str:
    """Log in at the provider; return who that was."""
    begun = authorization.begin()
    return authorization.finish(parameters=running.visit(begun.address), begun=begun).proof.uid


def rotate(running: OpenIDProvider) -> None:
    """Have the provider sign with a new key, and publish that one alone."""
    running.key = key_named("key-2")
    running.signs_with = running.key
    running.documents["/keys"] = {"keys": [running.key.as_dict(private=False)]}


def forged(running: OpenIDProvider, kid: str) -> str:
    """Return a token that names a key which the provider never had."""
    return running.write("{}", header={"alg": "RS256", "kid": kid})


@pytest.mark.usefixtures("production")
def test_care_identity_as_it_is() -> None:
    """The issuer is kept as it is written, because tokens write it so."""
    metadata = provider.metadata_of(document())
    assert metadata.issuer == CIS2_ISSUER
    assert metadata.end_session_endpoint.endswith("/connect/endSession")
    assert not metadata.names_itself
    assert provider.metadata_of(document(end_session_endpoint=None)).end_session_endpoint == ""


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("issuer", [CIS2, CIS2 + "/", CIS2_ISSUER.replace("am.nhs", "AM.NHS")])
def test_the_issuer_may_be_written_in_other_ways(issuer: str) -> None:
    assert provider.metadata_of(document(issuer=issuer)).issuer == issuer


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "issuer",
    [
        None, "", 7, ["a"], "https://evil.example", CIS2 + "/another", CIS2.replace("https", "http"),
        CIS2_ISSUER.replace(":443", ":444"), CIS2 + "?a=b", CIS2 + "#a", CIS2.replace("//", "//a@"), CIS2.upper(),
        CIS2.replace("nhs.uk", "nhs.uk.evil.example"), CIS2.replace(".uk", ".uk:99999"), CIS2 + "\n",
    ],
)  # fmt: skip
def test_another_issuer_is_refused(issuer: Any) -> None:
    """Threat: a document that belongs to another provider speaks for this one (OpenID Connect Discovery, 4.3)."""
    assert refusal(issuer=issuer) == "discovery_issuer"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    [
        None, "", 1, [], "/relative", "http://am.nhsidentity.spineservices.nhs.uk/x", "javascript:alert(1)",
        "https://", "https:///x", "https://a@evil.example/x", "https://evil.example/x#y", "https://evil.example/ x",
    ],
)  # fmt: skip
def test_an_address_that_is_not_safe_is_refused(name: str, address: Any) -> None:
    """Threat: a code, a token or a person is sent to where an attacker on the way can read or change it."""
    assert refusal(**{name: address}) == f"discovery_{name}"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", ["http://evil.example/x", 1, [], "javascript:alert(1)"])
def test_so_is_that_of_the_log_out(address: Any) -> None:
    assert refusal(end_session_endpoint=address) == "discovery_end_session_endpoint"


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("says", [True, "true", 1, "no", []])
def test_production_takes_no_stand_in(says: Any) -> None:
    """Threat: the demo's stand-in, where the cards' passcodes are public, opens real logins."""
    assert refusal(stand_in=says) == "stand_in"


def test_production_speaks_no_plain_http(openid_provider: OpenIDProvider, settings: Settings) -> None:
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False
    with pytest.raises(Refused, match="discovery_address"):
        provider.metadata()
    assert not openid_provider.requests


def test_what_was_kept_for_a_demo_is_nothing_in_production(openid_provider: OpenIDProvider, settings: Settings) -> None:
    openid_provider.discovery["stand_in"] = True
    assert provider.metadata().issuer == openid_provider.issuer
    settings.CARE_IDENTITY_MAY_BE_A_STAND_IN = False
    with pytest.raises(Refused, match="stand_in"):
        provider.metadata()


def test_nothing_is_offered_without_an_address(openid_provider: OpenIDProvider, settings: Settings) -> None:
    assert preferred_method.is_offered()
    settings.CARE_IDENTITY_DISCOVERY_URL = ""
    assert not preferred_method.is_offered()
    with pytest.raises(Refused, match="discovery_address"):
        provider.metadata()


def test_it_is_read_once_an_hour(openid_provider: OpenIDProvider, travel: Travel) -> None:
    for minutes, times in ((0, 1), (59, 1), (2, 2), (59, 2), (2, 3)):
        travel(minutes=minutes)
        assert log_in(openid_provider) == UID
        assert openid_provider.count(DISCOVERY) == times
        assert openid_provider.count("/keys") == times


def test_what_moves_is_found_within_the_hour(openid_provider: OpenIDProvider, travel: Travel) -> None:
    provider.metadata()
    openid_provider.discovery["token_endpoint"] += "/moved"
    travel(minutes=61)
    assert provider.metadata().token_endpoint.endswith("/token/moved")


def test_what_is_broken_is_not_kept(openid_provider: OpenIDProvider) -> None:
    openid_provider.discovery["issuer"] = "https://evil.example"
    with pytest.raises(Refused, match="discovery_issuer"):
        provider.metadata()
    openid_provider.discovery["issuer"] = openid_provider.issuer
    assert provider.metadata().issuer == openid_provider.issuer


def test_an_hour_old_is_not_believed_while_it_cannot_be_read_again(
    openid_provider: OpenIDProvider, travel: Travel
) -> None:
    """Threat: a key that was taken back, because it was stolen, is good as long as the provider is kept down."""
    assert log_in(openid_provider) == UID
    openid_provider.answers[DISCOVERY] = Answer(status=500)
    travel(minutes=61)
    with pytest.raises(Refused, match="provider_answered_500"):
        authorization.begin()


def test_a_new_key_is_found_at_once(openid_provider: OpenIDProvider) -> None:
    assert log_in(openid_provider) == UID
    rotate(openid_provider)
    assert log_in(openid_provider) == UID
    assert openid_provider.count("/keys") == 2
    assert log_in(openid_provider) == UID
    assert openid_provider.count("/keys") == 2


def test_an_old_key_is_no_good_after_that(openid_provider: OpenIDProvider) -> None:
    assert log_in(openid_provider) == UID
    old = openid_provider.write("{}", header={"alg": "RS256", "kid": openid_provider.key.kid})
    rotate(openid_provider)
    assert log_in(openid_provider) == UID
    with pytest.raises(Refused, match="token_kid"):
        tokens.read(old)


def test_forged_names_of_keys_do_not_keep_care_identity_busy(openid_provider: OpenIDProvider, travel: Travel) -> None:
    """Threat: a thousand forged log-out messages make us ask Care Identity a thousand times, until it shuts us out."""
    assert log_in(openid_provider) == UID
    travel(minutes=5)
    for number in range(50):
        with pytest.raises(Refused, match="token_kid"):
            tokens.read(forged(openid_provider, f"forged-{number}"))
    assert openid_provider.count("/keys") == 2


def test_forged_names_of_keys_do_not_keep_us_from_a_new_key(openid_provider: OpenIDProvider, travel: Travel) -> None:
    """Threat: after a forged log-out message the keys are not read again, and a change of keys locks all people out."""
    assert log_in(openid_provider) == UID
    with pytest.raises(Refused, match="token_kid"):
        tokens.read(forged(openid_provider, "forged"))
    rotate(openid_provider)
    assert log_in(openid_provider) == UID


def test_a_log_out_by_a_new_key_is_read_after_some_seconds_at_most(
    openid_provider: OpenIDProvider, travel: Travel
) -> None:
    assert log_in(openid_provider) == UID
    rotate(openid_provider)
    token = openid_provider.id_token(nonce="one", access_token="two")
    with pytest.raises(Refused, match="token_kid"):
        tokens.read(token)
    travel(seconds=provider.BETWEEN_READINGS + 1)
    assert tokens.read(token)["sub"] == UID


@pytest.mark.parametrize("published", [{}, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": [1, "a", None]}])
def test_no_keys_are_a_refusal(openid_provider: OpenIDProvider, published: Any) -> None:
    openid_provider.documents["/keys"] = published
    with pytest.raises(Refused, match="keys_none") as refused:
        log_in(openid_provider)
    assert refused.value.page is Page.UNAVAILABLE


def test_several_threads_may_ask_at_once(openid_provider: OpenIDProvider) -> None:
    issuers = {metadata.issuer for metadata in threads.all_at_once([provider.metadata] * 4)}
    assert issuers == {openid_provider.issuer}
