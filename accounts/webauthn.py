"""The seam to django-otp-webauthn and py_webauthn: the ceremonies of passkeys (W3C Web Authentication, Level 3).

Which passkeys may be made and used is services/second_step/passkeys.py. Of the library its models and the checks of its
helper are used; its views, its log-in backend and its scripts are not. What the browser sends is read here alone, and
whatever is wrong with it is Refused.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential as Passkey
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

if TYPE_CHECKING:
    from accounts.models import User

# Characters of what a browser sends for one ceremony; some 1,500 are usual.
LONGEST = 16 * 1024
# Bytes of an identifier (Web Authentication, Level 3, 4), and of a public key as the library's column has it.
LONGEST_ID = 1023
# What the library's column can hold on PostgreSQL. An authenticator that counts on from there has been used for longer
# than any lasts.
HIGHEST_COUNTER = 2**31 - 1


class Refused(Exception):
    """What the browser sent does not count. `reason` is a code for the log: people are told one thing for all."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """A ceremony: what the browser is told, as JSON, and what the server remembers of it until the answer comes."""

    options: dict[str, Any]
    challenge: str


@dataclasses.dataclass(frozen=True, slots=True)
class Assertion:
    """What a browser answers when a passkey is used, as it claims. `user_handle` is b"" where it sent none."""

    credential_id: bytes
    user_handle: bytes
    challenge: bytes
    parsed: Any = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What a right assertion says of the passkey."""

    counter: int
    is_synced: bool


class Helper(WebAuthnHelper):
    """Our rules for the library's ceremonies.

    `credentials` are the passkeys that may be used, or None where the browser is to say which; `challenge` is the one
    to answer, or b"" for a new one.
    """

    def __init__(self, request: Any = None, *, credentials: Any = None, challenge: bytes = b"") -> None:
        super().__init__(request)
        self._credentials = credentials
        self._challenge = challenge

    def get_discoverable_credentials_preference(self) -> ResidentKeyRequirement:
        """Have the authenticator know by itself whose passkey it is: a person logs in without a username."""
        return ResidentKeyRequirement.REQUIRED

    def get_attestation_conveyance_preference(self) -> AttestationConveyancePreference:
        """Ask for no statement of the authenticator's maker: docs/decisions/0038-passkeys.md."""
        return AttestationConveyancePreference.NONE

    def get_generate_registration_options_kwargs(self, *, user: Any) -> dict[str, Any]:
        """Require that the authenticator checks its person, where the library only prefers it."""
        selection = AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        )
        kwargs: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        if self._credentials is not None:
            kwargs["exclude_credentials"] = self._credentials.as_credential_descriptors()
        return {**kwargs, "authenticator_selection": selection}

    def get_generate_authentication_options_kwargs(
        self, *, user: Any = None, require_user_verification: bool = True
    ) -> dict[str, Any]:
        """Require that the authenticator checks its person, and name only passkeys that may be used."""
        kwargs: dict[str, Any] = super().get_generate_authentication_options_kwargs(
            user=None, require_user_verification=True
        )
        if self._credentials is not None:
            kwargs["allow_credentials"] = self._credentials.as_credential_descriptors()
        if self._challenge:
            kwargs["challenge"] = self._challenge
        return kwargs


def begin_registration(*, user: User) -> Begun:
    """Begin to make a passkey for `user`. The authenticators that hold one which works are told not to make another.

    One that was stopped is in nobody's way: a new one takes its place in the authenticator.
    """
    options, state = Helper(credentials=Passkey.objects.filter(user=user, confirmed=True)).register_begin(user)
    return Begun(options=options, challenge=state["challenge"])


def complete_registration(*, user: User, challenge: str, credential: str, quiet: bool = False) -> Passkey:
    """Return the passkey that the browser made for `user` as an answer to `challenge`; it is not stored yet.

    `credential` is JSON as the browser sent it. `quiet` is whether the browser made it without a press, when it may
    leave out the flag that says there was one (Web Authentication, Level 3, 7.1). Raises Refused.
    """
    data, helper = _read(credential), Helper()
    passkey: Passkey
    try:
        parsed = parse_registration_credential_json(data)
        _refuse_statements(parsed.response.attestation_object)
        verified = verify_registration_response(
            credential=parsed,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=helper.get_relying_party_domain(),
            expected_origin=helper.get_allowed_origins(),
            require_user_presence=not quiet,
            require_user_verification=True,
            supported_pub_key_algs=helper.get_supported_key_algorithms() or [],
        )
        passkey = helper.create_credential(user, verified, parsed, _with_sound_extensions(data))
    except Refused:
        raise
    # The library and its readers of CBOR raise all kinds of things for what a stranger may send.
    except Exception as wrong:
        raise Refused("registration_not_right") from wrong
    passkey.transports = sorted(set(passkey.transports))
    if len(passkey.credential_id) > LONGEST_ID or len(passkey.public_key) > LONGEST_ID:
        raise Refused("too_long")
    if passkey.sign_count > HIGHEST_COUNTER:
        raise Refused("counter_too_high")
    return passkey


def begin_authentication(*, credentials: Any = None, challenge: bytes = b"") -> Begun:
    """Begin to use a passkey: one of `credentials`, a query set, or any that the browser has where it is None."""
    options, state = Helper(credentials=credentials, challenge=challenge).authenticate_begin()
    return Begun(options=options, challenge=state["challenge"])


def as_bytes(challenge: str) -> bytes:
    """Return the bytes of a challenge as `Begun` has it. Raises Refused for "", where none was asked."""
    if not challenge:
        raise Refused("not_begun")
    return bytes(base64url_to_bytes(challenge))


def read_assertion(credential: str) -> Assertion:
    """Return what a browser answered, which nothing of is checked yet. Raises Refused."""
    data = _read(credential)
    try:
        parsed = parse_authentication_credential_json(data)
        client_data = parse_client_data_json(parsed.response.client_data_json)
    except Exception as wrong:
        raise Refused("not_readable") from wrong
    return Assertion(
        credential_id=parsed.raw_id,
        user_handle=parsed.response.user_handle or b"",
        challenge=client_data.challenge,
        parsed=parsed,
    )


def verify(assertion: Assertion, *, passkey: Passkey, challenge: bytes) -> Shown:
    """Return what `assertion` says, once it is certain that `passkey` made it for `challenge`. Raises Refused.

    The counter is compared by the caller: the library does so before it looks at the signature, so that what an
    attacker has made up could end a passkey.
    """
    helper = Helper()
    try:
        verified = verify_authentication_response(
            credential=assertion.parsed,
            expected_challenge=challenge,
            expected_rp_id=helper.get_relying_party_domain(),
            expected_origin=helper.get_allowed_origins(),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as wrong:
        raise Refused("assertion_not_right") from wrong
    can_be_synced = verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE
    if can_be_synced != passkey.backup_eligible:
        raise Refused("kind_changed")
    if verified.new_sign_count > HIGHEST_COUNTER:
        raise Refused("counter_too_high")
    return Shown(counter=verified.new_sign_count, is_synced=verified.credential_backed_up)


def _read(credential: str) -> dict[str, Any]:
    """Return what the browser sent as an object. Raises Refused."""
    if not credential or len(credential) > LONGEST:
        raise Refused("too_long" if credential else "nothing_sent")
    try:
        data = json.loads(credential)
    except (ValueError, RecursionError) as wrong:
        raise Refused("not_readable") from wrong
    if not isinstance(data, dict):
        raise Refused("not_readable")
    return data


def _refuse_statements(attestation_object: bytes) -> None:
    """Refuse certificates, which none were asked for, before the library reads them.

    A statement without one says nothing of the maker; Web Authentication lets a browser pass it on (5.1.3).
    """
    attestation = parse_attestation_object(attestation_object)
    bare = attestation.fmt in {AttestationFormat.NONE, AttestationFormat.PACKED}
    if not bare or attestation.att_stmt.x5c is not None:
        raise Refused("statement_not_asked_for")


def _with_sound_extensions(data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with its word on whether the passkey is discoverable, which no signature covers, or without."""
    results = data.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    is_said = isinstance(properties, dict) and isinstance(properties.get("rk"), bool)
    return {**data, "clientExtensionResults": {"credProps": properties} if is_said else {}}
