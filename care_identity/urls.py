"""The addresses of Care Identity and of Manage Internet Access."""

from __future__ import annotations

from django.urls import path

from care_identity.views import internet_access, logout

urlpatterns = [
    path("care-identity/log-out/", logout.log_out, name="care_identity_log_out"),
    path("care-identity/back-channel-logout/", logout.back_channel, name="care_identity_back_channel_logout"),
    path("internet-access/", internet_access.show, name="internet_access"),
    path("internet-access/withdraw/", internet_access.withdraw, name="internet_access_withdraw"),
]
