"""The addresses of the hub."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from hub.views import health, help_page, home, my_esr, security_txt, statement


class Favicon(RedirectView):
    """Browsers ask for it at this address on pages that name no icon."""

    def get_redirect_url(self, *args: object, **kwargs: object) -> str:
        """Return where the icon is."""
        return static("images/favicon.ico")


urlpatterns = [
    path("", home.show, name="home"),
    path("help/", help_page.show, name="help"),
    path("help/why-cannot-i-get-in/", help_page.why, name="help_why"),
    path("accessibility/", statement.accessibility, name="accessibility_statement"),
    path("privacy/", statement.privacy, name="privacy_statement"),
    path("cookies/", statement.cookies, name="cookies_statement"),
    path("my-esr/", my_esr.show, name="my_esr"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/work", health.work, name="health_work"),
    path(".well-known/security.txt", security_txt.show, name="security_txt"),
    path("favicon.ico", Favicon.as_view(), name="favicon"),
]
