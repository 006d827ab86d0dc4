"""The addresses of Care Identity."""

from __future__ import annotations

from django.urls import path

from care_identity.views import back_channel_logout, log_in, rp_logout

urlpatterns = [
    path("care-identity/log-in/", log_in.start, name="care_identity_start"),
    path("care-identity/again/", log_in.again, name="care_identity_again"),
    path("care-identity/callback/", log_in.callback, name="care_identity_callback"),
    path("care-identity/choose/", log_in.choose, name="care_identity_choose"),
    path("care-identity/refused/", log_in.refused, name="care_identity_refused"),
    path("care-identity/forget/", log_in.forget, name="care_identity_forget"),
    path("care-identity/keys.json", log_in.keys, name="care_identity_keys"),
    path("care-identity/log-out/", rp_logout.log_out, name="care_identity_log_out"),
    path("care-identity/back-channel-logout/", back_channel_logout.receive, name="care_identity_back_channel_logout"),
]
