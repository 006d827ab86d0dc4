"""Every address of the portal, one by one."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("hub.urls")),
    path("", include("accounts.urls")),
    path("", include("care_identity.urls")),
    path("admin/", admin.site.urls),
    *([path("demo/", include("demo.urls"))] if settings.DEMO else []),
]

handler400 = "hub.views.errors.bad_request"
handler403 = "hub.views.errors.permission_denied"
handler404 = "hub.views.errors.page_not_found"
handler500 = "hub.views.errors.server_error"
