"""Asking Care Identity who a person is, and taking its answer (OpenID Connect Core 1.0, authorization code flow).

With PKCE (RFC 7636), state and nonce; what is asked for comes from the configuration alone. Authlib builds the request
and fetches the token; what is in the token is judged in services/tokens and services/claims.
"""

from __future__ import annotations

import base64
import dataclasses
import secrets
import time
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc7523 import PrivateKeyJWT
from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from care_identity import languages
from care_identity.services import claims, client_keys, http, provider, tokens
from care_identity.services.json_objects import json_object
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from accounts.proof import Proof
    from care_identity.services.provider import Metadata

# Random bytes in a state, from which nonce and code verifier are derived (RFC 7636 asks for 32).
CHANCE = 32
# Seconds for which what we sign to show who we are holds (RFC 7523, 3). Care Identity takes nothing that holds longer.
ASSERTION_HOLDS_FOR = 300
# Characters of a code.
LONGEST_CODE = 4096
# Errors that the browser can bring back instead of a code (OAuth 2.0, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6): the
# person broke off or was turned away there; or something is wrong there, or with what we ask. Any other is recorded
# without its text, which an attacker can have written.
_TURNED_AWAY = {
    "access_denied",
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
}
_FAILED = {
    "server_error",
    "temporarily_unavailable",
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
}
# What the token endpoint can say (OAuth 2.0, 5.2) besides that the code is old, used or not ours.
_TOKEN_FAILED = {"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """A log-in under way: where the browser is sent, and the secrets that tie the answer to it.

    `not_before`: when the person was asked to show again who they are, in seconds since 1970; 0 where they were not.
    """

    address: str
    state: str
    nonce: str
    code_verifier: str
    not_before: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What Care Identity proved, and the ID token that says so (to name the session when logging out there)."""

    proof: Proof
    id_token: str


def begin(*, again: bool = False) -> Begun:
    """Return a new log-in with Care Identity. `again`: the person must show who they are even if they just have.

    Raises Refused where Care Identity cannot be asked where to go.
    """
    them = provider.metadata()
    begun = begun_under(state=secrets.token_urlsafe(CHANCE), not_before=int(time.time()) if again else 0)
    asked = {
        "nonce": begun.nonce,
        "prompt": settings.CARE_IDENTITY_PROMPT,
        "acr_values": settings.CARE_IDENTITY_ACR_VALUES,
        **({"max_age": "0"} if again else {}),
        **languages.asked_for(),
    }
    with http.new_session(
        client_id=settings.CARE_IDENTITY_CLIENT_ID,
        scope=settings.CARE_IDENTITY_SCOPE,
        redirect_uri=_our_address(),
        code_challenge_method="S256",
    ) as session:
        address, _ = session.create_authorization_url(
            them.authorization_endpoint, state=begun.state, code_verifier=begun.code_verifier, **asked
        )
    return dataclasses.replace(begun, address=address)


def begun_under(*, state: str, not_before: int) -> Begun:
    """Return the log-in that was begun with `state`, without the address that the browser was sent to.

    Nonce and code verifier are derived from the state under the portal's key, each 256 bits, so that the browser can
    carry what it takes to find them again, and nothing of them.
    """
    return Begun(
        address="",
        state=state,
        nonce=_derived("nonce", state),
        code_verifier=_derived("code-verifier", state),
        not_before=not_before,
    )


def finish(*, parameters: Mapping[str, str], begun: Begun) -> Answer:
    """Return what Care Identity proved.

    `parameters` are what the browser brought back, which an attacker can have written; `begun` is what it was sent
    with. Raises Refused where that is not the answer to it, or proves too little, or Care Identity cannot be asked.
    """
    if not begun.state or not claims.same(parameters.get("state"), ours=begun.state):
        raise Refused(Page.START_AGAIN, "state")
    deadline = http.Deadline()
    them = provider.metadata(deadline)
    # Another provider's answer can be passed off as this one's (mix-up, RFC 9207).
    if ("iss" in parameters or them.names_itself) and not claims.same(parameters.get("iss"), ours=them.issuer):
        raise Refused(Page.NOT_BELIEVED, "answer_iss")
    access_token, raw_id_token = _tokens(_response(_code(parameters), begun=begun, them=them, deadline=deadline))
    proof = claims.proof_of(
        id_token=tokens.read_id_token(raw_id_token, deadline=deadline),
        nonce=begun.nonce,
        access_token=access_token,
        not_before=begun.not_before,
    )
    userinfo = http.read(them.userinfo_endpoint, deadline=deadline, access_token=access_token)
    claims.check_same_person(userinfo=userinfo, proof=proof)
    return Answer(proof=proof, id_token=raw_id_token)


def _derived(what: str, state: str) -> str:
    mac = salted_hmac(f"esr-portal.care-identity.{what}", state, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def _our_address() -> str:
    """Return where Care Identity sends the browser back to."""
    return settings.BASE_URL + reverse("care_identity_callback")


def _code(parameters: Mapping[str, str]) -> str:
    """Return the code that the browser brought. Raises Refused where it brought something else."""
    error = parameters.get("error")
    if error in _TURNED_AWAY:
        raise Refused(Page.CANCELLED, f"answer_{error}")
    if error is not None:
        raise http.unavailable(f"answer_{error}" if error in _FAILED else "answer_error")
    code = parameters.get("code")
    if not isinstance(code, str) or not code.isascii() or not code.isprintable() or not 0 < len(code) <= LONGEST_CODE:
        raise Refused(Page.START_AGAIN, "answer_code")
    return code


def _tokens(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the access token and the ID token that were given for a code. Raises Refused where one is missing."""
    access_token, id_token = given.get("access_token"), given.get("id_token")
    if not isinstance(access_token, str) or not access_token or str(given.get("token_type")).lower() != "bearer":
        raise Refused(Page.NOT_BELIEVED, "access_token")
    if not isinstance(id_token, str) or not id_token:
        raise Refused(Page.NOT_BELIEVED, "id_token_missing")
    return access_token, id_token


def _response(code: str, *, begun: Begun, them: Metadata, deadline: http.Deadline) -> dict[str, Any]:
    """Return what the token endpoint gives for a code. Raises Refused where it gives nothing."""
    who_we_are = _who_we_are(token_endpoint=them.token_endpoint)

    def ask(timeout: float) -> dict[str, Any]:
        with http.new_session(redirect_uri=_our_address(), **who_we_are) as session:
            session.register_compliance_hook("access_token_response", _check_token_response)
            return dict(
                session.fetch_token(
                    them.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=begun.code_verifier,
                    timeout=timeout,
                )
            )

    return http.call(ask, url=them.token_endpoint, deadline=deadline)


def _who_we_are(*, token_endpoint: str) -> dict[str, Any]:
    """Return how the token endpoint knows us: by a key of ours (RFC 7523), or by the secret that it gave us."""
    client_id = settings.CARE_IDENTITY_CLIENT_ID
    if not settings.CARE_IDENTITY_PRIVATE_KEY_FILE:
        secret = settings.CARE_IDENTITY_CLIENT_SECRET
        return {"client_id": client_id, "client_secret": secret, "token_endpoint_auth_method": "client_secret_post"}
    try:
        key = client_keys.signing_key()
    except client_keys.Unusable:
        raise http.unavailable("client_key") from None
    by_our_key = PrivateKeyJWT(
        token_endpoint,
        claims={"exp": int(time.time()) + ASSERTION_HOLDS_FOR},
        headers={"typ": "JWT", "kid": key.kid},
        alg=client_keys.ALGORITHM,
    )
    return {"client_id": client_id, "client_secret": key, "token_endpoint_auth_method": by_our_key}


def _check_token_response(answer: requests.Response) -> requests.Response:
    """Tell a code that is old, used or not ours from a token endpoint that fails, before Authlib reads its answer."""
    if answer.status_code in {400, 401}:
        error = json_object(answer.content).get("error")
        if error == "invalid_grant":
            raise Refused(Page.START_AGAIN, "code_refused")
        raise http.unavailable(f"token_{error}" if isinstance(error, str) and error in _TOKEN_FAILED else "token_error")
    http.the_object(answer)
    return answer
