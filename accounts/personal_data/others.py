"""The tables of libraries: django-otp, django-otp-webauthn, allauth and Django itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.personal_data.kinds import AtErasure, Table

GOES, LOOKED_FOR = AtErasure.GOES, AtErasure.LOOKED_FOR

OTHERS = (
    Table(
        label="otp_totp.TOTPDevice",
        heading=_("Your authenticator app"),
        person="user",
        told="confirmed created_at last_used_at",
        kept_back="key step t0 digits tolerance drift last_t",
        plain="id user name throttling_failure_timestamp throttling_failure_count",
        at_erasure=GOES,
    ),
    Table(
        label="django_otp_webauthn.WebAuthnCredential",
        heading=_("Your passkeys"),
        person="user",
        told="name confirmed created_at last_used_at backup_eligible backup_state",
        kept_back="credential_type credential_id public_key transports sign_count aaguid credential_id_sha256"
        " discoverable",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="django_otp_webauthn.WebAuthnAttestation",
        person="credential__user",
        kept_back="fmt data client_data_json",
        plain="id credential",
        at_erasure=GOES,
    ),
    Table(
        label="django_otp_webauthn.WebAuthnUserHandle",
        person="user",
        kept_back="handle_hex",
        plain="user",
        at_erasure=GOES,
    ),
    # Of agents what they did in the admin; of the others that it was done to their record.
    Table(
        label="admin.LogEntry",
        kept_back="user object_id object_repr change_message",
        plain="id action_time content_type action_flag",
        at_erasure=LOOKED_FOR,
    ),
    # allauth's own, in which the portal puts no row.
    Table(
        label="account.EmailAddress",
        person="user",
        kept_back="email verified primary",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="account.EmailConfirmation",
        person="email_address__user",
        kept_back="email_address created sent key",
        plain="id",
        at_erasure=GOES,
    ),
    # Django's own rights, which no person has here: roles are in the record.
    Table(label="accounts.User_groups", person="user", kept_back="user group", plain="id", at_erasure=GOES),
    Table(
        label="accounts.User_user_permissions",
        person="user",
        kept_back="user permission",
        plain="id",
        at_erasure=GOES,
    ),
    Table(label="auth.Group", plain="id name"),
    Table(label="auth.Group_permissions", plain="id group permission"),
    Table(label="auth.Permission", plain="id name content_type codename"),
    Table(label="contenttypes.ContentType", plain="id app_label model"),
)
