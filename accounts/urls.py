"""The addresses of a person's way in."""

from django.urls import path, re_path

from accounts.views import (
    internet_access,
    log_in,
    passkey,
    passkey_log_in,
    passkey_offer,
    password,
    recovery,
    second_step,
    second_step_enrol,
)

urlpatterns = [
    path("log-in/", log_in.start, name="log_in"),
    # allauth looks for its own name when a stage is aborted.
    path("log-in/", log_in.start, name="account_login"),
    path("log-in/second-step/", second_step.start, name="second_step"),
    path("log-in/second-step/lost/", second_step.lost, name="second_step_lost"),
    path("second-step/set-up/", second_step_enrol.choose, name="second_step_enrol"),
    path("second-step/set-up/app/", second_step_enrol.app, name="second_step_app"),
    path("second-step/set-up/codes/", second_step_enrol.codes, name="second_step_codes"),
    path("second-step/set-up/codes/file/", second_step_enrol.codes_file, name="second_step_codes_file"),
    path("log-in/change-password/", password.must_change, name="must_change_password"),
    path("log-out/", log_in.log_out, name="log_out"),
    path("session/keep/", log_in.keep, name="session_keep"),
    path("session/over/", log_in.over, name="session_over"),
    path("change-password/", password.change, name="password_change"),
    path(".well-known/change-password", password.well_known, name="password_change_well_known"),
    path("password-check/", password.check, name="password_check"),
    path("recovery/", recovery.start, name="recovery_start"),
    path("recovery/requested/", recovery.requested, name="recovery_requested"),
    path("recovery/again/", recovery.send_again, name="recovery_send_again"),
    path("recovery/link/<path:token>/", recovery.link, name="recovery_link"),
    # Whatever a mail program or a person has put behind the token, or left off.
    re_path(r"^recovery/link/(?P<token>[\s\S]*)\Z", recovery.link),
    path("recovery/new-password/", recovery.new_password, name="recovery_new_password"),
    path("recovery/log-out/", recovery.log_out, name="recovery_log_out"),
    path("recovery/done/", recovery.done, name="recovery_done"),
    path("passkeys/log-in/begin/", passkey_log_in.begin, name="passkey_log_in_begin"),
    path("passkeys/log-in/", passkey_log_in.complete, name="passkey_log_in_complete"),
    path("passkeys/new/begin/", passkey.register_begin, name="passkey_register_begin"),
    path("passkeys/new/", passkey.register_complete, name="passkey_register_complete"),
    path("passkeys/second-step/begin/", passkey.challenge_begin, name="passkey_challenge_begin"),
    path("passkeys/second-step/", passkey.challenge_complete, name="passkey_challenge_complete"),
    path("passkeys/again/begin/", passkey.prove_begin, name="passkey_prove_begin"),
    path("passkeys/again/", passkey.prove_complete, name="passkey_prove_complete"),
    path("passkeys/offer/", passkey_offer.start, name="passkey_offer"),
    path("passkeys/offer/later/", passkey_offer.later, name="passkey_offer_later"),
    path(".well-known/passkey-endpoints", passkey.well_known, name="passkey_endpoints_well_known"),
    path("internet-access/", internet_access.show, name="internet_access"),
    path("internet-access/withdraw/", internet_access.withdraw, name="internet_access_withdraw"),
]
