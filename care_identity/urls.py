"""The addresses of Care Identity and of Manage Internet Access."""

from __future__ import annotations

from django.urls import path

from care_identity.views import internet_access

urlpatterns = [
    path("internet-access/", internet_access.show, name="internet_access"),
    path("internet-access/withdraw/", internet_access.withdraw, name="internet_access_withdraw"),
]
