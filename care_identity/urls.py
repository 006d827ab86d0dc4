"""The addresses of Care Identity and of Manage Internet Access."""

from __future__ import annotations

from django.urls import path

from care_identity.views import care_identity, internet_access, logout

urlpatterns = [
    path("care-identity/log-in/", care_identity.start, name="care_identity_start"),
    path("care-identity/again/", care_identity.again, name="care_identity_again"),
    path("care-identity/callback/", care_identity.callback, name="care_identity_callback"),
    path("care-identity/choose/", care_identity.choose, name="care_identity_choose"),
    path("care-identity/refused/", care_identity.refused, name="care_identity_refused"),
    path("care-identity/forget/", care_identity.forget, name="care_identity_forget"),
    path("care-identity/keys.json", care_identity.keys, name="care_identity_keys"),
    path("care-identity/log-out/", logout.log_out, name="care_identity_log_out"),
    path("care-identity/back-channel-logout/", logout.back_channel, name="care_identity_back_channel_logout"),
    path("internet-access/", internet_access.show, name="internet_access"),
    path("internet-access/withdraw/", internet_access.withdraw, name="internet_access_withdraw"),
]
